// wire/chat_writer.hpp - ChatWriter: neutral events as an OpenAI Chat answer, whole or as chunks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "wire/answer_sink.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

// The usage object of a Chat answer.
json::Value chat_usage(const UsageReport&);

// "chatcmpl-<upstream id>", or random when the upstream gave none; an id that has the prefix is kept.
std::string chat_id(std::string_view upstream_id);

class ChatWriter final : public AnswerSink {
 public:
  ChatWriter(std::string model, bool stream, bool wants_usage, WallTime now) : model_(std::move(model)), stream_(stream), wants_usage_(wants_usage), now_(now) {}

  void start(std::string_view upstream_id, std::int64_t created) override;
  void text(int choice, std::string_view) override;
  void reasoning(int choice, std::string_view) override;
  void thinking_block(int choice, json::Value block) override;
  void extra_content(int choice, json::Value) override;
  int tool(int choice, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) override;
  void tool_arguments(int choice, int tool, std::string_view) override;
  void refusal(int choice, std::string_view) override;
  void logprobs(int choice, json::Value) override;
  void usage(const UsageReport&) override;
  void finish(int choice, std::string_view reason) override;
  void end() override;

  std::string out;            // chunks written and not yet taken (stream)
  Report report;
  bool ended() const noexcept { return ended_; }
  std::string whole() const;  // the answer as one object (not stream)

 private:
  struct Choice {
    bool begun = false;
    std::string content, reasoning, refusal;
    bool has_content = false, has_refusal = false;
    json::Array tools, blocks;
    json::Value extra, logprobs;
    std::string finish;
  };
  Choice& choice(int index);
  Choice& begin(int index);                       // with its role chunk
  void chunk(int index, json::Value delta, std::string_view finish = {}, json::Value logprobs = {});
  void write_chunk(json::Array choices, json::Value usage);

  std::string model_;
  bool stream_, wants_usage_;
  WallTime now_;
  std::string id_;
  std::int64_t created_ = 0;
  std::vector<Choice> choices_;
  UsageReport usage_;
  bool ended_ = false;
};

}  // namespace ajar::wire
