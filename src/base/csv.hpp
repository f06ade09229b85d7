// base/csv.hpp - Csv: a table of comma-separated values with a header line (RFC 4180), and how one field is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ajar {

// Fields may be quoted; quotes within are doubled; lines end with LF or CR LF; empty lines are passed over.
struct Csv {
  struct Row {
    int line = 0;                     // where it begins in the text, from 1
    std::vector<std::string> fields;  // as many as the header has
  };
  std::vector<std::string> header;
  std::vector<Row> rows;
  std::optional<std::size_t> column(std::string_view name) const noexcept;
};

// Faults: bad_request, with line and column of an unclosed quote, of text after a closing quote, of a row with too many or too few fields,
// and of a header that names a column twice.
Result<Csv> read_csv(std::string_view text);

// With quotes only where they are needed.
std::string csv_field(std::string_view value);

}  // namespace ajar
