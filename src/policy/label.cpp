// policy/label.cpp - the words of labels and their bits.
#include "policy/label.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ajar::policy {
namespace {

struct Word {
  std::string_view name;
  std::uint64_t bits;
};

// Levels imply those below them. Bits 0-2 levels, 8-13 categories, 16-31 defined by the configuration, 32-47 kept for forbidden regions, 62
// unscanned.
constexpr std::uint64_t internal = 1, confidential = 2, restricted = 4;
constexpr int first_defined = 16, most_defined = 16;
constexpr std::array<Word, 10> words{{{"restricted", internal | confidential | restricted},
                                      {"confidential", internal | confidential},
                                      {"internal", internal},
                                      {"pii", 1u << 8},
                                      {"phi", 1u << 9},
                                      {"pci", 1u << 10},
                                      {"secret", 1u << 11},
                                      {"export", 1u << 12},
                                      {"legal", 1u << 13},
                                      {"unscanned", std::uint64_t{1} << 62}}};

}  // namespace

std::optional<Label> label_named(std::string_view word, const std::vector<std::string>& defined) {
  if (iequal(word, "public")) return public_label;
  for (const Word& known : words)
    if (iequal(known.name, word)) return Label{known.bits};
  for (std::size_t i = 0; i < defined.size() && i < most_defined; ++i)
    if (iequal(defined[i], word)) return Label{std::uint64_t{1} << (first_defined + i)};
  return std::nullopt;
}

std::vector<std::string> names_of(Label label, const std::vector<std::string>& defined) {
  std::vector<std::string> names;
  if (label == top_label) return {"top"};
  std::uint64_t left = label.bits;
  for (const Word& known : words)
    if ((left & known.bits) == known.bits) {
      names.emplace_back(known.name);
      left &= ~known.bits;
    }
  for (std::size_t i = 0; i < defined.size() && i < most_defined; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << (first_defined + i);
    if ((left & bit) != 0) names.push_back(defined[i]);
    left &= ~bit;
  }
  if (left != 0) names.emplace_back("unnamed");
  if (label.bits == 0) names.emplace_back("public");
  return names;
}

std::vector<std::string> label_words(const std::vector<std::string>& defined) {
  std::vector<std::string> all{"public"};
  for (const Word& known : words) all.emplace_back(known.name);
  all.insert(all.end(), defined.begin(), defined.end());
  return all;
}

}  // namespace ajar::policy
