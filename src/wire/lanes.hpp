// wire/lanes.hpp - the lanes: one way from a caller's dialect to a target's and back, each.
#pragma once

#include <memory>

#include "wire/translation.hpp"

namespace ajar::wire {

// Chat to OpenAI itself or to an engine that speaks Chat: bytes are forwarded as far as possible.
Result<std::unique_ptr<Translation>> make_chat(const Envelope&, const Target&);

// Chat to another dialect, through neutral events.
Result<std::unique_ptr<Translation>> make_anthropic(const Envelope&, const Target&);
Result<std::unique_ptr<Translation>> make_gemini(const Envelope&, const Target&);
Result<std::unique_ptr<Translation>> make_ollama(const Envelope&, const Target&);
Result<std::unique_ptr<Translation>> make_responses(const Envelope&, const Target&);

}  // namespace ajar::wire
