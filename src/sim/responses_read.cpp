// sim/responses_read.cpp - a Responses request, without server state.
#include <fmt/format.h>

#include <set>

#include "sim/responses.hpp"

namespace ajar::sim {
namespace {

Status read_items(const json::Value& body, Ask& into) {
  if (body["input"].is_string()) {
    into.last_user = body["input"].text();
    collect(body["input"], into);
    return ok();
  }
  if (auto good = need_messages(body, "input"); !good) return good;
  std::set<std::string_view> calls;
  for (const json::Value& item : *body["input"].array()) {
    const std::string_view type = item["type"].text("message");
    collect(item, into);
    if (type == "item_reference") return refuse_field("input", fmt::format("Item with id '{}' not found.", item["id"].text()));
    if (type == "function_call" || type == "custom_tool_call") calls.insert(item["call_id"].text());
    if (type == "function_call_output" || type == "custom_tool_call_output") {
      if (!calls.contains(item["call_id"].text()))
        return refuse_field("input", fmt::format("No tool call found for function call output with call_id {}.", item["call_id"].text()));
      into.results.push_back(text_of(item["output"]));
    } else {
      into.results.clear();
    }
    if (type == "message" && item["role"].text() == "user") into.last_user = text_of(item["content"]);
  }
  return ok();
}

Status read_tools(const json::Value& body, Ask& into) {
  if (const json::Array* tools = body["tools"].array())
    for (std::size_t i = 0; i < tools->size(); ++i) {
      const json::Value& tool = (*tools)[i];
      const std::string_view type = tool["type"].text();
      if (type != "function" && type != "custom") continue;  // tools that the provider runs itself
      if (tool["name"].text().empty())
        return refuse_field(fmt::format("tools[{}].name", i), fmt::format("Missing required parameter: 'tools[{}].name'.", i),
                            "missing_required_parameter");
      into.tools.push_back({.name = std::string(tool["name"].text()), .schema = tool["parameters"], .custom = type == "custom"});
    }
  collect(body["tools"], into);
  const json::Value& choice = body["tool_choice"];
  const std::string_view type = choice["type"].text();
  if (choice.text() == "none") into.choice = Ask::Choice::none;
  if (choice.text() == "required" || type == "function" || type == "custom" || choice["mode"].text() == "required")
    into.choice = Ask::Choice::required;
  if (type == "function" || type == "custom") keep_only(into, {choice["name"].text()});
  if (type == "allowed_tools") {
    std::vector<std::string_view> names;
    if (const json::Array* list = choice["tools"].array())
      for (const json::Value& t : *list) names.push_back(t["name"].text());
    keep_only(into, names);
  }
  into.parallel = body["parallel_tool_calls"].boolean().value_or(true);
  return ok();
}

}  // namespace

Result<Ask> read_responses(const json::Value& body) {
  Ask ask;
  if (auto good = need_model(body, ask); !good) return forward(std::move(good));
  for (const std::string_view key : {"previous_response_id", "conversation"})
    if (!body[key].is_null())
      return refuse_field(key, fmt::format("'{}' cannot be found: the simulator keeps no state", key), "previous_response_not_found");
  if (auto good = read_count(body, "max_output_tokens", 1, 10'000'000, ask.max_tokens); !good) return forward(std::move(good));
  if (auto good = read_count(body, "top_logprobs", 0, 20, ask.top_logprobs); !good) return forward(std::move(good));
  collect(body["instructions"], ask);
  if (auto good = read_tools(body, ask); !good) return forward(std::move(good));
  if (auto good = read_items(body, ask); !good) return forward(std::move(good));
  const json::Value& format = body["text"]["format"];
  if (format["type"].text() == "json_schema") ask.schema = format["schema"];
  ask.json_object = format["type"].text() == "json_object";
  ask.effort = body["reasoning"]["effort"].text();
  ask.show_reasoning = body["reasoning"]["summary"].is_string();
  if (const json::Array* include = body["include"].array())
    for (const json::Value& what : *include)
      if (what.text() == "message.output_text.logprobs") ask.logprobs = true;
  ask.stream = body["stream"].boolean().value_or(false);
  return ask;
}

}  // namespace ajar::sim
