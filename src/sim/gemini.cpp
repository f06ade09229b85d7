// sim/gemini.cpp - Gemini generateContent answers.
#include "sim/gemini.hpp"

#include <fmt/format.h>

#include "sim/chance.hpp"
#include "sim/speech.hpp"
#include "sim/tokens.hpp"

namespace ajar::sim {
namespace {

std::string_view reason_of(Finish finish) {
  switch (finish) {
    case Finish::stop:
    case Finish::calls:
      return "STOP";
    case Finish::length:
      return "MAX_TOKENS";
    case Finish::filter:
      return "SAFETY";
  }
  return "STOP";
}

std::string_view status_of(int status) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status < 500 ? "INVALID_ARGUMENT" : status == 529 ? "UNAVAILABLE" : "INTERNAL";
  }
}

std::string signature_of(const Reply& reply) { return letters_of(mix(9, reply.id), 64); }

// Thoughts are not among the candidates' tokens here.
json::Value usage_value(const Usage& u, bool final) {
  json::Value usage{{"promptTokenCount", u.total_input()}};
  if (u.cache_read > 0) usage.set("cachedContentTokenCount", u.cache_read);
  if (final) usage.set("candidatesTokenCount", u.output);
  if (final && u.reasoning > 0) usage.set("thoughtsTokenCount", u.reasoning);
  usage.set("totalTokenCount", u.total_input() + (final ? u.total_output() : 0));
  usage.set("promptTokensDetails", json::Value(json::Array{json::Value{{"modality", "TEXT"}, {"tokenCount", u.total_input()}}}));
  return usage;
}

json::Value call_part(const ToolCall& call) {
  auto args = json::read(call.arguments);
  return json::Value{
      {"functionCall", json::Value{{"id", call.id}, {"name", call.name}, {"args", args ? std::move(*args) : json::Value(json::Object{})}}}};
}

