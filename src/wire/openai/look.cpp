// wire/openai/look.cpp - one walk over an answer or chunk.
#include "wire/openai/look.hpp"

#include <charconv>

#include "wire/cursor.hpp"

namespace ajar::wire {
namespace {

bool is_empty(std::string_view value) noexcept { return value == "null" || value == "\"\"" || value == "[]" || value == "{}"; }
bool is_reasoning(std::string_view key) noexcept { return key == "reasoning_content" || key == "reasoning"; }

struct ChoiceLook {
  bool odd = false;  // something that a caller does not know
  bool has_finish = false, finished = false, has_logprobs = false;
  bool has_content = false, has_refusal = false, calls = false;
  bool renamed = false;  // its reasoning has another name for callers, or none
  int told = 0;          // members of the delta or message that say something
  std::string_view text_key;
  std::size_t index = 0;
};

// A delta or a message.
void look_at_delta(Cursor& c, std::string_view json, ChatLook& look, ChoiceLook& choice) noexcept {
  if (c.peek() != '{') {
    choice.odd = c.value() != "null" || choice.odd;
    return;
  }
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    c.peek();
    const std::size_t key_at = c.at();
    const std::string_view key = c.key();
    const std::string_view value = c.value();
    if (key == "content") choice.has_content = true;
    if (key == "refusal") choice.has_refusal = true;
    if (value == "null") continue;
    ++choice.told;
    const bool text = key == "content" || is_reasoning(key);
    if (text && value.size() > 2 && value.front() == '"') choice.text_key = json.substr(key_at, key.size() + 2);
    if (key == "tool_calls" || key == "function_call") choice.calls = true;
    const bool known = text || choice.calls || key == "refusal" || key == "annotations";
    if (!known && key != "role") choice.odd = true;
    if (known && key != "annotations" && !is_empty(value)) look.content = true;
    if (key == "reasoning" || (key == "reasoning_content" && is_empty(value))) choice.renamed = true;
  }
}

ChoiceLook look_at_choice(Cursor& c, std::string_view json, ChatLook& look) noexcept {
  ChoiceLook choice;
  if (c.peek() != '{') {
    c.value();
    choice.odd = true;
    return choice;
  }
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    if (key == "delta" || key == "message") {
      look_at_delta(c, json, look, choice);
      continue;
    }
    const std::string_view value = c.value();
    if (key == "finish_reason") {
      choice.has_finish = true;
      choice.finished = value.size() > 2 && value.front() == '"';
      if (choice.finished && look.finish_reason.empty()) look.finish_reason = value.substr(1, value.size() - 2);
      if (value == "\"\"") choice.odd = true;  // some engines say "" for none
    } else if (key == "index") {
      if (std::from_chars(value.data(), value.data() + value.size(), choice.index).ec != std::errc{}) choice.odd = true;
    } else if (key == "logprobs") {
      choice.has_logprobs = true;
    } else if (value != "null") {
      choice.odd = true;
    }
  }
  return choice;
}

bool is_known(std::string_view key) noexcept {
  return key == "object" || key == "created" || key == "choices" || key == "system_fingerprint" || key == "service_tier";
}

bool is_usual_end(std::string_view reason) noexcept { return reason == "stop" || reason == "length" || reason == "content_filter"; }

}  // namespace

ChatLook look_at_chat(std::string_view json) noexcept {
  ChatLook look;
  ChoiceLook only;
  std::size_t choices = 0;
  bool odd = false;
  Cursor c(json);
  if (c.peek() != '{') return look;
  for (bool more = c.first('{', '}'); more && c.ok; more = c.next('}')) {
    const std::string_view key = c.key();
    if (key == "choices" && c.peek() == '[') {
      for (bool item = c.first('[', ']'); item && c.ok; item = c.next(']')) {
        only = look_at_choice(c, json, look);
        odd = odd || only.odd;
        ++choices;
      }
      look.no_choices = choices == 0;
      continue;
    }
    const std::string_view value = c.value();
    const std::string_view given = value == "null" ? std::string_view() : value;
    if (key == "model")
      look.model = value;
    else if (key == "id")
      look.id = value;
    else if (key == "usage")
      look.usage_key = true, look.usage = given;
    else if (key == "error")
      look.error = given;
    else if (!is_known(key) && !given.empty())
      odd = true;
  }
  look.valid = c.ok && c.peek() == '\0';
  look.choice = only.index;
  look.text_key = only.text_key;
  const bool one = look.valid && choices == 1 && !odd && look.error.empty();
  look.plain_chunk = one && !only.text_key.empty() && only.told == 1 && only.has_finish && !only.finished && look.usage.empty();
  look.plain_whole = one && only.has_content && only.has_refusal && !only.calls && !only.renamed && only.has_logprobs &&
                     is_usual_end(look.finish_reason) && only.index == 0;
  return look;
}

}  // namespace ajar::wire
