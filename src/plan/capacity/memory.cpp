// plan/capacity/memory.cpp - weights, KV and what is left.
#include "plan/capacity/memory.hpp"

#include <algorithm>

namespace ajar::plan {
namespace {

constexpr double usable = 0.92, runtime_bytes = 2.5e9, head_bytes = 2, state_bytes = 2;

// A token's KV stands so many times in the replica.
double copies(const Setup& s) noexcept {
  const double tensor = s.parallel.tensor;
  return s.shape->latent() ? tensor : tensor / std::min(tensor, static_cast<double>(std::max(s.shape->kv_heads, 1)));
}

}  // namespace

double bytes_of(Precision p) noexcept {
  switch (p) {
    case Precision::bf16:
      return 2;
    case Precision::fp8:
      return 1.01;
    case Precision::fp4:
      return 0.5625;
    case Precision::int4:
      return 0.53;
  }
  return 2;
}

double kv_bytes(const Setup& s) noexcept { return s.precision != Precision::bf16 ? 1 : 2; }

Memory memory_of(const Setup& s) noexcept {
  const catalog::Shape& m = *s.shape;
  const double data = s.parallel.data, weight = bytes_of(s.precision);
  const double experts = m.moe_layers() * static_cast<double>(m.experts) * m.expert();
  Memory memory;
  memory.have = (usable * s.gpu->memory - runtime_bytes) * s.gpus;
  memory.weights = (m.total() - experts - 2 * m.head()) * weight * data + 2 * m.head() * head_bytes * data + experts * weight;
  memory.per_token = m.kv_elements() * kv_bytes(s) * copies(s);
  return memory;
}

double most_sequences(const Setup& s, double tokens) noexcept {
  const Memory memory = memory_of(s);
  const double each = s.shape->kv_stored(tokens) * kv_bytes(s) * copies(s) + s.shape->state_elements() * state_bytes;
  return memory.fits() && each > 0 ? (memory.have - memory.weights) / each : 0;
}

}  // namespace ajar::plan
