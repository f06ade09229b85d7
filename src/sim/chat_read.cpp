// sim/chat_read.cpp - a Chat Completions request.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/openai.hpp"

namespace ajar::sim {
namespace {

// As OpenAI does: each call of an assistant is answered before anything else comes, and no result comes without its call.
Status check_results(const json::Array& messages) {
  std::set<std::string_view> open;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::Value& m = messages[i];
    const std::string where = fmt::format("messages[{}]", i);
    if (m["role"].text() == "tool") {
      if (open.erase(m["tool_call_id"].text()) == 0)
        return refuse_field(where + ".role", "messages with role 'tool' must be a response to a preceding message with 'tool_calls'");
      continue;
    }
    if (!open.empty())
      return refuse_field(
          where + ".role",
          fmt::format(
              "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'; missing: {}",
              *open.begin()));
    if (const json::Array* calls = m["tool_calls"].array())
      for (const json::Value& call : *calls) open.insert(call["id"].text());
  }
  if (!open.empty())
    return refuse_field(
        "messages",
        fmt::format(
            "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'; missing: {}",
            *open.begin()));
  return ok();
}

void read_choice(const json::Value& choice, Ask& into) {
  if (choice.text() == "none") into.choice = Ask::Choice::none;
  if (choice.text() == "required") into.choice = Ask::Choice::required;
  const std::string_view type = choice["type"].text();
  if (type == "function" || type == "custom") {
    into.choice = Ask::Choice::required;
    keep_only(into, {choice[type]["name"].text()});
  } else if (type == "allowed_tools") {
    const json::Value& allowed = choice["allowed_tools"];
    if (allowed["mode"].text() == "required") into.choice = Ask::Choice::required;
    std::vector<std::string_view> names;
    if (const json::Array* list = allowed["tools"].array())
      for (const json::Value& t : *list) names.push_back(t[t["type"].text("function")]["name"].text());
    keep_only(into, names);
  }
}

void read_format(const json::Value& format, Ask& into) {
  if (format["type"].text() == "json_schema")
    into.schema = format["json_schema"]["schema"].is_object() ? format["json_schema"]["schema"] : json::Value(json::Object{});
  if (format["type"].text() == "json_object") {
    if (format["schema"].is_object())
      into.schema = format["schema"];
    else
      into.json_object = true;
  }
}

void read_reasoning(const json::Value& body, Ask& into) {
  into.effort = body["reasoning_effort"].text(body["reasoning"]["effort"].text());
  if (!into.effort.empty()) return;
  const bool enabled = body["reasoning"]["enabled"].boolean().value_or(false) || body["enable_thinking"].boolean().value_or(false) ||
                       body["chat_template_kwargs"]["enable_thinking"].boolean().value_or(false) ||
                       body["thinking"]["type"].text() == "enabled";
  if (enabled) into.effort = "medium";
}

}  // namespace

Status read_chat_messages(const json::Value& body, Ask& into) {
  if (auto good = need_messages(body, "messages"); !good) return good;
  const json::Array& messages = *body["messages"].array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::Value& m = messages[i];
    const std::string_view role = m["role"].text();
    if (role.empty()) return refuse_field(fmt::format("messages[{}].role", i), "every message needs a role", "missing_required_parameter");
    if (role == "tool" || role == "function") {
      into.results.push_back(text_of(m["content"]));
    } else {
      into.results.clear();
      if (role == "user") into.last_user = text_of(m["content"]);
    }
    collect(m, into);
    if (const json::Array* images = m["images"].array()) into.media += static_cast<std::int64_t>(images->size());  // Ollama's own
  }
  return ok();
}

Status read_chat_tools(const json::Value& body, Ask& into) {
  if (body["tools"].is_null()) return ok();
  const json::Array* tools = body["tools"].array();
  if (tools == nullptr) return refuse_field("tools", "'tools' must be a list", "invalid_type");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const json::Value& tool = (*tools)[i];
    const std::string_view type = tool["type"].text("function");
    const json::Value& what = tool[type];
    if (what["name"].text().empty())
      return refuse_field(fmt::format("tools[{}].{}.name", i, type), "every tool needs a name", "missing_required_parameter");
    into.tools.push_back({.name = std::string(what["name"].text()), .schema = what["parameters"], .custom = type == "custom"});
  }
  collect(body["tools"], into);
  return ok();
}

Result<Ask> read_chat(const json::Value& body) {
  Ask ask;
  if (auto good = need_model(body, ask); !good) return forward(std::move(good));
  if (body["tools"].is_array() && body["tools"].array()->empty())
    return refuse_field("tools", "'tools' is too short: at least one is needed", "empty_array");
  if (auto good = read_chat_tools(body, ask); !good) return forward(std::move(good));
  if (auto good = read_chat_messages(body, ask); !good) return forward(std::move(good));
  if (auto good = check_results(*body["messages"].array()); !good) return forward(std::move(good));
  for (const auto& [key, least, most, into] :
       {std::tuple{"max_tokens", 1, 10'000'000, &ask.max_tokens}, std::tuple{"max_completion_tokens", 1, 10'000'000, &ask.max_tokens},
        std::tuple{"n", 1, 128, &ask.choices}, std::tuple{"top_logprobs", 0, 20, &ask.top_logprobs}})
    if (auto good = read_count(body, key, least, most, *into); !good) return forward(std::move(good));
  read_choice(body["tool_choice"], ask);
  ask.parallel = body["parallel_tool_calls"].boolean().value_or(true);
  read_format(body["response_format"], ask);
  read_reasoning(body, ask);
  read_stops(body["stop"], ask);
  ask.logprobs = body["logprobs"].boolean().value_or(false);
  if (ask.top_logprobs > 0 && !ask.logprobs)
    return refuse_field("top_logprobs", "'top_logprobs' needs 'logprobs' to be true", "invalid_value");
  ask.stream = body["stream"].boolean().value_or(false);
  ask.wants_usage = body["stream_options"]["include_usage"].boolean().value_or(false);
  if (!body["stream_options"].is_null() && !ask.stream)
    return refuse_field("stream_options", "'stream_options' is only allowed when 'stream' is true", "invalid_value");
  return ask;
}

}  // namespace ajar::sim
