// plan/capacity/physics.hpp - the time of a decode step, of a prefill and to the first token: named terms times fitted constants.
#pragma once

#include <array>
#include <string_view>

#include "plan/capacity/setup.hpp"

namespace ajar::plan {

// What a constant multiplies: ideal times from data-sheet peaks, and counts of what costs a fixed time.
enum class Term : unsigned {
  weights,       // attention, dense layers and heads read once
  experts,       // routed experts that the batch touches: 1 - (1 - k/E)^B of them
  kv,            // KV read
  compute,       // matrix products
  attention,     // products with the KV
  all_reduce,    // between tensor ranks
  all_to_all,    // to experts on other ranks
  launch,        // us, two a layer where ranks have to meet
  layer_trtllm,  // us a layer, by engine
  layer_sglang,
  layer_vllm,
  moe_layer,      // us a layer with experts
  sequence,       // us a sequence
  step,           // ms
  latent_layer,   // us a layer with latent attention
  sparse_layer,   // us a layer that first looks for the tokens to read
  expert_width,   // us a layer, by the square root of the active expert parameters in units of 40 million
  int4_experts,   // further time of experts in 4-bit integers
  split_experts,  // further time of experts split both by rank and within
  prefill_compute,
  prefill_attention,
  prefill_all_reduce,
  interference,           // share of other requests' prefills that stands in a token's way
  interference_one_wave,  // the same, where all requests came at once: a factor
  start_trtllm,           // s to the first token beside everything else, by engine
  start_sglang,
  start_vllm,
  first_prefill,   // prefill as it counts in the time to the first token
  crowd,           // further prefills waited for, per request in flight
  crowd_one_wave,  // a factor
  first_steps,     // decode steps waited for
  queue,           // share of the ideal wait of requests that do not fit into the KV memory
  count_
};
inline constexpr std::size_t terms = static_cast<std::size_t>(Term::count_);
inline constexpr std::size_t step_terms = static_cast<std::size_t>(Term::prefill_compute);
std::string_view name_of(Term) noexcept;

using Constants = std::array<double, terms>;

// What a set-up and a load give, before any constant. Times in seconds.
struct Basis {
  std::array<double, step_terms> step{};  // one decode step
  std::array<double, 3> prefill{};        // of one request
  double in_flight = 1, running = 1;      // requests; those that fit at once
  double output = 1;
  int gpus = 1;
  Engine engine = Engine::vllm;
  Mode mode = Mode::closed_loop;
  bool one_wave = false;
  double accepted = 1, share = 1;
};
Basis basis_of(const Setup&, const Load&) noexcept;

struct Estimate {
  double step = 0;     // s, one decode step
  double prefill = 0;  // s, one request alone
  double tpot = 0;     // s between two tokens of a request
  double ttft = 0;     // s to a request's first token
  double rate = 0;     // output tokens per second and GPU
};
Estimate estimate(const Basis&, const Constants&) noexcept;

// Output tokens per second and GPU of a closed loop (Little's law).
double rate_of(double in_flight, double output, double ttft, double tpot, int gpus) noexcept;

}  // namespace ajar::plan
