// wire/responses/request.hpp - a Chat request as an OpenAI Responses request that keeps no state.
#pragma once

#include "wire/cross.hpp"

namespace ajar::wire {

// Faults: bad_request for what Responses cannot carry.
Result<Carried> responses_request(const Envelope&, const Target&);

}  // namespace ajar::wire
