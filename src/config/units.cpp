// config/units.cpp - numbers with units, in and out.
#include "config/units.hpp"

#include <fmt/format.h>

#include <span>

#include "base/text.hpp"

namespace ajar::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t scale;
};

constexpr std::array durations{Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};
constexpr std::array sizes{Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}, Unit{"B", 1}, Unit{"", 1}};

std::optional<std::int64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto count = to_int(text.substr(0, digits));
  if (!count || digits == 0) return std::nullopt;
  const std::string_view unit = digits == std::string_view::npos ? std::string_view() : trim(text.substr(digits));
  for (const auto& [name, scale] : units)
    if (unit == name && *count <= INT64_MAX / scale) return *count * scale;
  return std::nullopt;
}

std::string text_with_unit(std::int64_t amount, std::span<const Unit> units) {
  for (const auto& [name, scale] : units)
    if (amount != 0 && amount % scale == 0) return fmt::format("{}{}", amount / scale, name);
  return "0";
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
  const auto amount = with_unit(text, durations);
  return amount ? std::optional(Millis(*amount)) : std::nullopt;
}

std::optional<std::size_t> parse_bytes(std::string_view text) {
  const auto amount = with_unit(text, sizes);
  return amount ? std::optional(static_cast<std::size_t>(*amount)) : std::nullopt;
}

std::string amount_text(Type type, std::int64_t amount) {
  if (type == Type::duration) return amount == 0 ? "0ms" : text_with_unit(amount, durations);
  if (type == Type::bytes) return text_with_unit(amount, sizes);
  return fmt::format("{}", amount);
}

}  // namespace ajar::config
