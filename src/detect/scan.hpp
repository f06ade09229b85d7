// detect/scan.hpp - a text to its findings: what stands there, and what is hidden in it.
#pragma once

#include <string_view>
#include <vector>

#include "detect/finding.hpp"

namespace ajar::detect {

// In order of place; of findings that overlap the surer one, of equally sure ones the longer. `hint`: what the text is called where it
// stands, e.g. the JSON keys above it. Cost grows with the text; nothing of it is kept.
std::vector<Finding> scan(std::string_view text, std::string_view hint = {});

}  // namespace ajar::detect
