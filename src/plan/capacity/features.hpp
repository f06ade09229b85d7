// plan/capacity/features.hpp - Features: what makes two predictions alike: loads, shares of the step's time, and names.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "plan/capacity/physics.hpp"

namespace ajar::plan {

// Numbers. Shares are those of the time between tokens that a group of terms has; roots of them are nearly as precise at either end.
enum class Number : unsigned {
  weights,
  experts,
  kv,
  compute,
  links,
  overhead,
  sequences,
  prefill,  // shares
  root_weights,
  root_experts,
  root_kv,
  root_compute,
  root_links,
  root_overhead,
  root_prefill,  // roots of shares
  in_flight,
  input,
  output,  // logs; in_flight per rank and as it fits
  tensor,
  data,
  expert,   // logs of the parallel ranks
  crowded,  // log of requests per place, from 1/4 on
  mixture,
  latent,
  partial,  // 0 or 1: experts, latent KV, window or sparse
  weight_bytes,
  bandwidth,
  one_wave,
  mode,
  count_
};
enum class Name : unsigned { model, gpu, generation, engine, version, precision, parallelism, one_wave, count_ };
inline constexpr std::size_t numbers = static_cast<std::size_t>(Number::count_);
inline constexpr std::size_t kinds_of_name = static_cast<std::size_t>(Name::count_);
std::string_view name_of(Number) noexcept;
std::string_view name_of(Name) noexcept;

struct Features {
  std::array<double, numbers> number{};
  std::array<std::uint64_t, kinds_of_name> name{};  // hashes: only whether two are the same matters
};
Features features_of(const Setup&, const Load&, const Basis&, const Constants&) noexcept;

// GPUs of one make and age, whose kernels are the same: "hopper", "blackwell", ...
std::string_view generation_of(const catalog::Gpu&) noexcept;

}  // namespace ajar::plan
