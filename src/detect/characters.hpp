// detect/characters.hpp - characters of a text: decoded, and in their usual form.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ajar::detect {

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline int hex(char c) noexcept {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct Code {
  char32_t value = 0;
  std::size_t size = 1;
};
// Of UTF-8; a byte that is none stands for itself as U+FFFD.
Code code_at(std::string_view, std::size_t at) noexcept;
void append(std::string&, char32_t);

inline constexpr char32_t dropped = 0;
// The usual form of a character: other forms of letters and digits, blanks and dashes, look-alikes of Latin; `dropped` for those that only
// hide.
char32_t usual(char32_t) noexcept;

// The digit that a word at a place stands for, in the languages that are known, and the word's length; 0: none.
std::size_t digit_word_at(std::string_view, std::size_t at, char& digit) noexcept;

}  // namespace ajar::detect
