// detect/characters.cpp - Unicode, as far as hiding text makes use of it.
#include "detect/characters.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "detect/cues.hpp"

namespace ajar::detect {
namespace {

bool is_invisible(char32_t c) noexcept {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
         (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFA0 || (c >= 0x300 && c <= 0x36F) ||
         (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xE0100 && c <= 0xE01EF);
}

// Letters of Cyrillic, Greek and others that look like Latin ones (Unicode's confusables, as far as they are used for this).
constexpr std::array<std::pair<char32_t, char>, 76> look_alikes{
    {{0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'}, {0x039C, 'M'}, {0x039D, 'N'},
     {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'}, {0x03B1, 'a'}, {0x03B9, 'i'}, {0x03BD, 'v'}, {0x03BF, 'o'},
     {0x03C1, 'p'}, {0x03C5, 'u'}, {0x03F2, 'c'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'},
     {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'}, {0x0423, 'Y'}, {0x0425, 'X'},
     {0x0430, 'a'}, {0x0432, 'b'}, {0x0435, 'e'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x043D, 'h'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
     {0x0442, 't'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04BB, 'h'}, {0x0501, 'd'}, {0x051B, 'q'},
     {0x051D, 'w'}, {0x0261, 'g'}, {0x0131, 'i'}, {0x0237, 'j'}, {0x1D00, 'a'}, {0x1D04, 'c'}, {0x1D05, 'd'}, {0x1D07, 'e'}, {0x1D0F, 'o'},
     {0x1D18, 'p'}, {0x1D1B, 't'}, {0x1D1C, 'u'}, {0x2113, 'l'}, {0x212A, 'K'}, {0x212F, 'e'}, {0x2134, 'o'}, {0x0585, 'o'}, {0x0578, 'n'},
     {0x057D, 'u'}, {0x04CF, 'l'}, {0x04C0, 'I'}, {0x0454, 'e'}}};

constexpr std::array<char32_t, 17> zeros{0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                                         0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0};

using DigitWords = std::array<std::vector<std::pair<std::string_view, char>>, 26>;

// By their first letter.
const DigitWords& digit_words() {
  static const DigitWords made = [] {
    DigitWords words;
    for (std::size_t value = 0; value < 10; ++value)
      for (const std::string_view word : Lexicon::get().list(List::digit, value))
        words[static_cast<std::size_t>(word[0] - 'a')].emplace_back(word, static_cast<char>('0' + value));
    return words;
  }();
  return made;
}

}  // namespace

void append(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
}

Code code_at(std::string_view t, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return at + i < t.size() ? static_cast<unsigned char>(t[at + i]) : 0U; };
  const unsigned first = byte(0);
  const auto rest = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (first < 0x80) return {first, 1};
  if (first >= 0xC2 && first < 0xE0 && rest(1)) return {((first & 0x1F) << 6) | (byte(1) & 0x3F), 2};
  if (first >= 0xE0 && first < 0xF0 && rest(1) && rest(2)) return {((first & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F), 3};
  if (first >= 0xF0 && first < 0xF5 && rest(1) && rest(2) && rest(3))
    return {((first & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F), 4};
  return {0xFFFD, 1};
}

// The usual form of a character; `dropped` for those that only hide.
char32_t usual(char32_t c) noexcept {
  if (c < 0x80) return c;
  if (is_invisible(c)) return dropped;
  if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0x1680) return ' ';
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63 || c == 0x2043 || c == 0x02D7) return '-';
  if (c == 0x2024 || c == 0x3002 || c == 0xFF61) return '.';
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
  if (c == 0xFE52) return '.';
  if (c == 0xFE6B) return '@';
  if (c >= 0x1D400 && c <= 0x1D6A3) {
    const char32_t letter = (c - 0x1D400) % 52;
    return letter < 26 ? 'A' + letter : 'a' + letter - 26;
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return '0' + (c - 0x1D7CE) % 10;
  if (c >= 0x24B6 && c <= 0x24CF) return 'A' + c - 0x24B6;
  if (c >= 0x24D0 && c <= 0x24E9) return 'a' + c - 0x24D0;
  if (c >= 0x2460 && c <= 0x2468) return '1' + c - 0x2460;
  if (c == 0x24EA || c == 0x2070 || c == 0x2080) return '0';
  if (c >= 0x2074 && c <= 0x2079) return '4' + c - 0x2074;
  if (c >= 0x2081 && c <= 0x2089) return '1' + c - 0x2081;
  if (c == 0xB9) return '1';
  if (c == 0xB2 || c == 0xB3) return '2' + c - 0xB2;
  for (const char32_t zero : zeros)
    if (c >= zero && c <= zero + 9) return '0' + c - zero;
  if (c >= 0x1FBF0 && c <= 0x1FBF9) return '0' + c - 0x1FBF0;
  const auto same = std::ranges::find(look_alikes, c, &std::pair<char32_t, char>::first);
  return same == look_alikes.end() ? c : static_cast<char32_t>(same->second);
}

// The digit that a word at a place stands for, and its length.
std::size_t digit_word_at(std::string_view t, std::size_t at, char& digit) noexcept {
  const auto letter = static_cast<std::size_t>((t[at] | 0x20) - 'a');
  if (letter >= 26 || (at > 0 && is_alpha(t[at - 1]))) return 0;
  std::size_t best = 0;
  for (const auto& [word, value] : digit_words()[letter]) {
    if (t.size() - at < word.size() || word.size() <= best) continue;
    bool same = true;
    for (std::size_t i = 1; i < word.size() && same; ++i) {
      const char c = t[at + i];
      same = (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == word[i];
    }
    if (same && (at + word.size() >= t.size() || !is_alpha(t[at + word.size()]))) best = word.size(), digit = value;
  }
  return best;
}

}  // namespace ajar::detect
