// policy/nested.hpp - what every walk over a request's body has to know: JSON in strings, hints from keys, who said what.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ajar::policy {

inline constexpr int deepest_json = 4;  // JSON in strings in JSON

bool begins_like_json(std::string_view text) noexcept;
std::optional<json::Value> json_inside(std::string_view text);  // nothing when it only begins like JSON, or does not

// What a value is called: the keys above it, as far as they matter.
std::string hint_below(std::string_view hint, std::string_view key);

// The messages of a body, in any dialect, that are not the model's own, in order; a text that stands by itself is one. They point into the
// body.
std::vector<const json::Value*> messages_to_model(const json::Value& body);

}  // namespace ajar::policy
