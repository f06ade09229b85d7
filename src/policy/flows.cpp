// policy/flows.cpp - each class with each word against each zone.
#include "policy/flows.hpp"

#include <algorithm>

namespace ajar::policy {

std::vector<Flow> flows_of(std::span<const CallerClass> classes, std::span<const Zone> reachable, const Ruleset& ruleset) {
  std::vector<Flow> flows;
  for (const CallerClass& c : classes)
    for (const std::string& word : label_words(ruleset.defined)) {
      const Label label = c.origin | label_named(word, ruleset.defined).value_or(top_label);
      for (const Zone& zone : reachable)
        if (allows(zone, label)) flows.push_back({c.name, word, zone.name});
    }
  std::ranges::sort(flows);
  return flows;
}

std::vector<Flow> missing(const std::vector<Flow>& of, const std::vector<Flow>& in) {
  std::vector<Flow> found;
  std::ranges::set_difference(of, in, std::back_inserter(found));
  return found;
}

}  // namespace ajar::policy
