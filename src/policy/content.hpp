// policy/content.hpp - Content: everything in a request's body that could be sensitive, looked at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/label.hpp"
#include "policy/memory.hpp"

namespace ajar::policy {

// What is to be done about the content of requests.
struct Detection {
  bool on = false;
  Label refuse;                              // a request is refused, whatever zones there are, when its content raises one of these
  Label pseudonymise{};                      // what raises only these is replaced by tokens, and secrets are taken out
  std::vector<std::string> trusted_tools{};  // functions in whose arguments values are given back; "*" = all
};

// Every string, key and number of a JSON body, strings that hold JSON themselves, data addresses of text, and what two neighbouring texts
// say together. Media that cannot be read here, references to what is stored elsewhere and token numbers raise `unscanned`. A body that is
// no JSON, is nested too deep or cannot be read whole has the top label.
// `memory`: what was seen in longer texts before is taken from it, and kept there.
Seen look_at(std::string_view body, Memory* memory = nullptr);

}  // namespace ajar::policy
