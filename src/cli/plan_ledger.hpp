// cli/plan_ledger.hpp - a workload measured on what the ledger holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "ledger/entry.hpp"
#include "plan/decision/workload.hpp"

namespace ajar::cli {

// Takes in one exchange after the other, oldest first.
class Observed {
 public:
  void see(const ledger::Entry&);
  // Volume, lengths and busiest hour as of a trace; and the shares that caches answered, that was reasoning, and that carried a label,
  // which counts as sensitive. Gives notes. Faults: not_found when nothing of use was seen; config when it is too short.
  Result<std::vector<std::string>> measure(plan::Workload&) const;

 private:
  plan::Trace trace_;
  WallTime first_{};
  double input_ = 0, cached_ = 0, output_ = 0, reasoning_ = 0, labelled_ = 0;
  std::size_t simulated_ = 0, unusable_ = 0;
};

// The ledger of a state folder, from a day on ("" = all of it). Faults: also those of the ledger.
Result<std::vector<std::string>> measure_ledger(std::string_view home, std::string_view since, plan::Workload&);

}  // namespace ajar::cli
