// sim/gemini.hpp - reading a generateContent request.
#pragma once

#include "sim/ask.hpp"

namespace ajar::sim {

// The member by its name in camelCase or in snake_case, as proto JSON allows both.
const json::Value& either(const json::Value& from, std::string_view camel);

// `target` names the model and the method. Faults: bad_request, in the words of the real service.
Result<Ask> read_gemini(const json::Value& body, std::string_view target);

// "X" of ".../models/X:method?query"; "" when the path is not of that form.
struct GeminiPath {
  std::string_view model, method;
};
GeminiPath gemini_path(std::string_view target) noexcept;

}  // namespace ajar::sim
