// plan/simulate/trace.hpp - Trace: requests with their times, lengths and shared prefixes, read from a table or made by rule.
#pragma once

#include <cstdint>
#include <span>
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
  static constexpr std::int32_t block_tokens = 512;  // of a block of a prompt

  std::vector<Arrival> arrivals;      // in order of time
  std::vector<std::string> warnings;  // e.g. long gaps
  // The prompts' blocks, one request's after the other's: two prompts that begin with the same numbers begin with the same text. Empty when
  // nothing is known; else `block_ends` has one place per arrival.
  std::vector<std::uint32_t> blocks{};
  std::vector<std::uint32_t> block_ends{};
  double seconds() const noexcept { return arrivals.empty() ? 0 : static_cast<double>(arrivals.back().at) * 1e-9; }
  // The whole blocks of a request's prompt: what another one can share.
  std::span<const std::uint32_t> blocks_of(std::size_t request) const noexcept;
};

// A CSV table with the columns t_s, input_tokens, output_tokens (seconds), or TIMESTAMP, ContextTokens, GeneratedTokens with times as
// "2023-11-16 18:15:46.6805900" (Azure's public traces); prefix_block_ids (blocks of 512 tokens, runs as "0;14-27", as in Mooncake's
// traces) may follow; more columns do not matter; without quotes. Millions of rows in a second.
// Faults: bad_request with line and column: no such columns, a row that is cut, a number that is none, times that go back, tokens below 1
// or above 10 million.
Result<Trace> trace_of(std::string_view csv);

// `count` requests at a mean rate per second, exponential gaps, lengths spread around their means (from 1/4 to 4 times). The same for a
// seed on every machine with the same C library.
Trace synthetic_trace(std::size_t count, double per_second, double input, double output, std::uint64_t seed);

// Times divided by this: 2 is twice the rate.
Trace faster(Trace, double factor);

// Shares of all input tokens under a provider's prompt cache that keeps a prefix so many seconds after its last use, and none below 1,024
// tokens: what is read from it, and what is written to it. Nothing when the trace has no blocks.
struct PrefixShares {
  double read = 0, written = 0;
};
PrefixShares prefix_shares(const Trace&, double lifetime);

}  // namespace ajar::plan
