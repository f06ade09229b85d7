// wire/openai/usage.hpp - usage objects of Chat answers, of OpenAI and of engines that add to them.
#pragma once

#include <string_view>

#include "wire/answer_sink.hpp"

namespace ajar::wire {

// From the text of a usage object; no tree is built. `timings` is llama.cpp's object beside it, or empty.
// Not reported when the text is no object.
UsageReport usage_of_chat(std::string_view usage, std::string_view timings = {});

// Nothing but what OpenAI's own usage holds at its top.
bool is_usual_usage(std::string_view usage);

}  // namespace ajar::wire
