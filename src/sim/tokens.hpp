// sim/tokens.hpp - what counts as a token here: at most six bytes of a word with the blank before it, so about four bytes on average.
#pragma once

#include <cstdint>
#include <string_view>

namespace ajar::sim {

// Length of the first token of a text that is not empty; never cuts a character.
constexpr std::size_t token_length(std::string_view text) noexcept {
  const std::size_t from = text.front() == ' ' ? 1 : 0;
  std::size_t end = from;
  while (end < text.size() && end - from < 6 && text[end] != ' ') ++end;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end == 0 ? 1 : end;
}

constexpr std::int64_t count_tokens(std::string_view text) noexcept {
  std::int64_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(token_length(text));
  return count;
}

// At most so many tokens from the front.
constexpr std::string_view first_tokens(std::string_view text, std::int64_t most) noexcept {
  std::string_view rest = text;
  for (; most > 0 && !rest.empty(); --most) rest.remove_prefix(token_length(rest));
  return text.substr(0, text.size() - rest.size());
}

// Prompts are only estimated: four bytes a token.
constexpr std::int64_t estimate_tokens(std::size_t bytes) noexcept { return static_cast<std::int64_t>((bytes + 3) / 4); }

}  // namespace ajar::sim
