// sim/script.cpp - the settings, and where a request may change them.
#include "sim/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace ajar::sim {
namespace {

std::int64_t whole(double v) { return static_cast<std::int64_t>(v); }

void spent(Behaviour& b, bool on) {
  if (on) b.fail = 1, b.fail_status = 429;
  b.quota = on;
}
void too_long(Behaviour& b, bool on) {
  if (on) b.fail = 1, b.fail_status = 400;
  b.context = on;
}

constexpr double most = 1e9;
constexpr std::array<Setting, 24> table{{
    {"latency_ms", "latency", 0, most, {}, [](Behaviour& b, double v) { b.latency_ms = whole(v); }, "milliseconds before the first byte"},
    {"jitter_ms",
     "jitter",
     0,
     most,
     {},
     [](Behaviour& b, double v) { b.jitter_ms = whole(v); },
     "at most so many milliseconds more, by chance"},
    {"tokens_per_second", "tps", 0, most, {}, [](Behaviour& b, double v) { b.tokens_per_second = v; }, "speed; 0 is at once"},
    {"slow_ms", "slow", 0, most, 1000, [](Behaviour& b, double v) { b.slow_ms = whole(v); }, "milliseconds more before each piece"},
    {"drip", "drip", 0, most, 1, [](Behaviour& b, double v) { b.drip = whole(v); }, "the stream comes in writes of so many bytes"},
    {"tokens", "tokens", 1, 1e7, {}, [](Behaviour& b, double v) { b.tokens = whole(v); }, "length of a text answer"},
    {"huge", "huge", 0, 1024, 8, [](Behaviour& b, double v) { b.huge = whole(v), b.tokens_per_second = 0; },
     "so many MiB of text, at once"},
    {"refuse", "refuse", 0, 1, 1, [](Behaviour& b, double v) { b.refuse = v != 0; }, "the model refuses to answer"},
    {"filter", "filter", 0, 1, 1, [](Behaviour& b, double v) { b.filter = v != 0; }, "a content filter ends the answer"},
    {"think", "think", 0, 1, 1, [](Behaviour& b, double v) { b.think = v != 0; }, "reasoning, asked for or not"},
    {"fail", "flaky", 0, 1, {}, [](Behaviour& b, double v) { b.fail = v; }, "share of requests that fail; as a word in percent"},
    {"fail_status", "fail", 400, 599, 503, [](Behaviour& b, double v) { b.fail_status = whole(v); },
     "status of failures; as a word every request fails"},
    {"retry_after", "retry", 0, most, 1, [](Behaviour& b, double v) { b.retry_after = whole(v); },
     "seconds that a failure tells in Retry-After"},
    {"quota", "quota", 0, 1, 1, [](Behaviour& b, double v) { spent(b, v != 0); },
     "a 429 that will not clear: the account's money is spent"},
    {"context", "context", 0, 1, 1, [](Behaviour& b, double v) { too_long(b, v != 0); }, "a 400 that says that the prompt is too long"},
    {"cut_after", "cut", 0, most, 0, [](Behaviour& b, double v) { b.cut_after = whole(v); }, "the connection closes after so many pieces"},
    {"stall_after", "stall", 0, most, 0, [](Behaviour& b, double v) { b.stall_after = whole(v); },
     "nothing more comes after so many pieces"},
    {"malformed_after", "malformed", 0, most, 0, [](Behaviour& b, double v) { b.malformed_after = whole(v); },
     "broken JSON comes after so many pieces"},
    {"error_after", "error", 0, most, 0, [](Behaviour& b, double v) { b.error_after = whole(v); },
     "the provider's own error comes after so many pieces"},
    {"silent", "silent", 0, 1, 1, [](Behaviour& b, double v) { b.silent = v != 0; }, "no answer at all, the connection stays open"},
    {"close", "close", 0, 1, 1, [](Behaviour& b, double v) { b.close = v != 0; }, "the connection closes instead of an answer"},
    {"garbage", "garbage", 0, 1, 1, [](Behaviour& b, double v) { b.garbage = v != 0; }, "bytes that are not HTTP"},
    {"first", "first", 0, most, 1, [](Behaviour& b, double v) { b.first = whole(v); },
     "faults hold only for the first so many requests of the model"},
    {"no_faults", "plain", 0, 1, 1,
     [](Behaviour& b, double v) {
       if (v != 0) b.clear_faults();
     },
     "no faults, whatever else says so"},
}};

const Setting* by_word(std::string_view word) {
  const auto* const found = std::ranges::find(table, word, &Setting::word);
  return found == table.end() ? nullptr : found;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string all_words() {
  std::string list;
  for (const Setting& s : table) list.append(list.empty() ? "" : ", ").append(s.word);
  return list;
}

// "fail" and "flaky" are the two words that differ from their keys: a status alone means always, a share is in percent.
Status apply(Behaviour& b, std::string_view word, std::optional<double> number) {
  const Setting* setting = by_word(word);
  if (setting == nullptr)
    return fail(Fault::bad_request, fmt::format("the simulator knows no word \"{}\"; it knows: {}", word, all_words()), "sim_script");
  if (!number) number = setting->bare;
  if (!number)
    return fail(Fault::bad_request, fmt::format("the simulator's word \"{}\" needs a number after it ({})", word, setting->what),
                "sim_script");
  if (word == "flaky") *number /= 100;
  if (!(*number >= setting->low && *number <= setting->high))
    return fail(Fault::bad_request, fmt::format("the simulator's \"{}\" goes from {} to {}", word, setting->low, setting->high),
                "sim_script");
  if (word == "fail") b.fail = 1;
  setting->set(b, *number);
  return ok();
}

Status apply_list(Behaviour& b, std::span<const std::string_view> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) continue;
    std::optional<double> number;
    if (i + 1 < words.size()) number = number_of(words[i + 1]);
    if (auto applied = apply(b, words[i], number); !applied) return applied;
    if (number) ++i;
  }
  return ok();
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" -,\t\n", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// `*` stands for any text, `?` for one character.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]))
      ++p, ++t;
    else if (p < pattern.size() && pattern[p] == '*')
      star = p++, mark = t;
    else if (star != std::string_view::npos)
      p = star + 1, t = ++mark;
    else
      return false;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

std::string_view name_of(Engine engine) noexcept {
  switch (engine) {
    case Engine::none:
      return "none";
    case Engine::openai:
      return "openai";
    case Engine::vllm:
      return "vllm";
    case Engine::sglang:
      return "sglang";
    case Engine::llamacpp:
      return "llamacpp";
    case Engine::ollama:
      return "ollama";
    case Engine::lmstudio:
      return "lmstudio";
    case Engine::tgi:
      return "tgi";
  }
  return "none";
}

std::optional<Engine> engine_named(std::string_view name) noexcept {
  for (const Engine e :
       {Engine::none, Engine::openai, Engine::vllm, Engine::sglang, Engine::llamacpp, Engine::ollama, Engine::lmstudio, Engine::tgi})
    if (name_of(e) == name) return e;
  return {};
}

void Behaviour::clear_faults() {
  fail = 0;
  cut_after = stall_after = malformed_after = error_after = -1;
  silent = close = garbage = quota = context = false;
}

std::span<const Setting> settings() noexcept { return table; }

Status apply_words(Behaviour& b, std::string_view words) { return apply_list(b, words_of(words)); }

Status apply_model(Behaviour& b, std::string_view model) {
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  model = model.substr(0, model.find_first_of(":@"));
  const std::size_t at = model.starts_with("sim-") ? 0 : model.find("-sim-");
  if (at == std::string_view::npos) return ok();
  const auto words = split(model.substr(at + (at == 0 ? 4 : 5)), '-');
  const auto from = std::ranges::find_if(words, [](std::string_view w) { return by_word(w) != nullptr; });
  return apply_list(b, std::span(words).subspan(static_cast<std::size_t>(from - words.begin())));
}

Status apply_headers(Behaviour& b, std::span<const net::Field> fields) {
  constexpr std::string_view prefix = "x-sim-";
  for (const net::Field& f : fields) {
    if (f.name.size() <= prefix.size() || !iequal(f.name.substr(0, prefix.size()), prefix)) continue;
    const auto number = number_of(trim(f.value));
    if (!number && !trim(f.value).empty())
      return fail(Fault::bad_request, fmt::format("the header {} needs a number or nothing", f.name), "sim_script");
    if (auto applied = apply(b, to_lower(f.name.substr(prefix.size())), number); !applied) return applied;
  }
  return ok();
}

Status apply_command(Behaviour& b, std::string_view text) {
  constexpr std::string_view mark = "[sim ";
  const std::size_t at = text.find(mark);
  const std::size_t end = at == std::string_view::npos ? at : text.find(']', at);
  if (end == std::string_view::npos) return ok();
  return apply_words(b, text.substr(at + mark.size(), end - at - mark.size()));
}

Result<Behaviour> Script::behaviour_for(std::string_view model, std::span<const net::Field> headers,
                                        std::string_view last_user_text) const {
  Behaviour b = behaviour;
  for (const Rule& rule : rules) {
    if (!matches(rule.model, model) || last_user_text.find(rule.contains) == std::string_view::npos) continue;
    if (auto applied = apply_object(b, rule.settings, "rules"); !applied) return forward(std::move(applied));
  }
  if (auto applied = apply_model(b, model); !applied) return forward(std::move(applied));
  if (auto applied = apply_headers(b, headers); !applied) return forward(std::move(applied));
  if (auto applied = apply_command(b, last_user_text); !applied) return forward(std::move(applied));
  return b;
}

}  // namespace ajar::sim
