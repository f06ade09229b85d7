// plan/decision/compare.cpp - crossings and flips.
#include "plan/decision/compare.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace ajar::plan {
namespace {

constexpr double least_tokens = 1e5, most_tokens = 1e13;
constexpr int central_steps = 60, drawn_steps = 16;
constexpr std::size_t drawn = 400;
constexpr double farthest = 100;  // a hundredfold

bool only_private(const Option& o) { return o.lacks.empty() || o.only_lacks_contract(); }

}  // namespace

double Comparison::dollars(const Option& o, double tokens, const Draw& d) const {
  return month_of(o, plan_.workload, costs_, week_, tokens, d).dollars;
}

// The cost of own engines is a staircase: each step of the volume is looked at, from small to large.
std::optional<double> Comparison::crossing(const Option& own, const Option& api, const Draw& d, int steps_per_decade) const {
  const double step = std::pow(10.0, 1.0 / steps_per_decade);
  for (double tokens = least_tokens; tokens <= most_tokens; tokens *= step)
    if (dollars(own, tokens, d) <= dollars(api, tokens, d)) return tokens;
  return std::nullopt;
}

std::optional<BreakEven> Comparison::break_even(Kind kind) const {
  const auto find = [this](Kind wanted) {
    const Option* found = nullptr;
    for (const Option& o : plan_.options)
      if (o.kind == wanted && only_private(o) && (found == nullptr || o.month.p50 < found->month.p50)) found = &o;
    return found;
  };
  BreakEven b{.own = find(Kind::own), .api = find(kind), .tokens = {}, .band = {}};
  if (b.own == nullptr || b.api == nullptr) return std::nullopt;
  b.tokens = crossing(*b.own, *b.api, Draw{}, central_steps);
  std::vector<double> crossings;
  const std::size_t count = std::min(drawn, draws_.size());
  for (std::size_t i = 0; i < count; ++i)
    if (const auto at = crossing(*b.own, *b.api, draws_[i], drawn_steps)) crossings.push_back(*at);
  b.never = count == 0 ? 0 : 1 - static_cast<double>(crossings.size()) / static_cast<double>(count);
  if (!crossings.empty()) b.band = band_of(crossings);
  return b;
}

Kind Comparison::cheapest(double tokens, const Draw& d, const Costs& costs) const {
  const Option* best = nullptr;
  double least = 0;
  for (const Option& o : plan_.options) {
    if (!o.lacks.empty()) continue;
    const double bill = month_of(o, plan_.workload, costs, week_, tokens, d).dollars;
    if (best == nullptr || bill < least) best = &o, least = bill;
  }
  return best == nullptr ? Kind::closed : best->kind;
}

std::vector<Flip> Comparison::flips() const {
  const Workload& w = plan_.workload;
  const Kind now = cheapest(w.tokens, Draw{}, costs_);
  struct Input {
    std::string name;
    double value;
    std::function<Kind(double)> at;  // by a factor
  };
  const double people = w.team == Team::strong ? costs_.people_strong : w.team == Team::some ? costs_.people_some : costs_.people_none;
  const std::vector<Input> inputs{
      {"tokens a month", w.tokens, [&](double f) { return cheapest(w.tokens * f, Draw{}, costs_); }},
      {"API prices, times today's", 1, [&](double f) { return cheapest(w.tokens, {.api_prices = f}, costs_); }},
      {"GPU rents, times today's", 1, [&](double f) { return cheapest(w.tokens, {.overhead = f}, costs_); }},
      {"engineers for own engines", people, [&](double f) { return cheapest(w.tokens, {.people = f}, costs_); }},
      {"busiest hour over the mean", w.peak, [&](double f) { return w.peak * f < 1 ? now : cheapest(w.tokens, {.peak = f}, costs_); }},
  };
  std::vector<std::pair<double, Flip>> found;
  for (const Input& input : inputs)
    for (const double way : {1.02, 1 / 1.02})
      for (double f = way; f <= farthest && f >= 1 / farthest; f *= way)
        if (const Kind then = input.at(f); then != now) {
          found.push_back({std::abs(std::log(f)), {input.name, input.value, input.value * f, then}});
          break;
        }
  std::ranges::sort(found, {}, [](const auto& f) { return f.first; });
  std::vector<Flip> flips;
  for (auto& [distance, flip] : found)
    if (flips.size() < 3) flips.push_back(std::move(flip));
  return flips;
}

}  // namespace ajar::plan
