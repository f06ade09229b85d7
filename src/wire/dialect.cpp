// wire/dialect.cpp - names of dialects, look-up of headers.
#include "wire/dialect.hpp"

#include <array>

#include "base/text.hpp"

namespace ajar::wire {
namespace {

constexpr std::array<std::string_view, 5> names{"openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat"};

}  // namespace

std::string_view name_of(Dialect dialect) noexcept { return names[static_cast<std::size_t>(dialect)]; }

std::optional<Dialect> dialect_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Dialect>(i);
  return std::nullopt;
}

std::string_view header(const Headers& headers, std::string_view name) noexcept {
  for (const auto& [key, value] : headers)
    if (iequal(key, name)) return value;
  return {};
}

}  // namespace ajar::wire
