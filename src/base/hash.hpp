// base/hash.hpp - SHA-256, CRC-32C, constant-time comparison, random bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ajar {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view) noexcept;  // the digest method is fetched once per process
bool equal_in_constant_time(std::span<const std::uint8_t>, std::span<const std::uint8_t>) noexcept;
std::uint32_t crc32c(std::string_view, std::uint32_t seed = 0) noexcept;  // Castagnoli, as in RFC 3720; chain with the last value as seed
void fill_random(std::span<std::uint8_t>) noexcept;  // from the system's generator; ends the process when there is none
std::string random_text(std::size_t length);         // letters and digits, about 5.95 bits each

}  // namespace ajar
