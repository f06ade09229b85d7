// wire/anthropic/request.hpp - a Chat request as an Anthropic Messages request.
#pragma once

#include "wire/cross.hpp"

namespace ajar::wire {

// Faults: bad_request for what Messages cannot carry.
Result<Carried> anthropic_request(const Envelope&, const Target&);

}  // namespace ajar::wire
