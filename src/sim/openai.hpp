// sim/openai.hpp - what OpenAI's two dialects (and the engines that speak them) share: tools, choices, errors, logprobs.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "sim/speech.hpp"

namespace ajar::sim {

// A Chat request, as Ollama's own dialect reads it too. Faults: bad_request.
Result<Ask> read_chat(const json::Value& body);
// Messages and tools only.
Status read_chat_messages(const json::Value& body, Ask& into);
Status read_chat_tools(const json::Value& body, Ask& into);

// {"error": {...}} in OpenAI's shape, or the engine's.
std::string openai_error(Engine, const Trouble&);
json::Value openai_error_value(const Trouble&);  // the inner object

// {"token", "logprob", "bytes", "top_logprobs"} of one token; of all tokens of a text.
json::Value logprob_value(std::string_view token, std::int64_t top);
json::Value logprobs_value(std::string_view text, std::int64_t top);

}  // namespace ajar::sim
