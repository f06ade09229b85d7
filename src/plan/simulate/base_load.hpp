// plan/simulate/base_load.hpp - BaseLoad: how many replicas to own when what they cannot take at once goes to an API.
#pragma once

#include <functional>
#include <vector>

#include "plan/simulate/simulate.hpp"

namespace ajar::plan {

struct BaseLoad {
  int replicas = 0;
  double own = 0, api = 0;  // dollars over the time of the trace
  Simulated simulated;
  double dollars() const noexcept { return own + api; }
};

// Each number of replicas from none up to that which lets nothing go, at most `most`. `replica_hour`: dollars of one replica.
// `api`: dollars of so many input and output tokens. The fleet overflows (overflow_after is above zero); its own number does not matter.
std::vector<BaseLoad> base_loads(const Trace&, Fleet, double replica_hour, const std::function<double(double input, double output)>& api,
                                 int most);
// Place of the cheapest. Precondition: not empty.
std::size_t cheapest(const std::vector<BaseLoad>&) noexcept;

}  // namespace ajar::plan
