// policy/classify.hpp - findings to the label that they raise.
#pragma once

#include <span>

#include "detect/finding.hpp"
#include "policy/label.hpp"

namespace ajar::policy {

// A name alone raises nothing: books and brands have names too. Findings below detect::raises_from raise nothing.
Label label_of(const detect::Finding&) noexcept;
Label label_of(std::span<const detect::Finding>) noexcept;

}  // namespace ajar::policy
