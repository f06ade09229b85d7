// sim/anthropic.cpp - Anthropic Messages answers.
#include "sim/anthropic.hpp"

#include <fmt/format.h>

#include "sim/chance.hpp"
#include "sim/speech.hpp"

namespace ajar::sim {
namespace {

std::string_view reason_of(const Choice& choice) {
  if (!choice.refusal.empty()) return "refusal";
  switch (choice.finish) {
    case Finish::stop:
      return choice.stop_sequence.empty() ? "end_turn" : "stop_sequence";
    case Finish::length:
      return "max_tokens";
    case Finish::calls:
      return "tool_use";
    case Finish::filter:
      return "refusal";
  }
  return "end_turn";
}

json::Value details_of(const Choice& choice) {
  if (reason_of(choice) != "refusal") return {};
  const std::string_view why =
      choice.refusal.empty() ? std::string_view("A simulated filter ended this answer.") : std::string_view(choice.refusal);
  return json::Value{{"type", "refusal"}, {"category", "general_harms"}, {"explanation", why}};
}

json::Value usage_value(const Usage& u) {
  return json::Value{
      {"input_tokens", u.input},
      {"cache_creation_input_tokens", u.cache_write_5m + u.cache_write_1h},
      {"cache_read_input_tokens", u.cache_read},
      {"cache_creation", json::Value{{"ephemeral_5m_input_tokens", u.cache_write_5m}, {"ephemeral_1h_input_tokens", u.cache_write_1h}}},
      {"output_tokens", u.total_output()},
      {"output_tokens_details", json::Value{{"thinking_tokens", u.reasoning}}},
      {"server_tool_use", nullptr},
      {"service_tier", "standard"},
      {"inference_geo", nullptr},
      {"speed", nullptr}};
}

// The message without content, as it begins a stream and frames a whole answer.
json::Value message_value(const Ask& ask, const Reply& reply) {
  return json::Value{{"id", "msg_" + reply.id},
                     {"type", "message"},
                     {"role", "assistant"},
                     {"model", ask.model},
                     {"content", json::Value(json::Array{})},
                     {"stop_reason", nullptr},
                     {"stop_sequence", nullptr},
                     {"stop_details", nullptr},
                     {"container", nullptr},
                     {"diagnostics", nullptr}};
}

std::string signature_of(const Reply& reply) { return letters_of(mix(5, reply.id), 64); }

std::string_view type_of(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

class AnthropicEncoder final : public Encoder {
 public:
  AnthropicEncoder(const Ask& ask, const Reply& reply) : ask_(ask), reply_(reply) {}

  void open(std::string& out) override {
    json::Value message = message_value(ask_, reply_);
    Usage usage = reply_.usage;
    usage.output = 1;
    usage.reasoning = 0;
    message.set("usage", usage_value(usage));
    event(out, "message_start", json::Value{{"message", std::move(message)}});
    event(out, "ping", json::Value(json::Object{}));
  }

  void piece(const Piece& p, std::string& out) override {
    const auto to = std::back_inserter(out);
    switch (p.kind) {
      case Piece::Kind::refusal:
        return;  // told at the end
      case Piece::Kind::call:
        end_block(out);
        begin_block(out, p.kind,
                    fmt::format(R"({{"type":"tool_use","id":"toolu_{}","name":{},"input":{{}},"caller":{{"type":"direct"}}}})",
                                reply_.choices[0].calls[p.call].id, json::quote(p.text)));
        delta(out, R"({"type":"input_json_delta","partial_json":""})");
        return;
      case Piece::Kind::arguments:
        break;
      case Piece::Kind::reasoning:
      case Piece::Kind::text:
        if (open_ != p.kind) {
          end_block(out);
          begin_block(out, p.kind,
                      p.kind == Piece::Kind::text ? R"({"type":"text","text":"","citations":null})"
                                                  : R"({"type":"thinking","thinking":"","signature":""})");
        }
        if (p.kind == Piece::Kind::reasoning && !ask_.show_reasoning) return;
        break;
    }
    const bool text = p.kind == Piece::Kind::text, thinking = p.kind == Piece::Kind::reasoning;
    fmt::format_to(to, R"(event: content_block_delta{}data: {{"type":"content_block_delta","index":{},"delta":{{"type":"{}","{}":)", '\n',
                   index_,
                   text       ? "text_delta"
                   : thinking ? "thinking_delta"
                              : "input_json_delta",
                   text       ? "text"
                   : thinking ? "thinking"
                              : "partial_json");
    json::quote_to(out, p.text);
    out += "}}\n\n";
  }

  void close(std::string& out) override {
    end_block(out);
    const Choice& choice = reply_.choices[0];
    json::Value change{{"stop_reason", reason_of(choice)},
                       {"stop_sequence", choice.stop_sequence.empty() ? json::Value() : json::Value(choice.stop_sequence)},
                       {"stop_details", details_of(choice)},
                       {"container", nullptr}};
    event(out, "message_delta", json::Value{{"delta", std::move(change)}, {"usage", usage_value(reply_.usage)}});
    event(out, "message_stop", json::Value(json::Object{}));
  }

 private:
  static void event(std::string& out, std::string_view type, json::Value data) {
    json::Value all{{"type", type}};
    for (json::Member& m : data.object()->members) all.set(m.key, std::move(m.value));
    fmt::format_to(std::back_inserter(out), "event: {}\ndata: {}\n\n", type, json::write(all));
  }
  void delta(std::string& out, std::string_view json) const {
    fmt::format_to(std::back_inserter(out),
                   "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{},\"delta\":{}}}\n\n", index_, json);
  }
  void begin_block(std::string& out, Piece::Kind kind, std::string_view block) {
    open_ = kind;
    ++index_;
    fmt::format_to(std::back_inserter(out),
                   "event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":{},\"content_block\":{}}}\n\n", index_,
                   block);
  }
  void end_block(std::string& out) {
    if (!open_) return;
    if (open_ == Piece::Kind::reasoning) delta(out, fmt::format(R"({{"type":"signature_delta","signature":"{}"}})", signature_of(reply_)));
    fmt::format_to(std::back_inserter(out), "event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":{}}}\n\n",
                   index_);
    open_.reset();
  }

