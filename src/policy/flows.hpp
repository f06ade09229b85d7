// policy/flows.hpp - Flow: a class of callers, a label and a zone that it may go to; all that a configuration permits.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "policy/clear.hpp"

namespace ajar::policy {

// Callers that are labelled alike before anything of their request is known.
struct CallerClass {
  std::string name;  // "tenant clinic", "tenant clinic, key ward-3"
  Label origin;
};

// A request of the class whose content, rules and header add `label` may go to the zone. Every further label is a sum of these: a zone that
// accepts two of them accepts both together.
struct Flow {
  std::string from, label, zone;
  auto operator<=>(const Flow&) const = default;
};

// In order of class, label and zone. A label that the class has anyway is told as its own.
std::vector<Flow> flows_of(std::span<const CallerClass>, std::span<const Zone> reachable, const Ruleset&);

// Flows of the first that the second lacks. Precondition: both sorted.
std::vector<Flow> missing(const std::vector<Flow>& of, const std::vector<Flow>& in);

}  // namespace ajar::policy
