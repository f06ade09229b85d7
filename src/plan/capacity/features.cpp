// plan/capacity/features.cpp - features of a set-up under a load.
#include "plan/capacity/features.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

namespace ajar::plan {
namespace {

constexpr std::array<std::string_view, numbers> number_names{
    "weights",      "experts",      "kv",        "compute",      "links",      "overhead",      "sequences",    "prefill",
    "root_weights", "root_experts", "root_kv",   "root_compute", "root_links", "root_overhead", "root_prefill", "in_flight",
    "input",        "output",       "tensor",    "data",         "expert",     "crowded",       "mixture",      "latent",
    "partial",      "weight_bytes", "bandwidth", "one_wave",     "mode"};
constexpr std::array<std::string_view, kinds_of_name> name_names{"model",   "gpu",       "generation",  "engine",
                                                                 "version", "precision", "parallelism", "one_wave"};

// FNV-1a.
std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace

std::string_view name_of(Number n) noexcept { return number_names[static_cast<std::size_t>(n)]; }
std::string_view name_of(Name n) noexcept { return name_names[static_cast<std::size_t>(n)]; }

std::string_view generation_of(const catalog::Gpu& g) noexcept {
  const std::string_view id = g.id;
  if (id.starts_with("a100")) return "ampere";
  if (id.starts_with("h100") || id.starts_with("h200")) return "hopper";
  if (id.starts_with("b200") || id.starts_with("b300") || id.starts_with("gb")) return "blackwell";
  if (id.starts_with("mi")) return "cdna";
  if (id.starts_with("rtx") || id.starts_with("l4")) return "pcie";
  return "other";
}

Features features_of(const Setup& s, const Load& load, const Basis& b, const Constants& c) noexcept {
  Features f;
  const Estimate e = estimate(b, c);
  const auto put = [&f](Number n, double value) { f.number[static_cast<std::size_t>(n)] = value; };
  const auto share = [&](std::initializer_list<Term> some) {
    double sum = 0;
    for (const Term term : some) sum += b.step[static_cast<std::size_t>(term)] * c[static_cast<std::size_t>(term)];
    return std::max(sum / b.accepted / e.tpot, 0.0);
  };
  const auto both = [&](Number plain, Number root, double value) {
    put(plain, value);
    put(root, std::sqrt(value));
  };
  both(Number::weights, Number::root_weights, share({Term::weights}));
  both(Number::experts, Number::root_experts, share({Term::experts, Term::int4_experts, Term::split_experts}));
  both(Number::kv, Number::root_kv, share({Term::kv, Term::attention}));
  both(Number::compute, Number::root_compute, share({Term::compute}));
  both(Number::links, Number::root_links, share({Term::all_reduce, Term::all_to_all}));
  both(Number::overhead, Number::root_overhead,
       share({Term::launch, Term::layer_trtllm, Term::layer_sglang, Term::layer_vllm, Term::moe_layer, Term::step, Term::latent_layer,
              Term::sparse_layer, Term::expert_width}));
  both(Number::prefill, Number::root_prefill, std::max((e.tpot - e.step / b.accepted) / e.tpot, 0.0));
  put(Number::sequences, share({Term::sequence}));
  put(Number::in_flight, std::log(b.running / s.parallel.data));
  put(Number::input, std::log(std::max(load.input, 1.0)));
  put(Number::output, std::log(std::max(load.output, 1.0)));
  put(Number::tensor, std::log(s.parallel.tensor));
  put(Number::data, std::log(s.parallel.data));
  put(Number::expert, std::log(s.parallel.expert));
  put(Number::crowded, std::log(std::max(b.in_flight / b.running, 0.25)));
  put(Number::mixture, s.shape->experts > 0 ? 1 : 0);
  put(Number::latent, s.shape->latent() ? 1 : 0);
  put(Number::partial, (s.shape->window > 0 ? 1 : 0) + (s.shape->sparse_top > 0 ? 1 : 0));
  put(Number::weight_bytes, s.precision == Precision::bf16 ? 2 : s.precision == Precision::fp8 ? 1 : 0.5);
  put(Number::bandwidth, std::log(s.gpu->bandwidth));
  put(Number::one_wave, s.one_wave ? 1 : 0);
  put(Number::mode, s.mode == Mode::one_batch ? 1 : 0);
  const auto call = [&f](Name n, std::string_view text) { f.name[static_cast<std::size_t>(n)] = hash_of(text); };
  call(Name::model, s.shape->id);
  call(Name::gpu, s.gpu->id);
  call(Name::generation, generation_of(*s.gpu));
  call(Name::engine, name_of(s.engine));
  call(Name::version, s.version);
  call(Name::precision, name_of(s.precision));
  call(Name::parallelism, name_of(s.parallel));
  call(Name::one_wave, s.one_wave ? "yes" : "no");
  return f;
}

}  // namespace ajar::plan
