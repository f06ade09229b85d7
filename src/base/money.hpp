// base/money.hpp - Money: an amount in integer nano-dollars (1e-9 USD), so that sums are exact.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace ajar {

struct Money {
  std::int64_t nanos = 0;  // 1e-9 USD; a price of 1 USD per million tokens is exactly 1000 nanos per token
  auto operator<=>(const Money&) const = default;
  // Sums stop at the ends of the range (9.2 billion dollars): what a lying upstream claims to have used must not wrap around.
  friend Money operator+(Money a, Money b) noexcept {
    Money sum;
    if (__builtin_add_overflow(a.nanos, b.nanos, &sum.nanos)) sum.nanos = a.nanos < 0 ? INT64_MIN : INT64_MAX;
    return sum;
  }
  friend Money operator*(Money price, std::int64_t count) noexcept {
    Money product;
    if (__builtin_mul_overflow(price.nanos, count, &product.nanos))
      product.nanos = (price.nanos < 0) != (count < 0) ? INT64_MIN : INT64_MAX;
    return product;
  }
  Money& operator+=(Money other) noexcept { return *this = *this + other; }
};

// "0.001234567" (nine decimals at most, trailing zeros cut), in dollars without the sign of the currency.
std::string to_string(Money);

}  // namespace ajar
