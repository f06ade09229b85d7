// wire/restore_sink.hpp - RestoreSink: gives back in an answer what tokens stand for in its request.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/answer_sink.hpp"

namespace ajar::wire {

// The tokens of one request. No token is the beginning of another.
struct Restore {
  std::vector<std::pair<std::string, std::string>> values;  // token, what it stands for
  std::vector<std::string> tools;                           // functions whose arguments get values back; "*" = all
};

// One channel of text in pieces: the same comes out at every cut. Held back is only what may be the beginning of a token.
class Restorer {
 public:
  Restorer(const Restore& restore, bool in_json) : restore_(&restore), in_json_(in_json) {}
  std::string feed(std::string_view);
  std::string rest() { return std::exchange(held_, {}); }  // a token that was cut off stays what it is

 private:
  const Restore* restore_;
  bool in_json_;  // values are written the way that a JSON string holds them
  std::string held_;
};

// Between a decoder and the caller's encoder. Text, reasoning and refusals get their values back; arguments only those of trusted
// functions, since the caller may run the others anywhere; signed blocks stay as they are.
class RestoreSink final : public AnswerSink {
 public:
  RestoreSink(AnswerSink& next, const Restore& restore) : next_(next), restore_(restore) {}

  void start(std::string_view upstream_id, std::int64_t created) override { next_.start(upstream_id, created); }
  void logprobs(int choice, json::Value value) override { next_.logprobs(choice, std::move(value)); }
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
  void end() override;

 private:
  struct Call {
    int tool;
    Restorer arguments;
  };
  struct Choice {
    Restorer text, reasoning, refusal;
    std::vector<Call> calls;
  };
  Choice& choice(int index);
  void flush_words(int index);  // what comes next is of another kind
  void flush(int index);
  int begin_call(int choice, int tool, std::string_view first, bool in_json);
  bool trusts(std::string_view name) const;

  AnswerSink& next_;
  const Restore& restore_;
  std::vector<Choice> choices_;
};

}  // namespace ajar::wire
