// sim/gemini_read.cpp - a generateContent request, refused where Gemini refuses it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sim/gemini.hpp"

namespace ajar::sim {
namespace {

constexpr std::array<std::string_view, 12> top_fields{
    "contents",    "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "cachedContent", "labels", "store",
    "serviceTier", "continuationToken", "model"};
constexpr std::array<std::string_view, 22> schema_fields{
    "type",     "format",     "title",         "description",   "nullable",         "enum",    "items",     "minItems",
    "maxItems", "properties", "required",      "anyOf",         "minimum",          "maximum", "minLength", "maxLength",
    "pattern",  "example",    "minProperties", "maxProperties", "propertyOrdering", "default"};

std::string snake_of(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') snake.push_back('_');
    snake.push_back(lower(c));
  }
  return snake;
}

std::unexpected<Error> unknown_name(std::string_view name, std::string_view where) {
  return refuse_field(
      where, where.empty() ? fmt::format("Invalid JSON payload received. Unknown name \"{}\": Cannot find field.", name)
                           : fmt::format("Invalid JSON payload received. Unknown name \"{}\" at '{}': Cannot find field.", name, where));
}

// The OpenAPI subset: what is not in it is refused, all the way down.
Status check_schema(const json::Value& schema, const std::string& where) {
  const json::Object* object = schema.object();
  if (object == nullptr) return ok();
  for (const json::Member& m : object->members) {
    const bool known = std::ranges::any_of(schema_fields, [&](std::string_view f) { return m.key == f || m.key == snake_of(f); });
    if (!known) return unknown_name(m.key, where);
    if (m.key == "properties" && m.value.is_object()) {
      for (const json::Member& p : m.value.object()->members)
        if (auto good = check_schema(p.value, fmt::format("{}.properties[{}].value", where, p.key)); !good) return good;
    } else if (m.key == "items") {
      if (auto good = check_schema(m.value, where + ".items"); !good) return good;
    } else if ((m.key == "anyOf" || m.key == "any_of") && m.value.is_array()) {
      for (const json::Value& way : *m.value.array())
        if (auto good = check_schema(way, where + ".any_of"); !good) return good;
    }
  }
  return ok();
}

std::size_t count_parts(const json::Value& content, std::string_view kind) {
  const json::Array* parts = content["parts"].array();
  return parts == nullptr
             ? 0
             : static_cast<std::size_t>(std::ranges::count_if(*parts, [&](const json::Value& p) { return either(p, kind).is_object(); }));
}

Status check_part(const json::Value& part, std::string_view where) {
  const json::Value& result = either(part, "functionResponse");
  if (result.is_object() && (result["name"].text().empty() || !result["response"].is_object()))
    return refuse_field(where, fmt::format("Invalid value at '{}.function_response': name and response (an object) are required", where));
  const json::Value& call = either(part, "functionCall");
  if (call.is_object() && call["name"].text().empty())
    return refuse_field(where, fmt::format("Invalid value at '{}.function_call': name is required", where));
  return ok();
}

Status read_contents(const json::Value& body, Ask& into) {
  if (auto good = need_messages(body, "contents"); !good)
    return refuse_field("contents", "* GenerateContentRequest.contents: contents is not specified");
  const json::Array& contents = *body["contents"].array();
  std::size_t calls = 0;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const json::Value& content = contents[i];
    const std::string where = fmt::format("contents[{}]", i);
    const std::string_view role = content["role"].text("user");
    if (role != "user" && role != "model" && role != "function") return refuse_field(where, "Please use a valid role: user, model.");
    const json::Array* parts = content["parts"].array();
    if (parts == nullptr || parts->empty())
      return refuse_field(where, fmt::format("* GenerateContentRequest.{}.parts: contents.parts must not be empty.", where));
    const std::size_t results = count_parts(content, "functionResponse");
    if (results != calls)
      return refuse_field(where,
                          "Please ensure that the number of function response parts is equal to the number of function call parts of the "
                          "function call turn.");
    calls = count_parts(content, "functionCall");
    into.results.clear();
    for (const json::Value& part : *parts) {
      if (auto good = check_part(part, where); !good) return good;
      if (const json::Value& result = either(part, "functionResponse"); result.is_object())
        into.results.push_back(json::write(result["response"]));
    }
    if (role == "user" && results == 0) into.last_user = text_of(content["parts"]);
    collect(content, into);
  }
  if (calls != 0)
    return refuse_field("contents", "Please ensure that function call turn comes immediately before a function response turn.");
  return ok();
}

