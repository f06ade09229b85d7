// wire/gemini/lane.cpp - generateContent answers and streams as neutral events.
#include <fmt/format.h>

#include <set>

#include "wire/gemini/request.hpp"
#include "wire/lanes.hpp"

namespace ajar::wire {
namespace {

json::Value token_of(const json::Value& from) {
  const std::string_view token = from["token"].text();
  json::Array bytes;
  for (const char c : token) bytes.emplace_back(static_cast<int>(static_cast<unsigned char>(c)));
  return json::Value{{"token", token}, {"logprob", from["logProbability"]}, {"bytes", std::move(bytes)}};
}

// Gemini's chosen and top candidates per token, in Chat's shape.
json::Value logprobs_of(const json::Value& result) {
  json::Array content;
  const json::Array* chosen = result["chosenCandidates"].array();
  for (std::size_t i = 0; chosen != nullptr && i < chosen->size(); ++i) {
    json::Value item = token_of((*chosen)[i]);
    json::Array top;
    if (const json::Array* candidates = result["topCandidates"].at(i)["candidates"].array())
      for (const json::Value& candidate : *candidates) top.push_back(token_of(candidate));
    item.set("top_logprobs", std::move(top));
    content.push_back(std::move(item));
  }
  return json::Value{{"content", std::move(content)}, {"refusal", nullptr}};
}

class GeminiDecoder final : public Decoder {
 public:
  explicit GeminiDecoder(const Profile& profile) : profile_(profile) {}

  Status whole(const json::Value& answer, AnswerSink& sink) override {
    if (!answer["candidates"].is_array() && !answer["promptFeedback"].is_object()) return malformed_answer("candidates are missing");
    return take(answer, sink);
  }

  Status event(std::string_view, std::string_view data, AnswerSink& sink) override {
    auto read = json::read(data, {.depth = 64, .refuse_duplicates = false});
    if (!read) return malformed_answer("an event is not JSON");
    if ((*read)["error"].is_object()) {
      const auto code = (*read)["error"]["code"].integer().value_or(500);
      return std::unexpected(upstream_failure(profile_, static_cast<int>(code), {}, data));
    }
    return take(*read, sink);
  }

 private:
  Status take(const json::Value& answer, AnswerSink& sink) {
    id_ = answer["responseId"].text(id_);
    sink.start(id_, 0);
    note_usage(answer["usageMetadata"], sink);
    if (const std::string_view blocked = answer["promptFeedback"]["blockReason"].text(); !blocked.empty()) {
      sink.refusal(0, fmt::format("Prompt blocked: {}", blocked));
      sink.finish(0, "content_filter");
      return ok();
    }
    if (const json::Array* candidates = answer["candidates"].array())
      for (const json::Value& candidate : *candidates)
        if (auto done = one(candidate, sink); !done) return done;
    return ok();
  }

  Status one(const json::Value& candidate, AnswerSink& sink) {
    const auto choice = static_cast<int>(candidate["index"].integer().value_or(0));
    if (choice < 0 || choice > 128) return malformed_answer("a candidate's index is out of range");
    if (const json::Array* parts = candidate["content"]["parts"].array())
      for (const json::Value& item : *parts) part(choice, item, sink);
    if (candidate["logprobsResult"].is_object()) sink.logprobs(choice, logprobs_of(candidate["logprobsResult"]));
    const std::string_view reason = candidate["finishReason"].text();
    if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return ok();
    if (reason == "MALFORMED_FUNCTION_CALL" || reason == "UNEXPECTED_TOOL_CALL" || reason == "MALFORMED_RESPONSE" || reason == "OTHER")
      return fail(Fault::upstream_unavailable, fmt::format("the model's answer could not be used ({})", reason), "upstream_error");
    const bool ends = reason == "STOP", limit = reason == "MAX_TOKENS" || reason == "CONTINUATION";
    sink.finish(choice, limit ? "length" : !ends ? "content_filter" : called_.contains(choice) ? "tool_calls" : "stop");
    return ok();
  }

  void part(int choice, const json::Value& item, AnswerSink& sink) {
    const json::Value& signature = item["thoughtSignature"];
    const json::Value extra = signature.is_string() ? json::Value{{"google", json::Value{{"thought_signature", signature}}}} : json::Value();
    if (item["functionCall"].is_object()) {
      const json::Value& call = item["functionCall"];
      called_.insert(choice);
      const std::string id = call["id"].is_string() ? std::string(call["id"].text()) : fmt::format("call_{}_{}", id_, calls_);
      ++calls_;
      sink.tool(choice, id, call["name"].text(), json::write(call["args"].is_object() ? call["args"] : json::Value(json::Object{})), extra);
    } else if (item["text"].is_string()) {
      if (item["thought"].boolean() == true) {
        sink.reasoning(choice, item["text"].text());
        return;
      }
      if (!item["text"].text().empty() || !signature.is_string()) sink.text(choice, item["text"].text());
      if (!extra.is_null()) sink.extra_content(choice, extra);
    }
  }

  void note_usage(const json::Value& told, AnswerSink& sink) {
    if (!told.is_object()) return;
    const auto n = [&](std::string_view key) { return told[key].integer().value_or(0); };
    UsageReport report;
    Usage& u = report.usage;
    const std::int64_t in = n("promptTokenCount") + n("toolUsePromptTokenCount");
    u.cache_read = std::min(n("cachedContentTokenCount"), in);
    u.input = in - u.cache_read;
    u.output = n("candidatesTokenCount");
    u.reasoning = n("thoughtsTokenCount");
    report.cached_known = u.cache_read > 0;
    report.reasoning_known = u.reasoning > 0;
    sink.usage(report);
  }

  const Profile profile_;
  std::string id_;
  std::set<int> called_;   // choices that hold a call
  int calls_ = 0;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_gemini(const Envelope& envelope, const Target& target) {
  auto request = gemini_request(envelope, target);
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<GeminiDecoder>(*target.profile));
}

}  // namespace ajar::wire
