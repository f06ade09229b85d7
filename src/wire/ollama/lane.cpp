// wire/ollama/lane.cpp - Chat to Ollama's own /api/chat, and its answers and NDJSON streams back.
#include <fmt/format.h>

#include <map>

#include "base/text.hpp"
#include "wire/cross.hpp"
#include "wire/lanes.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options", "stop", "tools", "tool_choice", "response_format", "reasoning_effort",
                                                 "temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs"};
  static constexpr std::string_view quiet[] = {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "prediction", "user", "safety_identifier", "service_tier"};
  static constexpr std::string_view refused[] = {"n", "modalities", "audio", "web_search_options", "moderation", "functions", "function_call"};
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
    if (auto done = tools(); !done) return forward(std::move(done));
    options();
    if (const std::string_view effort = effort_of(in_); !effort.empty()) body_.set("think", think(effort));
    const std::string_view format = in_["response_format"]["type"].text();
    if (format == "json_object") body_.set("format", "json");
    if (format == "json_schema") body_.set("format", in_["response_format"]["json_schema"]["schema"]);
    for (const std::string_view field : {"logprobs", "top_logprobs"})
      if (!in_[field].is_null() && in_[field].boolean() != false) body_.set(field, in_[field]);
    body_.set("stream", e_.stream);
    Outbound out;
    out.path = "/api/chat";
    out.headers = {{"content-type", "application/json"}};
    out.body.owned = json::write(body_);
    out.body.spans = {{false, 0, out.body.owned.size()}};
    out.warnings = std::move(notes_.list);
    return out;
  }

 private:
  Status messages() {
    json::Value list = in_["messages"];
    if (auto done = clean_messages(list, *target_.profile, target_.fetched, notes_); !done) return done;
    std::map<std::string, std::string> names;
    json::Array out;
    for (std::size_t i = 0; i < list.array()->size(); ++i) {
      const json::Value& message = (*list.array())[i];
      json::Value item{{"role", message["role"]}, {"content", text_of_content(message["content"])}};
      json::Array images;
      const json::Array* parts = message["content"].array();
      for (std::size_t k = 0; parts != nullptr && k < parts->size(); ++k) {
        const json::Value& part = (*parts)[k];
        const std::string_view type = part["type"].text();
        if (type == "text" || type == "refusal") continue;
        const auto data = type == "image_url" ? data_url(part["image_url"]["url"].text()) : std::nullopt;
        if (!data) return unsupported(fmt::format("messages[{}].content[{}]", i, k), "this engine takes text and images as data: URLs");
        images.emplace_back(data->base64);
      }
      if (!images.empty()) item.set("images", std::move(images));
      if (const json::Array* calls = message["tool_calls"].array(); calls != nullptr && !calls->empty()) {
        json::Array made;
        for (const json::Value& call : *calls) {
          names[std::string(call["id"].text())] = call["function"]["name"].text();
          made.push_back(json::Value{{"id", call["id"]}, {"function", json::Value{{"name", call["function"]["name"]}, {"arguments", arguments_object(call["function"]["arguments"].text(), notes_)}}}});
        }
        item.set("tool_calls", std::move(made));
      }
      if (message["role"].text() == "tool") {
        item.set("tool_name", names[std::string(message["tool_call_id"].text())]);
        item.set("tool_call_id", message["tool_call_id"]);
      }
      out.push_back(std::move(item));
    }
    body_.set("messages", std::move(out));
    return ok();
  }

  Status tools() {
    if (!e_.needs.tools) return ok();
    const json::Value& choice = in_["tool_choice"];
    if (choice.text() == "none") return ok();
    if (!choice.is_null() && choice.text() != "auto") return unsupported("tool_choice", "this engine does not honour a forced tool call");
    json::Value list = in_["tools"];
    for (json::Value& tool : *list.array()) {
      if (tool["type"].text() == "custom") {
        tool = custom_as_function(tool);
        notes_.emulated("tools");
      }
      if (json::Value* function = tool.object()->find("function"); function != nullptr && function->is_object()) function->object()->erase("strict");
    }
    if (in_["parallel_tool_calls"].boolean() == false) notes_.dropped("parallel_tool_calls");
    body_.set("tools", std::move(list));
    return ok();
  }

  void options() {
    json::Value options;
    for (const std::string_view field : {"temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"})
      if (!in_[field].is_null()) options.set(field, in_[field]);
    if (json::Array stop = stop_sequences(in_); !stop.empty()) options.set("stop", std::move(stop));
    if (const std::int64_t limit = output_limit(in_); limit != 0) options.set("num_predict", limit);
    if (!options.is_null()) body_.set("options", std::move(options));
  }

  json::Value think(std::string_view effort) {
    if (effort == "none") return false;
    if (effort == "low" || effort == "medium" || effort == "high") return effort;
    notes_.approximated("reasoning_effort");
    return effort == "minimal" ? "low" : "max";
  }

  const Envelope& e_;
  const Target& target_;
  json::Value in_, body_;
  Notes notes_;
};

class OllamaDecoder final : public Decoder {
 public:
  bool lines() const noexcept override { return true; }

  Status whole(const json::Value& answer, AnswerSink& sink) override {
    if (!answer["message"].is_object()) return malformed_answer("message is missing");
    return take(answer, sink);
  }
  Status event(std::string_view, std::string_view data, AnswerSink& sink) override {
    auto read = json::read(data, {.depth = 64, .refuse_duplicates = false});
    if (!read) return malformed_answer("a line is not JSON");
    if ((*read)["error"].is_string()) return fail(Fault::upstream_unavailable, std::string((*read)["error"].text().substr(0, 500)), "upstream_error");
    return take(*read, sink);
  }

 private:
  Status take(const json::Value& answer, AnswerSink& sink) {
    std::int64_t created = 0;
    if (const auto at = parse_rfc3339(answer["created_at"].text())) created = std::chrono::duration_cast<std::chrono::seconds>(at->time_since_epoch()).count();
    sink.start("", created);
    const json::Value& message = answer["message"];
    if (!message["thinking"].text().empty()) sink.reasoning(0, message["thinking"].text());
    if (!message["content"].text().empty()) sink.text(0, message["content"].text());
    if (const json::Array* calls = message["tool_calls"].array())
      for (const json::Value& call : *calls) {
        const json::Value& function = call["function"];
        const std::string id = call["id"].text().empty() ? fmt::format("call_{}", calls_) : std::string(call["id"].text());
        ++calls_;
        sink.tool(0, id, function["name"].text(), json::write(function["arguments"].is_object() ? function["arguments"] : json::Value(json::Object{})));
      }
    if (answer["logprobs"].is_array()) sink.logprobs(0, json::Value{{"content", answer["logprobs"]}, {"refusal", nullptr}});
    if (answer["done"].boolean() != true) return ok();
    UsageReport usage;
    usage.usage.input = answer["prompt_eval_count"].integer().value_or(0);
    usage.usage.output = answer["eval_count"].integer().value_or(0);
    sink.usage(usage);
    sink.finish(0, calls_ > 0 ? "tool_calls" : answer["done_reason"].text() == "length" ? "length" : "stop");
    sink.end();
    return ok();
  }

  int calls_ = 0;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_ollama(const Envelope& envelope, const Target& target) {
  auto request = Request(envelope, target).build();
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<OllamaDecoder>());
}

}  // namespace ajar::wire
