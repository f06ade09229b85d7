// sim/script_file.cpp - a script from a JSON file.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sim/script.hpp"

namespace ajar::sim {
namespace {

std::unexpected<Error> unknown(std::string_view where, std::string_view key, std::span<const std::string_view> known) {
  const auto near = nearest(key, known);
  std::string list;
  for (const std::string_view k : known) list.append(list.empty() ? "" : ", ").append(k);
  return fail(Fault::config, near ? fmt::format("script: {} has no \"{}\"; did you mean \"{}\"?", where, key, *near)
                                  : fmt::format("script: {} has no \"{}\"; it has: {}", where, key, list));
}

std::unexpected<Error> wrong(std::string_view where, std::string_view key, std::string_view wanted) {
  return fail(Fault::config, fmt::format("script: \"{}\" in {} must be {}", key, where, wanted));
}

Status apply_call(Behaviour& b, const json::Value& call, std::string_view where) {
  if (!call["name"].is_string() || (!call["arguments"].is_object() && !call["arguments"].is_null()))
    return wrong(where, "call", R"(an object like {"name": "get_weather", "arguments": {"city": "Paris"}})");
  b.call = call;
  return ok();
}

Status take_models(Script& script, const json::Value& models) {
  const json::Array* list = models.array();
  if (list == nullptr || list->empty() || !std::ranges::all_of(*list, [](const json::Value& m) { return m.is_string(); }))
    return wrong("the script", "models", "a list of names");
  script.models.clear();
  for (const json::Value& m : *list) script.models.emplace_back(m.text());
  return ok();
}

Status take_rules(Script& script, const json::Value& rules) {
  if (!rules.is_array()) return wrong("the script", "rules", R"(a list like [{"model": "slow-*", "do": {"latency_ms": 900}}])");
  for (std::size_t i = 0; i < rules.array()->size(); ++i) {
    const std::string where = fmt::format("rules[{}]", i);
    const json::Value& from = rules.at(i);
    if (!from.is_object()) return wrong("rules", where, "an object");
    Rule rule;
    for (const json::Member& m : from.object()->members) {
      constexpr std::array<std::string_view, 3> known{"model", "contains", "do"};
      if (std::ranges::find(known, m.key) == known.end()) return unknown(where, m.key, known);
      if (m.key != "do" && !m.value.is_string()) return wrong(where, m.key, "a text");
    }
    rule.model = from["model"].text("*");
    rule.contains = from["contains"].text();
    rule.settings = from["do"];
    Behaviour trial;  // so that mistakes are told at the start
    if (auto applied = apply_object(trial, rule.settings, where + ".do"); !applied) return applied;
    script.rules.push_back(std::move(rule));
  }
  return ok();
}

Status take(Script& script, const json::Member& m) {
  if (m.key == "models") return take_models(script, m.value);
  if (m.key == "rules") return take_rules(script, m.value);
  if (m.key == "defaults") return apply_object(script.behaviour, m.value, "defaults");
  if (m.key == "key") {
    if (!m.value.is_string()) return wrong("the script", "key", "a text");
    script.key = m.value.text();
  } else if (m.key == "engine") {
    const auto engine = engine_named(m.value.text());
    if (!engine) return wrong("the script", "engine", "one of none, openai, vllm, sglang, llamacpp, ollama, lmstudio, tgi");
    script.engine = *engine;
  } else if (m.key == "seed") {
    const auto seed = m.value.integer();
    if (!seed || *seed < 0) return wrong("the script", "seed", "a whole number from 0 on");
    script.seed = static_cast<std::uint64_t>(*seed);
  } else {
    const auto share = m.value.number();
    if (!share || *share < 0 || *share > 1) return wrong("the script", "refuse_connections", "a share from 0 to 1");
    script.refuse_connections = *share;
  }
  return ok();
}

}  // namespace

Status apply_object(Behaviour& b, const json::Value& from, std::string_view where) {
  if (!from.is_object()) return fail(Fault::config, fmt::format("script: {} must be an object of settings", where));
  for (const json::Member& m : from.object()->members) {
    if (m.key == "text") {
      if (!m.value.is_string()) return wrong(where, m.key, "a text");
      b.text = m.value.text();
      continue;
    }
    if (m.key == "call") {
      if (auto applied = apply_call(b, m.value, where); !applied) return applied;
      continue;
    }
    const auto all = settings();
    const auto setting = std::ranges::find(all, m.key, &Setting::key);
    if (setting == all.end()) {
      std::vector<std::string_view> known{"text", "call"};
      for (const Setting& s : all) known.push_back(s.key);
      return unknown(where, m.key, known);
    }
    const auto number = m.value.is_bool() ? std::optional(*m.value.boolean() ? 1.0 : 0.0) : m.value.number();
    if (!number || !(*number >= setting->low && *number <= setting->high))
      return wrong(where, m.key, fmt::format("a number from {} to {} ({})", setting->low, setting->high, setting->what));
    setting->set(b, *number);
  }
  return ok();
}

Result<Script> read_script(std::string_view text, const Script& base) {
  const auto read = json::read(text);
  if (!read) return fail(Fault::config, fmt::format("script: {}", read.error().message));
  if (!read->is_object()) return fail(Fault::config, R"(script: must be one JSON object, e.g. {"defaults": {"latency_ms": 5}})");
  Script script = base;
  for (const json::Member& m : read->object()->members) {
    constexpr std::array<std::string_view, 7> known{"engine", "models", "key", "refuse_connections", "seed", "defaults", "rules"};
    if (std::ranges::find(known, m.key) == known.end()) return unknown("the script", m.key, known);
    if (auto taken = take(script, m); !taken) return forward(std::move(taken));
  }
  return script;
}

}  // namespace ajar::sim
