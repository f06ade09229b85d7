// wire/anthropic/schema.hpp - a JSON Schema in the subset that Messages takes.
#pragma once

#include <optional>

#include "base/json.hpp"

namespace ajar::wire {

// Every object is closed and bounds that the subset lacks stand in the description. `exact` turns false when something was lost.
// Nothing for a recursive schema: the subset has none.
std::optional<json::Value> closed_schema(json::Value schema, bool& exact);

}  // namespace ajar::wire
