// plan/random.hpp - Random: numbers that are the same on every machine for a seed.
#pragma once

#include <cstdint>

namespace ajar::plan {

// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }  // from 0, below 1
  double between(double low, double high) noexcept { return low + (high - low) * uniform(); }
  // Sum of twelve uniforms: nearly normal, and exact arithmetic.
  double normal() noexcept {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ajar::plan
