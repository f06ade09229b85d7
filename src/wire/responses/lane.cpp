// wire/responses/lane.cpp - Chat to OpenAI Responses (stateless), and its answers and streams back.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wire/cross.hpp"
#include "wire/lanes.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format",
                                                 "reasoning_effort", "temperature", "top_p", "logprobs", "top_logprobs", "verbosity", "service_tier", "metadata", "store", "safety_identifier", "user",
                                                 "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "web_search_options", "moderation"};
  static constexpr std::string_view quiet[] = {"prediction"};
  static constexpr std::string_view refused[] = {"n", "stop", "modalities", "audio", "functions", "function_call"};
  if (std::ranges::find(carried, field) != std::end(carried)) return Fate::carried;
  if (std::ranges::find(quiet, field) != std::end(quiet)) return Fate::quiet;
  return std::ranges::find(refused, field) != std::end(refused) ? Fate::refused : Fate::dropped;
}

class Request {
 public:
  Request(const Envelope& e, const Target& target) : e_(e), target_(target) {}

  Result<Outbound> build() {
    auto read = json::read(e_.body);
    if (!read) return forward(std::move(read));
    in_ = std::move(*read);
    if (auto settled = settle_fields(in_, fate_of, notes_); !settled) return forward(std::move(settled));
    body_ = json::Value{{"model", target_.model}};
    if (auto done = messages(); !done) return forward(std::move(done));
    tools();
    fields();
    Outbound out;
    out.path = "/v1/responses";
    out.headers = {{"content-type", "application/json"}, {"accept", e_.stream ? "text/event-stream" : "application/json"}};
    out.body.owned = json::write(body_);
    out.body.spans = {{false, 0, out.body.owned.size()}};
    out.warnings = std::move(notes_.list);
    return out;
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
        items.push_back(json::Value{{"type", "function_call_output"}, {"call_id", message["tool_call_id"]}, {"output", text_of_content(message["content"])}});
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
    if (const auto refusal = message["refusal"].text(); !refusal.empty()) items.push_back(json::Value{{"role", "assistant"}, {"content", refusal}});
    if (const json::Array* calls = message["tool_calls"].array())
      for (const json::Value& call : *calls) {
        if (call["type"].text() == "custom") items.push_back(json::Value{{"type", "custom_tool_call"}, {"call_id", call["id"]}, {"name", call["custom"]["name"]}, {"input", call["custom"]["input"]}});
        else items.push_back(json::Value{{"type", "function_call"}, {"call_id", call["id"]}, {"name", call["function"]["name"]}, {"arguments", call["function"]["arguments"].text("{}")}});
      }
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
        made = json::Value{{"type", "input_image"}, {"image_url", part["image_url"]["url"]}, {"detail", part["image_url"]["detail"].text("auto")}};
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
    return made;
  }

  void tools() {
    if (e_.needs.tools) {
      json::Array list;
      for (const json::Value& tool : *in_["tools"].array()) {
        json::Value made = flat(tool);
        if (tool["type"].text() == "function") made.set("strict", tool["function"]["strict"].boolean().value_or(false));   // the defaults differ
        list.push_back(std::move(made));
      }
      body_.set("tools", std::move(list));
      const json::Value& choice = in_["tool_choice"];
      if (choice.is_string()) body_.set("tool_choice", choice);
      else if (choice.is_object()) body_.set("tool_choice", flat(choice));
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
    for (const std::string_view field : {"temperature", "top_p", "service_tier", "metadata", "safety_identifier", "user", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "moderation"})
      if (!in_[field].is_null()) body_.set(field, in_[field]);
    if (in_["logprobs"].boolean() == true) {
      body_.set("include", json::Array{}).push("message.output_text.logprobs");
      if (in_["top_logprobs"].integer()) body_.set("top_logprobs", in_["top_logprobs"]);
    }
    body_.set("store", in_["store"].boolean().value_or(false));   // the defaults differ
    if (e_.stream) body_.set("stream", true);
  }

  const Envelope& e_;
  const Target& target_;
  json::Value in_, body_;
  Notes notes_;
};

class ResponsesDecoder final : public Decoder {
 public:
  explicit ResponsesDecoder(const Profile& profile) : profile_(profile) {}

  Status whole(const json::Value& answer, AnswerSink& sink) override {
    const json::Array* output = answer["output"].array();
    if (output == nullptr) return malformed_answer("output is missing");
    if (answer["status"].text() == "failed") return failed(answer);
    sink.start(answer["id"].text(), answer["created_at"].integer().value_or(0));
    for (const json::Value& item : *output) whole_item(item, sink);
    complete(answer, sink);
    return ok();
  }

