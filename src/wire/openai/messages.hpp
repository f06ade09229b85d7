// wire/openai/messages.hpp - small pieces of Chat requests that several lanes need.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "wire/notes.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

// A message's text: its string, or its text parts joined with "".
std::string text_of_content(const json::Value& content);

// A system text where the target has no place for it.
std::string reminder(std::string_view text);

// {"type":"custom"} as a function with one string.
json::Value custom_as_function(const json::Value& tool);

// Keeps the tools that an allowed_tools list names.
void keep_allowed(json::Value& tools, const json::Value& allowed);

// A data: URL taken apart.
struct DataUrl {
  std::string media_type;
  std::string_view base64;
};
std::optional<DataUrl> data_url(std::string_view url);

// Bytes of a remote URL, from what was fetched for it; faults: bad_request, naming the field and the remedy.
Result<DataUrl> fetched_url(std::string_view url, std::span<const Fetched>, std::string param);

// Arguments as an object: "" is {}; what is no object is kept under "_raw" with a note.
json::Value arguments_object(std::string_view arguments, Notes&);

// Messages of the time before tools: a function_call becomes a tool call with an id of its own, the role function its result.
void modernise_messages(json::Array& messages);

// A function of the time before tools as a tool, and a function_call of a request as a tool_choice.
json::Value tools_of_functions(const json::Value& functions);
json::Value choice_of_function_call(const json::Value& call);

// For engines: developer becomes system, leading ones are merged, later ones become reminders; fields that only OpenAI knows go;
// custom calls become calls of functions.
Status clean_messages(json::Value& messages, const Profile&, std::span<const Fetched>, Notes&);

}  // namespace ajar::wire
