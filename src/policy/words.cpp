// policy/words.cpp - a quick pass that rules words out, and a whole reading for those that it cannot.
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

std::optional<std::uint32_t> code_unit(std::string_view text) noexcept {  // of "\uXXXX" at its beginning
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  return error == std::errc{} && end == text.data() + 6 ? std::optional(code) : std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
}

// A string's own JSON escapes undone, as far as they are some: JSON is often carried inside strings (a tool's arguments and results).
std::string without_escapes(std::string_view text) {
  constexpr std::string_view letters = "nrtbf", meant = "\n\r\t\b\f";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out.push_back(text[at++]);
    } else if (auto code = code_unit(text.substr(at))) {
      at += 6;
      const auto low = *code >= 0xD800 && *code < 0xDC00 ? code_unit(text.substr(at)) : std::nullopt;
      if (low && *low >= 0xDC00 && *low < 0xE000) code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00), at += 6;
      append_utf8(out, *code);
    } else {
      const auto letter = letters.find(text[at + 1]);
      out.push_back(letter != std::string_view::npos ? meant[letter] : text[at + 1]);
      at += 2;
    }
  }
  return out;
}

void add(std::string_view piece, std::string& text) {
  constexpr int deepest = 4;  // strings in strings
  std::string plain(piece);
  for (int depth = 0; depth < deepest; ++depth) {
    text.append(to_lower(plain)).push_back('\n');
    if (plain.find('\\') == std::string::npos) return;
    plain = without_escapes(plain);
  }
}

// All text of a body as it reads once its escapes are undone, in lower case; keys and numbers included, apart from each other.
void gather(const json::Value& value, std::string& text) {
  if (const std::string* string = value.string()) add(*string, text);
  if (value.is_number()) add(value.literal(), text);
  if (const json::Array* array = value.array())
    for (const json::Value& item : *array) gather(item, text);
  if (const json::Object* object = value.object())
    for (const json::Member& member : object->members) {
      add(member.key, text);
      gather(member.value, text);
    }
}

// The quick pass. A word without a character that JSON may escape by a letter or a sign stands in the body byte for byte, unless something
// in the body is escaped as \uXXXX.

constexpr std::size_t block_bytes = 32;
constexpr std::size_t most_prefix = 4, words_at_once = 16;
constexpr unsigned char case_bit = 0x20;  // makes ASCII letters lower; other bytes it maps together, which only costs a closer look
using Block = unsigned char __attribute__((vector_size(block_bytes)));

bool is_always_plain(std::string_view word) {
  return std::ranges::none_of(word, [](char c) { return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) < 0x20; });
}

bool stands_at(std::string_view body, std::size_t at, std::string_view word) {
  return body.size() - at >= word.size() && iequal(body.substr(at, word.size()), word);
}

bool decides_at(std::string_view body, std::size_t at, std::span<const std::string> words) {
  if (body[at] == '\\' && at + 1 < body.size() && body[at + 1] == 'u') return true;
  return std::ranges::any_of(words, [&](const std::string& word) { return stands_at(body, at, word); });
}

// Looks for the first `length` bytes of each word, and for \u, in blocks; what is found is looked at closely.
template <std::size_t length>
[[gnu::always_inline]] inline bool scan(std::string_view body, std::span<const std::string> words) {
  std::array<std::array<Block, length>, words_at_once> wanted;
  for (std::size_t w = 0; w < words.size(); ++w)
    for (std::size_t i = 0; i < length; ++i)
      wanted[w][i] = Block{} + static_cast<unsigned char>(static_cast<unsigned char>(words[w][i]) | case_bit);
  std::size_t at = 0;
  for (; at + block_bytes + most_prefix <= body.size(); at += block_bytes) {
    std::array<Block, std::max<std::size_t>(length, 2)> text;
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::memcpy(&text[i], body.data() + at + i, block_bytes);
      text[i] |= case_bit;
    }
    Block hits = static_cast<Block>((text[0] == ('\\' | case_bit)) & (text[1] == ('u' | case_bit)));
    for (std::size_t w = 0; w < words.size(); ++w) {
      Block same = static_cast<Block>(text[0] == wanted[w][0]);
      for (std::size_t i = 1; i < length; ++i) same &= static_cast<Block>(text[i] == wanted[w][i]);
      hits |= same;
    }
    std::array<std::uint64_t, block_bytes / 8> any;
    std::memcpy(any.data(), &hits, block_bytes);
    if ((any[0] | any[1] | any[2] | any[3]) == 0) continue;
    for (std::size_t part = 0; part < any.size(); ++part)
      for (std::uint64_t left = any[part]; left != 0;) {  // lanes are 0x00 or 0xff
        const auto lane = static_cast<std::size_t>(std::countr_zero(left)) / 8;
        if (decides_at(body, at + part * 8 + lane, words)) return true;
        left &= ~(std::uint64_t{0xff} << (lane * 8));
      }
  }
  for (; at < body.size(); ++at)
    if (decides_at(body, at, words)) return true;
  return false;
}

using Scan = bool (*)(std::string_view, std::span<const std::string>);
template <std::size_t length>
bool scan_plain(std::string_view body, std::span<const std::string> words) {
  return scan<length>(body, words);
}
constexpr std::array<Scan, most_prefix> plain_scans{scan_plain<1>, scan_plain<2>, scan_plain<3>, scan_plain<4>};
#ifdef __x86_64__
template <std::size_t length>
[[gnu::target("avx2")]] bool scan_wide(std::string_view body, std::span<const std::string> words) {
  return scan<length>(body, words);
}
constexpr std::array<Scan, most_prefix> wide_scans{scan_wide<1>, scan_wide<2>, scan_wide<3>, scan_wide<4>};
#endif

// False only when none of the words can stand in the body.
bool may_hold(std::string_view body, std::span<const std::string> words) {
  if (words.size() > words_at_once) return may_hold(body, words.first(words_at_once)) || may_hold(body, words.subspan(words_at_once));
  if (!std::ranges::all_of(words, is_always_plain)) return true;
  std::size_t shortest = most_prefix;
  for (const std::string& word : words) shortest = std::min(shortest, word.size());
  if (shortest == 0) return true;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") != 0) return wide_scans[shortest - 1](body, words);
#endif
  return plain_scans[shortest - 1](body, words);
}

}  // namespace

bool Words::hold(const std::vector<std::string>& words) {
  if (!may_hold(body_, words)) return false;
  const std::string* all = text();
  return all == nullptr ||
         std::ranges::any_of(words, [all](const std::string& word) { return all->find(to_lower(word)) != std::string::npos; });
}

const std::string* Words::text() {
  if (!read_) {
    read_ = true;
    const auto value = json::read(body_);
    readable_ = value.has_value();
    if (value) gather(*value, text_);
  }
  return readable_ ? &text_ : nullptr;
}

}  // namespace ajar::policy
