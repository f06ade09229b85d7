// plan/decision/operation.hpp - Operation: own engines over the hours of a week, and how fast they answer at what load.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/decision/offers.hpp"
#include "plan/simulate/simulate.hpp"

namespace ajar::plan {

struct Plan;
struct Costs;

// Output tokens per second in each of the 168 hours of a week, from Monday's first on: all that is asked for, and what own engines carry
// of it, which can carry `room`; the rest leaves.
struct Hours {
  std::vector<double> load, home;
  double room = 0;
};

struct Latency {
  double load = 0;  // share of what the replicas carry within the targets
  Quantiles ttft, tpot;
};

struct Operation {
  std::size_t option = 0;  // place in the plan's options
  Hours hours;
  std::vector<Latency> latency;  // from little to more load than is planned for
};

// Simulated: requests come at random (exponential gaps, lengths spread around the workload's) to that many replicas at most four stand
// for. The same for a seed.
Latency latency_at(double load, const Own&, int replicas, const StepTimes&, const Workload&);
// Fills in each option's busiest hour, and gives the operation of the cheapest possible own and hybrid option. The options are priced.
std::vector<Operation> operate(Plan&, const Predictor&, const std::vector<double>& week);

}  // namespace ajar::plan
