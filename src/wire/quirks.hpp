// wire/quirks.hpp - what each provider and engine family does its own way, one row each.
#pragma once

#include <string_view>

#include "wire/dialect.hpp"

namespace ajar::wire {

struct Quirks {
  std::string_view engine;
  Dialect dialect;
  std::string_view chat_path;         // relative to the endpoint's base path
  std::string_view max_tokens_field;  // name of the output limit
  std::string_view reasoning_field;   // where reasoning text stands in answers; "" = none or both known names
  bool raw;                           // the caller's bytes are forwarded as they are (OpenAI itself)
  bool developer_role;
  bool several_choices;  // n > 1
  bool strict_tools;     // knows function.strict and parallel_tool_calls
  bool forced_tools;     // honours tool_choice required and named
  bool image_url;        // fetches image URLs itself
  bool efforts = true;   // knows reasoning_effort
};

// nullptr when the engine is not known.
const Quirks* quirks_of(std::string_view engine) noexcept;

// A model's facts with the engine's quirks on top: what a deployment accepts.
Profile profile_for(std::string_view engine, const Profile& model);

}  // namespace ajar::wire
