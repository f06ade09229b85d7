// wire/openai/usage.cpp - overlapping totals taken apart into disjoint classes.
#include "wire/openai/usage.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "wire/cursor.hpp"

namespace ajar::wire {
namespace {

using Count = std::optional<std::int64_t>;

constexpr std::int64_t most_tokens = std::int64_t{1} << 40;  // above, an upstream's number is nonsense

Count count_of(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::clamp<std::int64_t>(n, 0, most_tokens);
}

struct Told {
  Count in, out, cached, written, audio_in, reasoning, audio_out;
};

void read_members(std::string_view object, Told& told, bool output_details);

void read_member(std::string_view key, std::string_view value, Told& told, bool output) {
  if (key == "prompt_tokens")
    told.in = count_of(value);
  else if (key == "completion_tokens")
    told.out = count_of(value);
  else if (key == "prompt_tokens_details" && !output)
    read_members(value, told, false);
  else if (key == "completion_tokens_details" && !output)
    read_members(value, told, true);
  else if (key == "cached_tokens" || (key == "prompt_cache_hit_tokens" && !told.cached))
    told.cached = count_of(value);  // DeepSeek: hit_tokens
  else if (key == "cache_write_tokens")
    told.written = count_of(value);
  else if (key == "reasoning_tokens")
    told.reasoning = count_of(value);  // SGLang: at the top
  else if (key == "audio_tokens")
    (output ? told.audio_out : told.audio_in) = count_of(value);
}

void read_members(std::string_view object, Told& told, bool output_details) {
  Cursor c(object);
  if (c.peek() != '{') return;
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    read_member(key, c.value(), told, output_details);
  }
}

Count cached_of_timings(std::string_view timings) {
  Cursor c(timings);
  if (c.peek() != '{') return std::nullopt;
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key(), value = c.value();
    if (key == "cache_n") return count_of(value);
  }
  return std::nullopt;
}

}  // namespace

bool is_usual_usage(std::string_view usage) {
  static constexpr std::string_view known[] = {"prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details",
                                               "completion_tokens_details"};
  Cursor c(usage);
  if (c.peek() != '{') return false;
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    if (std::ranges::find(known, c.key()) == std::end(known)) return false;
    c.value();
  }
  return c.ok;
}

UsageReport usage_of_chat(std::string_view usage, std::string_view timings) {
  UsageReport report;
  if (!usage.starts_with('{')) return report;
  Told told;
  read_members(usage, told, false);
  if (!told.cached) told.cached = cached_of_timings(timings);
  const std::int64_t in = told.in.value_or(0), out = told.out.value_or(0);
  const auto part = [](const Count& n, std::int64_t most) { return std::min(n.value_or(0), most); };
  Usage& u = report.usage;
  u.reported = true;
  u.cache_read = part(told.cached, in);
  u.cache_write_5m = part(told.written, in - u.cache_read);
  u.audio_input = part(told.audio_in, in - u.cache_read - u.cache_write_5m);
  u.input = in - u.cache_read - u.cache_write_5m - u.audio_input;
  u.reasoning = part(told.reasoning, out);
  u.audio_output = part(told.audio_out, out - u.reasoning);
  u.output = out - u.reasoning - u.audio_output;
  report.cached_known = told.cached.has_value();
  report.reasoning_known = told.reasoning.has_value();
  return report;
}

}  // namespace ajar::wire
