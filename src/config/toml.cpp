// config/toml.cpp - toml++ behind our own tree; the only file that knows it.
#include "config/toml.hpp"

// The parser asserts things that malformed text breaks, and in a release assumes them. Each has its proper error right behind it:
// nothing is asserted, nothing assumed.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <sstream>

namespace ajar::config {
namespace {

Place place_of(const toml::source_region& region) { return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)}; }

constexpr int most_levels = 32;
constexpr std::size_t most_bytes = 4u << 20, most_dots = 100;

// The parser has no defined answer to most letters beyond ASCII outside of strings and comments, where TOML has no place for them.
// Where the first of them stands.
std::optional<Place> strange_letter(std::string_view text) {
  Place at;
  char quote = 0;  // '#' within a comment
  bool triple = false;
  for (std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto skip = [&](std::size_t more) { i += more, at.column += static_cast<int>(more); };
    const auto run = [&](std::size_t most) { return std::min(text.find_first_not_of(c, i), std::min(text.size(), i + most)) - i; };
    if (c == '\n') {
      if (!triple) quote = 0;
      ++at.line, at.column = 0;
    } else if (quote == 0) {
      if (static_cast<unsigned char>(c) >= 0x80) return at;
      if (c == '#' || c == '"' || c == '\'') quote = c;
      triple = (c == '"' || c == '\'') && run(3) == 3;
      if (triple) skip(2);
    } else if (c == '\\' && quote == '"' && i + 1 < text.size() && text[i + 1] > 0x20) {
      skip(1);
    } else if (c == quote && c != '#' && (!triple || run(3) == 3)) {
      if (triple) skip(run(5) - 1);  // up to two before the closing three belong to the string
      quote = 0, triple = false;
    }
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++at.column;  // in characters
  }
  return std::nullopt;
}

// What is kept from the parser. Dotted keys nest without limit there, and one level is one call.
std::optional<Problem> excess(std::string_view text, std::string_view file) {
  if (text.size() > most_bytes)
    return Problem{std::string(file), 1, 1, "the file is longer than 4MiB", "give the path of a configuration file"};
  int line = 1;
  std::size_t dots = 0;
  for (const char c : text) {
    dots += c == '.' ? 1 : 0;
    if (c == '\n') ++line, dots = 0;
    if (dots > most_dots) return Problem{std::string(file), line, 1, "more than 100 dots are in this line", "write one option a line"};
  }
  if (const auto at = strange_letter(text))
    return Problem{std::string(file), at->line, at->column, "a letter beyond ASCII stands outside of quotes",
                   "put it in quotes, or leave it out"};
  return std::nullopt;
}

// What lies too deep for any option becomes an empty string.
Node convert(const toml::node& from, int level = 0) {
  Node node;
  node.place = place_of(from.source());
  if (level > most_levels) return node;
  if (const auto* table = from.as_table()) {
    std::vector<Node::Entry> entries;
    for (const auto& [key, value] : *table) entries.push_back({std::string(key.str()), place_of(key.source()), convert(value, level + 1)});
    // In order of the file: errors are told from top to bottom.
    std::ranges::sort(entries, [](const Node::Entry& a, const Node::Entry& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    node.value = std::move(entries);
  } else if (const auto* array = from.as_array()) {
    std::vector<Node> items;
    for (const auto& item : *array) items.push_back(convert(item, level + 1));
    node.value = std::move(items);
  } else if (const auto* string = from.as_string()) {
    node.value = string->get();
  } else if (const auto* boolean = from.as_boolean()) {
    node.value = boolean->get();
  } else if (const auto* integer = from.as_integer()) {
    node.value = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.value = number->get();
  } else {  // dates and times as they are written
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

std::string canonical(const Node& node) {
  if (const auto* text = node.string()) return "s" + std::to_string(text->size()) + ":" + *text;
  if (const auto* list = node.array()) {
    std::string out = "[";
    for (const Node& item : *list) out += canonical(item);
    return out + "]";
  }
  if (const auto* entries = node.table()) {
    std::vector<std::string> pairs;
    for (const Node::Entry& entry : *entries) pairs.push_back(std::to_string(entry.key.size()) + ":" + entry.key + canonical(entry.node));
    std::ranges::sort(pairs);
    std::string out = "{";
    for (const std::string& pair : pairs) out += pair;
    return out + "}";
  }
  if (const auto* flag = std::get_if<bool>(&node.value)) return *flag ? "t" : "f";
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return "i" + std::to_string(*whole) + ";";
  return "d" + std::to_string(std::bit_cast<std::uint64_t>(std::get<double>(node.value))) + ";";
}

std::string_view Node::kind() const noexcept {
  static constexpr std::array<std::string_view, 6> kinds{"a string", "true or false", "an integer", "a number", "an array", "a table"};
  return kinds[value.index()];
}

Node parse_toml(std::string_view text, std::string_view file, std::vector<Problem>& problems) {
  Node empty;
  empty.value = std::vector<Node::Entry>{};
  if (auto problem = excess(text, file)) {
    problems.push_back(std::move(*problem));
    return empty;
  }
  const toml::parse_result parsed = toml::parse(text, file);
  if (parsed) return convert(parsed.table());
  const Place place = place_of(parsed.error().source());
  problems.push_back({std::string(file), place.line, place.column, "this is not TOML: " + std::string(parsed.error().description()),
                      "look at this line and the one before it; strings need quotes"});
  return empty;
}

}  // namespace ajar::config
