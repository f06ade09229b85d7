// policy/dictionary.hpp - Dictionary: exact values of one's own (customer numbers, code names), known by keyed hashes alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ajar::policy {

// Case of ASCII letters, and blanks and signs between and inside of values, make no difference: "AB-1234" stands in "ab 1234" and in
// "ab1234". Up to 12 bytes of memory a value.
class Dictionary {
 public:
  using Key = std::array<std::uint8_t, 16>;  // random for each dictionary, and part of it

  // A file's bytes from values, one a line; empty lines are left out. Faults: config, naming the line: a value with fewer than 5 letters
  // and digits would be found everywhere, one of more than 200 bytes is no exact value.
  static Result<std::string> build(std::string_view values, const Key&);
  // Faults: config, when the bytes are not those of a whole dictionary of this version.
  static Result<Dictionary> read(std::string_view bytes);

  bool holds(std::string_view text) const;  // one of the values stands in the text as whole words
  std::size_t size() const noexcept { return hashes_.size(); }

 private:
  void index();

  Key key_{};
  std::size_t longest_ = 0;            // bytes of the longest value without what stands between its words
  std::vector<std::uint64_t> hashes_;  // in order
  std::vector<std::uint64_t> maybe_;   // a bit for each hash by its lowest bits: most of what is no value is ruled out by one look
};

}  // namespace ajar::policy
