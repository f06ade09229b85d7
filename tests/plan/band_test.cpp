// tests/plan/band_test.cpp - percentiles.
#include "plan/band.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ajar::plan {
namespace {

TEST(Band, PercentilesLieBetweenNeighbours) {
  const std::array<double, 5> sorted{1, 2, 3, 4, 10};
  EXPECT_DOUBLE_EQ(percentile(sorted, 0), 1);
  EXPECT_DOUBLE_EQ(percentile(sorted, 0.5), 3);
  EXPECT_DOUBLE_EQ(percentile(sorted, 0.875), 7);
  EXPECT_DOUBLE_EQ(percentile(sorted, 1), 10);
  EXPECT_DOUBLE_EQ(percentile(std::array<double, 1>{4}, 0.3), 4);
}

TEST(Band, OfASampleInAnyOrder) {
  std::array<double, 11> sample{10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  const Band band = band_of(sample);
  EXPECT_DOUBLE_EQ(band.p10, 1);
  EXPECT_DOUBLE_EQ(band.p50, 5);
  EXPECT_DOUBLE_EQ(band.p90, 9);
}

}  // namespace
}  // namespace ajar::plan
