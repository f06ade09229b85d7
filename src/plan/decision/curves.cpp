// plan/decision/curves.cpp - volumes stepped through, draws taken one dimension at a time.
#include "plan/decision/curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "plan/decision/cost.hpp"

namespace ajar::plan {
namespace {

constexpr double least_tokens = 1e5, most_tokens = 1e13, span = 1000;
constexpr int points_per_decade = 6, crossing_steps = 60;
constexpr std::size_t drawn = 200;

class Painter {
 public:
  Painter(const Plan& plan, const Costs& costs, const std::vector<double>& week) : plan_(plan), costs_(costs), week_(week) {}

  double dollars(std::size_t option, double tokens, const Draw& d) const {
    return month_of(plan_.options[option], plan_.workload, costs_, week_, tokens, d).dollars;
  }

  // The cheapest possible option of each kind.
  std::vector<std::size_t> best_of_kinds() const {
    std::vector<std::size_t> best;
    for (const Kind kind : {Kind::closed, Kind::hosted, Kind::own, Kind::hybrid}) {
      std::optional<std::size_t> found;
      for (std::size_t i = 0; i < plan_.options.size(); ++i) {
        const Option& o = plan_.options[i];
        if (o.kind == kind && o.lacks.empty() && (!found || o.month.p50 < plan_.options[*found].month.p50)) found = i;
      }
      if (found) best.push_back(*found);
    }
    return best;
  }

  std::vector<Band> line(std::size_t option, const std::vector<double>& volumes, const std::vector<Draw>& draws) const {
    std::vector<Band> bands;
    std::vector<double> bills(std::min(drawn, draws.size()));
    for (const double tokens : volumes) {
      for (std::size_t i = 0; i < bills.size(); ++i) bills[i] = dollars(option, tokens, draws[i]);
      bands.push_back(band_of(bills));
    }
    return bands;
  }

  std::vector<Curves::Crossing> crossings(double from, double to) const {
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < plan_.options.size(); ++i)
      if (plan_.options[i].lacks.empty()) possible.push_back(i);
    std::vector<Curves::Crossing> found;
    if (possible.empty()) return found;
    std::optional<std::size_t> before;
    const double step = std::pow(10.0, 1.0 / crossing_steps);
    for (double tokens = from; tokens <= to; tokens *= step) {
      const std::size_t now = *std::ranges::min_element(possible, {}, [&](std::size_t o) { return dollars(o, tokens, Draw{}); });
      if (before && plan_.options[*before].kind != plan_.options[now].kind) found.push_back({tokens, *before, now});
      before = now;
    }
    return found;
  }

  std::vector<Curves::Bar> bars(std::size_t option) const {
    struct Input {
      std::string_view name;
      double Draw::* field;
      double low, high;
      bool normal = false;  // standard deviations instead of a factor
    };
    // The 10th and 90th percentiles of what draws_of() takes.
    static constexpr double deviations = 1.2816;
    const std::array inputs{
        Input{"cache hits of the provider", &Draw::cached, 0.52, 1.48},
        Input{"API prices over a year", &Draw::api_prices, std::exp(-0.1 - 0.2 * deviations), std::exp(-0.1 + 0.2 * deviations)},
        Input{"GPU rents", &Draw::rent, -deviations, deviations, true},
        Input{"what a replica carries", &Draw::capacity, -deviations, deviations, true},
        Input{"people, tools and set-up", &Draw::people, 0.69, 1.41},
        Input{"storage, network, cold starts", &Draw::overhead, 0.885, 1.165},
        Input{"the busiest hour", &Draw::peak, 0.845, 1.205}};
    const double tokens = plan_.workload.tokens;
    std::vector<Curves::Bar> found;
    for (const Input& input : inputs) {
      Draw low, high;
      low.*input.field = input.low;
      high.*input.field = input.high;
      Curves::Bar bar{std::string(input.name), input.low, input.high, dollars(option, tokens, low), dollars(option, tokens, high)};
      if (input.normal) {
        bar.low = factor(option, input.field, input.low);
        bar.high = factor(option, input.field, input.high);
      }
      if (std::abs(bar.high_dollars - bar.low_dollars) > 0.005) found.push_back(std::move(bar));
    }
    std::ranges::sort(found, std::greater{}, [](const Curves::Bar& b) { return std::abs(b.high_dollars - b.low_dollars); });
    return found;
  }

 private:
  // What so many standard deviations are to a rent or a capacity. Precondition: the option has own engines, or it does not matter.
  double factor(std::size_t option, double Draw::* field, double deviations) const {
    const auto& own = plan_.options[option].own;
    if (!own) return 1;
    constexpr double widest = 2.563;
    const double spread =
        field == &Draw::rent ? std::log(std::max(own->rent_high / own->rent_low, 1.0)) : own->spread.high - own->spread.low;
    return std::exp(deviations * spread / widest);
  }

  const Plan& plan_;
  const Costs& costs_;
  const std::vector<double>& week_;
};

}  // namespace

Curves curves_of(const Plan& plan, const Costs& costs, const std::vector<double>& week, const std::vector<Draw>& draws) {
  const Painter painter(plan, costs, week);
  const double from = std::max(least_tokens, plan.workload.tokens / span), to = std::min(most_tokens, plan.workload.tokens * span);
  Curves curves;
  const int count = static_cast<int>(std::lround(std::log10(to / from) * points_per_decade));
  for (int i = 0; i <= count; ++i) curves.volumes.push_back(from * std::pow(to / from, static_cast<double>(i) / std::max(count, 1)));
  for (const std::size_t option : painter.best_of_kinds()) curves.lines.push_back({option, painter.line(option, curves.volumes, draws)});
  curves.crossings = painter.crossings(from, to);
  if (plan.best) curves.bars = painter.bars(*plan.best);
  return curves;
}

}  // namespace ajar::plan
