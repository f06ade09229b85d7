// wire/chat_writer.hpp - ChatWriter: neutral events as an OpenAI Chat answer, whole or as chunks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "wire/answer_sink.hpp"
#include "wire/openai/look.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

// The usage object of a Chat answer.
json::Value chat_usage(const UsageReport&);

// "chatcmpl-<upstream id>", or random when the upstream gave none; an id that has the prefix is kept.
std::string chat_id(std::string_view upstream_id);

class ChatWriter final : public AnswerSink {
 public:
  ChatWriter(std::string model, bool stream, bool wants_usage, WallTime now)
      : model_(std::move(model)), stream_(stream), wants_usage_(wants_usage), now_(now) {}

  // Calls of these functions stand for custom tools: they are shown as what the caller defined, whole, since the input is one string.
  void emulate_custom(std::vector<std::string> names) { custom_names_ = std::move(names); }
  // The caller defined `functions`, which came before tools: it is shown one function_call.
  void show_functions(bool legacy) { legacy_ = legacy; }
  // An upstream's plain chunk goes on to the caller with nothing but names changed; false when it must be taken apart.
  bool forward(std::string_view chunk, const ChatLook&);

  void start(std::string_view upstream_id, std::int64_t created) override;
  void logprobs(int choice, json::Value) override;
  void text(int choice, std::string_view) override;
  void reasoning(int choice, std::string_view) override;
  void thinking_block(int choice, json::Value block) override;
  void extra_content(int choice, json::Value) override;
  int tool(int choice, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) override;
  int custom_tool(int choice, std::string_view id, std::string_view name, std::string_view input) override;
  void tool_arguments(int choice, int tool, std::string_view) override;
  void refusal(int choice, std::string_view) override;
  void annotations(int choice, json::Value) override;
  void detail(std::string_view key, json::Value) override;
  void usage(const UsageReport&) override;
  void finish(int choice, std::string_view reason) override;
  void end() override;

  std::string out;  // chunks written and not yet taken (stream)
  Report report;
  bool ended() const noexcept { return ended_; }
  std::string_view model() const noexcept { return model_; }
  std::string whole() const;  // the answer as one object (not stream)

 private:
  struct Call {
    std::string id, name, arguments;  // arguments: all of them (whole), or those not yet sent
    json::Value extra;
    bool custom = false, held = false;  // held: an emulated call whose arguments are not complete yet
  };
  // What a whole answer collects, and a stream has sent on long ago.
  struct Collected {
    std::string content, reasoning, refusal;
    json::Array blocks;
    json::Value extra, annotations;
  };
  struct Choice {
    bool begun = false, spoke = false, refused = false;
    std::string finish;
    std::vector<Call> calls;
    std::int64_t blocks_sent = 0;
    json::Value logprobs;
    std::unique_ptr<Collected> whole;  // none of a stream
  };
  Choice& choice(int index);
  Choice& begin(int index);  // with its role chunk; releases a held call
  int add_call(int choice, Call);
  void release(int index);
  json::Value shown(const Call&) const;
  json::Value message(const Choice&) const;
  void chunk(int index, json::Value delta, std::string_view finish = {}, json::Value logprobs = {});
  void call_chunk(int index, std::size_t call, json::Value delta);
  void write_chunk(json::Array choices, json::Value usage);

  std::string model_;
  bool stream_, wants_usage_, legacy_ = false;
  WallTime now_;
  std::vector<std::string> custom_names_;
  std::string id_, quoted_id_, quoted_model_;  // the quoted ones for forward()
  std::int64_t created_ = 0;
  json::Object details_;
  std::vector<Choice> choices_;
  UsageReport usage_;
  bool ended_ = false;
};

}  // namespace ajar::wire
