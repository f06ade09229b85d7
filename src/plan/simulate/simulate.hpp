// plan/simulate/simulate.hpp - a fleet of engine replicas under a trace: continuous batching, chunked prefill, KV limits, overflow.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/capacity/predictor.hpp"
#include "plan/simulate/trace.hpp"

namespace ajar::plan {

// What the simulator needs of one replica. Times in ns.
struct StepTimes {
  std::vector<double> step;         // of a decode step, by sequences (index 0 unused); the last holds for more
  std::vector<double> per_context;  // more of it per token of context in the batch, by sequences
  double prefill = 0;               // per token of a prompt
  double prefill_square = 0;        // more per token, times the tokens before it
  double latency = 0;               // to the first token beside waiting and prefill; holds nobody else up
  std::int64_t kv_tokens = 0;       // that fit
  std::int32_t sequences = 256;     // at once at most
  std::int32_t chunk = 2048;        // prompt tokens that one step takes besides decoding
};

// From the predictor: step times at one and at many tokens of context, prefill from the formula. The set-up must fit.
StepTimes step_times_of(const Setup&, const Predictor&, double mean_context);

struct Fleet {
  StepTimes times;
  int replicas = 1;
  // A request that would wait longer than this for its first token goes to an API instead; 0 = all wait.
  double overflow_after = 0;  // s
};

struct Quantiles {
  double p50 = 0, p90 = 0, p95 = 0, p99 = 0;  // s
};

struct Simulated {
  std::int64_t requests = 0, overflowed = 0;
  std::int64_t input = 0, output = 0, overflow_input = 0, overflow_output = 0;  // tokens
  Quantiles ttft, tpot, whole;
  double seconds = 0;  // from the first arrival to the last token
  double busy = 0;     // share of the replicas' time with at least one request
  double kv_peak = 0;  // share of the KV memory reserved at most
  std::int64_t most_waiting = 0;
  std::uint64_t digest = 0;  // of every request's times: the same input gives the same digest
};

// Requests go to the replica with the fewest tokens to do. A request is admitted when its prompt and answer fit into the KV memory, first
// come first served; a step takes up to `chunk` tokens of prompts beside one token of each running sequence.
Simulated simulate(const Trace&, const Fleet&);

// The smallest number of replicas, up to `most`, whose p99 of the time to the first token and p95 of the time between tokens stay within
// the targets (s); 0 when none does.
int smallest_fleet(const Trace&, const StepTimes&, double ttft_p99, double tpot_p95, int most);

}  // namespace ajar::plan
