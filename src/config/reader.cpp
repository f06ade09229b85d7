// config/reader.cpp - types, ranges and nearest names.
#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/options.hpp"

namespace ajar::config {
namespace {

bool fits(const Node& node, Type type) {
  switch (type) {
    case Type::string: return node.string() != nullptr;
    case Type::integer: return std::holds_alternative<std::int64_t>(node.value);
    case Type::boolean: return std::holds_alternative<bool>(node.value);
    case Type::number: return std::holds_alternative<double>(node.value) || std::holds_alternative<std::int64_t>(node.value);
    case Type::strings: return node.array() != nullptr && std::ranges::all_of(*node.array(), [](const Node& item) { return item.string() != nullptr; });
    case Type::table: return node.table() != nullptr;
    case Type::duration: return node.string() != nullptr && parse_duration(*node.string());
    case Type::bytes: return std::holds_alternative<std::int64_t>(node.value) || (node.string() != nullptr && parse_bytes(*node.string()));
  }
  return false;
}

std::string_view example_of(Type type) {
  switch (type) {
    case Type::string: return "write it in quotes: \"...\"";
    case Type::integer: return "write a whole number without quotes: 5";
    case Type::boolean: return "write true or false without quotes";
    case Type::number: return "write a number without quotes: 1.5";
    case Type::strings: return "write a list of words: [\"one\", \"two\"]";
    case Type::table: return "write a table: { key = value }";
    case Type::duration: return "write a duration: \"500ms\", \"5s\", \"2m\" or \"1h\"";
    case Type::bytes: return "write a size: \"64KiB\" or \"32MiB\"";
  }
  return "";
}

template <class T>
std::optional<T> with_unit(std::string_view text, std::initializer_list<std::pair<std::string_view, std::int64_t>> units) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto count = to_int(text.substr(0, digits));
  if (!count || digits == 0) return std::nullopt;
  const std::string_view unit = digits == std::string_view::npos ? std::string_view() : trim(text.substr(digits));
  for (const auto& [name, scale] : units)
    if (unit == name && *count < INT64_MAX / scale) return T(*count * scale);
  return std::nullopt;
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) { return with_unit<Millis>(text, {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}); }
std::optional<std::size_t> parse_bytes(std::string_view text) { return with_unit<std::size_t>(text, {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}); }

Reader::Reader(const Node& table, std::string_view section, std::string_view file, std::vector<Problem>& problems) : table_(table), section_(section), file_(file), problems_(problems) {
  std::vector<std::string_view> known;
  for (const Option& option : options())
    if (option.section == section) known.push_back(option.key);
  if (section.empty())
    for (const Section& s : sections())
      if (!s.name.empty() && s.name.find('.') == std::string_view::npos) known.push_back(s.name);
  for (const Node::Entry& entry : *table.table()) {
    const auto option = std::ranges::find_if(options(), [&](const Option& o) { return o.section == section && o.key == entry.key; });
    if (option != options().end()) {
      if (!fits(entry.node, option->type)) problems_.push_back({std::string(file), entry.node.place.line, entry.node.place.column, fmt::format("\"{}\" is {}, which does not fit here", entry.key, entry.node.kind()), std::string(example_of(option->type))});
      continue;
    }
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const auto near = nearest(entry.key, known);
    const std::string where = section.empty() ? "at the top level" : fmt::format("in [{}]", section);
    std::vector<std::string> all(known.begin(), known.end());
    problems_.push_back({std::string(file), entry.place.line, entry.place.column, fmt::format("the key \"{}\" is not known {}", entry.key, where),
                         near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("there are: {}", join(all, ", "))});
  }
  for (const Option& option : options())
    if (option.section == section && option.needed && !has(option.key)) problem("", fmt::format("\"{}\" is missing in [{}]", option.key, section), fmt::format("write {} = ...; {}", option.key, example_of(option.type)));
}

Place Reader::place(std::string_view key) const noexcept {
  const Node* node = table_.find(key);
  return node != nullptr ? node->place : table_.place;
}

void Reader::problem(std::string_view key, std::string message, std::string remedy) const {
  const Place at = place(key);
  problems_.push_back({std::string(file_), at.line, at.column, std::move(message), std::move(remedy)});
}

std::string Reader::string(std::string_view key, std::string_view otherwise) const {
  const Node* node = table_.find(key);
  return std::string(node != nullptr && node->string() != nullptr ? std::string_view(*node->string()) : otherwise);
}

std::int64_t Reader::integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const {
  const Node* node = table_.find(key);
  const auto* value = node != nullptr ? std::get_if<std::int64_t>(&node->value) : nullptr;
  if (value == nullptr) return otherwise;
  if (*value >= least && *value <= most) return *value;
  problem(key, fmt::format("\"{}\" is out of range", key), fmt::format("write a number from {} to {}", least, most));
  return otherwise;
}

bool Reader::boolean(std::string_view key, bool otherwise) const {
  const Node* node = table_.find(key);
  const bool* value = node != nullptr ? std::get_if<bool>(&node->value) : nullptr;
  return value != nullptr ? *value : otherwise;
}

std::optional<double> Reader::number(std::string_view key) const {
  const Node* node = table_.find(key);
  if (node == nullptr) return std::nullopt;
  if (const double* value = std::get_if<double>(&node->value)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&node->value)) return static_cast<double>(*value);
  return std::nullopt;
}

std::vector<std::string> Reader::strings(std::string_view key) const {
  const Node* node = table_.find(key);
  std::vector<std::string> list;
  if (node != nullptr && node->array() != nullptr)
    for (const Node& item : *node->array())
      if (item.string() != nullptr) list.push_back(*item.string());
  return list;
}

Millis Reader::duration(std::string_view key, Millis otherwise) const {
  const Node* node = table_.find(key);
  return node != nullptr && node->string() != nullptr ? parse_duration(*node->string()).value_or(otherwise) : otherwise;
}

std::size_t Reader::bytes(std::string_view key, std::size_t otherwise) const {
  const Node* node = table_.find(key);
  if (node == nullptr) return otherwise;
  if (const auto* value = std::get_if<std::int64_t>(&node->value)) return *value > 0 ? static_cast<std::size_t>(*value) : otherwise;
  return node->string() != nullptr ? parse_bytes(*node->string()).value_or(otherwise) : otherwise;
}

const Node* Reader::table(std::string_view key) const noexcept {
  const Node* node = table_.find(key);
  return node != nullptr && node->table() != nullptr ? node : nullptr;
}

}  // namespace ajar::config
