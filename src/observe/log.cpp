// observe/log.cpp - lines of JSON, written with one call each.
#include "observe/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::observe {
namespace {

constexpr std::array<std::string_view, 4> names{"debug", "info", "warn", "error"};
constexpr std::int64_t lines_a_second = 200;

std::atomic<Level> lowest{Level::info};
std::atomic<std::int64_t> second{0}, written{0}, left_out{0};

// False when this second has had its share.
bool admitted(Level level, std::int64_t now) noexcept {
  if (second.exchange(now, std::memory_order_relaxed) != now) written.store(0, std::memory_order_relaxed);
  if (level == Level::error || written.fetch_add(1, std::memory_order_relaxed) < lines_a_second) return true;
  left_out.fetch_add(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

std::optional<Level> level_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

void set_level(Level level) noexcept { lowest.store(level, std::memory_order_relaxed); }
Level level() noexcept { return lowest.load(std::memory_order_relaxed); }

std::string line_of(WallTime now, Level at, std::string_view message, LogFields fields) {
  if (at < level() || !admitted(at, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count())) return {};
  std::string line = "{\"time\":";
  json::quote_to(line, rfc3339(now));
  line.append(",\"level\":\"").append(names[static_cast<std::size_t>(at)]).append("\",\"message\":");
  json::quote_to(line, message);
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    line += ',';
    json::quote_to(line, name);
    line += ':';
    json::quote_to(line, value);
  }
  if (const std::int64_t lost = left_out.exchange(0, std::memory_order_relaxed); lost != 0)
    line.append(",\"left_out\":").append(std::to_string(lost));
  return line + "}\n";
}

void log(Level at, std::string_view message, LogFields fields) noexcept {
  const std::string line = line_of(SystemClock().wall(), at, message, fields);
  if (line.empty()) return;
  [[maybe_unused]] const auto done = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ajar::observe
