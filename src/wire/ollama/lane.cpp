// wire/ollama/lane.cpp - Chat to Ollama's own /api/chat, and its answers and NDJSON streams back.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "wire/cross.hpp"
#include "wire/lanes.hpp"
#include "wire/openai/messages.hpp"
#include "wire/prepare.hpp"

namespace ajar::wire {
namespace {

constexpr std::size_t most_stops = 1000;

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {
      "model",       "messages", "max_tokens",  "max_completion_tokens", "stream",           "stream_options",
      "stop",        "tools",    "tool_choice", "response_format",       "reasoning_effort", "temperature",
      "top_p",       "top_k",    "seed",        "frequency_penalty",     "presence_penalty", "logprobs",
      "top_logprobs"};
  static constexpr std::string_view quiet[] = {"prompt_cache_key",  "prompt_cache_options", "prompt_cache_retention", "prediction", "user",
                                               "safety_identifier", "service_tier"};
  static constexpr std::string_view refused[] = {"n", "modalities", "audio", "web_search_options", "moderation"};
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
    carried.custom_tools = replace_custom_tools(in_, notes_);
    body_ = json::Value{{"model", target_.model}};
    if (auto done = messages(); !done) return forward(std::move(done));
    if (auto done = tools(); !done) return forward(std::move(done));
    options();
    if (const std::string_view effort = effort_of(in_); !effort.empty()) body_.set("think", think(effort));
    const json::Value& format = in_["response_format"];
    if (format["type"].text() == "json_object") body_.set("format", "json");
    if (format["json_schema"]["schema"].is_object()) body_.set("format", format["json_schema"]["schema"]);
    for (const std::string_view field : {"logprobs", "top_logprobs"})
      if (in_["logprobs"].boolean() == true && !in_[field].is_null()) body_.set(field, in_[field]);
    body_.set("stream", e_.stream);  // the engine's own default is true
    carried.outbound = outbound_of("/api/chat", body_, false, notes_);
    return carried;
  }

 private:
  Status messages() {
    json::Value list = in_["messages"];
    if (auto done = clean_messages(list, *target_.profile, target_.fetched, notes_); !done) return done;
    json::Array out;
    for (std::size_t i = 0; i < list.array()->size(); ++i) {
      auto made = message(list.at(i), i);
      if (!made) return forward(std::move(made));
      out.push_back(std::move(*made));
    }
    body_.set("messages", std::move(out));
    return ok();
  }

  // Content is always text; images stand beside it.
  Result<json::Value> message(const json::Value& from, std::size_t index) {
    json::Value made{{"role", from["role"]}, {"content", text_of_content(from["content"])}};
    const json::Array* parts = from["content"].array();
    for (std::size_t k = 0; parts != nullptr && k < parts->size(); ++k) {
      const json::Value& part = (*parts)[k];
      const std::string_view type = part["type"].text();
      if (type == "text" || type == "refusal") continue;
      const auto data = type == "image_url" ? data_url(part["image_url"]["url"].text()) : std::nullopt;
      if (!data)
        return unsupported(fmt::format("messages[{}].content[{}]", index, k), "this engine takes text and images as base64 data: URLs");
      if (part["image_url"]["detail"].text("auto") != "auto") notes_.dropped("image_url.detail");
      if (made["images"].is_null()) made.set("images", json::Array{});
      made.object()->find("images")->push(data->base64);
    }
    if (const std::string_view thought = from["reasoning_content"].text(); !thought.empty()) made.set("thinking", thought);
    if (const json::Array* calls = from["tool_calls"].array(); calls != nullptr && !calls->empty()) {
      json::Value& list = made.set("tool_calls", json::Array{});
      for (const json::Value& given : *calls) {
        PastCall call = past_call(given, notes_);
        names_.insert_or_assign(std::string(call.id), std::string(call.name));
        list.push(json::Value{{"id", call.id}, {"function", json::Value{{"name", call.name}, {"arguments", std::move(call.arguments)}}}});
      }
    }
    if (from["role"].text() == "tool") {
      const std::string_view id = from["tool_call_id"].text();
      made.set("tool_name", names_.find(id)->second);
      made.set("tool_call_id", id);
    }
    return made;
  }

  Status tools() {
    json::Value list = in_["tools"];
    const json::Value& choice = in_["tool_choice"];
    const json::Value& allowed = choice["allowed_tools"];
    const std::string_view word = choice.text(allowed["mode"].text());
    if (!list.is_array() || word == "none") return ok();
    if (!choice.is_null() && word != "auto") return unsupported("tool_choice", "this engine does not honour a forced tool call");
    keep_allowed(list, allowed["tools"]);
    for (json::Value& tool : *list.array()) tool.object()->find("function")->object()->erase("strict");
    if (in_["parallel_tool_calls"].boolean() == false) notes_.dropped("parallel_tool_calls");
    body_.set("tools", std::move(list));
    return ok();
  }

  void options() {
    json::Value options;
    for (const std::string_view field : {"temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"})
      if (!in_[field].is_null()) options.set(field, in_[field]);
    if (Stops stops = share_stops(in_, most_stops, true, notes_); !stops.carried.empty()) options.set("stop", std::move(stops.carried));
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
  std::map<std::string, std::string, std::less<>> names_;  // of functions, by call id
};

class OllamaDecoder final : public Decoder {
 public:
  bool lines() const noexcept override { return true; }

  Status whole(const json::Value& answer, AnswerSink& sink) override {
    if (!answer["message"].is_object()) return malformed_answer("message is missing");
    return take(answer, sink);
  }
  Status event(const json::Value& line, AnswerSink& sink) override { return take(line, sink); }

 private:
  Status take(const json::Value& answer, AnswerSink& sink) {
    std::int64_t created = 0;
    if (const auto at = parse_rfc3339(answer["created_at"].text()))
      created = std::chrono::duration_cast<std::chrono::seconds>(at->time_since_epoch()).count();
    sink.start("", created);
    const json::Value& message = answer["message"];
    if (!message["thinking"].text().empty()) sink.reasoning(0, message["thinking"].text());
    if (answer["logprobs"].is_array()) sink.logprobs(0, json::Value{{"content", answer["logprobs"]}, {"refusal", nullptr}});
    if (message["content"].is_string()) sink.text(0, message["content"].text());
    if (const json::Array* calls = message["tool_calls"].array())
      for (const json::Value& call : *calls) {
        const json::Value& function = call["function"];
        const std::string id = call["id"].text().empty() ? fmt::format("call_{}", calls_) : std::string(call["id"].text());
        ++calls_;
        sink.tool(0, id, function["name"].text(),
                  json::write(function["arguments"].is_object() ? function["arguments"] : json::Value(json::Object{})), {});
      }
    if (answer["done"].boolean() != true) return ok();
    UsageReport usage;
    usage.usage.input = std::max<std::int64_t>(answer["prompt_eval_count"].integer().value_or(0), 0);
    usage.usage.output = std::max<std::int64_t>(answer["eval_count"].integer().value_or(0), 0);
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
