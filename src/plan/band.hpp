// plan/band.hpp - Band: a value with its 80 % interval; percentile of a sample.
#pragma once

#include <span>

namespace ajar::plan {

// What is expected, and what is passed from below in 10 % and 90 % of cases.
struct Band {
  double p10 = 0, p50 = 0, p90 = 0;
};

// The share `q` (0 to 1) of a sorted sample, between two neighbours in proportion. Precondition: not empty.
double percentile(std::span<const double> sorted, double q) noexcept;

// Of a sample in any order, which is sorted by this. Precondition: not empty.
Band band_of(std::span<double> sample) noexcept;

}  // namespace ajar::plan
