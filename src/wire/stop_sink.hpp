// wire/stop_sink.hpp - StopSink: stop sequences found by the gateway where the target cannot look for them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "wire/answer_sink.hpp"

namespace ajar::wire {

// Passes events on until a stop sequence stands in a choice's text; the text before it is the answer, and nothing follows but the end.
// The same text comes out at every cut of the deltas: what may be the beginning of a stop sequence is held back.
class StopSink final : public AnswerSink {
 public:
  StopSink(AnswerSink& next, std::vector<std::string> stops) : next_(next), stops_(std::move(stops)) {}

  void start(std::string_view upstream_id, std::int64_t created) override { next_.start(upstream_id, created); }
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
  void detail(std::string_view key, json::Value value) override { next_.detail(key, std::move(value)); }
  void usage(const UsageReport& told) override { next_.usage(told); }
  void finish(int choice, std::string_view reason) override;
  void end() override { next_.end(); }

 private:
  struct Choice {
    std::string held;
    bool stopped = false;
  };
  Choice& choice(int index);
  bool passes(int index);  // gives out what is held; false once stopped

  AnswerSink& next_;
  std::vector<std::string> stops_;
  std::vector<Choice> choices_;
};

}  // namespace ajar::wire
