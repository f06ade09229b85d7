// plan/decision/curves.cpp - volumes stepped through, draws taken one dimension at a time.
#include "plan/decision/curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

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

  std::vector<Curves::Bar> bars(std::size_t option, const std::vector<Draw>& draws) const {
    static constexpr std::array<std::pair<std::string_view, double Draw::*>, 7> inputs{{{"cache hits of the provider", &Draw::cached},
                                                                                        {"API prices over a year", &Draw::api_prices},
                                                                                        {"GPU rents", &Draw::rent},
                                                                                        {"what a replica carries", &Draw::capacity},
                                                                                        {"people, tools and set-up", &Draw::people},
                                                                                        {"storage, network, cold starts", &Draw::overhead},
                                                                                        {"the busiest hour", &Draw::peak}}};
    std::vector<Curves::Bar> found;
    std::vector<double> values(draws.size());
    for (const auto& [name, field] : inputs) {
      std::ranges::transform(draws, values.begin(), field);
      const Band band = band_of(values);
      Draw low, high;
      low.*field = band.p10;
      high.*field = band.p90;
      const double tokens = plan_.workload.tokens;
      Curves::Bar bar{std::string(name), factor(option, field, low), factor(option, field, high), dollars(option, tokens, low),
                      dollars(option, tokens, high)};
      if (std::abs(bar.high_dollars - bar.low_dollars) > 0.005) found.push_back(std::move(bar));
    }
    std::ranges::sort(found, std::greater{}, [](const Curves::Bar& bar) { return std::abs(bar.high_dollars - bar.low_dollars); });
    return found;
  }

 private:
  // Of an input on its middle. Rents and capacities are drawn as places in their range, which is the engine's.
  double factor(std::size_t option, double Draw::* field, const Draw& d) const {
    const auto& own = plan_.options[option].own;
    if (field == &Draw::rent) return own ? rent_of(*own, d) / rent_of(*own, Draw{}) : 1;
    if (field == &Draw::capacity) return own ? capacity_of(*own, d) / capacity_of(*own, Draw{}) : 1;
    return d.*field;
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
  if (plan.best) {
    curves.central_dollars = painter.dollars(*plan.best, plan.workload.tokens, Draw{});
    curves.bars = painter.bars(*plan.best, draws);
  }
  return curves;
}

}  // namespace ajar::plan
