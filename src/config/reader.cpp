// config/reader.cpp - types, ranges, words and nearest names.
#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/units.hpp"

namespace ajar::config {
namespace {

constexpr std::size_t longest_name = 200, most_named = 40;

struct Complaint {
  Place at;
  std::string message, remedy;
};

bool fits(const Node& node, Type type) {
  switch (type) {
    case Type::name:
    case Type::string:
      return node.string() != nullptr;
    case Type::integer:
      return std::holds_alternative<std::int64_t>(node.value);
    case Type::boolean:
      return std::holds_alternative<bool>(node.value);
    case Type::number:
      return std::holds_alternative<double>(node.value) || std::holds_alternative<std::int64_t>(node.value);
    case Type::strings:
      return node.array() != nullptr;
    case Type::table:
      return node.table() != nullptr;
    case Type::duration:
      return node.string() != nullptr && parse_duration(*node.string());
    case Type::bytes:
      return std::holds_alternative<std::int64_t>(node.value) || (node.string() != nullptr && parse_bytes(*node.string()));
  }
  return false;
}

std::string_view example_of(Type type) {
  switch (type) {
    case Type::name:
    case Type::string:
      return "write it in quotes: \"...\"";
    case Type::integer:
      return "write a whole number without quotes: 5";
    case Type::boolean:
      return "write true or false without quotes";
    case Type::number:
      return "write a number without quotes: 1.5";
    case Type::strings:
      return "write a list of words: [\"one\", \"two\"]";
    case Type::table:
      return "write a table: { key = value }";
    case Type::duration:
      return "write a duration: \"500ms\", \"5s\", \"2m\" or \"1h\"";
    case Type::bytes:
      return "write a size: \"64KiB\" or \"32MiB\"";
  }
  return "";
}

// Of something that fits; 0 for what is no amount.
std::int64_t amount_of(const Node& node, Type type) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return *whole;
  if (type == Type::duration) return parse_duration(*node.string())->count();
  if (type == Type::bytes) return static_cast<std::int64_t>(*parse_bytes(*node.string()));
  return 0;
}

std::vector<std::string> words_of(std::string_view choices) {
  std::vector<std::string> words;
  for (const std::string_view word : split(choices, ',')) words.emplace_back(trim(word));
  return words;
}

std::optional<Complaint> complaint_of_name(const Node& node, std::string_view key) {
  const std::string& text = *node.string();
  if (trim(text).empty()) return Complaint{node.place, fmt::format("\"{}\" is empty", key), "write a name"};
  if (text.size() > longest_name)
    return Complaint{node.place, fmt::format("\"{}\" is longer than {} characters", key, longest_name), "write a shorter name"};
  if (trim(text).size() != text.size() || std::ranges::any_of(text, [](char c) { return c < 0x20 || c > 0x7e; }))
    return Complaint{node.place, fmt::format("\"{}\" holds something that no header can carry", key),
                     "write letters, digits, signs and single blanks of ASCII"};
  return std::nullopt;
}

std::optional<Complaint> complaint(const Node& node, const Option& option) {
  if (!fits(node, option.type)) {
    const bool unit = node.string() != nullptr && (option.type == Type::duration || option.type == Type::bytes);
    return Complaint{
        node.place,
        fmt::format("\"{}\" is {}, which does not fit here", option.key, unit ? fmt::format("\"{}\"", *node.string()) : node.kind()),
        std::string(example_of(option.type))};
  }
  if (option.type == Type::strings)
    for (const Node& item : *node.array())
      if (item.string() == nullptr)
        return Complaint{item.place, fmt::format("\"{}\" holds {}", option.key, item.kind()), std::string(example_of(option.type))};
  if (option.type == Type::name) return complaint_of_name(node, option.key);
  if (option.most != 0)
    if (const std::int64_t amount = amount_of(node, option.type); amount < option.least || amount > option.most)
      return Complaint{
          node.place, fmt::format("\"{}\" is out of range", option.key),
          fmt::format("write something from {} to {}", amount_text(option.type, option.least), amount_text(option.type, option.most))};
  if (!option.choices.empty())
    if (const auto words = words_of(option.choices); std::ranges::find(words, *node.string()) == words.end())
      return Complaint{node.place, fmt::format("{} \"{}\" is not known", option.key, *node.string()), remedy_for(*node.string(), words)};
  return std::nullopt;
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> known;
  for (const Option& option : options())
    if (option.section == section) known.emplace_back(option.key);
  if (section.empty())
    for (const Section& s : sections())
      if (!s.name.empty() && s.name.find('.') == std::string_view::npos) known.emplace_back(s.name);
  return known;
}

}  // namespace

