// ledger/entry.cpp - names of outcomes.
#include "ledger/entry.hpp"

namespace ajar::ledger {

std::string_view name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::open:
      return "open";
    case Outcome::answered:
      return "answered";
    case Outcome::failed:
      return "failed";
    case Outcome::cut:
      return "cut";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "open";
}

std::optional<Outcome> outcome_named(std::string_view name) noexcept {
  for (const Outcome outcome : {Outcome::open, Outcome::answered, Outcome::failed, Outcome::cut, Outcome::cancelled})
    if (name_of(outcome) == name) return outcome;
  return std::nullopt;
}

}  // namespace ajar::ledger
