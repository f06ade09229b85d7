// wire/retry_after.cpp - seconds, durations and dates.
#include "wire/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace ajar::wire {
namespace {

using Wait = std::optional<std::chrono::milliseconds>;

constexpr double a_day = 86'400'000;

Wait wait_of(double milliseconds) {
  if (!(milliseconds >= 0 && milliseconds <= a_day)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(milliseconds)));
}

// "45.3s", "1m2s", "250ms" or plain seconds.
Wait duration_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    static constexpr std::array<std::pair<std::string_view, double>, 4> units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
    const auto* unit = std::ranges::find_if(units, [&](const auto& u) { return text.starts_with(u.first); });
    if (unit == units.end() && !text.empty()) return std::nullopt;
    total += number * (text.empty() ? 1000 : unit->second);
    if (!text.empty()) text.remove_prefix(unit->first.size());
  }
  return wait_of(total);
}

// "Wed, 21 Oct 2026 07:28:00 GMT"
std::optional<WallTime> http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[19] != ':' || text[22] != ':' || !text.ends_with(" GMT")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) { return to_int(text.substr(at, size)).value_or(-1); };
  const auto* month = std::ranges::find(months, text.substr(8, 3));
  const std::int64_t day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2), second = number(23, 2);
  if (month == months.end() || day < 1 || year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin() + 1)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// From a point of time; what has passed already is no wait.
Wait until(std::optional<WallTime> then, std::optional<WallTime> now) {
  if (!then || !now) return std::nullopt;
  return wait_of(std::max(0.0, std::chrono::duration<double, std::milli>(*then - *now).count()));
}

// x-ratelimit-reset-X beside x-ratelimit-remaining-X (durations), anthropic-ratelimit-X-reset beside ...-remaining (points of time).
Wait limits_reset(const Headers& headers, std::optional<WallTime> now) {
  Wait spent, any;
  for (const auto& [key, value] : headers) {
    std::string name = to_lower(key);
    const bool plain = name.starts_with("x-ratelimit-reset-"),
               anthropic = name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset");
    if (!plain && !anthropic) continue;
    const Wait wait = plain ? duration_of(value) : until(parse_rfc3339(value), now);
    if (!wait) continue;
    name.replace(name.find("reset"), 5, "remaining");
    if (header(headers, name) == "0") spent = std::max(spent, wait);
    any = std::max(any, wait);
  }
  return spent ? spent : any;
}

}  // namespace

Wait retry_after(int status, const Headers& headers, const json::Value& error, WallTime now) {
  std::optional<WallTime> base = http_date(header(headers, "date"));
  if (!base && now != WallTime{}) base = now;
  if (const auto ms = to_int(header(headers, "retry-after-ms")))
    if (const Wait wait = wait_of(static_cast<double>(*ms))) return wait;
  if (const std::string_view told = header(headers, "retry-after"); !told.empty())
    if (const Wait wait = told.find(',') == std::string_view::npos ? duration_of(told) : until(http_date(told), base)) return wait;
  if (const json::Array* details = error["details"].array())
    for (const json::Value& detail : *details)
      if (const Wait wait = duration_of(detail["retryDelay"].text())) return wait;
  return status == 429 ? limits_reset(headers, base) : std::nullopt;
}

}  // namespace ajar::wire
