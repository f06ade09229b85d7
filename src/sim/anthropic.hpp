// sim/anthropic.hpp - reading a Messages request.
#pragma once

#include "base/text.hpp"
#include "sim/ask.hpp"

namespace ajar::sim {

// `version` is the header anthropic-version, "" when it is missing. Faults: bad_request.
Result<Ask> read_anthropic(const json::Value& body, std::string_view version);

}  // namespace ajar::sim
