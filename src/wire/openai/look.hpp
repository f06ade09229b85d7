// wire/openai/look.hpp - a look at a Chat answer or chunk without a tree: what must change in it, and what it says.
#pragma once

#include <string_view>

namespace ajar::wire {

struct ChatLook {
  bool valid = false;             // JSON as far as was looked
  bool known_keys = true;         // nothing but what OpenAI's own answers hold at the top, in choices and in deltas
  bool content = false;           // text, reasoning, a tool call or a refusal
  bool no_choices = false;        // "choices": []
  bool empty_text_at_end = false; // a finish chunk with an empty content beside it
  std::string_view model;         // with its quotes, within the text; empty when absent
  std::string_view id, usage, error;   // the values' text; usage and error empty when absent or null
  std::string_view finish_reason;      // of the first choice that has one, without quotes
};

ChatLook look_at_chat(std::string_view json) noexcept;

}  // namespace ajar::wire
