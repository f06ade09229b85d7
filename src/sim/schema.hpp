// sim/schema.hpp - instances of a JSON Schema, and texts that match a pattern.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace ajar::sim {

// An instance of the schema (JSON Schema, or Gemini's form of it), the same for the same seed. What is declared is filled in, optional
// members too, as long as it does not recur for ever. Never fails: what cannot be met (a contradiction, an unknown $ref) is filled with
// text.
json::Value instance_of(const json::Value& schema, std::uint64_t seed);

// A text that matches the regular expression, as far as it uses literals, classes, groups, alternatives and counts; look-around and
// back-references are not understood and stand for nothing.
std::string match_of(std::string_view pattern, std::uint64_t seed);

}  // namespace ajar::sim
