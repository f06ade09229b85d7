// wire/responses/request.cpp - messages as items, tools and formats without their inner level.
#include "wire/responses/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "wire/openai/messages.hpp"
#include "wire/prepare.hpp"

namespace ajar::wire {
namespace {

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {"model",
                                                 "messages",
                                                 "max_tokens",
                                                 "max_completion_tokens",
                                                 "stream",
                                                 "stream_options",
                                                 "stop",
                                                 "tools",
                                                 "tool_choice",
                                                 "parallel_tool_calls",
                                                 "response_format",
                                                 "reasoning_effort",
                                                 "temperature",
                                                 "top_p",
                                                 "logprobs",
                                                 "top_logprobs",
                                                 "verbosity",
                                                 "service_tier",
                                                 "metadata",
                                                 "store",
                                                 "safety_identifier",
                                                 "user",
                                                 "prompt_cache_key",
                                                 "prompt_cache_options",
                                                 "prompt_cache_retention",
                                                 "web_search_options",
                                                 "moderation"};
  static constexpr std::string_view quiet[] = {"prediction"};
  static constexpr std::string_view refused[] = {"n", "modalities", "audio"};
  if (std::ranges::find(carried, field) != std::end(carried)) return Fate::carried;
  if (std::ranges::find(quiet, field) != std::end(quiet)) return Fate::quiet;
  return std::ranges::find(refused, field) != std::end(refused) ? Fate::refused : Fate::dropped;
}

class Request {
 public:
  Request(const Envelope& e, const Target& target) : e_(e), target_(target) {}

  Result<Carried> build() {
    auto read = prepare(e_, fate_of, notes_);
    if (!read) return forward(std::move(read));
    in_ = std::move(*read);
    if (auto paired = pair_results(in_); !paired) return forward(std::move(paired));
    Carried carried;
    carried.stops = share_stops(in_, 0, true, notes_).emulated;
    body_ = json::Value{{"model", target_.model}};
    if (auto done = messages(); !done) return forward(std::move(done));
    tools();
    fields();
    carried.outbound = outbound_of("/v1/responses", body_, e_.stream, notes_);
    return carried;
  }

 private:
  static bool is_system(const json::Value& message) { return message["role"].text() == "system" || message["role"].text() == "developer"; }

  Status messages() {
    const json::Array& list = *in_["messages"].array();
    // One leading instruction that is a plain string has its own field.
    std::size_t from = 0;
    if (is_system(list.front()) && list.front()["content"].is_string() && (list.size() == 1 || !is_system(list[1]))) {
      body_.set("instructions", list.front()["content"]);
      from = 1;
    }
    json::Array items;
    for (std::size_t i = from; i < list.size(); ++i) {
      const json::Value& message = list[i];
      const std::string_view role = message["role"].text();
      if (role == "tool") {
        const std::string_view id = message["tool_call_id"].text();
        const bool custom = custom_calls_.contains(id);
        items.push_back(json::Value{{"type", custom ? "custom_tool_call_output" : "function_call_output"},
                                    {"call_id", id},
                                    {"output", text_of_content(message["content"])}});
      } else if (role == "assistant") {
        assistant(message, items);
      } else {
        auto content = user_content(message["content"], i);
        if (!content) return forward(std::move(content));
        items.push_back(json::Value{{"role", role}, {"content", std::move(*content)}});
      }
    }
    body_.set("input", std::move(items));
    return ok();
  }

  void assistant(const json::Value& message, json::Array& items) {
    const std::string text = text_of_content(message["content"]);
    if (!text.empty()) items.push_back(json::Value{{"role", "assistant"}, {"content", text}});
    if (const auto refusal = message["refusal"].text(); !refusal.empty()) {
      json::Value said{{"role", "assistant"}};
      said.set("content", json::Array{}).push(json::Value{{"type", "refusal"}, {"refusal", refusal}});
      items.push_back(std::move(said));
    }
    const json::Array* calls = message["tool_calls"].array();
    for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) items.push_back(past_item((*calls)[i]));
  }

  json::Value past_item(const json::Value& call) {
    const json::Value& arguments = call["function"]["arguments"];
    if (call["custom"].is_object()) {
      custom_calls_.emplace(call["id"].text());
      return json::Value{{"type", "custom_tool_call"},
                         {"call_id", call["id"]},
                         {"name", call["custom"]["name"]},
                         {"input", call["custom"]["input"].text()}};
    }
    const std::string text = arguments.is_object() ? json::write(arguments) : std::string(arguments.text());
    return json::Value{
        {"type", "function_call"}, {"call_id", call["id"]}, {"name", call["function"]["name"]}, {"arguments", text.empty() ? "{}" : text}};
  }

