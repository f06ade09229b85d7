// base/csv.cpp - reading and writing comma-separated values.
#include "base/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ajar {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  bool more() const noexcept { return at_ < text_.size(); }
  int line() const noexcept { return line_; }

  // One record; empty for an empty line.
  Result<std::vector<std::string>> record() {
    std::vector<std::string> fields;
    for (bool last = false; !last;) {
      auto field = text_[at_ < text_.size() ? at_ : 0] == '"' && more() ? quoted() : plain();
      if (!field) return forward(std::move(field));
      fields.push_back(std::move(*field));
      last = !more() || text_[at_] != ',';
      if (!last) ++at_;
    }
    if (more() && text_[at_] == '\r') ++at_;
    if (more() && text_[at_] == '\n') {
      ++at_;
      ++line_;
      begin_ = at_;
    }
    if (fields.size() == 1 && fields.front().empty()) fields.clear();
    return fields;
  }

  std::unexpected<Error> wrong(std::string_view what, std::string_view instead) const {
    return fail(Fault::bad_request, fmt::format("line {}, column {}: {}; {}", line_, at_ - begin_ + 1, what, instead));
  }

 private:
  Result<std::string> plain() {
    const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    std::string_view field = text_.substr(at_, end - at_);
    if (field.ends_with('\r')) field.remove_suffix(1);
    at_ = end;
    return std::string(field);
  }
  Result<std::string> quoted() {
    const Scanner begun = *this;
    std::string field;
    for (++at_; more(); ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        begin_ = at_ + 1;
      }
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += '"';
        ++at_;
      } else {
        ++at_;
        if (more() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r')
          return wrong("text follows a closing quote", "double the quotes that belong to the text");
        return field;
      }
    }
    return begun.wrong("the quote that begins here is never closed", "close it, and double the quotes that belong to the text");
  }

  std::string_view text_;
  std::size_t at_ = 0, begin_ = 0;
  int line_ = 1;
};

}  // namespace

std::optional<std::size_t> Csv::column(std::string_view name) const noexcept {
  const auto found = std::ranges::find(header, name);
  return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
}

Result<Csv> read_csv(std::string_view text) {
  Csv table;
  Scanner scan(text);
  while (scan.more()) {
    const int line = scan.line();
    const Scanner before = scan;
    auto fields = scan.record();
    if (!fields) return forward(std::move(fields));
    if (fields->empty()) continue;
    if (table.header.empty()) {
      for (std::string& name : *fields) name = trim(name);
      for (const std::string& name : *fields)
        if (!name.empty() && std::ranges::count(*fields, name) > 1)
          return before.wrong(fmt::format("the column \"{}\" stands twice", name), "give each column a name of its own");
      table.header = std::move(*fields);
    } else if (fields->size() != table.header.size()) {
      return before.wrong(fmt::format("{} fields where the header has {}", fields->size(), table.header.size()),
                          "put fields that hold a comma into quotes");
    } else {
      table.rows.push_back({line, std::move(*fields)});
    }
  }
  if (table.header.empty()) return fail(Fault::bad_request, "line 1: there is no header line; the first line names the columns");
  return table;
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace ajar