std::string remedy_for(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const auto near = nearest(word, views); near && !word.empty()) return fmt::format("did you mean \"{}\"?", *near);
  const std::size_t shown = std::min(names.size(), most_named);
  std::string list = join(std::span(names).first(shown), ", ");
  return fmt::format("there are: {}{}", list, shown < names.size() ? fmt::format(" and {} more", names.size() - shown) : "");
}

Reader::Reader(const Node& table, std::string_view section, Report& report) : table_(table), section_(section), report_(report) {
  const auto known = keys_of(section);
  for (const Node::Entry& entry : *table.table()) {
    if (const Option* option = option_named(section, entry.key)) {
      if (auto c = complaint(entry.node, *option)) report_.problem(c->at, std::move(c->message), std::move(c->remedy));
    } else if (std::ranges::find(known, entry.key) == known.end()) {
      report_.problem(entry.place, fmt::format("the key \"{}\" is not known in {}", entry.key, heading_of(section)),
                      remedy_for(entry.key, known));
    }
  }
  for (const Option& option : options())
    if (option.section == section && option.needed && !has(option.key))
      problem({}, fmt::format("\"{}\" is missing in {}", option.key, heading_of(section)),
              fmt::format("write {} = ...; {}", option.key, example_of(option.type)));
}

Place Reader::place(std::string_view key) const noexcept {
  const Node* node = table_.find(key);
  return node != nullptr ? node->place : table_.place;
}

const Node* Reader::usable(std::string_view key) const {
  const Node* node = table_.find(key);
  const Option* option = option_named(section_, key);
  return node != nullptr && option != nullptr && !complaint(*node, *option) ? node : nullptr;
}

std::string Reader::string(std::string_view key) const {
  const Option* option = option_named(section_, key);
  return string(key, option != nullptr ? option->standard : std::string_view());
}

std::string Reader::string(std::string_view key, std::string_view otherwise) const {
  const Node* node = usable(key);
  return std::string(node != nullptr ? std::string_view(*node->string()) : otherwise);
}

std::int64_t Reader::integer(std::string_view key) const {
  if (const Node* node = usable(key)) return std::get<std::int64_t>(node->value);
  return to_int(option_named(section_, key)->standard).value_or(0);
}

bool Reader::boolean(std::string_view key) const {
  if (const Node* node = usable(key)) return std::get<bool>(node->value);
  return option_named(section_, key)->standard == "true";
}

std::optional<double> Reader::number(std::string_view key) const {
  const Node* node = usable(key);
  if (node == nullptr) return std::nullopt;
  if (const double* value = std::get_if<double>(&node->value)) return *value;
  return static_cast<double>(std::get<std::int64_t>(node->value));
}

std::vector<Reader::Item> Reader::items(std::string_view key) const {
  std::vector<Item> list;
  if (const Node* node = usable(key))
    for (const Node& item : *node->array()) list.push_back({*item.string(), item.place});
  return list;
}

std::vector<std::string> Reader::strings(std::string_view key) const {
  std::vector<std::string> list;
  for (Item& item : items(key)) list.push_back(std::move(item.text));
  return list;
}

Millis Reader::duration(std::string_view key) const {
  if (const Node* node = usable(key)) return *parse_duration(*node->string());
  return parse_duration(option_named(section_, key)->standard).value_or(Millis(0));
}

std::size_t Reader::bytes(std::string_view key) const {
  if (const Node* node = usable(key)) return static_cast<std::size_t>(amount_of(*node, Type::bytes));
  return parse_bytes(option_named(section_, key)->standard).value_or(0);
}

const Node* Reader::table(std::string_view key) const noexcept {
  const Node* node = table_.find(key);
  return node != nullptr && node->table() != nullptr ? node : nullptr;
}

}  // namespace ajar::config
