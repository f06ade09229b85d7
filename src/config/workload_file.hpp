// config/workload_file.hpp - a workload as a TOML file: read over what is known already, and written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/toml.hpp"
#include "plan/decision/workload.hpp"

namespace ajar::config {

// What can be said of a workload, in a file or beside one.
struct WorkloadKey {
  std::string_view name, doc;
  bool flag = false;  // true or false
  std::string usual;  // what holds when nothing is said, as a file would say it; "" = nothing
};
std::vector<WorkloadKey> workload_keys();
// Sets one of them from text. Precondition: there is such a key. Faults: config, without the key's name.
Status set_workload(std::string_view key, std::string_view text, const plan::Words&, plan::Workload&);

// Sets what the file says and leaves the rest of `workload`. The keys are those that workload_toml() writes; shares may be numbers or
// texts like "10%". Gives every problem with its place.
std::vector<Problem> read_workload(std::string_view toml, std::string_view file, const plan::Words&, plan::Workload& workload);

// All of it but the day of the prices, with a comment per line.
std::string workload_toml(const plan::Workload&);

}  // namespace ajar::config
