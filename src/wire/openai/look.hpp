// wire/openai/look.hpp - a look at a Chat answer or chunk without a tree: what must change in it, and what it says.
#pragma once

#include <string_view>

namespace ajar::wire {

struct ChatLook {
  bool valid = false;              // JSON as far as was looked
  bool content = false;            // text, reasoning, a tool call or a refusal
  bool no_choices = false;         // "choices": []
  bool usage_key = false;          // there is a usage, be it null
  bool plain_chunk = false;        // adds to one text of one choice, in a caller's words but for the names of ids and of reasoning
  bool plain_whole = false;        // one finished choice, all in a caller's words
  std::size_t choice = 0;          // of a plain chunk
  std::string_view model, id;      // with quotes, within the text; empty when absent
  std::string_view usage, error;   // the values' text; empty when absent or null
  std::string_view text_key;       // of a plain chunk: content, reasoning or reasoning_content; with quotes
  std::string_view finish_reason;  // of the first choice that has one, without quotes
};

ChatLook look_at_chat(std::string_view json) noexcept;

}  // namespace ajar::wire
