// wire/cursor.cpp - skipping over strings sixteen bytes at a time.
#include "wire/cursor.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace ajar::wire {

std::size_t plain_until(std::string_view text, std::size_t at) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash)), control);
    if (const int mask = _mm_movemask_epi8(found); mask != 0)
      return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  for (; at < text.size(); ++at)
    if (text[at] == '"' || text[at] == '\\' || static_cast<unsigned char>(text[at]) < 0x20) return at;
  return text.size();
}

std::string_view Cursor::value() noexcept {
  const char c = peek();
  const std::size_t from = at_;
  if (c == '"') {
    string();
    return text_.substr(from, at_ - from);
  }
  if (c != '{' && c != '[') {
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' &&
           static_cast<unsigned char>(text_[at_]) > 0x20)
      ++at_;
    if (at_ == from) ok = false;
    return text_.substr(from, at_ - from);
  }
  std::size_t depth = 0;
  while (at_ < text_.size() && ok) {
    const char d = text_[at_];
    if (d == '"') {
      string();
      continue;
    }
    ++at_;
    if (d == '{' || d == '[') ++depth;
    if ((d == '}' || d == ']') && --depth == 0) return text_.substr(from, at_ - from);
  }
  ok = false;
  return {};
}

}  // namespace ajar::wire
