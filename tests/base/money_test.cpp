// tests/base/money_test.cpp - nano-dollars as text, and sums that never wrap around.
#include "base/money.hpp"

#include <gtest/gtest.h>

namespace ajar {
namespace {

TEST(Money, TextIsExactAndShort) {
  EXPECT_EQ(to_string(Money{0}), "0");
  EXPECT_EQ(to_string(Money{1}), "0.000000001");
  EXPECT_EQ(to_string(Money{1'234'567}), "0.001234567");
  EXPECT_EQ(to_string(Money{1'500'000'000}), "1.5");
  EXPECT_EQ(to_string(Money{20'000'000'000}), "20");
}

TEST(Money, TextOfNegativesAndExtremes) {
  EXPECT_EQ(to_string(Money{-1}), "-0.000000001");
  EXPECT_EQ(to_string(Money{-1'500'000'000}), "-1.5");
  EXPECT_EQ(to_string(Money{INT64_MAX}), "9223372036.854775807");
  EXPECT_EQ(to_string(Money{INT64_MIN}), "-9223372036.854775808");
}

TEST(Money, SumsAndProductsAreExact) {
  Money sum{1};
  sum += Money{2};
  EXPECT_EQ(sum, Money{3});
  EXPECT_EQ(Money{7} + Money{-9}, Money{-2});
  EXPECT_EQ((Money{1000} * 1'000'000), Money{1'000'000'000});
  EXPECT_EQ((Money{-3} * 4), Money{-12});
  EXPECT_LT(Money{-1}, Money{0});
}

TEST(Money, SumsAndProductsStopAtTheEnds) {
  EXPECT_EQ(Money{INT64_MAX} + Money{1}, Money{INT64_MAX});
  EXPECT_EQ(Money{INT64_MIN} + Money{-1}, Money{INT64_MIN});
  EXPECT_EQ((Money{INT64_MAX} * 2), Money{INT64_MAX});
  EXPECT_EQ((Money{INT64_MAX} * -2), Money{INT64_MIN});
  EXPECT_EQ((Money{INT64_MIN} * -1), Money{INT64_MAX});
}

}  // namespace
}  // namespace ajar
