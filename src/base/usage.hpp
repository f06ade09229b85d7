// base/usage.hpp - Usage: what a call consumed, in disjoint token classes.
#pragma once

#include <cstdint>

namespace ajar {

// Every token is in exactly one class, so that a cost is a plain sum of products. A provider that reports overlapping totals
// (OpenAI: prompt_tokens includes cached; completion_tokens includes reasoning) is taken apart by wire/. Unit: tokens.
struct Usage {
  std::int64_t input = 0;           // fresh text input, neither read from nor written to a cache
  std::int64_t cache_read = 0;      // input served from the provider's prompt cache
  std::int64_t cache_write_5m = 0;  // input written to a cache with short life (default lifetime of a provider that names none)
  std::int64_t cache_write_1h = 0;  // input written to a cache with long life
  std::int64_t output = 0;          // visible text output, tool arguments included
  std::int64_t reasoning = 0;       // hidden or shown reasoning output
  std::int64_t audio_input = 0;
  std::int64_t audio_output = 0;
  std::int64_t image_input = 0;
  bool reported = false;  // false: the upstream gave no usage; the counts are zero or an estimate

  std::int64_t total_input() const noexcept { return input + cache_read + cache_write_5m + cache_write_1h + audio_input + image_input; }
  std::int64_t total_output() const noexcept { return output + reasoning + audio_output; }
  bool operator==(const Usage&) const = default;
};

}  // namespace ajar
