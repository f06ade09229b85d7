// sim/responses.hpp - reading a Responses request.
#pragma once

#include "sim/ask.hpp"

namespace ajar::sim {

// Faults: bad_request, also for what needs state on the server.
Result<Ask> read_responses(const json::Value& body);

}  // namespace ajar::sim
