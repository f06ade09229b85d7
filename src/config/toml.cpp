// config/toml.cpp - toml++ behind our own tree; the only file that knows it.
#include "config/toml.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <array>
#include <sstream>

namespace ajar::config {
namespace {

Place place_of(const toml::source_region& region) { return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)}; }

Node convert(const toml::node& from) {
  Node node;
  node.place = place_of(from.source());
  if (const auto* table = from.as_table()) {
    std::vector<Node::Entry> entries;
    for (const auto& [key, value] : *table) entries.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
    // In order of the file: errors are told from top to bottom.
    std::ranges::sort(entries, [](const Node::Entry& a, const Node::Entry& b) { return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column); });
    node.value = std::move(entries);
  } else if (const auto* array = from.as_array()) {
    std::vector<Node> items;
    for (const auto& item : *array) items.push_back(convert(item));
    node.value = std::move(items);
  } else if (const auto* string = from.as_string()) {
    node.value = string->get();
  } else if (const auto* boolean = from.as_boolean()) {
    node.value = boolean->get();
  } else if (const auto* integer = from.as_integer()) {
    node.value = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.value = number->get();
  } else {   // dates and times as they are written
    std::ostringstream text;
    if (const auto* date = from.as_date()) text << *date;
    if (const auto* time = from.as_time()) text << *time;
    if (const auto* both = from.as_date_time()) text << *both;
    node.value = text.str();
  }
  return node;
}

}  // namespace

const Node* Node::find(std::string_view key) const noexcept {
  if (const auto* entries = table())
    for (const Entry& entry : *entries)
      if (entry.key == key) return &entry.node;
  return nullptr;
}

std::string_view Node::kind() const noexcept {
  static constexpr std::array<std::string_view, 6> kinds{"a string", "true or false", "an integer", "a number", "an array", "a table"};
  return kinds[value.index()];
}

Node parse_toml(std::string_view text, std::string_view file, std::vector<Problem>& problems) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (parsed) return convert(parsed.table());
  const Place place = place_of(parsed.error().source());
  problems.push_back({std::string(file), place.line, place.column, "this is not TOML: " + std::string(parsed.error().description()), "look at this line and the one before it; strings need quotes"});
  Node empty;
  empty.value = std::vector<Node::Entry>{};
  return empty;
}

}  // namespace ajar::config
