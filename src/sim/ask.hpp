// sim/ask.hpp - Ask: what a request wants, in neutral words; each dialect reads its own into one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace ajar::sim {

struct Tool {
  std::string name;
  json::Value schema;   // of its arguments
  bool custom = false;  // takes free text instead
};

struct Ask {
  std::string model;
  bool stream = false;
  bool wants_usage = true;  // in a stream; only Chat lets the caller choose
  bool as_array = false;    // a stream of Gemini's that is one JSON array instead of events

  std::string prompt;                // all text in order: counted, and looked up in the prompt cache
  std::int64_t media = 0;            // images, sounds and files
  bool caches = true;                // prompts are cached unasked
  bool cache_marked = false;         // Anthropic: something is to be cached ...
  bool cache_hour = false;           // ... for an hour
  std::string last_user;             // text of the last message of the user
  std::vector<std::string> results;  // of tools, when the conversation ends with them

  std::vector<Tool> tools;  // those that may be called
  enum class Choice : std::uint8_t { automatic, none, required };
  Choice choice = Choice::automatic;
  bool parallel = true;

  std::optional<json::Value> schema;  // of the answer
  bool json_object = false;
  std::string effort;  // of reasoning: "" or "none" is none
  bool show_reasoning = true;
  bool logprobs = false;
  std::int64_t top_logprobs = 0;
  std::int64_t choices = 1;
  std::int64_t max_tokens = 0;  // 0 = not limited
  std::vector<std::string> stops;

  bool thinks() const noexcept { return !effort.empty() && effort != "none"; }
};

// Appends every text in the value, in order; what is data (base64 and URLs of data) counts as one medium.
void collect(const json::Value&, Ask& into);
// The text of a content that is a string or a list of parts with "text".
std::string text_of(const json::Value& content);

// Shorthands for readers. All faults are bad_request with param.
std::unexpected<Error> refuse_field(std::string_view param, std::string message, std::string_view code = {});
Status need_model(const json::Value& body, Ask& into);
Status need_messages(const json::Value& body, std::string_view key);
Status read_count(const json::Value& body, std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& into);
void read_stops(const json::Value& stop, Ask& into);  // a string or a list

// Keeps only the named tools.
void keep_only(Ask&, const std::vector<std::string_view>& names);

}  // namespace ajar::sim
