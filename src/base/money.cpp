// base/money.cpp - money as text.
#include "base/money.hpp"

#include <fmt/format.h>

namespace ajar {

std::string to_string(Money amount) {
  const bool negative = amount.nanos < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.nanos) : static_cast<std::uint64_t>(amount.nanos);
  std::string text = fmt::format("{}{}.{:09}", negative ? "-" : "", magnitude / 1'000'000'000U, magnitude % 1'000'000'000U);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace ajar
