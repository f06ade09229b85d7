// wire/openai/decoder.hpp - Chat answers and streams of engines as neutral events.
#pragma once

#include <memory>

#include "wire/cross.hpp"

namespace ajar::wire {

std::unique_ptr<Decoder> chat_decoder();

}  // namespace ajar::wire
