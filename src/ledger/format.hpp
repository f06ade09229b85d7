// ledger/format.hpp - entries and sums for other programs: JSON and CSV (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/query.hpp"

namespace ajar::ledger {

// One line each, with its end. Texts are as they were written; bytes that are no UTF-8 become '?'.
std::string json_line(const Entry&);
std::string csv_line(const Entry&);
std::string_view csv_head_of_entries() noexcept;

// One object: {"by":...,"groups":[...],"total":{...},"simulated_total":{...}}; the last only where something was simulated.
std::string json_of(const std::vector<Sum>&, By);
std::string csv_of(const std::vector<Sum>&, By);

// For a terminal: control characters become '?', so that no name can steer it.
std::string printable(std::string_view);

}  // namespace ajar::ledger
