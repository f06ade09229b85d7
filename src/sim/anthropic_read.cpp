// sim/anthropic_read.cpp - a Messages request, refused where Anthropic refuses it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/anthropic.hpp"

namespace ajar::sim {
namespace {

constexpr std::array<std::string_view, 22> known_fields{
    "model",         "max_tokens", "messages",      "system",      "stop_sequences",     "stream",     "temperature",  "top_p",
    "top_k",         "thinking",   "output_config", "tools",       "tool_choice",        "metadata",   "service_tier", "speed",
    "cache_control", "container",  "inference_geo", "diagnostics", "context_management", "mcp_servers"};

Status check_fields(const json::Value& body, std::string_view version) {
  if (version.empty()) return refuse_field("", "anthropic-version: header is required");
  for (const json::Member& m : body.object()->members) {
    const bool sampling = m.key == "temperature" || m.key == "top_p" || m.key == "top_k";
    if (std::ranges::find(known_fields, m.key) == known_fields.end() || (sampling && version >= "2026-10-21"))
      return refuse_field(m.key, fmt::format("{}: Extra inputs are not permitted", m.key));
  }
  return ok();
}

// Every tool_use is answered at the beginning of the very next message, and nothing else is.
Status check_results(const json::Value& m, std::set<std::string_view>& open, std::string_view where) {
  std::set<std::string_view> calls;
  bool others = false;
  if (const json::Array* blocks = m["content"].array())
    for (const json::Value& b : *blocks) {
      if (b["type"].text() == "tool_use") calls.insert(b["id"].text());
      if (b["type"].text() != "tool_result") {
        others = true;
        continue;
      }
      if (open.erase(b["tool_use_id"].text()) == 0)
        return refuse_field(where,
                            fmt::format("{}: unexpected `tool_use_id` found in `tool_result` blocks: {}", where, b["tool_use_id"].text()));
      if (others) return refuse_field(where, fmt::format("{}: `tool_result` blocks must come first", where));
    }
  if (!open.empty())
    return refuse_field(
        where, fmt::format("{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}", where, *open.begin()));
  open = std::move(calls);
  return ok();
}

Status check_content(const json::Value& content, std::string_view where) {
  if (content.is_string())
    return content.text().empty() ? refuse_field(where, fmt::format("{}: content must be non-empty", where)) : Status();
  const json::Array* blocks = content.array();
  if (blocks == nullptr || blocks->empty())
    return refuse_field(where, fmt::format("{}: content must be a text or a list of blocks that is not empty", where));
  for (const json::Value& b : *blocks) {
    if (b["type"].text().empty()) return refuse_field(where, fmt::format("{}: type: Field required", where));
    if (b["type"].text() == "text" && b["text"].text().empty())
      return refuse_field(where, fmt::format("{}: text content blocks must be non-empty", where));
    if (b["type"].text() == "tool_use" && !b["input"].is_object())
      return refuse_field(where, fmt::format("{}: input: Input should be a valid dictionary", where));
  }
  return ok();
}

Status read_messages(const json::Value& body, Ask& into) {
  if (auto good = need_messages(body, "messages"); !good) return good;
  std::set<std::string_view> open;
  const json::Array& messages = *body["messages"].array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::Value& m = messages[i];
    const std::string where = fmt::format("messages.{}", i);
    const std::string_view role = m["role"].text();
    if (role != "user" && role != "assistant" && role != "system")
      return refuse_field(where, fmt::format("{}: role: Input should be 'user' or 'assistant'", where));
    if (i == 0 && role != "user") return refuse_field(where, "messages: first message must use the \"user\" role");
    if (auto good = check_content(m["content"], where); !good) return good;
    if (auto good = check_results(m, open, where); !good) return good;
    into.results.clear();
    if (role == "user") {
      into.last_user = text_of(m["content"]);
      if (const json::Array* blocks = m["content"].array())
        for (const json::Value& b : *blocks)
          if (b["type"].text() == "tool_result") into.results.push_back(text_of(b["content"]));
    }
    collect(m, into);
  }
  if (!open.empty())
    return refuse_field(
        "messages", fmt::format("messages: `tool_use` ids were found without `tool_result` blocks immediately after: {}", *open.begin()));
  return ok();
}

Status read_tools(const json::Value& body, Ask& into) {
  if (const json::Array* tools = body["tools"].array())
    for (std::size_t i = 0; i < tools->size(); ++i) {
      const json::Value& tool = (*tools)[i];
      if (!tool["type"].is_null() && tool["type"].text() != "custom") continue;  // tools that the provider runs itself
      if (tool["name"].text().empty()) return refuse_field("tools", fmt::format("tools.{}.name: Field required", i));
      if (to_lower(tool["input_schema"]["type"].text()) != "object")
        return refuse_field("tools", fmt::format("tools.{}.input_schema.type: Input should be 'object'", i));
      into.tools.push_back({.name = std::string(tool["name"].text()), .schema = tool["input_schema"], .custom = false});
    }
  const json::Value& choice = body["tool_choice"];
  const std::string_view type = choice["type"].text();
  if (!choice.is_null() && into.tools.empty())
    return refuse_field("tool_choice", "tool_choice: may only be specified while providing tools");
  if (type == "none") into.choice = Ask::Choice::none;
  if (type == "any" || type == "tool") {
    into.choice = Ask::Choice::required;
    if (into.thinks()) return refuse_field("tool_choice", "Thinking may not be enabled when tool_choice forces tool use.");
  }
  if (type == "tool") keep_only(into, {choice["name"].text()});
  into.parallel = !choice["disable_parallel_tool_use"].boolean().value_or(false);
  return ok();
}

Status read_thinking(const json::Value& body, Ask& into) {
  const json::Value& thinking = body["thinking"];
  const std::string_view type = thinking["type"].text();
  if (type == "enabled" || type == "adaptive") into.effort = body["output_config"]["effort"].text("medium");
  if (type == "enabled") {
    const std::int64_t budget = thinking["budget_tokens"].integer().value_or(0);
    if (budget < 1024) return refuse_field("thinking", "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
    if (budget >= into.max_tokens) return refuse_field("thinking", "`max_tokens` must be greater than `thinking.budget_tokens`");
  }
  const std::string_view display = thinking["display"].text(type == "adaptive" ? "omitted" : "summarized");
  into.show_reasoning = display != "omitted";
  return ok();
}

// A mark to cache stands anywhere from the top down to the blocks.
void find_marks(const json::Value& value, Ask& into) {
  if (const json::Array* list = value.array()) {
    for (const json::Value& v : *list) find_marks(v, into);
  } else if (const json::Object* object = value.object()) {
    for (const json::Member& m : object->members) {
      if (m.key == "cache_control" && m.value.is_object()) {
        into.cache_marked = true;
        if (m.value["ttl"].text() == "1h") into.cache_hour = true;
      } else if (m.key != "input" && m.key != "input_schema") {
        find_marks(m.value, into);
      }
    }
  }
}

}  // namespace

Result<Ask> read_anthropic(const json::Value& body, std::string_view version) {
  Ask ask;
  ask.caches = false;
  if (auto good = check_fields(body, version); !good) return forward(std::move(good));
  if (auto good = need_model(body, ask); !good) return forward(std::move(good));
  if (body["max_tokens"].is_null()) return refuse_field("max_tokens", "max_tokens: Field required");
  if (auto good = read_count(body, "max_tokens", 1, 10'000'000, ask.max_tokens); !good) return forward(std::move(good));
  if (auto good = read_thinking(body, ask); !good) return forward(std::move(good));
  collect(body["tools"], ask);
  collect(body["system"], ask);
  if (auto good = read_tools(body, ask); !good) return forward(std::move(good));
  if (auto good = read_messages(body, ask); !good) return forward(std::move(good));
  const json::Value& format = body["output_config"]["format"];
  if (format["type"].text() == "json_schema") ask.schema = format["schema"];
  read_stops(body["stop_sequences"], ask);
  ask.stream = body["stream"].boolean().value_or(false);
  find_marks(body, ask);
  return ask;
}

}  // namespace ajar::sim
