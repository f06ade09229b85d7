// plan/simulate/step_times.hpp - StepTimes: what the simulator needs to know of one replica.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/capacity/predictor.hpp"

namespace ajar::plan {

// Times in ns.
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

}  // namespace ajar::plan
