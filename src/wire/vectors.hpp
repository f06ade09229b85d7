// wire/vectors.hpp - runs golden vectors: one JSON file per case, from the caller's request to the caller's answer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace ajar::wire {

struct VectorResult {
  std::string name;
  std::vector<std::string> problems;   // empty = passed
};

// Faults: bad_request when the text is no vector. `every_split`: replays the upstream's stream cut in two at every byte as well.
Result<VectorResult> run_vector(std::string_view json, bool every_split = false);

}  // namespace ajar::wire