json::Value logprobs_of(std::string_view text, std::int64_t top) {
  json::Array chosen, others;
  for (; !text.empty(); text.remove_prefix(token_length(text))) {
    const std::string_view token = text.substr(0, token_length(text));
    const Logprob p = logprob_of(token);
    json::Value one{{"token", token}, {"tokenId", static_cast<std::int64_t>(mix(1, token) % 200'000)}, {"logProbability", p.value}};
    json::Array candidates;
    if (top > 0) candidates.push_back(one);
    if (top > 1)
      candidates.push_back(json::Value{
          {"token", p.other}, {"tokenId", static_cast<std::int64_t>(mix(1, p.other) % 200'000)}, {"logProbability", p.other_value}});
    others.push_back(json::Value{{"candidates", std::move(candidates)}});
    chosen.push_back(std::move(one));
  }
  return json::Value{{"chosenCandidates", std::move(chosen)}, {"topCandidates", std::move(others)}};
}

json::Value blocked() {
  return json::Value{
      {"blockReason", "SAFETY"},
      {"safetyRatings", json::Value(json::Array{json::Value{{"category", "HARM_CATEGORY_DANGEROUS_CONTENT"}, {"probability", "HIGH"}}})}};
}

class GeminiEncoder final : public Encoder {
 public:
  GeminiEncoder(const Ask& ask, const Reply& reply) : ask_(ask), reply_(reply) {
    tail_ = fmt::format(R"(,"usageMetadata":{},"modelVersion":{},"responseId":"{}"}})", json::write(usage_value(reply.usage, false)),
                        json::quote(ask.model), reply.id);
  }

  void open(std::string&) override {}

  void piece(const Piece& p, std::string& out) override {
    switch (p.kind) {
      case Piece::Kind::reasoning:
        if (ask_.show_reasoning) part(out, p.choice, fmt::format(R"({{"text":{},"thought":true}})", json::quote(p.text)), {});
        return;
      case Piece::Kind::text:
        part(out, p.choice, fmt::format(R"({{"text":{}}})", json::quote(p.text)), ask_.logprobs ? p.text : std::string_view());
        return;
      case Piece::Kind::call: {
        json::Value value = call_part(reply_.choices[p.choice].calls[p.call]);
        if (p.call == 0) value.set("thoughtSignature", signature_of(reply_));  // only the first of parallel calls has one
        part(out, p.choice, json::write(value), {});
        return;
      }
      case Piece::Kind::refusal:
      case Piece::Kind::arguments:
        return;
    }
  }

  void close(std::string& out) override {
    const std::string usage = json::write(usage_value(reply_.usage, true));
    tail_ = fmt::format(R"(,"usageMetadata":{},"modelVersion":{},"responseId":"{}"}})", usage, json::quote(ask_.model), reply_.id);
    for (std::size_t i = 0; i < reply_.choices.size(); ++i) {
      const Choice& choice = reply_.choices[i];
      begin(out);
      if (!choice.refusal.empty()) {
        out.append(R"({"promptFeedback":)").append(json::write(blocked()));
      } else {
        const bool sign = !choice.reasoning.empty() && choice.calls.empty();
        const std::string last = sign ? fmt::format(R"({{"text":"","thoughtSignature":"{}"}})", signature_of(reply_)) : R"({"text":""})";
        fmt::format_to(std::back_inserter(out),
                       R"({{"candidates":[{{"content":{{"role":"model","parts":[{}]}},"finishReason":"{}","index":{}}}])", last,
                       reason_of(choice.finish), i);
      }
      end(out);
    }
    if (ask_.as_array) out += "]";
  }

 private:
  void part(std::string& out, std::size_t choice, std::string_view part, std::string_view token) {
    begin(out);
    fmt::format_to(std::back_inserter(out), R"({{"candidates":[{{"content":{{"role":"model","parts":[{}]}},"index":{})", part, choice);
    if (!token.empty()) out.append(R"(,"logprobsResult":)").append(json::write(logprobs_of(token, ask_.top_logprobs)));
    out += "}]";
    end(out);
  }
  void begin(std::string& out) {
    if (!ask_.as_array)
      out += "data: ";
    else
      out += first_ ? "[" : ",\r\n";
    first_ = false;
  }
  void end(std::string& out) const { out.append(tail_).append(ask_.as_array ? "" : "\r\n\r\n"); }

  const Ask& ask_;
  const Reply& reply_;
  std::string tail_;
  bool first_ = true;
};

class Gemini final : public Speech {
 public:
  Result<Ask> read(const json::Value& body, const net::RequestHead& head) const override { return read_gemini(body, head.target); }

  std::string whole(const Ask& ask, const Reply& reply) const override {
    json::Value answer(json::Object{});
    json::Array candidates;
    for (std::size_t i = 0; i < reply.choices.size(); ++i) {
      if (reply.choices[i].refusal.empty())
        candidates.push_back(candidate(ask, reply, i));
      else
        answer.set("promptFeedback", blocked());
    }
    if (!candidates.empty()) answer.set("candidates", std::move(candidates));
    answer.set("usageMetadata", usage_value(reply.usage, true));
    answer.set("modelVersion", ask.model);
    answer.set("responseId", reply.id);
    return json::write(answer);
  }

  std::unique_ptr<Encoder> encoder(const Ask& ask, const Reply& reply) const override {
    return std::make_unique<GeminiEncoder>(ask, reply);
  }

  std::string error(const Trouble& t) const override {
    json::Array details;
    if (t.retry_after >= 0)
      details.push_back(
          json::Value{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", fmt::format("{}s", t.retry_after)}});
    if (t.quota) {
      json::Value spent{{"quotaMetric", "generativelanguage.googleapis.com/generate_content_requests"},
                        {"quotaId", "GenerateRequestsPerDayPerProject"},
                        {"quotaValue", "0"}};
      details.push_back(json::Value{{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
                                    {"violations", json::Value(json::Array{std::move(spent)})}});
    }
    json::Value inner{{"code", t.status}, {"message", t.message}, {"status", status_of(t.status)}};
    if (!details.empty()) inner.set("details", std::move(details));
    return json::write(json::Value{{"error", std::move(inner)}});
  }
  std::string error_event(const Trouble& t) const override { return fmt::format("data: {}\r\n\r\n", error(t)); }
  std::string broken_event() const override { return "data: {\"candidates\":[{\"cont\r\n\r\n"; }
  std::string_view stream_type(const Ask& ask) const override {
    return ask.as_array ? "application/json; charset=UTF-8" : "text/event-stream";
  }

 private:
  static json::Value candidate(const Ask& ask, const Reply& reply, std::size_t index) {
    const Choice& choice = reply.choices[index];
    json::Array parts;
    if (!choice.reasoning.empty() && ask.show_reasoning) parts.push_back(json::Value{{"text", choice.reasoning}, {"thought", true}});
    if (!choice.text.empty()) parts.push_back(json::Value{{"text", choice.text}});
    if (!choice.reasoning.empty() && choice.calls.empty() && !choice.text.empty())
      parts.back().set("thoughtSignature", signature_of(reply));
    for (const ToolCall& call : choice.calls) {
      parts.push_back(call_part(call));
      if (&call == &choice.calls.front()) parts.back().set("thoughtSignature", signature_of(reply));
    }
    json::Value content{{"role", "model"}};
    if (!parts.empty()) content.set("parts", std::move(parts));  // absent when thinking took all of the limit
    json::Value value{
        {"content", std::move(content)}, {"finishReason", reason_of(choice.finish)}, {"index", static_cast<std::int64_t>(index)}};
    if (ask.logprobs) value.set("logprobsResult", logprobs_of(choice.text, ask.top_logprobs));
    return value;
  }
};

}  // namespace

std::unique_ptr<Speech> gemini_speech() { return std::make_unique<Gemini>(); }

}  // namespace ajar::sim
