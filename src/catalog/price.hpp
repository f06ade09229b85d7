// catalog/price.hpp - Price: one dated row of what tokens cost; cost_of turns usage into money.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/usage.hpp"
#include "catalog/model.hpp"

namespace ajar::catalog {

inline constexpr std::uint32_t all_hours = (1U << 24) - 1;
inline constexpr std::uint8_t all_days = (1U << 7) - 1;

// The hours from one up to another, exclusive; a window may wrap midnight: hours_between(22, 2) is 22, 23, 0 and 1.
// Precondition: 0 to 23, and 1 to 24, and not equal.
std::uint32_t hours_between(int from, int until) noexcept;

// Amounts are nano-dollars per million tokens, so that 0.0028 USD per million is exact.
struct Price {
  std::string id;                       // names the row on every ledger line, e.g. "openai/gpt-6-luna/standard/2026-09-01"
  std::string provider, model;          // what it applies to
  std::string service = "standard";     // standard, priority, flex, batch
  std::string region;                   // "" = everywhere
  WallTime from{};                      // in force from
  std::optional<WallTime> until;        // up to, exclusive; none = open
  std::uint32_t hours = all_hours;      // UTC hours of the day in which it holds, bit 0 = 00:00 to 01:00 (peak and off-peak prices)
  std::uint8_t days = all_days;         // UTC days of the week on which it holds, bit 0 = Sunday
  std::int64_t above_input_tokens = 0;  // long-context tier: holds when the whole input is larger than this ...
  std::int64_t up_to_input_tokens = 0;  // ... and at most this; 0 = no upper bound
  Money input, output;
  std::optional<Money> cache_read, cache_write_5m, cache_write_1h, reasoning, audio_input, audio_output,
      image_input;  // none = as input or output
  Source source;
};

// Sum of tokens times price, rounded half up to a nano-dollar once, at the end. A count below zero is none; a sum that no Money
// can hold is the largest.
Money cost_of(const Usage&, const Price&) noexcept;

}  // namespace ajar::catalog
