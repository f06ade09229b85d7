// wire/dialect.hpp - Dialect: the wire formats; Profile: what one target model and engine accepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ajar::wire {

enum class Dialect : std::uint8_t { openai_chat, openai_responses, anthropic_messages, gemini_generate, ollama_chat };

std::string_view name_of(Dialect) noexcept;  // "openai_chat" ...
std::optional<Dialect> dialect_named(std::string_view) noexcept;

enum class Thinking : std::uint8_t { none, budget, adaptive, level };

// What a target accepts: the model's facts joined with its engine's quirks (wire/quirks.hpp). Plain data, immutable once built.
struct Profile {
  std::string engine = "openai";  // provider or engine family: openai, deepseek, moonshot, alibaba, openrouter, anthropic, google, vllm,
                                  // sglang, llamacpp, ollama, tgi, lmstudio
  Dialect dialect = Dialect::openai_chat;
  std::int64_t max_output_tokens = 0;                      // 0 = unknown
  bool accepts_sampling = false;                           // temperature, top_p, top_k are not refused
  Thinking thinking = Thinking::none;                      // how a reasoning effort is asked for
  std::vector<std::string> efforts;                        // reasoning efforts that the target knows
  bool system_mid = false;                                 // system role allowed inside messages
  bool image_url = false;                                  // fetches image URLs itself
  bool signatures_required = false;                        // thought signatures must be returned
  std::string max_tokens_field = "max_completion_tokens";  // name of the output limit
  bool reasoning_effort = false;                           // knows the field reasoning_effort
  bool developer_role = false;                             // knows the role developer
  std::string reasoning_field;                             // where reasoning text stands in its answers: reasoning_content, reasoning, ""
  bool top_k = false;
  bool prompt_cache_breakpoints = false;
};

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case, in order of arrival

// Value of a header, or "" when absent; names compare without case.
std::string_view header(const Headers&, std::string_view name) noexcept;

}  // namespace ajar::wire
