// plan/capacity/setup.hpp - Setup: one engine on some GPUs serving one model; Load: what it is asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "catalog/gpu.hpp"
#include "catalog/shape.hpp"

namespace ajar::plan {

enum class Precision : std::uint8_t { bf16, fp8, fp4, int4 };  // of the weights
std::string_view name_of(Precision) noexcept;
std::optional<Precision> precision_named(std::string_view) noexcept;

enum class Engine : std::uint8_t { trtllm, sglang, vllm };  // others are taken as vllm
std::string_view name_of(Engine) noexcept;
Engine engine_named(std::string_view) noexcept;

// How a measurement was made, and so what its numbers mean.
enum class Mode : std::uint8_t {
  closed_loop,   // one engine, a fixed number of requests in flight
  saturated,     // all requests queued at once: only throughput means something
  one_batch,     // one batch from its first prefill to its last token
  disaggregated  // a prefill and a decode pool
};
std::string_view name_of(Mode) noexcept;
std::optional<Mode> mode_named(std::string_view) noexcept;

// GPUs of one replica: tensor x data-parallel attention x pipeline; experts are split over `expert` ranks of these.
struct Parallelism {
  int tensor = 1, data = 1, expert = 1, pipeline = 1;
  bool operator==(const Parallelism&) const = default;
};
// "TP4 EP2", "DPattn8 EP8", "TP2 PP4". Faults: config.
Result<Parallelism> parallelism_of(std::string_view text);
std::string name_of(const Parallelism&);

// Engines that share the work, as in "P:1x(TP1 DP4 EP4) D:5x(TP8 DP1 EP8)": how many decode, each so; with all GPUs of one of them.
struct Pools {
  int engines = 1;
  Parallelism decode;
};
std::optional<Pools> pools_of(std::string_view text);

struct Setup {
  const catalog::Shape* shape = nullptr;
  const catalog::Gpu* gpu = nullptr;
  int gpus = 1;
  Parallelism parallel;
  Precision precision = Precision::fp8;
  Engine engine = Engine::vllm;
  std::string version;  // of the engine; "" = not known
  Mode mode = Mode::closed_loop;
  double accepted = 1;    // tokens per step with speculative decoding; 1 = none
  double share = 1;       // of a deployment's GPUs that this engine has, where others only do prefills
  bool one_wave = false;  // measured by one wave of requests instead of a steady stream
};

struct Load {
  double input = 0, output = 0;  // mean tokens of a request
  double in_flight = 1;          // requests; 0 = as many as fit
};

}  // namespace ajar::plan
