// wire/anthropic/request.cpp - limits, tools, thinking and formats in Anthropic's words.
#include "wire/anthropic/request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "wire/anthropic/schema.hpp"
#include "wire/anthropic/turns.hpp"
#include "wire/openai/messages.hpp"
#include "wire/prepare.hpp"

namespace ajar::wire {
namespace {

constexpr std::int64_t default_limit = 8192;  // Messages demands one; used when the model's own is not known
constexpr std::int64_t smallest_budget = 1024;
constexpr std::size_t most_stops = 64;

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {"model",
                                                 "messages",
                                                 "max_tokens",
                                                 "max_completion_tokens",
                                                 "stream",
                                                 "stop",
                                                 "tools",
                                                 "tool_choice",
                                                 "parallel_tool_calls",
                                                 "user",
                                                 "temperature",
                                                 "top_p",
                                                 "top_k",
                                                 "response_format",
                                                 "service_tier",
                                                 "stream_options",
                                                 "reasoning_effort",
                                                 "safety_identifier"};
  static constexpr std::string_view quiet[] = {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "prediction"};
  static constexpr std::string_view refused[] = {"n",     "logprobs",           "top_logprobs", "modalities",
                                                 "audio", "web_search_options", "moderation"};
  if (std::ranges::find(carried, field) != std::end(carried)) return Fate::carried;
  if (std::ranges::find(quiet, field) != std::end(quiet)) return Fate::quiet;
  return std::ranges::find(refused, field) != std::end(refused) ? Fate::refused : Fate::dropped;
}

class Request {
 public:
  Request(const Envelope& e, const Target& target) : e_(e), target_(target), profile_(*target.profile) {}

  Result<Carried> build() {
    auto read = prepare(e_, fate_of, notes_);
    if (!read) return forward(std::move(read));
    in_ = std::move(*read);
    if (auto paired = pair_results(in_); !paired) return forward(std::move(paired));
    Carried carried;
    carried.custom_tools = replace_custom_tools(in_, notes_);
    body_ = json::Value{{"model", target_.model}, {"max_tokens", 0}};
    if (auto done = turns_.take(*in_["messages"].array()); !done) return forward(std::move(done));
    if (auto done = tools(); !done) return forward(std::move(done));
    if (auto done = response_format(); !done) return forward(std::move(done));
    if (json::Value system = turns_.system(); !system.is_null()) body_.set("system", std::move(system));
    body_.set("messages", turns_.messages());
    limits();
    Stops stops = share_stops(in_, most_stops, false, notes_);
    if (!stops.carried.empty()) body_.set("stop_sequences", std::move(stops.carried));
    carried.stops = std::move(stops.emulated);
    service_tier();
    const std::string_view user = in_["safety_identifier"].text(in_["user"].text());
    if (!user.empty()) body_.set("metadata", json::Value{{"user_id", user}});
    if (e_.stream) body_.set("stream", true);
    carried.outbound = outbound_of("/v1/messages", body_, e_.stream, notes_);
    carried.outbound.headers.emplace_back("anthropic-version", version_);
    return carried;
  }

 private:
  Status tools() {
    const json::Value& choice = in_["tool_choice"];
    const bool allowed = choice["type"].text() == "allowed_tools";
    json::Value list = in_["tools"];
    if (!list.is_array()) return ok();
    if (allowed) keep_allowed(list, choice["allowed_tools"]["tools"]);
    json::Array out;
    for (std::size_t i = 0; i < list.array()->size(); ++i) {
      auto tool = tool_of(list.at(i)["function"], i);
      if (!tool) return forward(std::move(tool));
      out.push_back(std::move(*tool));
    }
    if (out.empty()) return ok();
    body_.set("tools", std::move(out));
    json::Value chosen;
    const std::string_view word = choice.text(allowed ? choice["allowed_tools"]["mode"].text("auto") : std::string_view());
    if (word == "auto" || word == "none")
      chosen = json::Value{{"type", word}};
    else if (word == "required")
      chosen = json::Value{{"type", "any"}};
    else if (choice.is_object())
      chosen = json::Value{{"type", "tool"}, {"name", choice[choice["type"].text()]["name"]}};
    const bool serial = in_["parallel_tool_calls"].boolean() == false;
    if (serial && chosen.is_null()) chosen = json::Value{{"type", "auto"}};
    if (serial && chosen["type"].text() != "none") chosen.set("disable_parallel_tool_use", true);
    forced_ = chosen["type"].text() == "any" || chosen["type"].text() == "tool";
    if (!chosen.is_null()) body_.set("tool_choice", std::move(chosen));
    return ok();
  }

  Result<json::Value> tool_of(const json::Value& function, std::size_t index) {
    json::Value tool{{"name", function["name"]}};
    if (function["description"].is_string()) tool.set("description", function["description"]);
    json::Value schema = function["parameters"];
    if (!schema.is_object() || schema.object()->empty())
      schema = json::Value{{"type", "object"}, {"properties", json::Value(json::Object{})}};
    if (schema["type"].is_null()) schema.set("type", "object");
    if (function["strict"].boolean() == true) {
      bool exact = true;
      auto closed = closed_schema(std::move(schema), exact);
      if (!closed) return unsupported(fmt::format("tools[{}].function.parameters", index), "a strict schema must not be recursive");
      if (!exact) notes_.approximated("tools");
      schema = std::move(*closed);
      tool.set("strict", true);
    }
    tool.set("input_schema", std::move(schema));
    return tool;
  }

