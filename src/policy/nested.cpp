// policy/nested.cpp - small helpers of the walks.
#include "policy/nested.hpp"

#include "base/text.hpp"

namespace ajar::policy {

bool begins_like_json(std::string_view text) noexcept {
  const std::string_view bare = trim(text);
  return bare.size() > 1 && (bare.front() == '{' || bare.front() == '[');
}

std::optional<json::Value> json_inside(std::string_view text) {
  if (!begins_like_json(text)) return std::nullopt;
  auto inner = json::read(trim(text), {.depth = 64, .refuse_duplicates = false});
  if (!inner) return std::nullopt;
  return std::move(*inner);
}

std::string hint_below(std::string_view hint, std::string_view key) {
  constexpr std::size_t kept = 40;
  return std::string(hint.size() > kept ? hint.substr(hint.size() - kept) : hint).append(" ").append(key);
}

std::vector<const json::Value*> messages_to_model(const json::Value& body) {
  std::vector<const json::Value*> messages;
  const auto take = [&](const json::Value& message) {
    const std::string_view role = message["role"].text();
    if (role != "assistant" && role != "model") messages.push_back(&message);
  };
  for (const std::string_view list : {"messages", "contents", "input", "prompt"}) {
    if (const json::Array* array = body[list].array())
      for (const json::Value& message : *array) take(message);
    else if (body[list].string() != nullptr)
      take(body[list]);
  }
  return messages;
}

}  // namespace ajar::policy
