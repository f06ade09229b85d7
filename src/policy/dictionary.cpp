// policy/dictionary.cpp - words without what stands between them, hashed with SipHash-2-4 (Aumasson and Bernstein, 2012).
#include "policy/dictionary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

// MAGIC, key, longest (u64), count (u64), hashes (u64 each, in order), CRC-32C of all before it (u32); numbers are little-endian.
constexpr std::string_view magic = "ajar dictionary 1\n";
constexpr std::size_t head_bytes = magic.size() + 16 + 8 + 8, crc_bytes = 4;
constexpr std::size_t shortest_value = 5, longest_value = 200;
constexpr std::size_t most_words = 16;  // that a value may be pulled apart into

std::uint64_t number_at(const char* bytes) noexcept {
  std::uint64_t n = 0;
  std::memcpy(&n, bytes, sizeof n);
  return n;
}

void append(std::string& out, std::uint64_t n) {
  std::array<char, 8> bytes{};
  std::memcpy(bytes.data(), &n, bytes.size());
  out.append(bytes.data(), bytes.size());
}

std::uint64_t sip_hash(const Dictionary::Key& key, std::string_view text) noexcept {
  std::uint64_t k0 = 0, k1 = 0;
  std::memcpy(&k0, key.data(), 8);
  std::memcpy(&k1, key.data() + 8, 8);
  std::uint64_t v0 = k0 ^ 0x736f6d6570736575, v1 = k1 ^ 0x646f72616e646f6d, v2 = k0 ^ 0x6c7967656e657261, v3 = k1 ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  };
  const auto take = [&](std::uint64_t m) {
    v3 ^= m;
    round(), round();
    v0 ^= m;
  };
  const std::size_t whole = text.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) take(number_at(text.data() + at));
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
  for (std::size_t i = whole; i < text.size(); ++i)
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * (i - whole));
  take(last);
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

// The words of a text one after another in lower case, and where each begins; the last place is the end.
struct Words {
  std::string text;
  std::vector<std::size_t> begins;
};
Words words_of(std::string_view text) {
  Words words;
  words.text.reserve(text.size());
  bool inside = false;
  for (const char c : text) {
    const bool word = is_word(c);
    if (word && !inside) words.begins.push_back(words.text.size());
    if (word) words.text.push_back(lower(c));
    inside = word;
  }
  words.begins.push_back(words.text.size());
  return words;
}

std::unexpected<Error> no_dictionary(std::string_view why) {
  return fail(Fault::config, fmt::format("it is no dictionary that can be used: {}", why), "bad_dictionary");
}

}  // namespace

Result<std::string> Dictionary::build(std::string_view values, const Key& key) {
  std::vector<std::uint64_t> hashes;
  std::size_t longest = 0;
  for (int line = 1; !values.empty(); ++line) {
    const std::size_t end = std::min(values.find('\n'), values.size());
    const std::string value = words_of(values.substr(0, end)).text;
    const bool empty = trim(values.substr(0, end)).empty();
    values.remove_prefix(std::min(end + 1, values.size()));
    if (empty) continue;
    if (value.size() < shortest_value)
      return fail(Fault::config,
                  fmt::format("line {}: a value with fewer than {} letters and digits would be found everywhere", line, shortest_value));
    if (value.size() > longest_value)
      return fail(Fault::config,
                  fmt::format("line {}: a value of {} bytes is too long; up to {} are taken", line, value.size(), longest_value));
    hashes.push_back(sip_hash(key, value));
    longest = std::max(longest, value.size());
  }
  if (hashes.empty()) return fail(Fault::config, "there is no value; write one a line");
  std::ranges::sort(hashes);
  const auto twice = std::ranges::unique(hashes);
  hashes.erase(twice.begin(), twice.end());
  std::string out(magic);
  for (const std::uint8_t byte : key) out.push_back(static_cast<char>(byte));
  append(out, longest);
  append(out, hashes.size());
  for (const std::uint64_t hash : hashes) append(out, hash);
  const std::uint32_t crc = crc32c(out);
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>((crc >> (8 * i)) & 0xff));
  return out;
}

Result<Dictionary> Dictionary::read(std::string_view bytes) {
  if (!bytes.starts_with(magic)) return no_dictionary("it was not made by `ajar dictionary`, or by another version of it");
  if (bytes.size() < head_bytes + crc_bytes) return no_dictionary("it is cut off");
  Dictionary d;
  std::memcpy(d.key_.data(), bytes.data() + magic.size(), d.key_.size());
  d.longest_ = number_at(bytes.data() + magic.size() + 16);
  const std::uint64_t count = number_at(bytes.data() + magic.size() + 24);
  if (count == 0 || count != (bytes.size() - head_bytes - crc_bytes) / 8 || bytes.size() != head_bytes + count * 8 + crc_bytes)
    return no_dictionary("it is cut off, or longer than it says");
  std::uint32_t crc = 0;
  std::memcpy(&crc, bytes.data() + bytes.size() - crc_bytes, crc_bytes);
  if (crc != crc32c(bytes.substr(0, bytes.size() - crc_bytes))) return no_dictionary("it was changed after it was made");
  d.hashes_.resize(count);
  std::memcpy(d.hashes_.data(), bytes.data() + head_bytes, count * 8);
  if (!std::ranges::is_sorted(d.hashes_) || d.longest_ < shortest_value || d.longest_ > longest_value)
    return no_dictionary("what it says of itself cannot be");
  d.index();
  return d;
}

void Dictionary::index() {
  maybe_.assign(std::bit_ceil(std::max<std::size_t>(hashes_.size() * 16, 64)) / 64, 0);  // one bit of sixteen is set
  for (const std::uint64_t hash : hashes_) maybe_[(hash / 64) % maybe_.size()] |= std::uint64_t{1} << (hash % 64);
}

bool Dictionary::holds(std::string_view text) const {
  const Words words = words_of(text);
  for (std::size_t first = 0; first + 1 < words.begins.size(); ++first) {
    const std::size_t begin = words.begins[first];
    const std::size_t last = std::min(first + most_words, words.begins.size() - 1);
    for (std::size_t next = first + 1; next <= last; ++next) {
      const std::size_t size = words.begins[next] - begin;
      if (size > longest_) break;
      if (size < shortest_value) continue;
      const std::uint64_t hash = sip_hash(key_, std::string_view(words.text).substr(begin, size));
      if ((maybe_[(hash / 64) % maybe_.size()] >> (hash % 64) & 1) != 0 && std::ranges::binary_search(hashes_, hash)) return true;
    }
  }
  return false;
}

}  // namespace ajar::policy
