// plan/simulate/simulate.hpp - a fleet of engine replicas under a trace: continuous batching, chunked prefill, KV limits, prefix reuse,
// failures, autoscaling, overflow to an API.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "plan/simulate/step_times.hpp"
#include "plan/simulate/trace.hpp"

namespace ajar::plan {

// Which replica gets a request: that with the least work in hand; that with the least work counting what of the prompt it has in memory;
// one after the other; the better of two taken by chance.
enum class Balance : std::uint8_t { least, prefix, turns, two };
std::string_view name_of(Balance) noexcept;
std::optional<Balance> balance_named(std::string_view) noexcept;

// Replicas come and go with the number of requests in flight, looked at every 15 s as Kubernetes does.
struct Scaling {
  int least = 1, most = 8;  // least 0: the last one goes too, and the next request starts one
  double in_flight = 32;    // requests that one replica is to have
  double cooldown = 300;    // s for which fewer have to be enough before one goes
};

struct Fleet {
  StepTimes times;
  int replicas = 1;
  // A request that would wait longer than this for its first token goes to an API instead; 0 = all wait.
  double overflow_after = 0;  // s
  Balance balance = Balance::least;
  double reload = 0;                 // s from a start to the first request
  double fails_every = 0;            // s of a replica's service on average (exponential); it is started again at once. 0 = never
  std::uint64_t seed = 1;            // of failures and of chances taken
  std::optional<Scaling> scaling{};  // instead of `replicas`
};

struct Quantiles {
  double p50 = 0, p90 = 0, p95 = 0, p99 = 0;  // s
};

struct Simulated {
  std::int64_t requests = 0, overflowed = 0;
  std::int64_t input = 0, output = 0, overflow_input = 0, overflow_output = 0;  // tokens
  std::int64_t cached_input = 0;                                                // of `input`, found in KV memory
  Quantiles ttft, tpot, whole;
  double seconds = 0;          // from the first arrival to the last token
  double replica_seconds = 0;  // during which replicas were there, loading too: what is paid for
  double busy = 0;             // share of these with at least one request
  double kv_peak = 0;          // share of the KV memory reserved at most
  std::int64_t most_waiting = 0;
  int most_replicas = 0;
  std::int64_t starts = 0, failures = 0;  // of replicas, after the beginning
  std::int64_t again = 0;                 // requests sent to another replica, their first token not yet made when theirs failed
  std::int64_t cut = 0;                   // answers that a failure cut after their first token, or that failed three times
  std::uint64_t digest = 0;               // of every request's times: the same input gives the same digest
};

// A request is admitted when its prompt and answer fit into the KV memory, first come first served; a step takes up to `chunk` tokens of
// prompts beside one token of each running sequence. Of a trace with blocks, prompts share what they have in common.
Simulated simulate(const Trace&, const Fleet&);

// The smallest number of replicas, up to `most`, whose p99 of the time to the first token and p95 of the time between tokens stay within
// the targets (s); 0 when none does. The fleet's own number does not matter.
int smallest_fleet(const Trace&, Fleet, double ttft_p99, double tpot_p95, int most);

}  // namespace ajar::plan
