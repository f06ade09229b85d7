// policy/label.hpp - Label: how sensitive a request is, one 64-bit word; join is OR, nothing ever clears a bit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ajar::policy {

struct Label {
  std::uint64_t bits = 0;  // 0 = public
  friend Label operator|(Label a, Label b) noexcept { return {a.bits | b.bits}; }
  bool operator==(const Label&) const = default;
  bool covers(Label other) const noexcept { return (other.bits & ~bits) == 0; }
};

inline constexpr Label public_label{0};
inline constexpr Label top_label{~std::uint64_t{0}};  // any error in finding the label

// Built-in words: internal, confidential, restricted (a level implies those below it); pii, phi, pci, secret, export, legal; unscanned.
// Words that a configuration adds get the tenant-defined bits, in order of the file.
std::optional<Label> label_named(std::string_view word, const std::vector<std::string>& defined);
std::vector<std::string> label_words(const std::vector<std::string>& defined);  // every word there is
std::vector<std::string> names_of(
    Label, const std::vector<std::string>& defined);  // smallest list of words that gives it back; for people
                                                      // also "top", and "unnamed" for bits that have no word (any more)

}  // namespace ajar::policy
