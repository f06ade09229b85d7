// config/facts_row.cpp - what a facts file may hold.
#include "config/facts_row.hpp"

namespace ajar::config {

Result<Node> document_of(std::string_view text, std::string_view file, std::initializer_list<std::string_view> lists) {
  std::vector<Problem> problems;
  Node document = parse_toml(text, file, problems);
  if (!problems.empty()) return fail(Fault::config, fmt::format("{}:{}: {}", file, problems.front().line, problems.front().message));
  for (const Node::Entry& entry : *document.table())
    if (std::ranges::find(lists, std::string_view(entry.key)) == lists.end())
      return fail(Fault::config, fmt::format("{}:{}: \"{}\" is not known", file, entry.place.line, entry.key));
  return document;
}

}  // namespace ajar::config
