// wire/cursor.cpp - skipping over strings many bytes at a time.
#include "wire/cursor.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <bit>

namespace ajar::wire {
namespace {

constexpr std::array<bool, 256> simple_escapes = [] {
  std::array<bool, 256> simple{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) simple[static_cast<unsigned char>(c)] = true;
  return simple;
}();

// The marks of one block, in the order of its bytes: where something ends or wants a look. Simple escapes are passed over.
// Gives the index in the block, or `size` and above: where the next block begins.
inline std::size_t first_of(std::uint32_t marks, std::string_view text, std::size_t at, std::size_t size, bool& escaped) noexcept {
  while (marks != 0) {
    const auto i = static_cast<std::size_t>(std::countr_zero(marks));
    if (text[at + i] != '\\' || at + i + 1 >= text.size() || !simple_escapes[static_cast<unsigned char>(text[at + i + 1])]) return i;
    escaped = true;
    if (i + 1 == size) return size + 1;  // the escape's second byte belongs to the next block
    marks &= ~(std::uint32_t{3} << i);
  }
  return size;
}

std::size_t rest_of(std::string_view text, std::size_t at, bool& escaped) noexcept {
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) return at;
    if (c != '\\') continue;
    if (at + 1 >= text.size() || !simple_escapes[static_cast<unsigned char>(text[at + 1])]) return at;
    escaped = true;
    ++at;
  }
  return text.size();
}

#if defined(__x86_64__)

std::size_t scan_sse2(std::string_view text, std::size_t at, bool& escaped) noexcept {
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
  while (at + 16 <= text.size()) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash)), control);
    const std::size_t i = first_of(static_cast<std::uint32_t>(_mm_movemask_epi8(found)), text, at, 16, escaped);
    at += i;
    if (i < 16) return at;
  }
  return rest_of(text, at, escaped);
}

[[gnu::target("avx2")]] std::size_t scan_avx2(std::string_view text, std::size_t at, bool& escaped) noexcept {
  const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'), last_control = _mm256_set1_epi8(0x1f);
  while (at + 32 <= text.size()) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, last_control), block);
    const __m256i found = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, slash)), control);
    const std::size_t i = first_of(static_cast<std::uint32_t>(_mm256_movemask_epi8(found)), text, at, 32, escaped);
    at += i;
    if (i < 32) return at;
  }
  return rest_of(text, at, escaped);
}

const auto scan = __builtin_cpu_supports("avx2") != 0 ? scan_avx2 : scan_sse2;

#else

const auto scan = rest_of;

#endif

}  // namespace

std::size_t string_stop(std::string_view text, std::size_t at, bool& escaped) noexcept { return scan(text, at, escaped); }

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
