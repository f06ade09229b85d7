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

// Amounts are nano-dollars per million tokens, so that 0.0028 USD per million is exact.
struct Price {
  std::string id;                        // names the row on every ledger line, e.g. "openai/gpt-6-luna/standard/2026-09-01"
  std::string provider, model;           // what it applies to
  std::string service = "standard";      // standard, priority, flex, batch
  std::string region;                    // "" = everywhere
  WallTime from{};                       // in force from
  std::optional<WallTime> until;         // up to, exclusive; none = open
  int hour_from = 0, hour_until = 24;    // UTC hours of the day in which it holds (peak and off-peak prices)
  std::int64_t above_input_tokens = 0;   // long-context tier: holds when the whole input is larger than this ...
  std::int64_t up_to_input_tokens = 0;   // ... and at most this; 0 = no upper bound
  Money input, output;
  std::optional<Money> cache_read, cache_write_5m, cache_write_1h, reasoning, audio_input, audio_output, image_input;   // none = as input or output
  Source source;
};

// Sum of tokens times price, rounded half up to a nano-dollar once, at the end.
Money cost_of(const Usage&, const Price&) noexcept;

}  // namespace ajar::catalog
