// plan/decision/compare.hpp - Comparison: where the own engines begin to pay, and what would turn the decision.
#pragma once

#include "plan/decision/cost.hpp"

namespace ajar::plan {

class Comparison {
 public:
  // All outlive it; the plan's options are priced and its best is known.
  Comparison(const Plan& plan, const Costs& costs, const std::vector<double>& week, const std::vector<Draw>& draws)
      : plan_(plan), costs_(costs), week_(week), draws_(draws) {}
  // Of the cheapest own engine that can be taken against the cheapest API of a kind that meets the quality (privacy left aside);
  // nullopt when there is no such pair.
  std::optional<BreakEven> break_even(Kind api) const;
  // For each input the nearest value at which another kind becomes the cheapest, up to a hundredfold; the nearest three.
  std::vector<Flip> flips() const;
  // The kind that is the cheapest by the central numbers; another than the best by the middle of the draws is a close decision.
  Kind by_central_numbers() const { return cheapest(plan_.workload.tokens, Draw{}, costs_); }

 private:
  double dollars(const Option&, double tokens, const Draw&) const;
  std::optional<double> crossing(const Option& own, const Option& api, const Draw&, int steps_per_decade) const;
  Kind cheapest(double tokens, const Draw&, const Costs&) const;

  const Plan& plan_;
  const Costs& costs_;
  const std::vector<double>& week_;
  const std::vector<Draw>& draws_;
};

}  // namespace ajar::plan
