// plan/simulate/base_load.cpp - the trace is replayed with each number of replicas.
#include "plan/simulate/base_load.hpp"

#include <algorithm>

namespace ajar::plan {

std::vector<BaseLoad> base_loads(const Trace& trace, Fleet fleet, double replica_hour,
                                 const std::function<double(double input, double output)>& api, int most) {
  std::vector<BaseLoad> all;
  for (int replicas = 0; replicas <= most; ++replicas) {
    fleet.replicas = replicas;
    BaseLoad b{.replicas = replicas, .simulated = simulate(trace, fleet)};
    b.own = b.simulated.replica_seconds / 3600 * replica_hour;
    b.api = api(static_cast<double>(b.simulated.overflow_input), static_cast<double>(b.simulated.overflow_output));
    const bool enough = b.simulated.overflowed == 0;
    all.push_back(std::move(b));
    if (enough) break;
  }
  return all;
}

std::size_t cheapest(const std::vector<BaseLoad>& all) noexcept {
  return static_cast<std::size_t>(std::ranges::min_element(all, {}, &BaseLoad::dollars) - all.begin());
}

}  // namespace ajar::plan