Status read_tools(const json::Value& body, Ask& into) {
  if (const json::Array* tools = body["tools"].array())
    for (std::size_t i = 0; i < tools->size(); ++i) {
      const json::Array* declared = either((*tools)[i], "functionDeclarations").array();
      for (std::size_t j = 0; declared != nullptr && j < declared->size(); ++j) {
        const json::Value& f = (*declared)[j];
        const std::string where = fmt::format("tools[{}].function_declarations[{}]", i, j);
        if (f["name"].text().empty())
          return refuse_field(where, fmt::format("* GenerateContentRequest.{}.name: Invalid function name.", where));
        if (auto good = check_schema(f["parameters"], where + ".parameters"); !good) return good;
        const json::Value& json_schema = either(f, "parametersJsonSchema");
        into.tools.push_back(
            {.name = std::string(f["name"].text()), .schema = json_schema.is_object() ? json_schema : f["parameters"], .custom = false});
      }
    }
  collect(body["tools"], into);
  const json::Value& config = either(either(body, "toolConfig"), "functionCallingConfig");
  const std::string_view mode = config["mode"].text();
  if (mode == "NONE") into.choice = Ask::Choice::none;
  if (mode == "ANY") into.choice = Ask::Choice::required;
  if (const json::Array* names = either(config, "allowedFunctionNames").array(); names != nullptr && !names->empty()) {
    if (mode != "ANY" && mode != "VALIDATED")
      return refuse_field("tool_config", "allowed_function_names should only be set when mode is ANY or VALIDATED.");
    std::vector<std::string_view> allowed;
    for (const json::Value& name : *names) allowed.push_back(name.text());
    keep_only(into, allowed);
  }
  return ok();
}

Status read_thinking(const json::Value& config, Ask& into) {
  const json::Value& thinking = either(config, "thinkingConfig");
  const json::Value &level = either(thinking, "thinkingLevel"), &budget = either(thinking, "thinkingBudget");
  if (!level.is_null() && !budget.is_null())
    return refuse_field("generation_config", "You can only set only one of thinking budget and thinking level.");
  if (level.is_string()) into.effort = to_lower(level.text());
  if (const auto tokens = budget.integer()) into.effort = *tokens == 0 ? "none" : "medium";
  into.show_reasoning = either(thinking, "includeThoughts").boolean().value_or(false);
  if (into.effort.empty() && into.show_reasoning) into.effort = "medium";
  return ok();
}

Status read_config(const json::Value& body, Ask& into) {
  const json::Value& config = either(body, "generationConfig");
  if (const auto limit = either(config, "maxOutputTokens").integer()) into.max_tokens = *limit;
  if (const auto count = either(config, "candidateCount").integer()) {
    if (*count < 1 || *count > 8) return refuse_field("generation_config", "candidate_count must be in the range [1, 8].");
    into.choices = *count;
  }
  read_stops(either(config, "stopSequences"), into);
  if (into.stops.size() > 5) return refuse_field("generation_config", "stop_sequences: at most 5 are allowed.");
  into.logprobs = either(config, "responseLogprobs").boolean().value_or(false);
  into.top_logprobs = config["logprobs"].integer().value_or(0);
  const bool as_json = either(config, "responseMimeType").text() == "application/json";
  const json::Value &schema = either(config, "responseSchema"), &json_schema = either(config, "responseJsonSchema");
  if ((schema.is_object() || json_schema.is_object()) && !as_json)
    return refuse_field("generation_config", "A response schema needs the response mime type application/json.");
  if (auto good = check_schema(schema, "generation_config.response_schema"); !good) return good;
  if (schema.is_object() || json_schema.is_object()) into.schema = json_schema.is_object() ? json_schema : schema;
  into.json_object = as_json && !into.schema;
  return read_thinking(config, into);
}

}  // namespace

const json::Value& either(const json::Value& from, std::string_view camel) {
  const json::Value& found = from[camel];
  return found.is_null() ? from[snake_of(camel)] : found;
}

GeminiPath gemini_path(std::string_view target) noexcept {
  const std::string_view path = target.substr(0, target.find('?'));
  constexpr std::string_view mark = "odels/";  // models and tunedModels
  const std::size_t at = path.find(mark), colon = path.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) return {};
  return {path.substr(at + mark.size(), colon - at - mark.size()), path.substr(colon + 1)};
}

Result<Ask> read_gemini(const json::Value& body, std::string_view target) {
  Ask ask;
  const GeminiPath path = gemini_path(target);
  ask.model = path.model;
  for (const json::Member& m : body.object()->members)
    if (!std::ranges::any_of(top_fields, [&](std::string_view f) { return m.key == f || m.key == snake_of(f); }))
      return unknown_name(m.key, {});
  collect(either(body, "systemInstruction"), ask);
  if (auto good = read_tools(body, ask); !good) return forward(std::move(good));
  if (auto good = read_contents(body, ask); !good) return forward(std::move(good));
  if (auto good = read_config(body, ask); !good) return forward(std::move(good));
  ask.stream = path.method == "streamGenerateContent";
  ask.as_array = ask.stream && target.find("alt=sse") == std::string_view::npos;
  return ask;
}

}  // namespace ajar::sim
