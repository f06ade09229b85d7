// bench/histogram.hpp - Histogram: durations in nanoseconds, counted in log-linear cells with an error below 0.8 percent.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bench {

class Histogram {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(ns, 0, longest));
    ++cells_[cell_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    max_ = std::max(max_, value);
  }

  std::uint64_t count() const noexcept { return count_; }
  double mean() const noexcept { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  std::uint64_t max() const noexcept { return max_; }

  // The smallest value that at least `share` of all are not above; the upper end of its cell, as a promise must be.
  std::uint64_t quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if ((seen += cells_[i]) >= wanted && seen > 0) return std::min(end_of(i), max_);
    return max_;
  }

 private:
  static constexpr unsigned bits = 7;                       // 128 cells for each power of two
  static constexpr std::int64_t longest = (1LL << 40) - 1;  // 18 minutes
  static constexpr std::size_t per_power = std::size_t{1} << bits;

  static std::size_t cell_of(std::uint64_t value) noexcept {
    if (value < per_power) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - bits - 1;
    return (shift + 1) * per_power + ((value >> shift) - per_power);
  }
  static std::uint64_t end_of(std::size_t cell) noexcept {
    if (cell < per_power) return cell;
    const std::size_t shift = cell / per_power - 1;
    return ((cell % per_power + per_power + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> cells_ = std::vector<std::uint64_t>((41 - bits) * per_power);
  std::uint64_t count_ = 0, max_ = 0;
  double sum_ = 0;
};

}  // namespace bench
