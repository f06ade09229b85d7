// cli/plan_report.hpp - a plan as a page on the terminal, several side by side, and as a page with plots.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/plan_json.hpp"

namespace ajar::cli {

// On standard output; `all`: also what does not meet a constraint.
void print(const plan::Plan&, bool all);
// One column each.
void print_beside(const std::vector<NamedPlan>&);

// One page that needs no other file. An older one in its place is replaced when the new one is whole.
// Faults: config, when the program was built without pages; storage.
Status write_page(const std::filesystem::path&, const std::vector<NamedPlan>&);

}  // namespace ajar::cli
