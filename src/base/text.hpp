// base/text.hpp - small helpers on text: case, trim, hex, nearest name, times.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace ajar {

char lower(char) noexcept;                                 // ASCII only
bool is_word(char) noexcept;                               // an ASCII letter or digit, or a byte of another character
bool iequal(std::string_view, std::string_view) noexcept;  // ASCII case ignored
std::string to_lower(std::string_view);
std::string_view trim(std::string_view) noexcept;                        // spaces, tabs, CR, LF
std::string_view clipped(std::string_view, std::size_t bytes) noexcept;  // at most so many bytes; cuts no UTF-8 character in two
std::vector<std::string_view> split(std::string_view, char separator);   // keeps empty pieces
std::string join(std::span<const std::string>, std::string_view separator);
std::string to_hex(std::span<const std::uint8_t>);              // lower case
std::optional<std::int64_t> to_int(std::string_view) noexcept;  // whole text, decimal, optional '-'

// The candidate with the smallest edit distance to `word`, if near enough to be a typing error (at most a third of its length, or 2 edits
// in short words).
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

std::string rfc3339(WallTime);                            // "2026-11-24T15:05:49.123Z"
std::optional<WallTime> parse_rfc3339(std::string_view);  // also a bare date "2026-11-24" (midnight UTC); years 1678 to 2261

}  // namespace ajar
