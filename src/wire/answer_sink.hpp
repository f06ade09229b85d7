// wire/answer_sink.hpp - AnswerSink: the neutral events of an answer; decoders of upstream dialects call it, encoders of callers' dialects
// are it.
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "base/usage.hpp"

namespace ajar::wire {

// Usage and which of its details the upstream told: an unknown detail is not shown as zero.
struct UsageReport {
  Usage usage;
  bool cached_known = false;
  bool reasoning_known = false;
};

struct AnswerSink {
  virtual ~AnswerSink() = default;
  virtual void start(std::string_view upstream_id, std::int64_t created) = 0;  // created 0 = not told
  virtual void logprobs(int choice, json::Value) = 0;                          // in Chat's shape; of the text that comes next
  virtual void text(int choice, std::string_view) = 0;
  virtual void reasoning(int choice, std::string_view) = 0;
  virtual void thinking_block(int choice, json::Value block) = 0;  // a signed block, whole, to be sent back unchanged
  virtual void extra_content(int choice, json::Value) = 0;         // signature of a text part
  virtual int tool(int choice, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) = 0;  // its index
  virtual int custom_tool(int choice, std::string_view id, std::string_view name, std::string_view input) = 0;                  // its index
  virtual void tool_arguments(int choice, int tool, std::string_view) = 0;  // more of a call's arguments or input
  virtual void refusal(int choice, std::string_view) = 0;
  virtual void annotations(int choice, json::Value) = 0;         // in Chat's shape: what the text cites
  virtual void detail(std::string_view key, json::Value) = 0;    // of the whole answer, in Chat's words: system_fingerprint, service_tier
  virtual void usage(const UsageReport&) = 0;                    // replaces what was told before
  virtual void finish(int choice, std::string_view reason) = 0;  // stop, length, tool_calls, content_filter
  virtual void end() = 0;                                        // the upstream's own end: nothing follows; once
};

}  // namespace ajar::wire
