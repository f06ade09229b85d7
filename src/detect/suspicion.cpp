// detect/suspicion.cpp - where a text may hide something, found in one pass; and texts in base64 and hexadecimal.
#include <algorithm>

#include "detect/characters.hpp"
#include "detect/views.hpp"

namespace ajar::detect {
namespace {

// Base64 with padding or of a length that fits, printable when decoded.
bool base64(std::string_view token, std::string& out) {
  out.clear();
  std::uint32_t bits = 0;
  int count = 0;
  while (!token.empty() && token.back() == '=') token.remove_suffix(1);
  if (token.size() % 4 == 1) return false;
  for (const char c : token) {
    int value = 0;
    if (c >= 'A' && c <= 'Z')
      value = c - 'A';
    else if (c >= 'a' && c <= 'z')
      value = c - 'a' + 26;
    else if (is_digit(c))
      value = c - '0' + 52;
    else if (c == '+' || c == '-')
      value = 62;
    else if (c == '/' || c == '_')
      value = 63;
    else
      return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return true;
}

bool is_printable(std::string_view text) noexcept {
  return text.size() >= 6 &&
         std::ranges::all_of(text,
                             [](char c) {
                               return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r' ||
                                      static_cast<unsigned char>(c) >= 0x80;
                             }) &&
         std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) * 4 <=
             static_cast<std::ptrdiff_t>(text.size());
}

// The end of at least eight pairs of hexadecimal digits with one blank or colon between; the beginning when there are none.
std::size_t pairs_end(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t least = 8;
  const auto pair = [&](std::size_t i) { return i + 1 < text.size() && hex(text[i]) >= 0 && hex(text[i + 1]) >= 0; };
  if (!pair(at) || (at > 0 && (is_digit(text[at - 1]) || is_alpha(text[at - 1])))) return at;
  const char sign = at + 2 < text.size() ? text[at + 2] : '\0';
  if (sign != ' ' && sign != ':') return at;
  std::size_t end = at + 2, count = 1;
  while (end < text.size() && text[end] == sign && pair(end + 1)) end += 3, ++count;
  return count >= least && (end >= text.size() || !(is_digit(text[end]) || is_alpha(text[end]))) ? end : at;
}

}  // namespace

std::vector<Part> suspicious_parts(std::string_view t) {
  constexpr std::size_t around = 160;
  std::vector<Part> parts;
  const auto suspect = [&](std::size_t at) {
    const std::size_t start = at < around ? 0 : at - around, end = std::min(t.size(), at + around);
    if (!parts.empty() && start <= parts.back().end)
      parts.back().end = std::max(parts.back().end, end);
    else
      parts.push_back({start, end});
  };
  const auto from = [&](std::size_t at) { return at < t.size() ? t[at] : '\0'; };
  const auto is_word = [](char c) { return is_digit(c) || is_alpha(c); };
  std::size_t singles = 0, words = 0, gap = 0;
  for (std::size_t at = 0; at < t.size(); ++at) {
    const char c = t[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      // Letters of Latin with accents hide nothing.
      const Code code = code_at(t, at);
      if (usual(code.value) != code.value || (code.value >= 0xE0000 && code.value < 0xE0200)) suspect(at);
      if (code.value == 0xFC && at > 0 && (t[at - 1] == 'f' || t[at - 1] == 'F')) words += 1;
      at += code.size - 1;
      continue;
    }
    switch (c) {
      case '%':
      case '=':
        if (hex(from(at + 1)) >= 0 && hex(from(at + 2)) >= 0 && (c == '%' || from(at + 3) == '=')) suspect(at);
        break;
      case '\\':
        if (from(at + 1) == 'u' || from(at + 1) == 'x' || from(at + 1) == '\\' || from(at + 1) == '\n') suspect(at);
        break;
      case '&':
        if (from(at + 1) == '#' || from(at + 1) == 'a' || from(at + 1) == 'c' || from(at + 1) == 'p' || from(at + 1) == 'n' ||
            from(at + 1) == 'h')
          suspect(at);
        break;
      case '[':
      case '(':
      case '{':
        if ((from(at + 1) == 'a' && from(at + 2) == 't') || (from(at + 1) == 'd' && from(at + 2) == 'o') || from(at + 1) == '.' ||
            from(at + 1) == '@')
          suspect(at);
        break;
      case '"':
      case '\'':
        // Pieces put together, and adjacent ones.
        if ((from(at + 1) == ' ' || from(at + 1) == '+' || from(at + 1) == '\n') &&
            (from(at + 2) == c || ((from(at + 2) == '+' || from(at + 2) == '&' || from(at + 2) == '.' || from(at + 2) == '\\') &&
                                   (from(at + 4) == c || from(at + 3) == c))))
          suspect(at);
        break;
      case '*':
      case '_':
      case '`':
      case '~':
        if (at > 0 && is_word(t[at - 1]) && from(at + 1) == c && is_word(from(at + 2))) suspect(at);
        if (c == '`' && at > 0 && is_word(t[at - 1]) && is_word(from(at + 1))) suspect(at);
        break;
      case ' ':
        if ((from(at + 1) == 'A' && from(at + 2) == 'T' && from(at + 3) == ' ') ||
            (from(at + 1) == 'D' && from(at + 2) == 'O' && from(at + 3) == 'T' && from(at + 4) == ' '))
          suspect(at);
        break;
      default:
        break;
    }
    if (!is_word(c)) {
      ++gap;
      continue;
    }
    const bool begins = at == 0 || !is_word(t[at - 1]);
    if (!begins) continue;
    if (gap > 3) singles = words = 0;
    gap = 0;
    singles = is_word(from(at + 1)) ? 0 : singles + 1;
    if (singles >= 6) suspect(at);
    char digit = 0;
    // The first letters of digits in the languages that are known.
    if (is_alpha(c) && std::string_view("zotfsenducqv").find(static_cast<char>(c | 0x20)) != std::string_view::npos &&
        digit_word_at(t, at, digit) > 0) {
      if (++words >= 6) suspect(at);
    } else if (is_alpha(c)) {
      words = 0;
    }
  }
  // No part begins or ends inside a word.
  for (Part& p : parts) {
    while (p.start > 0 && static_cast<unsigned char>(t[p.start - 1]) > ' ') --p.start;
    while (p.end < t.size() && static_cast<unsigned char>(t[p.end]) > ' ') ++p.end;
  }
  std::vector<Part> joined;
  for (const Part& p : parts)
    if (!joined.empty() && p.start <= joined.back().end)
      joined.back().end = std::max(joined.back().end, p.end);
    else
      joined.push_back(p);
  return joined;
}

std::vector<Decoded> decoded_in(std::string_view text) {
  std::vector<Decoded> found;
  const auto part = [](char c) { return is_digit(c) || is_alpha(c) || c == '+' || c == '/' || c == '-' || c == '_'; };
  for (std::size_t at = 0; at < text.size();) {
    if (!part(text[at])) {
      ++at;
      continue;
    }
    // 34 31 31 31: pairs of hexadecimal with blanks or colons between.
    if (const std::size_t last = pairs_end(text, at); last > at) {
      std::string bytes;
      for (std::size_t i = at; i < last; i += 3) bytes.push_back(static_cast<char>(hex(text[i]) * 16 + hex(text[i + 1])));
      if (is_printable(bytes)) {
        found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(last), std::move(bytes)});
        at = last;
        continue;
      }
    }
    std::size_t end = at;
    while (end < text.size() && part(text[end])) ++end;
    std::size_t padded = end;
    while (padded < text.size() && text[padded] == '=' && padded - end < 2) ++padded;
    const std::string_view token = text.substr(at, end - at);
    std::string out;
    const bool is_hex = token.size() >= 12 && token.size() % 2 == 0 && std::ranges::all_of(token, [](char c) { return hex(c) >= 0; });
    if (is_hex) {
      for (std::size_t i = 0; i < token.size(); i += 2) out.push_back(static_cast<char>(hex(token[i]) * 16 + hex(token[i + 1])));
      if (is_printable(out)) found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), out});
    } else if (token.size() >= 10 && (padded > end || token.size() >= 16)) {
      // A word or a path is base64 too; what it decodes to is not printable then.
      if (base64(token, out) && is_printable(out))
        found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(padded), out});
    }
    at = padded;
  }
  return found;
}

}  // namespace ajar::detect
