// wire/gemini/request.hpp - a Chat request as a Gemini generateContent request.
#pragma once

#include "wire/cross.hpp"

namespace ajar::wire {

// Faults: bad_request for what generateContent cannot carry.
Result<Carried> gemini_request(const Envelope&, const Target&);

}  // namespace ajar::wire
