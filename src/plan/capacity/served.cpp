// plan/capacity/served.cpp - the integral of what is in flight, and groups by its logarithm.
#include "plan/capacity/served.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace ajar::plan {
namespace {

// Requests in flight over time, summed up from the beginning.
class InFlight {
 public:
  explicit InFlight(const std::vector<Served>& all) {
    std::vector<std::pair<std::int64_t, int>> changes;
    for (const Served& s : all) {
      changes.emplace_back(s.began, 1);
      changes.emplace_back(s.ended, -1);
    }
    std::ranges::sort(changes);
    double sum = 0, now = 0;
    std::int64_t before = changes.empty() ? 0 : changes.front().first;
    for (const auto& [at, change] : changes) {
      sum += now * static_cast<double>(at - before);
      now += change;
      before = at;
      steps_.push_back({at, sum, now});
    }
  }

  double mean(std::int64_t from, std::int64_t to) const { return (until(to) - until(from)) / static_cast<double>(to - from); }

 private:
  struct Step {
    std::int64_t at;
    double sum, now;
  };
  double until(std::int64_t at) const {
    auto next = std::ranges::upper_bound(steps_, at, {}, &Step::at);
    if (next == steps_.begin()) return 0;
    --next;
    return next->sum + next->now * static_cast<double>(at - next->at);
  }
  std::vector<Step> steps_;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

struct Group {
  double in_flight = 0, input = 0, output = 0;
  std::vector<double> ttft, tpot;
};

}  // namespace

std::vector<Gathered> gathered(const std::vector<Served>& all, std::size_t least) {
  const InFlight in_flight(all);
  std::map<std::tuple<long, long, long>, Group> groups;
  for (const Served& s : all) {
    if (s.first <= s.began || s.ended <= s.first || s.output < 2 || s.input < 1) continue;
    const double load = std::max(in_flight.mean(s.began, s.ended), 1.0);
    const auto by = [](double value, double base) { return std::lround(std::log2(value) / base); };
    Group& g = groups[{by(load, 1), by(s.input, 2), by(s.output, 2)}];
    g.in_flight += load;
    g.input += s.input;
    g.output += s.output;
    g.ttft.push_back(static_cast<double>(s.first - s.began) * 1e-9);
    g.tpot.push_back(static_cast<double>(s.ended - s.first) * 1e-9 / (s.output - 1));
  }
  std::vector<Gathered> points;
  for (auto& [key, g] : groups) {
    if (g.ttft.size() < least) continue;
    const auto n = static_cast<double>(g.ttft.size());
    points.push_back({g.ttft.size(), g.in_flight / n, g.input / n, g.output / n, median(g.ttft), median(g.tpot)});
  }
  return points;
}

}  // namespace ajar::plan
