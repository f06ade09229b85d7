// config/units.hpp - durations and sizes as they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/options.hpp"

namespace ajar::config {

std::optional<Millis> parse_duration(std::string_view);    // "500ms", "5s", "2m", "1h"
std::optional<std::size_t> parse_bytes(std::string_view);  // "64KiB", "32MiB", "1GiB", plain bytes

// An amount with the largest unit that divides it: "90s", "1h", "64KiB"; an integer as it is.
std::string amount_text(Type, std::int64_t);

}  // namespace ajar::config
