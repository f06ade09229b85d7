// wire/quirks.cpp - the table.
#include "wire/quirks.hpp"

#include <array>

namespace ajar::wire {
namespace {

constexpr std::string_view chat = "/v1/chat/completions";
constexpr auto openai_chat = Dialect::openai_chat;

constexpr std::array<Quirks, 16> table{{
    //            dialect                      path    output limit             reasoning            raw    devel. n      strict forced url
    {"openai", openai_chat, chat, "max_completion_tokens", "", true, true, true, true, true, true},
    {"anthropic", Dialect::anthropic_messages, "/v1/messages", "max_tokens", "", false, false, false, true, true, true},
    {"google", Dialect::gemini_generate, "/v1beta/models/", "maxOutputTokens", "", false, false, true, false, true, false},
    {"deepseek", openai_chat, "/chat/completions", "max_tokens", "reasoning_content", false, false, false, true, true, false},
    {"moonshot", openai_chat, chat, "max_tokens", "reasoning_content", false, false, true, true, true, false},
    {"alibaba", openai_chat, chat, "max_tokens", "reasoning_content", false, false, true, true, true, true},
    {"openrouter", openai_chat, chat, "max_tokens", "reasoning", false, true, false, true, true, true},
    {"vllm", openai_chat, chat, "max_tokens", "reasoning", false, false, true, true, true, true},
    {"sglang", openai_chat, chat, "max_tokens", "reasoning_content", false, false, true, true, true, true},
    {"llamacpp", openai_chat, chat, "max_tokens", "reasoning_content", false, false, true, true, true, true},
    {"ollama", openai_chat, chat, "max_tokens", "reasoning", false, false, false, false, false, false},
    {"tgi", openai_chat, chat, "max_tokens", "", false, false, false, false, true, true, false},
    {"lmstudio", openai_chat, chat, "max_tokens", "reasoning_content", false, false, false, true, true, false},
    {"compatible", openai_chat, chat, "max_tokens", "", false, false, true, true, true, true},
    {"sim", openai_chat, chat, "max_completion_tokens", "", true, true, true, true, true, true},
    {"gemini", Dialect::gemini_generate, "/v1beta/models/", "maxOutputTokens", "", false, false, true, false, true, false},
}};

}  // namespace

const Quirks* quirks_of(std::string_view engine) noexcept {
  for (const Quirks& row : table)
    if (row.engine == engine) return &row;
  return nullptr;
}

Profile profile_for(std::string_view engine, const Profile& model) {
  Profile profile = model;
  profile.engine = engine;
  if (const Quirks* quirks = quirks_of(engine)) {
    profile.dialect = quirks->dialect;
    profile.max_tokens_field = quirks->max_tokens_field;
    profile.reasoning_field = quirks->reasoning_field;
    profile.developer_role = quirks->developer_role;
    profile.top_k = !quirks->raw;
    // Anthropic and Gemini differ by model; engines and hosts are the same for all.
    if (quirks->dialect == Dialect::openai_chat) profile.image_url = quirks->image_url;
    if (engine == "openai" || engine == "sim") profile.reasoning_effort = true;
  }
  return profile;
}

}  // namespace ajar::wire
