// sim/chat.cpp - OpenAI Chat Completions answers, as OpenAI and as engines give them.
#include <fmt/format.h>

#include "sim/openai.hpp"

namespace ajar::sim {
namespace {

std::string_view reason_of(Finish finish) {
  switch (finish) {
    case Finish::stop:
      return "stop";
    case Finish::length:
      return "length";
    case Finish::calls:
      return "tool_calls";
    case Finish::filter:
      return "content_filter";
  }
  return "stop";
}

// Where reasoning is shown; "" = only counted.
std::string_view reasoning_field(Engine engine) {
  switch (engine) {
    case Engine::openai:
    case Engine::tgi:
      return {};
    case Engine::vllm:
    case Engine::ollama:
      return "reasoning";
    case Engine::none:
    case Engine::sglang:
    case Engine::llamacpp:
    case Engine::lmstudio:
      return "reasoning_content";
  }
  return {};
}

json::Value usage_value(const Usage& u, Engine engine) {
  json::Value usage{
      {"prompt_tokens", u.total_input()}, {"completion_tokens", u.total_output()}, {"total_tokens", u.total_input() + u.total_output()}};
  if (engine == Engine::ollama || engine == Engine::tgi) return usage;  // no details there
  if (engine == Engine::sglang) {
    usage.set("prompt_tokens_details", json::Value{{"cached_tokens", u.cache_read}});
    usage.set("reasoning_tokens", u.reasoning);
    return usage;
  }
  usage.set("prompt_tokens_details", json::Value{{"cached_tokens", u.cache_read}, {"audio_tokens", 0}});
  usage.set(
      "completion_tokens_details",
      json::Value{
          {"reasoning_tokens", u.reasoning}, {"audio_tokens", 0}, {"accepted_prediction_tokens", 0}, {"rejected_prediction_tokens", 0}});
  return usage;
}

json::Value call_value(const ToolCall& call) {
  json::Value value{{"id", "call_" + call.id}, {"type", call.custom ? "custom" : "function"}};
  if (call.custom)
    value.set("custom", json::Value{{"name", call.name}, {"input", call.arguments}});
  else
    value.set("function", json::Value{{"name", call.name}, {"arguments", call.arguments}});
  return value;
}

class ChatEncoder final : public Encoder {
 public:
  ChatEncoder(const Ask& ask, const Reply& reply, Engine engine)
      : ask_(ask), reply_(reply), engine_(engine), field_(reasoning_field(engine)) {
    head_ = fmt::format(
        R"(data: {{"id":"chatcmpl-{}","object":"chat.completion.chunk","created":{},"model":{},"service_tier":"default","system_fingerprint":"fp_simulated",)",
        reply.id, reply.created, json::quote(ask.model));
    tail_ = ask.wants_usage ? R"("}],"usage":null})"
                              "\n\n"
                            : "\"}]}\n\n";
  }

  void open(std::string& out) override {
    for (std::size_t i = 0; i < reply_.choices.size(); ++i) {
      begin(out, i);
      out += R"("role":"assistant","content":"","refusal":null)";
      end(out, {});
    }
  }

  void piece(const Piece& p, std::string& out) override {
    const bool custom = !reply_.choices[p.choice].calls.empty() && reply_.choices[p.choice].calls[p.call].custom;
    if (p.kind == Piece::Kind::reasoning && field_.empty()) return;
    begin(out, p.choice);
    switch (p.kind) {
      case Piece::Kind::reasoning:
        field(out, field_, p.text);
        break;
      case Piece::Kind::text:
        field(out, "content", p.text);
        break;
      case Piece::Kind::refusal:
        field(out, "refusal", p.text);
        break;
      case Piece::Kind::call:
        fmt::format_to(std::back_inserter(out), R"("tool_calls":[{{"index":{},"id":"call_{}","type":"{}",)", p.call,
                       reply_.choices[p.choice].calls[p.call].id, custom ? "custom" : "function");
        fmt::format_to(std::back_inserter(out), R"("{}":{{"name":{},"{}":""}}}}])", custom ? "custom" : "function", json::quote(p.text),
                       custom ? "input" : "arguments");
        break;
      case Piece::Kind::arguments:
        fmt::format_to(std::back_inserter(out), R"("tool_calls":[{{"index":{},"{}":{{)", p.call, custom ? "custom" : "function");
        field(out, custom ? "input" : "arguments", p.text);
        out += "}}]";
        break;
    }
    end(out, p.kind == Piece::Kind::text && ask_.logprobs ? p.text : std::string_view());
  }

  void close(std::string& out) override {
    for (std::size_t i = 0; i < reply_.choices.size(); ++i) {
      begin(out, i);
      fmt::format_to(std::back_inserter(out), R"(}},"logprobs":null,"finish_reason":"{})", reason_of(reply_.choices[i].finish));
      out += tail_;
    }
    if (ask_.wants_usage) {
      out.append(head_).append(R"("choices":[],"usage":)");
      json::write_to(out, usage_value(reply_.usage, engine_));
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
  }

 private:
  void begin(std::string& out, std::size_t choice) const {
    fmt::format_to(std::back_inserter(out), R"({}"choices":[{{"index":{},"delta":{{)", head_, choice);
  }
  static void field(std::string& out, std::string_view name, std::string_view text) {
    out.append("\"").append(name).append("\":");
    json::quote_to(out, text);
  }
  void end(std::string& out, std::string_view token) const {
    out += R"(},"logprobs":)";
    if (token.empty())
      out += "null";
    else
      json::write_to(out,
                     json::Value{{"content", json::Value(json::Array{logprob_value(token, ask_.top_logprobs)})}, {"refusal", nullptr}});
    out += R"(,"finish_reason":null)";
    out.append(std::string_view(tail_).substr(1));  // without the quote that ends a reason
  }

  const Ask& ask_;
  const Reply& reply_;
  Engine engine_;
  std::string_view field_;
  std::string head_, tail_;
};

