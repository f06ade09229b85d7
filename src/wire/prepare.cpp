// wire/prepare.cpp - shapes, legacy names and fields of Chat requests.
#include "wire/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "wire/cross.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

std::unexpected<Error> wrong(std::string param, std::string_view what) {
  return fail(Fault::bad_request, fmt::format("{} must be {}", param, what), "invalid_value", std::move(param));
}

Status check_part(const json::Value& part, const std::string& param) {
  if (!part.is_object() || !part["type"].is_string()) return wrong(param, "an object with a type");
  const std::string_view type = part["type"].text();
  if (type == "text" && !part["text"].is_string()) return wrong(param + ".text", "a string");
  if (type == "refusal" && !part["refusal"].is_string()) return wrong(param + ".refusal", "a string");
  if (type == "image_url" && !part["image_url"]["url"].is_string()) return wrong(param + ".image_url.url", "a string");
  if (type == "input_audio" && (!part["input_audio"]["data"].is_string() || !part["input_audio"]["format"].is_string()))
    return wrong(param + ".input_audio", "an object with data and format");
  if (type == "file" && !part["file"].is_object()) return wrong(param + ".file", "an object");
  return ok();
}

Status check_calls(const json::Value& calls, const std::string& param) {
  if (calls.is_null()) return ok();
  if (!calls.is_array()) return wrong(param, "an array");
  for (std::size_t i = 0; i < calls.array()->size(); ++i) {
    const json::Value& call = calls.at(i);
    const json::Value& inner = call["type"].text() == "custom" ? call["custom"] : call["function"];
    if (!call["id"].is_string() || !inner["name"].is_string()) return wrong(fmt::format("{}[{}]", param, i), "a call with id and name");
  }
  return ok();
}

Status check_message(const json::Value& message, std::size_t index) {
  const std::string at = fmt::format("messages[{}]", index);
  const json::Value& content = message["content"];
  if (const json::Array* parts = content.array())
    for (std::size_t i = 0; i < parts->size(); ++i)
      if (auto checked = check_part((*parts)[i], fmt::format("{}.content[{}]", at, i)); !checked) return checked;
  const std::string_view role = message["role"].text();
  if (content.is_null() && role != "assistant" && role != "function") return wrong(at + ".content", "given");
  if (role == "tool" && !message["tool_call_id"].is_string()) return wrong(at + ".tool_call_id", "a string");
  if (const json::Value& blocks = message["thinking_blocks"]; !blocks.is_null()) {
    if (!blocks.is_array()) return wrong(at + ".thinking_blocks", "an array");
    for (const json::Value& block : *blocks.array())
      if (!block.is_object()) return wrong(at + ".thinking_blocks", "an array of objects");
  }
  const json::Value& calls = message["tool_calls"];
  if (calls.array() != nullptr && !calls.array()->empty() && role != "assistant")
    return wrong(at + ".tool_calls", "in a message of the assistant");
  return check_calls(calls, at + ".tool_calls");
}

Status check_tools(const json::Value& request) {
  const json::Value& tools = request["tools"];
  for (std::size_t i = 0; tools.is_array() && i < tools.array()->size(); ++i) {
    const json::Value& tool = tools.at(i);
    const std::string_view type = tool["type"].text();
    if (type != "function" && type != "custom") return unsupported(fmt::format("tools[{}]", i), "tools are functions or custom tools");
    if (!tool[type]["name"].is_string()) return wrong(fmt::format("tools[{}].{}.name", i, type), "a string");
  }
  const json::Value& choice = request["tool_choice"];
  if (choice.is_null()) return ok();
  static constexpr std::string_view words[] = {"none", "auto", "required"};
  const std::string_view type = choice["type"].text();
  const bool known = choice.is_string()        ? std::ranges::find(words, choice.text()) != std::end(words)
                     : type == "allowed_tools" ? choice["allowed_tools"]["tools"].is_array()
                                               : (type == "function" || type == "custom") && choice[type]["name"].is_string();
  if (!known) return wrong("tool_choice", "none, auto, required, a named tool or a list of allowed tools");
  return ok();
}

Status check(const json::Value& request) {
  const json::Array& messages = *request["messages"].array();
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (auto checked = check_message(messages[i], i); !checked) return checked;
  if (const json::Array* stops = request["stop"].array())
    for (const json::Value& stop : *stops)
      if (!stop.is_string()) return wrong("stop", "a string or an array of strings");
  const json::Value& format = request["response_format"];
  if (format["type"].text() == "json_schema" && !format["json_schema"].is_object())
    return wrong("response_format.json_schema", "an object");
  if (!format["json_schema"]["schema"].is_null() && !format["json_schema"]["schema"].is_object())
    return wrong("response_format.json_schema.schema", "an object");
  return check_tools(request);
}

// Functions of old clients become tools; a call gets an id that its result finds again.
void modernise(json::Value& request) {
  json::Object& top = *request.object();
  if (request["functions"].is_array() && request["tools"].is_null())
    top.set("tools", tools_of_functions(json::Value(request["functions"])));
  if (!request["function_call"].is_null() && request["tool_choice"].is_null())
    top.set("tool_choice", choice_of_function_call(json::Value(request["function_call"])));
  top.erase("functions");
  top.erase("function_call");
  modernise_messages(*top.find("messages")->array());
  // An empty list of tools is refused by some targets, and a choice among none means nothing.
  const json::Value* tools = top.find("tools");
  if (tools == nullptr || tools->array() == nullptr || tools->array()->empty())
    for (const std::string_view field : {"tools", "tool_choice", "parallel_tool_calls"}) top.erase(field);
}

