// wire/gemini/lane.cpp - generateContent answers and streams as neutral events.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wire/gemini/request.hpp"
#include "wire/lanes.hpp"

namespace ajar::wire {
namespace {

constexpr std::int64_t most_choices = 128;

// In Chat's words; "" = not finished. What could not be used is a failure, so that the call can be made again.
Result<std::string_view> finish_of(std::string_view reason) {
  static constexpr std::string_view filtered[] = {
      "SAFETY",           "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
      "IMAGE_RECITATION", "IMAGE_OTHER"};
  static constexpr std::string_view unusable[] = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "OTHER"};
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return "";
  if (reason == "MAX_TOKENS" || reason == "CONTINUATION") return "length";
  if (std::ranges::find(filtered, reason) != std::end(filtered)) return "content_filter";
  if (std::ranges::find(unusable, reason) != std::end(unusable))
    return fail(Fault::upstream_unavailable, fmt::format("the model's answer could not be used ({})", reason), "upstream_error");
  return "stop";  // STOP, and what is not known yet
}

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
  Status whole(const json::Value& answer, AnswerSink& sink) override {
    if (!answer["candidates"].is_array() && !answer["promptFeedback"].is_object()) return malformed_answer("candidates are missing");
    return take(answer, sink);
  }
  Status event(const json::Value& chunk, AnswerSink& sink) override { return take(chunk, sink); }
  // The end of the body ends the stream.
  Status closed(AnswerSink& sink) override {
    if (!choices_.empty() && std::ranges::all_of(choices_, [](const auto& c) { return c.second.finished; })) sink.end();
    return ok();
  }

 private:
  struct Choice {
    bool finished = false, called = false;
  };

  Status take(const json::Value& answer, AnswerSink& sink) {
    id_ = answer["responseId"].text(id_);
    sink.start(id_, 0);
    note_usage(answer["usageMetadata"], sink);
    if (const std::string_view blocked = answer["promptFeedback"]["blockReason"].text(); !blocked.empty()) {
      sink.refusal(0, fmt::format("Prompt blocked: {}", blocked));
      choices_[0].finished = true;
      sink.finish(0, "content_filter");
      return ok();
    }
    if (const json::Array* candidates = answer["candidates"].array())
      for (const json::Value& candidate : *candidates)
        if (auto done = one(candidate, sink); !done) return done;
    return ok();
  }

  Status one(const json::Value& candidate, AnswerSink& sink) {
    const std::int64_t index = candidate["index"].integer().value_or(0);
    if (index < 0 || index >= most_choices) return malformed_answer("a candidate's index is out of range");
    const auto at = static_cast<int>(index);
    Choice& choice = choices_[at];
    if (candidate["logprobsResult"].is_object()) sink.logprobs(at, logprobs_of(candidate["logprobsResult"]));
    if (const json::Array* parts = candidate["content"]["parts"].array())
      for (const json::Value& item : *parts) part(at, choice, item, sink);
    auto reason = finish_of(candidate["finishReason"].text());
    if (!reason) return forward(std::move(reason));
    if (reason->empty()) return ok();
    choice.finished = true;
    sink.finish(at, *reason == "stop" && choice.called ? "tool_calls" : *reason);
    return ok();
  }

  void part(int at, Choice& choice, const json::Value& item, AnswerSink& sink) {
    const json::Value& signature = item["thoughtSignature"];
    const json::Value extra =
        signature.is_string() ? json::Value{{"google", json::Value{{"thought_signature", signature}}}} : json::Value();
    if (item["functionCall"].is_object()) {
      const json::Value& call = item["functionCall"];
      choice.called = true;
      const std::string id = call["id"].text().empty() ? fmt::format("call_{}_{}", id_, calls_) : std::string(call["id"].text());
      ++calls_;
      sink.tool(at, id, call["name"].text(), json::write(call["args"].is_object() ? call["args"] : json::Value(json::Object{})), extra);
    } else if (item["text"].is_string()) {
      const std::string_view text = item["text"].text();
      if (item["thought"].boolean() == true) return sink.reasoning(at, text);
      if (!text.empty() || extra.is_null()) sink.text(at, text);
      if (!extra.is_null()) sink.extra_content(at, extra);
    }
  }

  void note_usage(const json::Value& told, AnswerSink& sink) {
    if (!told.is_object()) return;
    const auto n = [&](std::string_view key) { return std::max<std::int64_t>(told[key].integer().value_or(0), 0); };
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

  std::string id_;
  std::map<int, Choice> choices_;
  int calls_ = 0;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_gemini(const Envelope& envelope, const Target& target) {
  auto request = gemini_request(envelope, target);
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<GeminiDecoder>());
}

}  // namespace ajar::wire
