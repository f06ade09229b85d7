// wire/openai/look.cpp - one walk over an answer or chunk.
#include "wire/openai/look.hpp"

#include "wire/cursor.hpp"

namespace ajar::wire {
namespace {

bool is_empty(std::string_view value) noexcept { return value == "null" || value == "\"\"" || value == "[]" || value == "{}"; }

// A delta or a message.
void look_at_delta(Cursor& c, ChatLook& look, bool& empty_text) noexcept {
  if (c.peek() != '{') {
    c.value();
    return;
  }
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    const std::string_view value = c.value();
    if (key == "role") continue;
    const bool known = key == "content" || key == "tool_calls" || key == "refusal" || key == "annotations" || key == "function_call";
    const bool engine = key == "reasoning_content" || key == "reasoning";
    if (!known) look.known_keys = false;
    if (key == "tool_calls" && is_empty(value)) look.known_keys = false;   // clients take an empty list for a call
    if ((known || engine) && !is_empty(value)) look.content = true;
    if (key == "content" && value == "\"\"") empty_text = true;
  }
}

void look_at_choice(Cursor& c, ChatLook& look) noexcept {
  bool empty_text = false, finished = false;
  if (c.peek() != '{') {
    c.value();
    look.known_keys = false;
    return;
  }
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    if (key == "delta" || key == "message") {
      look_at_delta(c, look, empty_text);
      continue;
    }
    const std::string_view value = c.value();
    if (key == "finish_reason") {
      if (value.size() > 2 && value.front() == '"') {
        finished = true;
        look.finish_reason = value.substr(1, value.size() - 2);
      } else if (value == "\"\"") {
        look.known_keys = false;   // some engines say "" for none
      }
    } else if (key != "index" && key != "logprobs") {
      look.known_keys = false;
    }
  }
  if (finished && empty_text) look.empty_text_at_end = true;
}

}  // namespace

ChatLook look_at_chat(std::string_view json) noexcept {
  ChatLook look;
  Cursor c(json);
  if (c.peek() != '{') return look;
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    if (key == "choices" && c.peek() == '[') {
      look.no_choices = true;
      for (bool item = c.first('[', ']'); item && c.ok; item = c.next(']')) {
        look.no_choices = false;
        look_at_choice(c, look);
      }
      continue;
    }
    const std::string_view value = c.value();
    if (key == "model") look.model = value;
    else if (key == "id") look.id = value;
    else if (key == "usage") look.usage = value == "null" ? std::string_view() : value;
    else if (key == "error") look.error = value == "null" ? std::string_view() : value;
    else if (key != "object" && key != "created" && key != "choices" && key != "system_fingerprint" && key != "service_tier" && key != "obfuscation") look.known_keys = false;
  }
  look.valid = c.ok && c.peek() == '\0';
  return look;
}

}  // namespace ajar::wire
