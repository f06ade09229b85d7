// observe/log.hpp - log(): one structured line per event on standard error; never content, never a key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace ajar::observe {

enum class Level : std::uint8_t { debug, info, warn, error };
std::optional<Level> level_named(std::string_view) noexcept;

// Process-wide; lines below the level are not written. Default: info.
void set_level(Level) noexcept;
Level level() noexcept;

using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// {"time":"...","level":"warn","message":"...",...}. Fields with an empty value are left out. At most 200 lines a second below error are
// written; how many were left out is told with the next line, so that a storm of failures cannot hold the gateway up.
void log(Level, std::string_view message, LogFields fields = {}) noexcept;

// The line that log() would write at this time, with its end; "" when the level or this second's share leaves it out.
std::string line_of(WallTime, Level, std::string_view message, LogFields fields);

}  // namespace ajar::observe
