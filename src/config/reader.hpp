// config/reader.hpp - Reader: one table of a file, read option by option; every problem is kept, none stops the reading.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/toml.hpp"

namespace ajar::config {

class Reader {
 public:
  // Checks at once that every key is known (naming the nearest one that is), of the right type, and that what is needed is there.
  Reader(const Node& table, std::string_view section, std::string_view file, std::vector<Problem>& problems);

  bool has(std::string_view key) const noexcept { return table_.find(key) != nullptr; }
  std::string string(std::string_view key, std::string_view otherwise = {}) const;
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  bool boolean(std::string_view key, bool otherwise) const;
  std::optional<double> number(std::string_view key) const;
  std::vector<std::string> strings(std::string_view key) const;
  Millis duration(std::string_view key, Millis otherwise) const;
  std::size_t bytes(std::string_view key, std::size_t otherwise) const;
  const Node* table(std::string_view key) const noexcept;

  // A problem at an option's value, or at the table when it is not written.
  void problem(std::string_view key, std::string message, std::string remedy) const;
  Place place(std::string_view key) const noexcept;

 private:
  const Node& table_;
  std::string_view section_, file_;
  std::vector<Problem>& problems_;
};

std::optional<Millis> parse_duration(std::string_view);        // "500ms", "5s", "2m", "1h"
std::optional<std::size_t> parse_bytes(std::string_view);      // "64KiB", "32MiB", "1GiB", plain bytes

}  // namespace ajar::config
