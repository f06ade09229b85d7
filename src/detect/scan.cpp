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
  // A character that is cut off at the end of a text is taken for whole.
  const auto size = static_cast<std::uint32_t>(reading.text().size());
  for (Finding& f : found) f.end = std::min(f.end, size);
  std::erase_if(found, [](const Finding& f) { return f.start >= f.end; });
  return found;
}

// The surer ones stay: a finding that another covers, of its own kind or for its greater part, says nothing more.
void settle(Findings& found) {
  std::ranges::sort(found, {}, [](const Finding& f) { return std::tuple(f.start, f.end, f.kind); });
  std::vector<bool> dropped(found.size());
  const auto weaker = [&](const Finding& f, const Finding& than) {
    if (f.confidence != than.confidence) return f.confidence < than.confidence;
    const std::uint32_t size = f.end - f.start, other = than.end - than.start;
    return size != other ? size < other : &f > &than;
  };
  const auto drop = [&](std::size_t i, std::size_t by) {
    const Finding &f = found[i], &k = found[by];
    const std::uint32_t begin = std::max(f.start, k.start), end = std::min(f.end, k.end);
    if (end <= begin || !weaker(f, k)) return;
    if (f.kind == k.kind || (end - begin) * 2 > f.end - f.start) dropped[i] = true;
  };
  // In order of place only those that begin before an end overlap.
  for (std::size_t i = 0; i < found.size(); ++i)
    for (std::size_t k = i + 1; k < found.size() && found[k].start < found[i].end; ++k) drop(i, k), drop(k, i);
  Findings kept;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!dropped[i]) kept.push_back(found[i]);
  found = std::move(kept);
}

void add_views(std::string_view text, std::string_view hint, int depth, Findings& found);

Findings all_of(std::string_view text, std::string_view hint, int depth) {
  Findings found = of_reading(Reading(text, hint));
  add_views(text, hint, depth, found);
  return found;
}

void add_views(std::string_view text, std::string_view hint, int depth, Findings& found) {
  for (const Part& part : suspicious_parts(text)) {
    const auto view = plain_view(text.substr(part.start, part.end - part.start));
    if (!view) continue;
    for (Finding f : of_reading(Reading(view->text, part.start == 0 ? hint : std::string_view()))) {
      const std::uint32_t start = view->origin[f.start], end = view->origin[f.end];
      f.start = static_cast<std::uint32_t>(part.start) + start;
      f.end = static_cast<std::uint32_t>(part.start) + std::max(end, start + 1);
      found.push_back(f);
    }
    if (view->hidden) add(found, part.start, part.end, Kind::hidden_text, "", 0.5F);
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
