// plan/decision/cost.hpp - what an option costs a month under one draw of what is not known.
#pragma once

#include "plan/decision/decide.hpp"

namespace ajar::plan {

// One possible world. The same draws are used for all options, so that they differ by what they are alone.
struct Draw {
  double cached = 1, api_prices = 1;          // factors
  double rent = 0, capacity = 0;              // standard normal: where in its range
  double people = 1, overhead = 1, peak = 1;  // factors
};
std::vector<Draw> draws_of(int count, std::uint64_t seed, const Workload&);

// Mean over so many months of a price that changes by this share in a year, as a factor on today's.
double mean_of_path(double trend, double months) noexcept;

double rent_of(const Own&, const Draw&) noexcept;      // dollars per GPU-hour
double capacity_of(const Own&, const Draw&) noexcept;  // output tokens per second of one replica

struct Month {
  double dollars = 0;
  int replicas = 0;
  double utilisation = 0, out_share = 0;
};
// `tokens` a month instead of the workload's. `week`: week_of(workload.peak).
Month month_of(const Option&, const Workload&, const Costs&, const std::vector<double>& week, double tokens, const Draw&);
// Of a priced option, by the central numbers.
Hours hours_of(const Option&, const Workload&, const std::vector<double>& week);

}  // namespace ajar::plan
