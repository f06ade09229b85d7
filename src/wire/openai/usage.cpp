// wire/openai/usage.cpp - overlapping totals taken apart into disjoint classes.
#include "wire/openai/usage.hpp"

#include <algorithm>

namespace ajar::wire {

UsageReport usage_of_chat(const json::Value& answer) {
  UsageReport report;
  const json::Value& usage = answer["usage"];
  if (!usage.is_object()) return report;
  const json::Value& in = usage["prompt_tokens_details"];
  const json::Value& out = usage["completion_tokens_details"];
  const std::int64_t total_in = usage["prompt_tokens"].integer().value_or(0), total_out = usage["completion_tokens"].integer().value_or(0);
  // DeepSeek: prompt_cache_hit_tokens; llama.cpp: timings.cache_n.
  auto cached = in["cached_tokens"].integer();
  if (!cached) cached = usage["prompt_cache_hit_tokens"].integer();
  if (!cached) cached = answer["timings"]["cache_n"].integer();
  auto reasoning = out["reasoning_tokens"].integer();
  if (!reasoning) reasoning = usage["reasoning_tokens"].integer();   // SGLang
  Usage& u = report.usage;
  u.reported = true;
  u.cache_read = std::clamp<std::int64_t>(cached.value_or(0), 0, total_in);
  u.cache_write_5m = std::clamp<std::int64_t>(in["cache_write_tokens"].integer().value_or(0), 0, total_in - u.cache_read);
  u.audio_input = std::clamp<std::int64_t>(in["audio_tokens"].integer().value_or(0), 0, total_in - u.cache_read - u.cache_write_5m);
  u.input = total_in - u.cache_read - u.cache_write_5m - u.audio_input;
  u.reasoning = std::clamp<std::int64_t>(reasoning.value_or(0), 0, total_out);
  u.audio_output = std::clamp<std::int64_t>(out["audio_tokens"].integer().value_or(0), 0, total_out - u.reasoning);
  u.output = total_out - u.reasoning - u.audio_output;
  report.cached_known = cached.has_value();
  report.reasoning_known = reasoning.has_value();
  return report;
}

}  // namespace ajar::wire
