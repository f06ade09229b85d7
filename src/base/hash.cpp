// base/hash.cpp - digests over OpenSSL, CRC-32C with the processor's instruction where there is one.
#include "base/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ajar {

Digest sha256(std::string_view text) noexcept {
  // Fetching the method costs more than hashing a key; contexts are kept per thread.
  static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* used) { EVP_MD_CTX_free(used); })> context(EVP_MD_CTX_new());
  Digest digest{};
  if (method == nullptr || context == nullptr || EVP_DigestInit_ex2(context.get(), method, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 || EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

namespace {

std::uint32_t crc_by_table(std::string_view bytes, std::uint32_t crc) noexcept {
  static const auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0x82F63B78U : 0U);
      t[i] = value;
    }
    return t;
  }();
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<std::uint8_t>(c)) & 0xFFU];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(std::string_view bytes, std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = _mm_crc32_u64(wide, word);
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const char c : bytes) narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(c));
  return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~crc_by_instruction(bytes, ~seed);
#endif
  return ~crc_by_table(bytes, ~seed);
}

void fill_random(std::span<std::uint8_t> out) noexcept {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

std::string random_text(std::size_t length) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // Asking the generator costs some microseconds however little is asked for; each byte is used once.
  struct Pool {
    std::array<std::uint8_t, 1024> bytes{};
    std::size_t left = 0;
  };
  thread_local Pool pool;
  std::string text;
  text.reserve(length);
  while (text.size() < length) {
    if (pool.left == 0) {
      fill_random(pool.bytes);
      pool.left = pool.bytes.size();
    }
    std::uint8_t& byte = pool.bytes[--pool.left];
    if (byte < 248) text.push_back(alphabet[byte % 62]);  // 248 = 4 * 62: no letter is likelier
    byte = 0;
  }
  return text;
}

}  // namespace ajar
