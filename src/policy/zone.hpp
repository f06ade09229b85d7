// policy/zone.hpp - Zone: a named place that data can go to, and the labels that it accepts.
#pragma once

#include <string>

#include "policy/label.hpp"

namespace ajar::policy {

enum class Contract : std::uint8_t { none, dpa, baa };

struct Zone {
  std::string name;
  Label accepts;  // a flow is allowed exactly when label & ~accepts == 0
  std::string region;
  Contract contract = Contract::none;
};

inline bool allows(const Zone& zone, Label label) noexcept { return zone.accepts.covers(label); }

}  // namespace ajar::policy
