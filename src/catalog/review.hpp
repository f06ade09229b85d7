// catalog/review.hpp - what is odd about price rows that are each in form: for a person to look at.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.hpp"

namespace ajar::catalog {

struct Oddity {
  std::string row;  // its id
  std::string why;
};

// Output cheaper than input; cached input dearer than fresh; a jump over 3 times from the row before it of the same offer; a row in force
// whose source is older than so many days.
std::vector<Oddity> oddities_of(const Catalog&, WallTime now, int stale_days);

// The newest date that any row in force was read on, "2026-11-18"; "" without rows.
std::string newest_source(const Catalog&, WallTime now);

struct Change {
  enum class What : std::uint8_t { appears, ends, changes } what = What::appears;
  std::string row;
  std::string detail;
};
// Rows by their ids: those that only the new one has, those that it lacks, and those with another price.
std::vector<Change> changes_between(const Catalog& old, const Catalog& fresh);

}  // namespace ajar::catalog
