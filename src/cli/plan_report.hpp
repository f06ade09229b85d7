// cli/plan_report.hpp - a plan as a page on the terminal and as JSON; several side by side.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "plan/decision/decide.hpp"

namespace ajar::cli {

// On standard output; `all`: also what does not meet a constraint.
void print(const plan::Plan&, bool all);
json::Value value_of(const plan::Plan&);

struct NamedPlan {
  std::string name;
  plan::Plan plan;
};
// One column each.
void print_beside(const std::vector<NamedPlan>&, bool as_json);

}  // namespace ajar::cli
