// wire/responses/lane.cpp - Responses' answers and streams as neutral events.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wire/lanes.hpp"
#include "wire/responses/request.hpp"

namespace ajar::wire {
namespace {

constexpr int none = -2;  // no call; a sink gives -1 for a call that it does not show

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

  Status event(const json::Value& e, AnswerSink& sink) override {
    const std::string_view type = e["type"].text();
    if (type == "response.created") {
      sink.start(e["response"]["id"].text(), e["response"]["created_at"].integer().value_or(0));
    } else if (type == "response.output_text.delta") {
      logprobs(e, sink);
      sink.text(0, e["delta"].text());
    } else if (type == "response.refusal.delta") {
      sink.refusal(0, e["delta"].text());
    } else if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta") {
      sink.reasoning(0, e["delta"].text());
    } else if (type == "response.output_text.annotation.added") {
      json::Array one;
      one.push_back(e["annotation"]);
      cite(one, sink);
    } else if (type == "response.completed" || type == "response.incomplete") {
      complete(e["response"], sink);
      sink.end();
    } else if (type == "response.failed") {
      return failed(e["response"]);
    } else if (type == "error") {
      return failed(e);
    } else {
      tool_event(type, e, sink);
    }
    return ok();  // and what is not known yet
  }

 private:
  struct Tool {
    int index;
    bool told;
  };

  Status failed(const json::Value& told) const { return std::unexpected(upstream_failure(profile_, 200, {}, json::write(told))); }

  void tool_event(std::string_view type, const json::Value& e, AnswerSink& sink) {
    const std::int64_t at = e["output_index"].integer().value_or(0);
    const auto tool = tools_.find(at);
    if (type == "response.output_item.added") {
      if (const int index = begin_call(e["item"], "", sink); index != none) tools_[at] = {index, false};
    } else if (tool == tools_.end()) {
      return;
    } else if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
      tool->second.told = true;
      sink.tool_arguments(0, tool->second.index, e["delta"].text());
    } else if (type == "response.output_item.done" && !tool->second.told) {
      sink.tool_arguments(0, tool->second.index, e["item"]["arguments"].text(e["item"]["input"].text()));
    }
  }

  // The call_id, not the item's own id, is what results name.
  int begin_call(const json::Value& item, std::string_view arguments, AnswerSink& sink) {
    const std::string_view type = item["type"].text();
    if (type != "function_call" && type != "custom_tool_call") return none;
    called_ = true;
    if (type == "custom_tool_call") return sink.custom_tool(0, item["call_id"].text(), item["name"].text(), arguments);
    return sink.tool(0, item["call_id"].text(), item["name"].text(), arguments, {});
  }

  static void logprobs(const json::Value& from, AnswerSink& sink) {
    const json::Array* probs = from["logprobs"].array();
    if (probs != nullptr && !probs->empty()) sink.logprobs(0, json::Value{{"content", *probs}, {"refusal", nullptr}});
  }

  // Citations have one level less than in Chat.
  static void cite(const json::Array& list, AnswerSink& sink) {
    json::Array cited;
    for (const json::Value& item : list) {
      if (item["type"].text() != "url_citation") continue;
      json::Value inner{json::Object{}};
      for (const std::string_view key : {"start_index", "end_index", "title", "url"}) inner.set(key, item[key]);
      cited.push_back(json::Value{{"type", "url_citation"}, {"url_citation", std::move(inner)}});
    }
    if (!cited.empty()) sink.annotations(0, std::move(cited));
  }

  void whole_item(const json::Value& item, AnswerSink& sink) {
    begin_call(item, item["arguments"].text(item["input"].text()), sink);
    const std::string_view type = item["type"].text();
    if (type == "reasoning") return reasoning(item, sink);
    const json::Array* parts = type == "message" ? item["content"].array() : nullptr;
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      const json::Value& part = (*parts)[i];
      logprobs(part, sink);
      if (part["type"].text() == "output_text") sink.text(0, part["text"].text());
      if (part["type"].text() == "refusal") sink.refusal(0, part["refusal"].text());
      if (part["annotations"].is_array()) cite(*part["annotations"].array(), sink);
    }
  }

  // A summary, or an open model's own reasoning where there is none.
  static void reasoning(const json::Value& item, AnswerSink& sink) {
    const json::Array* summary = item["summary"].array();
    const json::Array* parts = summary != nullptr && !summary->empty() ? summary : item["content"].array();
    if (parts == nullptr) return;
    for (const json::Value& part : *parts) sink.reasoning(0, part["text"].text());
  }

  void complete(const json::Value& response, AnswerSink& sink) {
    const json::Value& told = response["usage"];
    if (told.is_object()) {
      const auto n = [](const json::Value& v) { return std::max<std::int64_t>(v.integer().value_or(0), 0); };
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
  std::map<std::int64_t, Tool> tools_;  // by output index
  bool called_ = false;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_responses(const Envelope& envelope, const Target& target) {
  auto request = responses_request(envelope, target);
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<ResponsesDecoder>(*target.profile));
}

}  // namespace ajar::wire
