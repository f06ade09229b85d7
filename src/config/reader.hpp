// config/reader.hpp - Reader: one table of a file, read option by option; every problem is kept, none stops the reading.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/options.hpp"
#include "config/toml.hpp"

namespace ajar::config {

// What is told of a file, in any order.
struct Report {
  std::string file;
  std::vector<Problem> problems;  // nothing is loaded
  std::vector<Problem> warnings;  // it is loaded, and probably not what is meant
  void problem(Place at, std::string message, std::string remedy) {
    problems.push_back({file, at.line, at.column, std::move(message), std::move(remedy)});
  }
  void warning(Place at, std::string message, std::string remedy) {
    warnings.push_back({file, at.line, at.column, std::move(message), std::move(remedy)});
  }
};

class Reader {
 public:
  // Checks at once that every key is known (naming the nearest one that is), that its value is of the right type, within its range or
  // one of its words, and that what is needed is there. The getters give the default for whatever has a problem.
  Reader(const Node& table, std::string_view section, Report& report);

  bool has(std::string_view key) const noexcept { return table_.find(key) != nullptr; }  // written, rightly or wrongly
  bool good(std::string_view key) const { return usable(key) != nullptr; }               // written, and nothing wrong with it
  std::string string(std::string_view key) const;
  std::string string(std::string_view key, std::string_view otherwise) const;
  std::int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::vector<std::string> strings(std::string_view key) const;
  Millis duration(std::string_view key) const;
  std::size_t bytes(std::string_view key) const;
  const Node* table(std::string_view key) const noexcept;

  struct Item {
    std::string text;
    Place place;
  };
  std::vector<Item> items(std::string_view key) const;  // of an array of strings, each with its place

  // At an option's value, or at the table when it is not written.
  void problem(std::string_view key, std::string message, std::string remedy) const {
    report_.problem(place(key), std::move(message), std::move(remedy));
  }
  void warning(std::string_view key, std::string message, std::string remedy) const {
    report_.warning(place(key), std::move(message), std::move(remedy));
  }
  Place place(std::string_view key = {}) const noexcept;
  Report& report() const noexcept { return report_; }

 private:
  const Node* usable(std::string_view key) const;
  const Node& table_;
  std::string_view section_;
  Report& report_;
};

// "did you mean "x"?" for the nearest of the names, else what there is.
std::string remedy_for(std::string_view word, const std::vector<std::string>& names);

}  // namespace ajar::config
