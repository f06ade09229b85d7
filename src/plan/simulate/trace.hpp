// plan/simulate/trace.hpp - Trace: requests with their times and lengths, read from a table or made by rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ajar::plan {

struct Arrival {
  std::int64_t at = 0;                 // ns from the first
  std::int32_t input = 0, output = 0;  // tokens, at least 1
};

struct Trace {
  std::vector<Arrival> arrivals;      // in order of time
  std::vector<std::string> warnings;  // e.g. long gaps
  double seconds() const noexcept { return arrivals.empty() ? 0 : static_cast<double>(arrivals.back().at) * 1e-9; }
};

// A CSV table with the columns t_s, input_tokens, output_tokens (seconds), or TIMESTAMP, ContextTokens, GeneratedTokens with times as
// "2023-11-16 18:15:46.6805900" (Azure's public traces); more columns do not matter; without quotes. Millions of rows in a second.
// Faults: bad_request with line and column: no such columns, a row that is cut, a number that is none, times that go back, tokens below 1
// or above 10 million.
Result<Trace> trace_of(std::string_view csv);

// `count` requests at a mean rate per second, exponential gaps, lengths spread around their means (from 1/4 to 4 times). The same for a
// seed on every machine with the same C library.
Trace synthetic_trace(std::size_t count, double per_second, double input, double output, std::uint64_t seed);

// Times divided by this: 2 is twice the rate.
Trace faster(Trace, double factor);

}  // namespace ajar::plan
