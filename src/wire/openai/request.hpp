// wire/openai/request.hpp - a Chat request for OpenAI itself or for an engine that speaks Chat: spliced, not rebuilt.
#pragma once

#include "wire/cross.hpp"
#include "wire/quirks.hpp"

namespace ajar::wire {

// Faults: bad_request (code "unsupported_by_route") for what the engine cannot do.
Result<Carried> chat_request(const Envelope&, const Target&, const Quirks&);

}  // namespace ajar::wire
