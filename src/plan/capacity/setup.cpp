// plan/capacity/setup.cpp - the words of a set-up.
#include "plan/capacity/setup.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace ajar::plan {

std::string_view name_of(Precision p) noexcept {
  switch (p) {
    case Precision::bf16:
      return "bf16";
    case Precision::fp8:
      return "fp8";
    case Precision::fp4:
      return "fp4";
    case Precision::int4:
      return "int4";
  }
  return "";
}

std::optional<Precision> precision_named(std::string_view word) noexcept {
  for (const Precision p : {Precision::bf16, Precision::fp8, Precision::fp4, Precision::int4})
    if (iequal(name_of(p), word)) return p;
  if (iequal(word, "fp16")) return Precision::bf16;
  if (iequal(word, "nvfp4") || iequal(word, "mxfp4")) return Precision::fp4;
  if (iequal(word, "int8") || iequal(word, "mxfp8")) return Precision::fp8;
  return std::nullopt;
}

std::string_view name_of(Engine e) noexcept {
  switch (e) {
    case Engine::trtllm:
      return "trtllm";
    case Engine::sglang:
      return "sglang";
    case Engine::vllm:
      return "vllm";
  }
  return "";
}

Engine engine_named(std::string_view word) noexcept {
  const std::string name = to_lower(word);
  if (name.find("trt") != std::string::npos || name.find("tensorrt") != std::string::npos) return Engine::trtllm;
  return name.find("sglang") != std::string::npos ? Engine::sglang : Engine::vllm;
}

std::string_view name_of(Mode m) noexcept {
  switch (m) {
    case Mode::closed_loop:
      return "agg";
    case Mode::saturated:
      return "offline-saturated";
    case Mode::one_batch:
      return "static-batch";
    case Mode::disaggregated:
      return "disagg";
  }
  return "";
}

std::optional<Mode> mode_named(std::string_view word) noexcept {
  for (const Mode m : {Mode::closed_loop, Mode::saturated, Mode::one_batch, Mode::disaggregated})
    if (iequal(name_of(m), word)) return m;
  if (iequal(word, "mlperf-offline")) return Mode::saturated;
  if (iequal(word, "mlperf-server") || iequal(word, "mlperf-interactive")) return Mode::closed_loop;
  return std::nullopt;
}

Result<Parallelism> parallelism_of(std::string_view text) {
  Parallelism p;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const auto take = [word](std::string_view prefix) -> std::optional<std::int64_t> {
      if (word.size() <= prefix.size() || !iequal(word.substr(0, prefix.size()), prefix)) return std::nullopt;
      const auto number = to_int(word.substr(prefix.size()));
      return number && *number >= 1 && *number <= 1024 ? number : std::nullopt;
    };
    if (const auto n = take("TP"))
      p.tensor = static_cast<int>(*n);
    else if (const auto data = take("DPattn"))
      p.data = static_cast<int>(*data);
    else if (const auto expert = take("EP"))
      p.expert = static_cast<int>(*expert);
    else if (const auto pipeline = take("PP"))
      p.pipeline = static_cast<int>(*pipeline);
    else
      return fail(Fault::config, fmt::format("\"{}\" is no parallelism; write TPn, DPattnn, EPn, PPn, e.g. \"TP4 EP4\"", word));
  }
  return p;
}

std::optional<Pools> pools_of(std::string_view text) {
  const std::size_t at = text.find("D:"), open = text.find('(', at == std::string_view::npos ? 0 : at);
  const std::size_t times = text.find('x', at == std::string_view::npos ? 0 : at),
                    close = text.find(')', open == std::string_view::npos ? 0 : open);
  if (at == std::string_view::npos || open == std::string_view::npos || close == std::string_view::npos ||
      times == std::string_view::npos || times > open)
    return std::nullopt;
  const auto engines = to_int(text.substr(at + 2, times - at - 2));
  std::string ranks(text.substr(open + 1, close - open - 1));
  if (const std::size_t data = ranks.find("DP"); data != std::string::npos && ranks.find("DPattn") == std::string::npos)
    ranks.replace(data, 2, "DPattn");
  const auto decode = parallelism_of(ranks);
  if (!engines || *engines < 1 || *engines > 1024 || !decode) return std::nullopt;
  return Pools{static_cast<int>(*engines), *decode};
}

std::string name_of(const Parallelism& p) {
  std::string out;
  const auto add = [&out](std::string_view word, int n) { out += fmt::format("{}{}{}", out.empty() ? "" : " ", word, n); };
  if (p.data == 1 || p.tensor > 1) add("TP", p.tensor);
  if (p.data > 1) add("DPattn", p.data);
  if (p.expert > 1) add("EP", p.expert);
  if (p.pipeline > 1) add("PP", p.pipeline);
  return out;
}

}  // namespace ajar::plan
