// plan/capacity/served.hpp - answers that one engine gave, gathered into points as a benchmark would measure them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ajar::plan {

// Times in ns from any common start.
struct Served {
  std::int64_t began = 0, ended = 0;
  std::int64_t first = 0;        // when its first token came; 0 = not known: it only adds to what was in flight
  double input = 0, output = 0;  // tokens that had to be computed, cached ones left out
};

// Answers that were alike in load and length.
struct Gathered {
  std::size_t answers = 0;
  double in_flight = 0, input = 0, output = 0;  // means
  double ttft = 0, tpot = 0;                    // medians, s
};

// An answer's load is the mean number in flight while it was made. Gathered by powers of 2 of the load and of 4 of the lengths; what has
// fewer answers than `least` is left out. From little to much load.
std::vector<Gathered> gathered(const std::vector<Served>&, std::size_t least);

}  // namespace ajar::plan
