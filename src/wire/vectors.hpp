// wire/vectors.hpp - runs golden vectors: one JSON file per case, from the caller's request to the caller's answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ajar::wire {

struct VectorResult {
  std::string name;
  std::vector<std::string> tags;
  std::string note;                   // the rule that the case is about, in the vector's own words
  std::vector<std::string> problems;  // empty = passed, unless it was skipped
  std::string skipped;                // why it was not run; "" = it was
};

// Faults: bad_request when the text is no vector. `every_split`: replays the upstream's stream cut in two at every byte as well.
Result<VectorResult> run_vector(std::string_view json, bool every_split = false);

struct VectorRun {
  std::vector<VectorResult> results;  // in the order of the files' names
  std::size_t passed = 0, failed = 0, skipped = 0;
  bool good() const noexcept { return failed == 0 && passed > 0; }  // a folder with nothing to run proves nothing
};

// Every *.json of a folder; a file that is no vector fails. Faults: bad_request when the folder cannot be read or holds no such file.
Result<VectorRun> run_vectors(const std::filesystem::path& folder, bool every_split = false);

// For people: each failure with its tags and rules, what was skipped and why, and at the end "N passed, N failed".
std::string vectors_text(const VectorRun&);
// For programs: {"passed","failed","skipped","cases":[{"name","outcome","tags","problems"}]}.
std::string vectors_json(const VectorRun&);

}  // namespace ajar::wire
