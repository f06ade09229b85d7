// audit/bundle.hpp - Bundle: a range of records with the proof that they are in the log, for somebody who has nothing else.
#pragma once

#include <string>
#include <string_view>

#include "audit/log.hpp"
#include "audit/record.hpp"

namespace ajar::audit {

// JSON. Faults: storage, bad_request.
Result<std::string> bundle_of(const LogReader&, std::uint64_t from, std::uint64_t to);

struct Checked {
  Checkpoint checkpoint;
  std::uint64_t from = 0, count = 0;
  Summary summary;
  std::vector<std::string> policies;  // versions that held, in order of their first use
};
// Checks signature, hashes and places. `verifier`: as it was given by another way than the bundle itself. Faults: bad_request, saying what
// is wrong.
Result<Checked> check_bundle(std::string_view json, const std::string& verifier);

}  // namespace ajar::audit
