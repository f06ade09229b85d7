// config/facts_row.hpp - Row: one row of a facts file, read strictly; rows_of(): a list of them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "catalog/model.hpp"
#include "config/toml.hpp"

namespace ajar::config {

// The first thing that is wrong is kept; what is asked for counts as known.
class Row {
 public:
  Row(const Node& table, std::string_view file) : table_(table), file_(file) {}

  std::string text(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return {};
    if (node->string() == nullptr) wrong(*node, key, "is no string");
    return node->string() != nullptr ? *node->string() : std::string();
  }
  std::string needed(std::string_view key) {
    std::string value = text(key);
    if (value.empty()) wrong(table_, key, "is missing");
    return value;
  }
  std::int64_t count(std::string_view key) {
    const Node* node = find(key);
    const auto* value = node != nullptr ? std::get_if<std::int64_t>(&node->value) : nullptr;
    if (node != nullptr && (value == nullptr || *value < 0)) wrong(*node, key, "is no count");
    return value != nullptr ? *value : 0;
  }
  bool flag(std::string_view key, bool otherwise = false) {
    const Node* node = find(key);
    const bool* value = node != nullptr ? std::get_if<bool>(&node->value) : nullptr;
    if (node != nullptr && value == nullptr) wrong(*node, key, "is neither true nor false");
    return value != nullptr ? *value : otherwise;
  }
  std::vector<std::string> texts(std::string_view key) {
    const Node* node = find(key);
    std::vector<std::string> list;
    if (node != nullptr && node->array() == nullptr) wrong(*node, key, "is no list");
    if (node != nullptr && node->array() != nullptr)
      for (const Node& item : *node->array())
        item.string() != nullptr ? list.push_back(*item.string()) : wrong(item, key, "holds something that is no string");
    return list;
  }
  // A number from 0 to 100,000, exact to nine decimals.
  std::optional<std::int64_t> billionths(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* whole = std::get_if<std::int64_t>(&node->value);
    const auto* real = std::get_if<double>(&node->value);
    const double value = whole != nullptr ? static_cast<double>(*whole) : real != nullptr ? *real : -1;
    if (value >= 0 && value <= 1e5) return std::llround(value * 1e9);
    wrong(*node, key, "is no price");
    return std::nullopt;
  }
  // A number from 0 on; `otherwise` when it is not written.
  double real(std::string_view key, double otherwise = 0) { return maybe_real(key).value_or(otherwise); }
  std::optional<double> maybe_real(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* whole = std::get_if<std::int64_t>(&node->value);
    const auto* number = std::get_if<double>(&node->value);
    if (whole != nullptr) return static_cast<double>(*whole);
    if (number == nullptr) wrong(*node, key, "is no number");
    return number != nullptr ? std::optional(*number) : std::nullopt;
  }
  std::optional<Money> dollars(std::string_view key) {
    const auto value = billionths(key);
    return value ? std::optional(Money{*value}) : std::nullopt;
  }
  std::optional<WallTime> time(std::string_view key) {
    const std::string value = text(key);
    if (value.empty()) return std::nullopt;
    const auto parsed = parse_rfc3339(value);
    if (!parsed) wrong(*find(key), key, "is no date");
    return parsed;
  }
  // The word's place in the list; the first when it is not written.
  std::size_t word(std::string_view key, std::span<const std::string_view> words) {
    const std::string value = text(key);
    const auto found = std::ranges::find(words, std::string_view(value));
    if (!value.empty() && found == words.end()) wrong(*find(key), key, "is not known");
    return value.empty() || found == words.end() ? 0 : static_cast<std::size_t>(found - words.begin());
  }
  catalog::Source source() {
    static constexpr std::array<std::string_view, 4> parties{"vendor", "rival", "independent", "operator"};
    needed("party");
    catalog::Source source{needed("source"), needed("date"), static_cast<catalog::Party>(word("party", parties)), text("note")};
    if (source.date.size() == 7 ? !parse_rfc3339(source.date + "-01") : !parse_rfc3339(source.date)) wrong(table_, "date", "is no date");
    return source;
  }
  void wrong(const Node& at, std::string_view key, std::string_view why) {
    if (problem_.empty()) problem_ = fmt::format("{}:{}: \"{}\" {}", file_, at.place.line, key, why);
  }
  // To be asked once everything has been read.
  Status verdict() {
    for (const Node::Entry& entry : *table_.table())
      if (!asked_.contains(entry.key)) wrong(entry.node, entry.key, "is not known");
    return problem_.empty() ? ok() : fail(Fault::config, problem_);
  }
  const Node& table() const noexcept { return table_; }

 private:
  const Node* find(std::string_view key) {
    asked_.emplace(key);
    return table_.find(key);
  }
  const Node& table_;
  std::string_view file_;
  std::set<std::string, std::less<>> asked_;
  std::string problem_;
};

// Every row of a list, each strictly. `make` reads one.
template <class F>
auto rows_of(const Node& document, std::string_view name, std::string_view file, F make)
    -> Result<std::vector<decltype(make(std::declval<Row&>()))>> {
  std::vector<decltype(make(std::declval<Row&>()))> made;
  const Node* list = document.find(name);
  if (list == nullptr) return made;
  if (list->array() == nullptr) return fail(Fault::config, fmt::format("{}:{}: \"{}\" is no list", file, list->place.line, name));
  for (const Node& item : *list->array()) {
    if (item.table() == nullptr)
      return fail(Fault::config, fmt::format("{}:{}: \"{}\" holds something that is no table", file, item.place.line, name));
    Row row(item, file);
    made.push_back(make(row));
    if (auto good = row.verdict(); !good) return forward(std::move(good));
  }
  return made;
}

// A facts file that holds nothing but these lists and tables.
Result<Node> document_of(std::string_view text, std::string_view file, std::initializer_list<std::string_view> lists);

}  // namespace ajar::config
