// plan/band.cpp - percentiles.
#include "plan/band.hpp"

#include <algorithm>
#include <cstddef>

namespace ajar::plan {

double percentile(std::span<const double> sorted, double q) noexcept {
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Band band_of(std::span<double> sample) noexcept {
  std::ranges::sort(sample);
  return {percentile(sample, 0.1), percentile(sample, 0.5), percentile(sample, 0.9)};
}

}  // namespace ajar::plan
