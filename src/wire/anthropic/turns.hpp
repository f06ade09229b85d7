// wire/anthropic/turns.hpp - the messages of a Chat request as Anthropic's system text and alternating turns.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "wire/dialect.hpp"
#include "wire/notes.hpp"

namespace ajar::wire {

class AnthropicTurns {
 public:
  AnthropicTurns(const Profile& profile, Notes& notes) : profile_(profile), notes_(notes) {}

  // Faults: bad_request, naming the part that Messages cannot hold.
  Status take(const json::Array& messages);

  void add_system(std::string_view text);  // one more instruction behind those of the request
  json::Value system() const;              // null when there is none
  json::Array messages();                  // once

  // Thinking must go on where a tool loop began with it: true when the last turn's calls have lost their thinking blocks.
  bool loop_without_thinking() const noexcept { return loop_without_thinking_; }

 private:
  struct Turn {
    std::string_view role;
    json::Value content;
    std::size_t results = 0;
  };

  Status one(const json::Array& list, std::size_t index);
  void leading_system(const json::Value& message);
  void later_system(const json::Array& list, std::size_t index);
  Status user(const json::Value& message, std::size_t index);
  Result<json::Value> user_block(const json::Value& part, const std::string& param);
  Result<json::Value> image(const json::Value& image, const std::string& param);
  Result<json::Value> file(const json::Value& file, const std::string& param);
  void assistant(const json::Value& message);
  void tool_result(const json::Value& message);
  Turn& turn(std::string_view role);
  void append(std::string_view role, json::Value block);
  json::Value marked(json::Value block, const json::Value& part);  // with the part's cache breakpoint
  std::string safe_id(std::string_view id);

  const Profile& profile_;
  Notes& notes_;
  json::Array system_;
  bool system_is_text_ = true;  // all instructions were plain strings
  std::vector<Turn> turns_;
  std::map<std::string, std::string, std::less<>> ids_;  // of calls, as Messages takes them
  int breakpoints_ = 0;
  bool loop_without_thinking_ = false;
};

}  // namespace ajar::wire