  Status event(std::string_view, std::string_view data, AnswerSink& sink) override {
    if (data == "[DONE]") return ok();
    auto read = json::read(data, {.depth = 64, .refuse_duplicates = false});
    if (!read) return malformed_answer("an event is not JSON");
    const json::Value& e = *read;
    const std::string_view type = e["type"].text();
    const std::int64_t at = e["output_index"].integer().value_or(0);
    if (type == "response.created") {
      sink.start(e["response"]["id"].text(), e["response"]["created_at"].integer().value_or(0));
    } else if (type == "response.output_text.delta") {
      sink.text(0, e["delta"].text());
      if (const json::Array* probs = e["logprobs"].array(); probs != nullptr && !probs->empty()) sink.logprobs(0, json::Value{{"content", *probs}, {"refusal", nullptr}});
    } else if (type == "response.refusal.delta") {
      sink.refusal(0, e["delta"].text());
    } else if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta") {
      sink.reasoning(0, e["delta"].text());
    } else if (type == "response.output_item.added") {
      const std::string_view kind = e["item"]["type"].text();
      if (kind == "function_call" || kind == "custom_tool_call") {
        called_ = true;
        tools_[at] = {sink.tool(0, e["item"]["call_id"].text(), e["item"]["name"].text(), ""), false};
      }
    } else if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
      if (const auto tool = tools_.find(at); tool != tools_.end()) {
        tool->second.told = true;
        sink.tool_arguments(0, tool->second.index, e["delta"].text());
      }
    } else if (type == "response.output_item.done") {
      if (const auto tool = tools_.find(at); tool != tools_.end() && !tool->second.told) sink.tool_arguments(0, tool->second.index, e["item"]["arguments"].text(e["item"]["input"].text()));
    } else if (type == "response.completed" || type == "response.incomplete") {
      complete(e["response"], sink);
      sink.end();
    } else if (type == "response.failed") {
      return failed(e["response"]);
    } else if (type == "error") {
      return std::unexpected(upstream_failure(profile_, e["code"].text() == "rate_limit_exceeded" ? 429 : 500, {}, data));
    }
    return ok();
  }

 private:
  struct Tool { int index; bool told; };

  Status failed(const json::Value& response) const {
    const std::string_view code = response["error"]["code"].text();
    const int status = code == "rate_limit_exceeded" ? 429 : code == "server_error" || code.empty() ? 500 : 400;
    return std::unexpected(upstream_failure(profile_, status, {}, json::write(response)));
  }

  void whole_item(const json::Value& item, AnswerSink& sink) {
    const std::string_view type = item["type"].text();
    if (type == "function_call" || type == "custom_tool_call") {
      called_ = true;
      sink.tool(0, item["call_id"].text(), item["name"].text(), item["arguments"].text(item["input"].text()));
      return;
    }
    const json::Array* parts = type == "message" ? item["content"].array() : type == "reasoning" ? item["summary"].array() : nullptr;
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      const json::Value& part = (*parts)[i];
      const std::string_view kind = part["type"].text();
      if (type == "reasoning") sink.reasoning(0, part["text"].text());
      else if (kind == "output_text") sink.text(0, part["text"].text());
      else if (kind == "refusal") sink.refusal(0, part["refusal"].text());
      if (const json::Array* probs = part["logprobs"].array(); probs != nullptr && !probs->empty()) sink.logprobs(0, json::Value{{"content", *probs}, {"refusal", nullptr}});
    }
  }

  void complete(const json::Value& response, AnswerSink& sink) {
    const json::Value& told = response["usage"];
    if (told.is_object()) {
      const auto n = [](const json::Value& v) { return v.integer().value_or(0); };
      UsageReport report;
      Usage& u = report.usage;
      const std::int64_t in = n(told["input_tokens"]), out = n(told["output_tokens"]);
      u.cache_read = std::min(n(told["input_tokens_details"]["cached_tokens"]), in);
      u.cache_write_5m = std::min(n(told["input_tokens_details"]["cache_write_tokens"]), in - u.cache_read);
      u.input = in - u.cache_read - u.cache_write_5m;
      u.reasoning = std::min(n(told["output_tokens_details"]["reasoning_tokens"]), out);
      u.output = out - u.reasoning;
      report.cached_known = told["input_tokens_details"].is_object();
      report.reasoning_known = told["output_tokens_details"].is_object();
      sink.usage(report);
    }
    const std::string_view why = response["incomplete_details"]["reason"].text();
    const bool incomplete = response["status"].text() == "incomplete";
    sink.finish(0, called_ ? "tool_calls" : incomplete ? (why == "content_filter" ? "content_filter" : "length") : "stop");
  }

  const Profile profile_;
  std::map<std::int64_t, Tool> tools_;   // by output index
  bool called_ = false;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_responses(const Envelope& envelope, const Target& target) {
  auto request = Request(envelope, target).build();
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<ResponsesDecoder>(*target.profile));
}

}  // namespace ajar::wire
