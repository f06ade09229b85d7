// wire/cursor.hpp - Cursor: walks over JSON text by skipping, for looks that need no tree.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ajar::wire {

// Where the string's content that begins at `at` stops: the index of its closing quote, of an escape that wants a look (\u, or none that
// there is) or of a control character; size() when none. Simple escapes are passed over, and told.
std::size_t string_stop(std::string_view text, std::size_t at, bool& escaped) noexcept;

// The same, quicker for the short strings that keys and most values are.
inline std::size_t string_end(std::string_view text, std::size_t at, bool& escaped) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101, high = ones * 0x80;
  const auto zero_in = [](std::uint64_t x) { return (x - ones) & ~x & high; };  // the lowest bit that is set is exact
  for (int eight = 0; eight < 2 && std::endian::native == std::endian::little && at + 8 <= text.size(); ++eight, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t found = zero_in(word ^ (ones * '"')) | zero_in(word ^ (ones * '\\')) | ((word - ones * 0x20) & ~word & high);
    if (found == 0) continue;
    at += static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (text[at] != '\\') return at;
    break;
  }
  return string_stop(text, at, escaped);
}

// Trusts its input to be JSON as far as it must to skip; `ok` turns false where it is not. Never reads outside of the text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : text_(text) {}
  bool ok = true;

  std::size_t at() const noexcept { return at_; }
  char peek() noexcept { return blanks(), at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) noexcept {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  // The raw content of a string, escapes untouched.
  std::string_view string() noexcept {
    if (!take('"')) return ok = false, std::string_view();
    const std::size_t from = at_;
    bool escaped = false;
    for (at_ = string_end(text_, at_, escaped);; at_ = string_stop(text_, at_, escaped)) {
      if (at_ >= text_.size()) return ok = false, std::string_view();
      if (text_[at_] == '"') break;
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    return text_.substr(from, at_++ - from);
  }
  // Skips a value and gives its text.
  std::string_view value() noexcept;
  // for (bool more = c.first('{'); more; more = c.next('}')) ...
  bool first(char open, char close) noexcept {
    if (!take(open)) return ok = false;
    return !take(close);
  }
  bool next(char close) noexcept {
    if (take(',')) return true;
    if (!take(close)) ok = false;
    return false;
  }
  std::string_view key() noexcept {
    const std::string_view name = string();
    if (!take(':')) ok = false;
    return name;
  }

 private:
  void blanks() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace ajar::wire
