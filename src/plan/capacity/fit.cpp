// plan/capacity/fit.cpp - set-ups by rule, and flags.
#include "plan/capacity/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ajar::plan {

std::optional<Setup> usual_setup(const catalog::Shape& shape, const catalog::Gpu& gpu, int gpus, Precision precision, Engine engine) {
  Setup s{.shape = &shape, .gpu = &gpu, .gpus = gpus, .parallel = {}, .precision = precision, .engine = engine, .version = {}};
  int tensor = std::min(gpus, std::max(gpu.domain, 8));
  while (tensor > 1 && (shape.heads % tensor != 0 || gpus % tensor != 0)) --tensor;
  s.parallel.tensor = tensor;
  s.parallel.pipeline = gpus / tensor;
  if (s.parallel.pipeline > shape.layers) return std::nullopt;
  return s;
}

Precision usual_precision(const catalog::Shape& shape, const catalog::Gpu& gpu) {
  const Precision native = precision_named(shape.native).value_or(Precision::bf16);
  return native == Precision::bf16 && gpu.has_fp8() ? Precision::fp8 : native;
}

std::optional<Setup> smallest_setup(const catalog::Shape& shape, const catalog::Gpu& gpu, Precision precision, Engine engine,
                                    double context) {
  for (int gpus = 1; gpus <= 64; gpus *= 2) {
    const auto setup = usual_setup(shape, gpu, gpus, precision, engine);
    if (setup && most_sequences(*setup, context) >= 1) return setup;
  }
  return std::nullopt;
}

std::vector<std::string> start_commands(const Setup& s, double context, double in_flight) {
  const std::string model = s.shape->id;
  const auto tokens = static_cast<std::int64_t>(std::ceil(context));
  const auto sequences = static_cast<std::int64_t>(std::max(1.0, std::floor(in_flight)));
  const bool cache8 = kv_bytes(s) < 2;
  std::string vllm = fmt::format("vllm serve {} --tensor-parallel-size {} --max-model-len {} --max-num-seqs {}", model, s.parallel.tensor,
                                 tokens, std::min<std::int64_t>(sequences, 1024));
  std::string sglang = fmt::format("python -m sglang.launch_server --model-path {} --tp {} --context-length {} --max-running-requests {}",
                                   model, s.parallel.tensor, tokens, std::min<std::int64_t>(sequences, 1024));
  if (s.parallel.pipeline > 1) {
    vllm += fmt::format(" --pipeline-parallel-size {}", s.parallel.pipeline);
    sglang += fmt::format(" --pp-size {}", s.parallel.pipeline);
  }
  if (s.precision == Precision::fp8 && s.shape->native == "bf16") {
    vllm += " --quantization fp8";
    sglang += " --quantization fp8";
  }
  if (cache8) {
    vllm += " --kv-cache-dtype fp8";
    sglang += " --kv-cache-dtype fp8_e4m3";
  }
  std::vector<std::string> commands{vllm, sglang};
  if (s.gpus == 1 || s.parallel.pipeline == 1)
    commands.push_back(fmt::format("llama-server -m {}.gguf --n-gpu-layers 999 --ctx-size {} --parallel {}{}", model,
                                   tokens * std::min<std::int64_t>(sequences, 32), std::min<std::int64_t>(sequences, 32),
                                   s.gpus > 1 ? " --split-mode row" : ""));
  return commands;
}

}  // namespace ajar::plan
