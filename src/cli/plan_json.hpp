// cli/plan_json.hpp - plans as JSON: what `--json` prints and what the page with plots holds.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "plan/decision/decide.hpp"

namespace ajar::cli {

struct NamedPlan {
  std::string name;
  plan::Plan plan;
};

json::Value seconds_of(const plan::Quantiles&);  // s
json::Value value_of(const plan::Plan&);
json::Value value_of(const std::vector<NamedPlan>&);  // {"plans": [{name, plan}]}

}  // namespace ajar::cli
