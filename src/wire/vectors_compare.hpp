// wire/vectors_compare.hpp - when an answer equals what a vector expects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ajar::wire {

using Problems = std::vector<std::string>;

// Equal as JSON, but: "$any" matches any text, arguments are compared as JSON, more keys with null are allowed, messages of errors
// are not compared. `at` says where, for the problems.
void compare(const json::Value& want, const json::Value& got, const std::string& at, Problems&);

// The events of a stream; runs of text, reasoning or argument deltas may be cut anywhere.
void compare_events(const json::Array& expected, std::string_view stream, Problems&);

}  // namespace ajar::wire