  const Ask& ask_;
  const Reply& reply_;
  std::optional<Piece::Kind> open_;  // the block that is open: of reasoning, text or a call
  int index_ = -1;
};

class Anthropic final : public Speech {
 public:
  Result<Ask> read(const json::Value& body, const net::RequestHead& head) const override {
    return read_anthropic(body, head.find("anthropic-version"));
  }

  std::string whole(const Ask& ask, const Reply& reply) const override {
    const Choice& choice = reply.choices[0];
    json::Value message = message_value(ask, reply);
    json::Array content;
    if (!choice.reasoning.empty())
      content.push_back(json::Value{
          {"type", "thinking"}, {"thinking", ask.show_reasoning ? choice.reasoning : std::string()}, {"signature", signature_of(reply)}});
    if (!choice.text.empty()) content.push_back(json::Value{{"type", "text"}, {"text", choice.text}, {"citations", nullptr}});
    for (const ToolCall& call : choice.calls) {
      auto input = json::read(call.arguments);
      content.push_back(json::Value{{"type", "tool_use"},
                                    {"id", "toolu_" + call.id},
                                    {"name", call.name},
                                    {"input", input ? std::move(*input) : json::Value(json::Object{})},
                                    {"caller", json::Value{{"type", "direct"}}}});
    }
    message.set("content", std::move(content));
    message.set("stop_reason", reason_of(choice));
    if (!choice.stop_sequence.empty()) message.set("stop_sequence", choice.stop_sequence);
    message.set("stop_details", details_of(choice));
    message.set("usage", usage_value(reply.usage));
    return json::write(message);
  }

  std::unique_ptr<Encoder> encoder(const Ask& ask, const Reply& reply) const override {
    return std::make_unique<AnthropicEncoder>(ask, reply);
  }

  std::string error(const Trouble& t) const override {
    json::Value inner{{"type", type_of(t.status)}, {"message", t.message}};
    if (t.quota) inner.set("details", json::Value{{"error_code", "enforced_spend_limit_reached"}});
    return json::write(
        json::Value{{"type", "error"}, {"error", std::move(inner)}, {"request_id", "req_" + letters_of(mix(3, t.message), 24)}});
  }
  std::string error_event(const Trouble& t) const override { return fmt::format("event: error\ndata: {}\n\n", error(t)); }
  std::string broken_event() const override {
    return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"del\n\n";
  }
  std::string_view id_header() const override { return "request-id"; }
};

}  // namespace

std::unique_ptr<Speech> anthropic_speech() { return std::make_unique<Anthropic>(); }

}  // namespace ajar::sim