class Chat final : public Speech {
 public:
  explicit Chat(Engine engine) : engine_(engine) {}

  Result<Ask> read(const json::Value& body, const net::RequestHead&) const override { return read_chat(body); }

  std::string whole(const Ask& ask, const Reply& reply) const override {
    json::Array choices;
    for (std::size_t i = 0; i < reply.choices.size(); ++i) choices.push_back(choice_value(ask, reply.choices[i], i));
    json::Value answer{{"id", "chatcmpl-" + reply.id}, {"object", "chat.completion"}, {"created", reply.created}, {"model", ask.model}};
    answer.set("choices", std::move(choices));
    answer.set("usage", usage_value(reply.usage, engine_));
    answer.set("service_tier", "default");
    answer.set("system_fingerprint", "fp_simulated");
    return json::write(answer);
  }

  std::unique_ptr<Encoder> encoder(const Ask& ask, const Reply& reply) const override {
    return std::make_unique<ChatEncoder>(ask, reply, engine_);
  }
  std::string error(const Trouble& t) const override { return openai_error(engine_, t); }
  std::string error_event(const Trouble& t) const override {
    return fmt::format("data: {}\n\n", json::write(json::Value{{"error", openai_error_value(t)}}));
  }
  std::string broken_event() const override { return "data: {\"id\":\"chatcmpl-broken\",\"choices\":[{\"index\":0,\"del\n\n"; }

 private:
  json::Value choice_value(const Ask& ask, const Choice& c, std::size_t index) const {
    json::Value message{{"role", "assistant"}};
    message.set("content", c.text.empty() && (!c.calls.empty() || !c.refusal.empty()) ? json::Value() : json::Value(c.text));
    message.set("refusal", c.refusal.empty() ? json::Value() : json::Value(c.refusal));
    if (const std::string_view field = reasoning_field(engine_); !field.empty() && !c.reasoning.empty()) message.set(field, c.reasoning);
    if (!c.calls.empty()) {
      json::Array calls;
      for (const ToolCall& call : c.calls) calls.push_back(call_value(call));
      message.set("tool_calls", std::move(calls));
    }
    json::Value logprobs;
    if (ask.logprobs) logprobs = json::Value{{"content", logprobs_value(c.text, ask.top_logprobs)}, {"refusal", nullptr}};
    return json::Value{{"index", static_cast<std::int64_t>(index)},
                       {"message", std::move(message)},
                       {"logprobs", std::move(logprobs)},
                       {"finish_reason", reason_of(c.finish)}};
  }

  Engine engine_;
};

}  // namespace

std::unique_ptr<Speech> chat_speech(Engine engine) { return std::make_unique<Chat>(engine); }

}  // namespace ajar::sim
