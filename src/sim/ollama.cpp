// sim/ollama.cpp - Ollama's own dialect: /api/chat with lines of JSON.
#include <fmt/format.h>

#include "base/text.hpp"
#include "sim/openai.hpp"

namespace ajar::sim {
namespace {

Result<Ask> read_ollama(const json::Value& body) {
  Ask ask;
  ask.caches = false;
  if (auto good = need_model(body, ask); !good) return forward(std::move(good));
  if (auto good = read_chat_tools(body, ask); !good) return forward(std::move(good));
  if (auto good = read_chat_messages(body, ask); !good) return forward(std::move(good));
  const json::Value& options = body["options"];
  if (const auto limit = options["num_predict"].integer(); limit && *limit > 0) ask.max_tokens = *limit;  // -1 and -2 are no limit
  read_stops(options["stop"], ask);
  if (body["format"].is_object()) ask.schema = body["format"];
  ask.json_object = body["format"].text() == "json";
  ask.effort = body["think"].boolean().value_or(false) ? "medium" : body["think"].text();
  ask.stream = body["stream"].boolean().value_or(true);
  ask.logprobs = body["logprobs"].boolean().value_or(false);
  ask.top_logprobs = body["top_logprobs"].integer().value_or(0);
  return ask;
}

std::string start_of(const Ask& ask, const Reply& reply) {
  return fmt::format(R"({{"model":{},"created_at":"{}",)", json::quote(ask.model), rfc3339(WallTime(std::chrono::seconds(reply.created))));
}

json::Value call_value(const ToolCall& call, std::size_t index) {
  auto arguments = json::read(call.arguments);
  return json::Value{{"id", "call_" + call.id},
                     {"function", json::Value{{"index", static_cast<std::int64_t>(index)},
                                              {"name", call.name},
                                              {"arguments", arguments ? std::move(*arguments) : json::Value(json::Object{})}}}};
}

// The members of the last line.
std::string ending_of(const Reply& reply) {
  const Usage& u = reply.usage;
  constexpr std::int64_t per_token = 8'000'000;  // nanoseconds
  const std::string_view reason = reply.choices[0].finish == Finish::length ? "length" : "stop";
  const std::int64_t in = u.total_input() * per_token / 20, out = u.total_output() * per_token;
  return fmt::format(
      R"("done":true,"done_reason":"{}","total_duration":{},"load_duration":1000000,"prompt_eval_count":{},"prompt_eval_duration":{},"eval_count":{},"eval_duration":{}}})",
      reason, in + out + 1'000'000, u.total_input(), in, u.total_output(), out);
}

class OllamaEncoder final : public Encoder {
 public:
  OllamaEncoder(const Ask& ask, const Reply& reply) : ask_(ask), reply_(reply), start_(start_of(ask, reply)) {}

  void open(std::string&) override {}

  void piece(const Piece& p, std::string& out) override {
    switch (p.kind) {
      case Piece::Kind::text:
      case Piece::Kind::refusal:
        line(out, R"("content":)" + json::quote(p.text), ask_.logprobs ? json::write(logprobs_value(p.text, ask_.top_logprobs)) : "");
        break;
      case Piece::Kind::reasoning:
        line(out, R"("content":"","thinking":)" + json::quote(p.text));
        break;
      case Piece::Kind::call:
        line(out,
             R"("content":"","tool_calls":)" + json::write(json::Value(json::Array{call_value(reply_.choices[0].calls[p.call], p.call)})));
        break;
      case Piece::Kind::arguments:
        break;  // came with the call
    }
  }

  void close(std::string& out) override {
    out.append(start_).append(R"("message":{"role":"assistant","content":""},)").append(ending_of(reply_)).append("\n");
  }

 private:
  void line(std::string& out, std::string_view members, std::string_view logprobs = {}) const {
    const std::string_view name = logprobs.empty() ? "" : R"("logprobs":)", comma = logprobs.empty() ? "" : ",";
    fmt::format_to(std::back_inserter(out), R"({}"message":{{"role":"assistant",{}}},{}{}{}"done":false}}{})", start_, members, name,
                   logprobs, comma, '\n');
  }

  const Ask& ask_;
  const Reply& reply_;
  std::string start_;
};

class Ollama final : public Speech {
 public:
  Result<Ask> read(const json::Value& body, const net::RequestHead&) const override { return read_ollama(body); }

  std::string whole(const Ask& ask, const Reply& reply) const override {
    const Choice& choice = reply.choices[0];
    json::Value message{{"role", "assistant"}, {"content", choice.refusal.empty() ? choice.text : choice.refusal}};
    if (!choice.reasoning.empty()) message.set("thinking", choice.reasoning);
    json::Array calls;
    for (const ToolCall& call : choice.calls) calls.push_back(call_value(call, calls.size()));
    if (!calls.empty()) message.set("tool_calls", std::move(calls));
    std::string answer = start_of(ask, reply) + "\"message\":" + json::write(message) + ",";
    if (ask.logprobs) answer += "\"logprobs\":" + json::write(logprobs_value(choice.text, ask.top_logprobs)) + ",";
    return answer + ending_of(reply);
  }

  std::unique_ptr<Encoder> encoder(const Ask& ask, const Reply& reply) const override {
    return std::make_unique<OllamaEncoder>(ask, reply);
  }
  std::string error(const Trouble& t) const override { return json::write(json::Value{{"error", t.message}}); }
  std::string error_event(const Trouble& t) const override { return error(t) + "\n"; }
  std::string broken_event() const override { return "{\"model\":\"broken\",\"mess\n"; }
  std::string_view stream_type(const Ask&) const override { return "application/x-ndjson"; }
};

}  // namespace

std::unique_ptr<Speech> ollama_speech() { return std::make_unique<Ollama>(); }

}  // namespace ajar::sim
