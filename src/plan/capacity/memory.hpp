// plan/capacity/memory.hpp - what of a set-up's memory the weights take, and how many tokens and sequences the rest holds.
#pragma once

#include "plan/capacity/setup.hpp"

namespace ajar::plan {

// Bytes of one weight, scales of the quantisation included.
double bytes_of(Precision) noexcept;

// Bytes of one KV element as the engines store it by default: TensorRT-LLM's 8-bit checkpoints carry an 8-bit cache, others 16 bit.
double kv_bytes(const Setup&) noexcept;

// Of one replica. Memory that may be used: 92 % of each GPU less 2.5 GB for the runtime (vllm's gpu_memory_utilization, and what
// aiconfigurator's memory model sets aside).
struct Memory {
  double have = 0;       // bytes that may be used
  double weights = 0;    // bytes, copies included: data-parallel attention keeps its own on each rank
  double per_token = 0;  // bytes of KV that a token takes in the replica, copies included: a latent KV stands on every tensor rank
  double tokens() const noexcept { return per_token > 0 && have > weights ? (have - weights) / per_token : 0; }
  bool fits() const noexcept { return have > weights; }
};
Memory memory_of(const Setup&) noexcept;

// Sequences of so many tokens that fit at once; 0 when not one does.
double most_sequences(const Setup&, double tokens) noexcept;

}  // namespace ajar::plan
