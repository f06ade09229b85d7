// plan/capacity/physics.cpp - terms and their sum.
#include "plan/capacity/physics.hpp"

#include <algorithm>
#include <cmath>

#include "plan/capacity/memory.hpp"

namespace ajar::plan {
namespace {

constexpr std::array<std::string_view, terms> names{"weights",
                                                    "experts",
                                                    "kv",
                                                    "compute",
                                                    "attention",
                                                    "all_reduce",
                                                    "all_to_all",
                                                    "launch",
                                                    "layer_trtllm",
                                                    "layer_sglang",
                                                    "layer_vllm",
                                                    "moe_layer",
                                                    "sequence",
                                                    "step",
                                                    "latent_layer",
                                                    "sparse_layer",
                                                    "expert_width",
                                                    "int4_experts",
                                                    "split_experts",
                                                    "prefill_compute",
                                                    "prefill_attention",
                                                    "prefill_all_reduce",
                                                    "interference",
                                                    "interference_one_wave",
                                                    "start_trtllm",
                                                    "start_sglang",
                                                    "start_vllm",
                                                    "first_prefill",
                                                    "crowd",
                                                    "crowd_one_wave",
                                                    "first_steps",
                                                    "queue"};

constexpr double us = 1e-6, ms = 1e-3;
constexpr double most_saturated = 2048;  // sequences that engines run at once when asked for throughput
constexpr double head_bytes = 2, state_bytes = 2;

// Peak at which the weights' products run: 4-bit weights are widened where the chip has no such type.
double peak(const Setup& s) noexcept {
  switch (s.precision) {
    case Precision::fp8:
      return s.gpu->fp8;
    case Precision::fp4:
      return s.gpu->has_fp4() ? s.gpu->fp4 : s.gpu->bf16;
    case Precision::bf16:
    case Precision::int4:
      return s.gpu->bf16;
  }
  return s.gpu->bf16;
}

double running_of(const Setup& s, const Load& load) noexcept {
  const double fit = most_sequences(s, load.input + load.output / 2);
  // What was measured though it should not fit is taken as it came.
  const double most = fit < 1 ? 1e9 : fit;
  if (load.in_flight > 0) return std::max(std::min(load.in_flight, most), 1.0);
  return std::clamp(most, 1.0, most_saturated * s.parallel.data);
}

struct Parts {
  double tensor, data, stage, all;  // ranks; GPUs of one pipeline stage; of all
};

Parts parts_of(const Setup& s) noexcept {
  const double pipeline = s.parallel.pipeline;
  return {static_cast<double>(s.parallel.tensor), static_cast<double>(s.parallel.data), s.gpus / pipeline, static_cast<double>(s.gpus)};
}

void set(Basis& b, Term term, double value) noexcept { b.step[static_cast<std::size_t>(term)] = value; }

void step_of(Basis& b, const Setup& s, double context) noexcept {
  const catalog::Shape& m = *s.shape;
  const catalog::Gpu& g = *s.gpu;
  const Parts p = parts_of(s);
  const double each = std::max(b.running / p.data, 1.0);  // sequences of one rank
  const double weight = bytes_of(s.precision), layers = m.layers, hidden = m.hidden, mixed = m.moe_layers(), used = m.experts_per_token;
  const double experts = m.experts > 0 ? mixed * m.experts * m.expert() : 0;
  const double touched = m.experts > 0 ? 1 - std::pow(1 - used / m.experts, b.running) : 0;
  const double read = experts * weight * touched / (p.stage * g.bandwidth);
  set(b, Term::weights, ((m.attention() + m.dense()) * weight + m.head() * head_bytes) / (p.tensor * g.bandwidth));
  set(b, Term::experts, read);
  const double kv_ranks = m.latent() ? 1 : std::min(p.tensor, static_cast<double>(std::max(m.kv_heads, 1)));
  const double state = 2 * state_bytes * m.state_elements() / p.tensor;  // read and written
  set(b, Term::kv, each * (m.kv_read(context) / kv_ranks + state) / g.bandwidth);
  set(b, Term::compute, 2 * m.active() * b.running / (p.stage * peak(s)));
  set(b, Term::attention, each * (m.kv_read(context) / m.kv_elements()) * 2 * m.attention_products() / (p.tensor * g.bf16));
  if (p.tensor > 1) set(b, Term::all_reduce, 2 * layers * (2 * (p.tensor - 1) / p.tensor) * each * hidden * 2 / g.link);
  if (m.experts > 0 && p.data > 1) set(b, Term::all_to_all, mixed * (b.running / p.stage) * used * hidden * 3 / g.link);
  if (p.tensor > 1) set(b, Term::launch, 2 * layers * us);
  set(b, s.engine == Engine::trtllm ? Term::layer_trtllm : s.engine == Engine::sglang ? Term::layer_sglang : Term::layer_vllm, layers * us);
  set(b, Term::moe_layer, mixed * us);
  set(b, Term::sequence, each * us);
  set(b, Term::step, ms);
  if (m.latent()) set(b, Term::latent_layer, layers * us);
  if (m.sparse_top > 0) set(b, Term::sparse_layer, layers * us);
  if (m.experts > 0) set(b, Term::expert_width, mixed * us * std::sqrt(used * m.expert() / 4e7));
  if (s.precision == Precision::int4) set(b, Term::int4_experts, read);
  if (s.parallel.expert > 1 && s.parallel.expert < p.stage) set(b, Term::split_experts, read);
}

void prefill_of(Basis& b, const Setup& s, double input) noexcept {
  const catalog::Shape& m = *s.shape;
  const Parts p = parts_of(s);
  const double work = m.active() - m.head();
  const double seen = m.kv_read(input) / m.kv_elements();
  b.prefill[0] = 2 * work * input / (p.stage * peak(s));
  b.prefill[1] = input * seen / 2 * 2 * m.attention_products() / (p.tensor * s.gpu->bf16);
  b.prefill[2] = p.tensor > 1 ? 2 * m.layers * (2 * (p.tensor - 1) / p.tensor) * input * m.hidden * 2 / s.gpu->link : 0;
}

double of(const Constants& c, Term term) noexcept { return c[static_cast<std::size_t>(term)]; }

}  // namespace

std::string_view name_of(Term term) noexcept { return names[static_cast<std::size_t>(term)]; }

Basis basis_of(const Setup& s, const Load& load) noexcept {
  Basis b{.in_flight = load.in_flight,
          .output = std::max(load.output, 1.0),
          .gpus = s.gpus,
          .engine = s.engine,
          .mode = s.mode,
          .one_wave = s.one_wave,
          .accepted = std::max(s.accepted, 1.0),
          .share = s.share};
  b.running = running_of(s, load);
  if (load.in_flight <= 0) b.in_flight = b.running;
  step_of(b, s, load.input + load.output / 2);
  prefill_of(b, s, load.input);
  return b;
}

double rate_of(double in_flight, double output, double ttft, double tpot, int gpus) noexcept {
  return in_flight * output / (ttft + tpot * (output - 1)) / gpus;
}

Estimate estimate(const Basis& b, const Constants& c) noexcept {
  Estimate e;
  for (std::size_t i = 0; i < step_terms; ++i) e.step += b.step[i] * c[i];
  for (std::size_t i = 0; i < b.prefill.size(); ++i) e.prefill += b.prefill[i] * c[step_terms + i];
  const double shared = b.running / b.output * e.prefill;  // prefills that go with one step
  if (b.mode == Mode::one_batch) {
    e.tpot = e.step / b.accepted + shared;
    e.ttft = b.running * e.prefill;
    e.rate = b.running / e.tpot / b.gpus;
    return e;
  }
  const double met = b.mode == Mode::disaggregated ? 0 : of(c, Term::interference) * (b.one_wave ? of(c, Term::interference_one_wave) : 1);
  e.tpot = e.step / b.accepted + met * shared;
  const Term start = b.engine == Engine::trtllm ? Term::start_trtllm : b.engine == Engine::sglang ? Term::start_sglang : Term::start_vllm;
  const double crowd = of(c, Term::crowd) * (b.one_wave ? of(c, Term::crowd_one_wave) : 1);
  e.ttft = of(c, start) + e.prefill * of(c, Term::first_prefill) * (1 + crowd * (b.running - 1)) + of(c, Term::first_steps) * e.step;
  const double waiting = std::max(b.in_flight - b.running, 0.0);
  e.ttft += of(c, Term::queue) * waiting / b.running * b.output * e.tpot;
  e.rate = b.mode == Mode::saturated ? b.running / e.tpot / b.gpus : b.share * rate_of(b.in_flight, b.output, e.ttft, e.tpot, b.gpus);
  return e;
}

}  // namespace ajar::plan
