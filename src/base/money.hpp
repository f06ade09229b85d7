// base/money.hpp - Money: an amount in integer nano-dollars (1e-9 USD), so that sums are exact.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace ajar {

struct Money {
  std::int64_t nanos = 0;   // 1e-9 USD; a price of 1 USD per million tokens is exactly 1000 nanos per token
  auto operator<=>(const Money&) const = default;
  Money& operator+=(Money other) noexcept { nanos += other.nanos; return *this; }
  friend Money operator+(Money a, Money b) noexcept { return {a.nanos + b.nanos}; }
  friend Money operator*(Money price, std::int64_t count) noexcept { return {price.nanos * count}; }
};

// "0.001234567" (nine decimals at most, trailing zeros cut), in dollars without the sign of the currency.
std::string to_string(Money);

}  // namespace ajar
