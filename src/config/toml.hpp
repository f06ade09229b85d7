// config/toml.hpp - Node: a TOML document as a tree with the place of everything in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ajar::config {

struct Place {
  int line = 1, column = 1;
};

struct Problem {
  std::string file;
  int line = 0, column = 0;
  std::string message;
  std::string remedy;  // what to write instead
};

struct Node {
  struct Entry;
  std::variant<std::string, bool, std::int64_t, double, std::vector<Node>, std::vector<Entry>> value;
  Place place;
  const std::string* string() const noexcept { return std::get_if<std::string>(&value); }
  const std::vector<Node>* array() const noexcept { return std::get_if<std::vector<Node>>(&value); }
  const std::vector<Entry>* table() const noexcept { return std::get_if<std::vector<Entry>>(&value); }
  const Node* find(std::string_view key) const noexcept;  // of a table
  std::string_view kind() const noexcept;                 // "a string", "a table", ...
};

struct Node::Entry {
  std::string key;
  Place place;
  Node node;
};

// One spelling for all texts that say the same: comments, blanks and the order of keys do not matter.
std::string canonical(const Node&);

// An empty table, with a problem added, when the text is no TOML.
Node parse_toml(std::string_view text, std::string_view file, std::vector<Problem>& problems);

}  // namespace ajar::config
