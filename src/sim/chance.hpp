// sim/chance.hpp - reproducible chance: everything that looks random is a function of the seed and of what was asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ajar::sim {

// Well mixed 64 bits of the two (the finaliser of splitmix64).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t x = a + 0x9e3779b97f4a7c15u * (b + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr std::uint64_t mix(std::uint64_t a, std::string_view text) noexcept {
  std::uint64_t x = 0xcbf29ce484222325u;
  for (const char c : text) x = (x ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(a, x);
}

// 0 <= share < 1.
constexpr double share_of(std::uint64_t x) noexcept { return static_cast<double>(x >> 11) * 0x1p-53; }

// Letters and digits; a length that is a multiple of four is valid base64 too.
inline std::string letters_of(std::uint64_t x, std::size_t length) {
  constexpr std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, '\0');
  for (char& c : text) {
    x = mix(x, 1);
    c = all[x % all.size()];
  }
  return text;
}

}  // namespace ajar::sim