  Result<json::Value> user_content(const json::Value& content, std::size_t index) {
    const json::Array* parts = content.array();
    if (parts == nullptr) return json::Value(content.text());
    json::Array out;
    for (std::size_t i = 0; i < parts->size(); ++i) {
      const json::Value& part = (*parts)[i];
      const std::string_view type = part["type"].text();
      json::Value made;
      if (type == "text") {
        made = json::Value{{"type", "input_text"}, {"text", part["text"]}};
      } else if (type == "image_url") {
        made = json::Value{
            {"type", "input_image"}, {"image_url", part["image_url"]["url"]}, {"detail", part["image_url"]["detail"].text("auto")}};
      } else if (type == "file") {
        made = json::Value{{"type", "input_file"}};
        for (const std::string_view field : {"file_data", "file_id", "filename"})
          if (part["file"][field].is_string()) made.set(field, part["file"][field]);
      } else if (type == "input_audio") {
        made = json::Value{{"type", "input_audio"}, {"input_audio", part["input_audio"]}};
      } else {
        return unsupported(fmt::format("messages[{}].content[{}]", index, i), "a part of this type is not known");
      }
      if (!part["prompt_cache_breakpoint"].is_null()) made.set("prompt_cache_breakpoint", part["prompt_cache_breakpoint"]);
      out.push_back(std::move(made));
    }
    return json::Value(std::move(out));
  }

  // Responses has no level between a tool and its function.
  static json::Value flat(const json::Value& tool) {
    const std::string_view type = tool["type"].text();
    json::Value made{{"type", type}};
    if (const json::Object* inner = tool[type].object())
      for (const json::Member& member : inner->members) made.set(member.key, member.value);
    if (made["format"]["type"].text() == "grammar" && made["format"]["grammar"].is_object()) {
      json::Value grammar{{"type", "grammar"}};
      for (const json::Member& member : made["format"]["grammar"].object()->members) grammar.set(member.key, member.value);
      made.set("format", std::move(grammar));
    }
    if (type == "allowed_tools")
      for (json::Value& allowed : *made.object()->find("tools")->array()) allowed = flat(json::Value(allowed));
    return made;
  }

  void tools() {
    if (in_["tools"].is_array()) {
      json::Array list;
      for (const json::Value& tool : *in_["tools"].array()) {
        json::Value made = flat(tool);
        if (tool["type"].text() == "function")
          made.set("strict", tool["function"]["strict"].boolean().value_or(false));  // the defaults differ
        list.push_back(std::move(made));
      }
      body_.set("tools", std::move(list));
      const json::Value& choice = in_["tool_choice"];
      if (choice.is_string())
        body_.set("tool_choice", choice);
      else if (choice.is_object())
        body_.set("tool_choice", flat(choice));
      if (in_["parallel_tool_calls"].boolean()) body_.set("parallel_tool_calls", in_["parallel_tool_calls"]);
    }
    if (in_["web_search_options"].is_object()) {
      json::Value search{{"type", "web_search"}};
      for (const json::Member& member : in_["web_search_options"].object()->members) search.set(member.key, member.value);
      if (body_["tools"].is_null()) body_.set("tools", json::Array{});
      body_.object()->find("tools")->push(std::move(search));
    }
  }

  void fields() {
    if (const std::int64_t limit = output_limit(in_); limit != 0) body_.set("max_output_tokens", limit);
    if (const auto effort = effort_of(in_); !effort.empty()) body_.set("reasoning", json::Value{{"effort", effort}});
    json::Value text;
    const json::Value& format = in_["response_format"];
    if (format["type"].text() == "json_schema") {
      json::Value made{{"type", "json_schema"}};
      for (const json::Member& member : format["json_schema"].object()->members) made.set(member.key, member.value);
      text.set("format", std::move(made));
    } else if (format.is_object()) {
      text.set("format", format);
    }
    if (in_["verbosity"].is_string()) text.set("verbosity", in_["verbosity"]);
    if (!text.is_null()) body_.set("text", std::move(text));
    for (const std::string_view field : {"temperature", "top_p", "service_tier", "metadata", "safety_identifier", "user",
                                         "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "moderation"})
      if (!in_[field].is_null()) body_.set(field, in_[field]);
    if (in_["logprobs"].boolean() == true) {
      body_.set("include", json::Array{}).push("message.output_text.logprobs");
      if (in_["top_logprobs"].integer()) body_.set("top_logprobs", in_["top_logprobs"]);
    }
    body_.set("store", in_["store"].boolean().value_or(false));  // the defaults differ
    if (e_.stream) body_.set("stream", true);
    const json::Value& obfuscates = in_["stream_options"]["include_obfuscation"];
    if (e_.stream && obfuscates.boolean()) body_.set("stream_options", json::Value{{"include_obfuscation", obfuscates}});
  }

  const Envelope& e_;
  const Target& target_;
  json::Value in_, body_;
  Notes notes_;
  std::set<std::string, std::less<>> custom_calls_;  // ids
};

}  // namespace

Result<Carried> responses_request(const Envelope& envelope, const Target& target) { return Request(envelope, target).build(); }

}  // namespace ajar::wire
