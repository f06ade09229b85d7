// policy/content.hpp - Content: everything in a request's body that could be sensitive, looked at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/label.hpp"

namespace ajar::policy {

// What is to be done about the content of requests.
struct Detection {
  bool on = false;
  Label refuse;  // a request is refused, whatever zones there are, when its content raises one of these
};

struct Seen {
  Label label;
  std::vector<std::string_view> kinds;  // of what raised it, each once, in order of the alphabet; never what was found
};

// Every string, key and number of a JSON body, strings that hold JSON themselves, data addresses of text, and what two neighbouring texts
// say together. Media that cannot be read here, references to what is stored elsewhere and token numbers raise `unscanned`. A body that is
// no JSON, is nested too deep or cannot be read whole has the top label.
Seen look_at(std::string_view body);

}  // namespace ajar::policy
