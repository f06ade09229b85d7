// wire/anthropic/lane.cpp - Messages answers and streams as neutral events.
#include <algorithm>
#include <map>

#include "wire/anthropic/request.hpp"
#include "wire/lanes.hpp"

namespace ajar::wire {
namespace {

std::string_view finish_of(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";  // end_turn, stop_sequence, pause_turn
}

class AnthropicDecoder final : public Decoder {
 public:
  Status whole(const json::Value& answer, AnswerSink& sink) override {
    const json::Array* blocks = answer["content"].array();
    if (blocks == nullptr) return malformed_answer("content is missing");
    sink.start(answer["id"].text(), 0);
    for (const json::Value& block : *blocks) {
      const std::string_view type = block["type"].text();
      if (type == "text")
        sink.text(0, block["text"].text());
      else if (type == "thinking" || type == "redacted_thinking")
        signed_block(block, sink, true);
      else if (type == "tool_use")
        sink.tool(0, block["id"].text(), block["name"].text(), input_of(block["input"]), {});
    }
    note_usage(answer["usage"]);
    sink.usage(usage_);
    stop(answer, sink);
    return ok();
  }

  Status event(const json::Value& e, AnswerSink& sink) override {
    const std::string_view type = e["type"].text();
    if (type == "content_block_delta") return delta(e, sink);
    if (type == "content_block_start") block_start(e, sink);
    if (type == "content_block_stop") block_stop(e, sink);
    if (type == "message") {  // an answer that was not streamed
      if (auto done = whole(e, sink); !done) return done;
      sink.end();
    } else if (type == "message_start") {
      sink.start(e["message"]["id"].text(), 0);
      note_usage(e["message"]["usage"]);
    } else if (type == "message_delta") {
      note_usage(e["usage"]);
      sink.usage(usage_);
      stop(e["delta"], sink);
      stopped_ = stopped_ || e["delta"]["stop_reason"].is_string();
    } else if (type == "message_stop") {
      if (!stopped_) return malformed_answer("it does not say why it ended");
      sink.end();
    }
    return ok();  // pings and what is not known yet
  }

 private:
  struct Block {
    std::string type, thinking, signature, data;
    int tool = -1;
    bool arguments = false;
    json::Value input;
  };

  static std::string input_of(const json::Value& input) { return json::write(input.is_object() ? input : json::Value(json::Object{})); }

  static void signed_block(const json::Value& block, AnswerSink& sink, bool with_text) {
    if (with_text) sink.reasoning(0, block["thinking"].text());
    json::Value kept = block["type"].text() == "thinking"
                           ? json::Value{{"type", "thinking"}, {"thinking", block["thinking"]}, {"signature", block["signature"]}}
                           : json::Value{{"type", "redacted_thinking"}, {"data", block["data"]}};
    sink.thinking_block(0, std::move(kept));
  }

  void block_start(const json::Value& e, AnswerSink& sink) {
    const json::Value& start = e["content_block"];
    Block block;
    block.type = start["type"].text();
    block.thinking = start["thinking"].text();
    block.data = start["data"].text();
    if (block.type == "tool_use") {
      block.tool = sink.tool(0, start["id"].text(), start["name"].text(), "", {});
      block.input = start["input"];
    }
    if (block.type == "text") sink.text(0, start["text"].text());
    if (block.type == "thinking" && !block.thinking.empty()) sink.reasoning(0, block.thinking);
    blocks_[e["index"].integer().value_or(0)] = std::move(block);
  }

  Status delta(const json::Value& e, AnswerSink& sink) {
    const auto found = blocks_.find(e["index"].integer().value_or(0));
    if (found == blocks_.end()) return malformed_answer("a delta belongs to no block");
    Block& block = found->second;
    const json::Value& delta = e["delta"];
    const std::string_view type = delta["type"].text();
    if (type == "text_delta") {
      sink.text(0, delta["text"].text());
    } else if (type == "thinking_delta") {
      block.thinking.append(delta["thinking"].text());
      sink.reasoning(0, delta["thinking"].text());
    } else if (type == "signature_delta") {
      block.signature.append(delta["signature"].text());
    } else if (type == "input_json_delta" && block.tool >= 0) {
      block.arguments = block.arguments || !delta["partial_json"].text().empty();
      sink.tool_arguments(0, block.tool, delta["partial_json"].text());
    }
    return ok();
  }

  void block_stop(const json::Value& e, AnswerSink& sink) {
    const auto found = blocks_.find(e["index"].integer().value_or(0));
    if (found == blocks_.end()) return;
    Block& block = found->second;
    if (block.type == "thinking")
      signed_block(json::Value{{"type", "thinking"}, {"thinking", block.thinking}, {"signature", block.signature}}, sink, false);
    if (block.type == "redacted_thinking") signed_block(json::Value{{"type", "redacted_thinking"}, {"data", block.data}}, sink, false);
    // A call without arguments has no delta: its input stands in the start.
    if (block.tool >= 0 && !block.arguments) sink.tool_arguments(0, block.tool, input_of(block.input));
    blocks_.erase(found);
  }

  static void stop(const json::Value& from, AnswerSink& sink) {
    const std::string_view reason = from["stop_reason"].text();
    if (reason.empty()) return;
    const json::Value& why = from["stop_details"]["explanation"];
    if (reason == "refusal" && why.is_string()) sink.refusal(0, why.text());
    sink.finish(0, finish_of(reason));
  }

  // A later report replaces what it names; null leaves it as it was.
  void note_usage(const json::Value& told) {
    if (!told.is_object()) return;
    const auto take = [&](std::string_view key, std::int64_t& into) {
      if (const auto n = told[key].integer()) into = *n;
    };
    take("input_tokens", input_);
    take("cache_read_input_tokens", read_);
    take("cache_creation_input_tokens", written_);
    take("output_tokens", output_);
    if (const auto hour = told["cache_creation"]["ephemeral_1h_input_tokens"].integer()) written_1h_ = *hour;
    Usage& u = usage_.usage;
    if (const auto thinking = told["output_tokens_details"]["thinking_tokens"].integer()) {
      u.reasoning = *thinking;
      usage_.reasoning_known = true;
    }
    u.input = input_;
    u.cache_read = read_;
    u.cache_write_1h = std::min(written_1h_, written_);
    u.cache_write_5m = written_ - u.cache_write_1h;
    u.reasoning = std::min(u.reasoning, output_);
    u.output = output_ - u.reasoning;
    usage_.cached_known = true;
  }

  std::map<std::int64_t, Block> blocks_;
  UsageReport usage_;
  bool stopped_ = false;
  std::int64_t input_ = 0, read_ = 0, written_ = 0, written_1h_ = 0, output_ = 0;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_anthropic(const Envelope& envelope, const Target& target) {
  auto request = anthropic_request(envelope, target);
  if (!request) return forward(std::move(request));
  return std::make_unique<CrossLane>(envelope, target, std::move(*request), std::make_unique<AnthropicDecoder>());
}

}  // namespace ajar::wire