  Status response_format() {
    const json::Value& format = in_["response_format"];
    if (format["type"].text() == "json_object") {
      notes_.emulated("response_format");
      turns_.add_system("Respond with a single JSON object.");
    }
    if (format["type"].text() != "json_schema") return ok();
    bool exact = true;
    json::Value given = format["json_schema"]["schema"];
    auto schema = closed_schema(given.is_object() ? std::move(given) : json::Value{{"type", "object"}}, exact);
    if (!schema) return unsupported("response_format", "the schema must not be recursive");
    if (!exact) notes_.approximated("response_format");
    body_.set("output_config", json::Value{{"format", json::Value{{"type", "json_schema"}, {"schema", std::move(*schema)}}}});
    return ok();
  }

  // Limit, thinking and sampling hang together: a budget must fit under the limit, and thinking rules sampling out.
  void limits() {
    std::int64_t limit = output_limit(in_);
    const bool given = limit != 0;
    if (!given) limit = profile_.max_output_tokens != 0 ? profile_.max_output_tokens : default_limit;
    bool thinks = false;
    const std::string_view effort = effort_of(in_);
    if (!effort.empty() && (profile_.thinking == Thinking::adaptive || profile_.thinking == Thinking::level))
      thinks = adaptive(effort);
    else if (!effort.empty() && profile_.thinking == Thinking::budget)
      thinks = budget(effort, limit, given);
    else if (!effort.empty() && effort != "none")
      notes_.dropped("reasoning_effort");
    body_.set("max_tokens", limit);
    sampling(thinks);
  }

  bool adaptive(std::string_view effort) {
    if (effort == "none") {
      body_.set("thinking", json::Value{{"type", "disabled"}});
      return false;
    }
    std::string_view level = effort;
    if (effort == "minimal")
      level = "low";
    else if ((effort == "xhigh" || effort == "max") && std::ranges::find(profile_.efforts, effort) == profile_.efforts.end())
      level = "high";
    if (level != effort) notes_.approximated("reasoning_effort");
    if (profile_.signatures_required && turns_.loop_without_thinking()) return notes_.dropped("reasoning_effort"), false;
    body_.set("thinking", json::Value{{"type", "adaptive"}, {"display", "summarized"}});
    if (body_.object()->find("output_config") == nullptr) body_.set("output_config", json::Value(json::Object{}));
    body_.object()->find("output_config")->set("effort", level);
    return true;
  }

  bool budget(std::string_view effort, std::int64_t& limit, bool given) {
    if (effort == "none") return false;
    // A forced call, and a tool loop that began without thinking, are refused together with it.
    const bool impossible = forced_ || turns_.loop_without_thinking() || (given && limit <= smallest_budget);
    if (impossible) return notes_.dropped("reasoning_effort"), false;
    const bool most = effort == "xhigh" || effort == "max";
    std::int64_t tokens = effort == "minimal" || effort == "low" ? smallest_budget : effort == "medium" ? 8192 : most ? 32000 : 24576;
    if (most) notes_.approximated("reasoning_effort");
    if (tokens >= limit && !given && profile_.max_output_tokens == 0) limit = tokens + 1024;
    if (tokens >= limit) {
      tokens = std::max(smallest_budget, limit - 1024);
      notes_.approximated("reasoning_effort");
    }
    body_.set("thinking", json::Value{{"type", "enabled"}, {"budget_tokens", tokens}});
    return true;
  }

  void sampling(bool thinks) {
    const json::Value &temperature = in_["temperature"], &top_p = in_["top_p"], &top_k = in_["top_k"];
    const bool takes = profile_.accepts_sampling && !thinks;
    if (!temperature.is_null()) {
      const bool above = temperature.number().value_or(0) > 1;
      if (!takes)
        notes_.dropped("temperature");
      else if (above)
        notes_.approximated("temperature");
      if (takes) body_.set("temperature", above ? json::Value(1) : temperature);
    }
    if (!top_p.is_null()) {
      if (takes && temperature.is_null())
        body_.set("top_p", top_p);  // the two together are refused
      else
        notes_.dropped("top_p");
    }
    if (!top_k.is_null()) {
      if (takes)
        body_.set("top_k", top_k);
      else
        notes_.dropped("top_k");
    }
    if (takes && !(temperature.is_null() && top_p.is_null() && top_k.is_null())) version_ = "2023-06-01";
  }

  void service_tier() {
    const std::string_view tier = in_["service_tier"].text();
    if (tier == "auto")
      body_.set("service_tier", "auto");
    else if (tier == "default")
      body_.set("service_tier", "standard_only");
    else if (!tier.empty())
      notes_.dropped("service_tier");
  }

  const Envelope& e_;
  const Target& target_;
  const Profile& profile_;
  json::Value in_, body_;
  Notes notes_;
  AnthropicTurns turns_{profile_, notes_};
  bool forced_ = false;
  std::string version_ = "2026-10-21";
};

}  // namespace

Result<Carried> anthropic_request(const Envelope& envelope, const Target& target) { return Request(envelope, target).build(); }

}  // namespace ajar::wire
