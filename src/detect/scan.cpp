// detect/scan.cpp - the rules over the text and over its views, joined.
#include "detect/scan.hpp"

#include <algorithm>
#include <tuple>

#include "detect/rules.hpp"
#include "detect/views.hpp"

namespace ajar::detect {
namespace {

constexpr int deepest = 2;  // encodings in encodings

Findings of_reading(const Reading& reading) {
  Findings found;
  find_emails(reading, found);
  find_secrets(reading, found);
  find_tokens(reading, found);
  find_numbers(reading, found);
  find_addresses(reading, found);
  find_dates(reading, found);
  find_people(reading, found);
  Findings more;
  find_words(reading, found, more);
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

// The surer ones stay; a finding inside another of its own kind says nothing more.
void settle(Findings& found) {
  std::ranges::sort(found, [](const Finding& a, const Finding& b) {
    return std::tuple(-a.confidence, a.start, -static_cast<std::int64_t>(a.end)) < std::tuple(-b.confidence, b.start, -static_cast<std::int64_t>(b.end));
  });
  Findings kept;
  for (const Finding& f : found) {
    const bool covered = std::ranges::any_of(kept, [&](const Finding& k) {
      const std::uint32_t overlap = std::min(f.end, k.end) - std::min(std::max(f.start, k.start), std::min(f.end, k.end));
      if (overlap == 0) return false;
      // Something inside a bigger thing of another kind is told too: an address of mail inside a password's address is not.
      return f.kind == k.kind || overlap * 2 > f.end - f.start;
    });
    if (!covered) kept.push_back(f);
  }
  std::ranges::sort(kept, {}, [](const Finding& f) { return std::tuple(f.start, f.end, f.kind); });
  found = std::move(kept);
}

void add_views(std::string_view text, std::string_view hint, int depth, Findings& found);

Findings all_of(std::string_view text, std::string_view hint, int depth) {
  Findings found = of_reading(Reading(text, hint));
  add_views(text, hint, depth, found);
  return found;
}

void add_views(std::string_view text, std::string_view hint, int depth, Findings& found) {
  const auto view = plain_view(text);
  if (view) {
    for (Finding f : of_reading(Reading(view->text, hint))) {
      f.start = view->origin[f.start];
      f.end = std::max(view->origin[f.end], f.start + 1);
      found.push_back(f);
    }
    if (view->hidden) add(found, 0, text.size(), Kind::hidden_text, "", 0.5F);
  }
  if (depth >= deepest) return;
  for (const Decoded& d : decoded_in(text)) {
    // What is called something before the encoding is called so inside.
    const std::string_view before = text.substr(d.start < 40 ? 0 : d.start - 40, d.start < 40 ? d.start : 40);
    for (Finding f : all_of(d.text, before, depth + 1)) {
      if (f.confidence < raises_from) continue;
      f.start = d.start, f.end = d.end;
      found.push_back(f);
    }
  }
}

}  // namespace

std::vector<Finding> scan(std::string_view text, std::string_view hint) {
  Findings found = all_of(text, hint, 0);
  settle(found);
  return found;
}

}  // namespace ajar::detect