bool says_nothing(const json::Value& request, std::string_view key, const json::Value& value) {
  if (value.is_null()) return true;
  if (key == "parallel_tool_calls") return value.boolean() == true;
  if (const auto b = value.boolean()) return !*b;
  if (key == "n") return value.integer() == 1;
  if (key == "modalities") return json::write(value).find("audio") == std::string::npos;
  if (key == "metadata" || key == "logit_bias") return value.object() != nullptr && value.object()->empty();
  if (key == "top_logprobs") return value.integer() == 0 || request["logprobs"].boolean() != true;
  if (key == "presence_penalty" || key == "frequency_penalty") return value.number() == 0.0;
  return false;
}

}  // namespace

Result<json::Value> prepare(const Envelope& envelope, FateOf fate_of, Notes& notes) {
  auto request = json::read(envelope.body);
  if (!request) return request;
  modernise(*request);
  if (auto checked = check(*request); !checked) return forward(std::move(checked));
  for (const json::Member& member : request->object()->members) {
    const Fate fate = fate_of(member.key);
    if (fate == Fate::carried || fate == Fate::quiet || says_nothing(*request, member.key, member.value)) continue;
    if (fate == Fate::refused)
      return unsupported(member.key == "top_logprobs" ? "logprobs" : member.key, "the model behind it cannot do this");
    notes.dropped(member.key);
  }
  return request;
}

Status pair_results(json::Value& request) {
  json::Array& messages = *request.object()->find("messages")->array();
  const auto is_result = [&](std::size_t i) { return i < messages.size() && messages[i]["role"].text() == "tool"; };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (is_result(i))
      return fail(Fault::bad_request, fmt::format("messages[{}].tool_call_id names no call of the message before it", i), "invalid_value",
                  fmt::format("messages[{}].tool_call_id", i));
    const json::Array* calls = messages[i]["tool_calls"].array();
    if (calls == nullptr || calls->empty()) continue;
    std::size_t end = i + 1;
    while (is_result(end)) ++end;
    json::Array ordered;
    for (const json::Value& call : *calls) {
      std::size_t at = i + 1;
      while (at < end && messages[at]["tool_call_id"].text("-") != call["id"].text()) ++at;
      if (at == end)
        return fail(Fault::bad_request, fmt::format("messages[{}]: the call {} has no result behind it", i, call["id"].text()),
                    "invalid_value", fmt::format("messages[{}].tool_calls", i));
      ordered.push_back(std::exchange(messages[at], {}));
    }
    for (std::size_t at = i + 1; at < end; ++at)
      if (!messages[at].is_null())
        return fail(Fault::bad_request, fmt::format("messages[{}].tool_call_id names no call of the message before it", at),
                    "invalid_value", fmt::format("messages[{}].tool_call_id", at));
    std::ranges::move(ordered, messages.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    i = end - 1;
  }
  return ok();
}

std::int64_t output_limit(const json::Value& request) {
  if (const auto limit = request["max_completion_tokens"].integer()) return *limit;
  return request["max_tokens"].integer().value_or(0);
}

std::string_view effort_of(const json::Value& request) { return request["reasoning_effort"].text(); }

std::vector<std::string> stop_sequences(const json::Value& request) {
  std::vector<std::string> list;
  const auto add = [&](const json::Value& stop) {
    if (!stop.text().empty()) list.emplace_back(stop.text());
  };
  const json::Value& stop = request["stop"];
  add(stop);
  if (const json::Array* stops = stop.array())
    for (const json::Value& item : *stops) add(item);
  return list;
}

Stops share_stops(const json::Value& request, std::size_t most, bool takes_blank, Notes& notes) {
  Stops stops;
  for (std::string& stop : stop_sequences(request)) {
    const bool takes = stops.carried.size() < most && (takes_blank || !trim(stop).empty());
    if (takes)
      stops.carried.emplace_back(stop);
    else
      stops.emulated.push_back(std::move(stop));
  }
  if (!stops.emulated.empty()) notes.emulated("stop");
  return stops;
}

std::vector<std::string> replace_custom_tools(json::Value& request, Notes& notes) {
  std::vector<std::string> names;
  json::Value* tools = request.object()->find("tools");
  if (tools == nullptr) return names;
  for (json::Value& tool : *tools->array()) {
    if (tool["type"].text() != "custom") continue;
    names.emplace_back(tool["custom"]["name"].text());
    notes.emulated("tools");
    tool = custom_as_function(tool);
  }
  return names;
}

PastCall past_call(const json::Value& call, Notes& notes) {
  if (call["type"].text() == "custom")
    return {call["id"].text(), call["custom"]["name"].text(), json::Value{{"input", call["custom"]["input"].text()}}};
  const json::Value& arguments = call["function"]["arguments"];
  // Some clients send the object itself.
  return {call["id"].text(), call["function"]["name"].text(),
          arguments.is_object() ? arguments : arguments_object(arguments.text(), notes)};
}

}  // namespace ajar::wire
