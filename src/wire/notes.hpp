// wire/notes.hpp - Notes: what a translation dropped, approximated or emulated, each once.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ajar::wire {

struct Notes {
  std::vector<std::string> list;
  void dropped(std::string_view field) { add("dropped:", field); }
  void approximated(std::string_view field) { add("approximated:", field); }
  void emulated(std::string_view field) { add("emulated:", field); }

 private:
  void add(std::string_view kind, std::string_view field) {
    std::string note(kind);
    note.append(field);
    if (std::ranges::find(list, note) == list.end()) list.push_back(std::move(note));
  }
};

}  // namespace ajar::wire
