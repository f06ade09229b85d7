// wire/openai/usage.hpp - usage objects of Chat answers, of OpenAI and of engines that add to them.
#pragma once

#include "base/json.hpp"
#include "wire/answer_sink.hpp"

namespace ajar::wire {

// `answer` is the object that holds "usage" (and llama.cpp's "timings"). Not reported when it has none.
UsageReport usage_of_chat(const json::Value& answer);

}  // namespace ajar::wire
