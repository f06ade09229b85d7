// detect/dates.cpp - dates beside a word for birth, and words that say something by themselves: markings, diseases, drugs.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "detect/rules.hpp"

namespace ajar::detect {
namespace {

bool is_month(std::string_view word) {
  std::string lower;
  for (const char c : word) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  const auto months = Lexicon::get().list(List::months);
  return std::ranges::find(months, lower) != months.end();
}

int number(std::string_view text) noexcept {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Dates {
 public:
  explicit Dates(const Reading& r) : r_(r) {}

  // The end of a date that begins with this group of digits; 0: none.
  std::size_t end_of(std::size_t i) const {
    const auto& d = r_.digits();
    const std::string_view t = r_.text();
    // 1965-11-04, 05/10/1959, 7.5.70
    if (i + 2 < d.size() && d[i + 1].start - d[i].end == 1 && d[i + 2].start - d[i + 1].end == 1) {
      const char a = t[d[i].end], b = t[d[i + 1].end];
      const std::string_view one = r_.at(d[i]), two = r_.at(d[i + 1]), three = r_.at(d[i + 2]);
      const bool signs = a == b && (a == '/' || a == '-' || a == '.');
      const bool year_first =
          one.size() == 4 && number(one) >= 1880 && number(one) <= 2100 && number(two) <= 12 && three.size() <= 2 && number(three) <= 31;
      const bool year_last = one.size() <= 2 && two.size() <= 2 && (three.size() == 4 || three.size() == 2) && number(one) <= 31 &&
                             number(two) <= 31 && number(one) > 0 && number(two) > 0;
      if (signs && (year_first || year_last)) return d[i + 2].end;
    }
    // 5 Jul 1990, 12. Mai 1960, 3 de mayo de 1980
    const auto word = std::ranges::lower_bound(r_.words(), d[i].end, {}, [](const Reading::Word& w) { return w.start; });
    for (auto w = word; w != r_.words().end() && w - word < 2; ++w)
      if (r_.at(d[i]).size() <= 2 && w->start - d[i].end <= 6 && is_month(r_.at(*w)) && i + 1 < d.size() && d[i + 1].size() == 4 &&
          d[i + 1].start >= w->end && d[i + 1].start - w->end <= 6)
        return d[i + 1].end;
    return 0;
  }

  // May 12, 1949: begins with a word.
  bool month_first(std::size_t i, std::size_t& start, std::size_t& end) const {
    const auto& d = r_.digits();
    if (i + 1 >= d.size() || d[i].size() > 2 || d[i + 1].size() != 4 || d[i + 1].start - d[i].end > 4) return false;
    const auto after = std::ranges::lower_bound(r_.words(), d[i].start, {}, [](const Reading::Word& w) { return w.start; });
    if (after == r_.words().begin()) return false;
    const Reading::Word& month = *(after - 1);
    if (d[i].start - month.end > 2 || !is_month(r_.at(month))) return false;
    start = month.start, end = d[i + 1].end;
    return true;
  }

 private:
  const Reading& r_;
};

// A banner goes on in capitals, digits and signs to the end of its line.
std::size_t end_of_banner(std::string_view t, std::size_t at) noexcept {
  std::size_t end = at;
  for (; at < t.size(); ++at) {
    const char c = t[at];
    const bool sign = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' || c == '/' || c == '.' || c == ',' || c == ':';
    if (!sign && c != ' ') break;
    // The last capital may begin a sentence.
    if (sign && !(c >= 'A' && c <= 'Z' && at + 1 < t.size() && t[at + 1] >= 'a' && t[at + 1] <= 'z')) end = at + 1;
  }
  return end;
}

bool has_upper(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; }) &&
         std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

void find_dates(const Reading& r, Findings& out) {
  const Dates dates(r);
  const std::string_view t = r.text();
  for (std::size_t i = 0; i < r.digits().size(); ++i) {
    std::size_t start = r.digits()[i].start, end = dates.end_of(i);
    if (end == 0 && !dates.month_first(i, start, end)) continue;
    // A date of birth is announced; in HL7 it stands before the sex.
    const Cues cue = r.before(start, any_of(Cue::born, Cue::expiry, Cue::other_number), 28);
    const std::string_view behind = t.substr(end, 3);
    const bool hl7 = r.before(start) == '|' && (behind == "|F|" || behind == "|M|");
    if (cue == bit(Cue::born) || hl7) add(out, start, end, Kind::date_of_birth, "", 0.85F);
  }
  for (std::size_t i = 0; i + 1 < r.digits().size(); ++i) {
    const auto &a = r.digits()[i], &b = r.digits()[i + 1];
    if (a.size() != 2 || (b.size() != 2 && b.size() != 4) || b.start - a.end != 1 || t[a.end] != '/') continue;
    if (number(r.at(a)) >= 1 && number(r.at(a)) <= 12 && r.before(a.start, bit(Cue::expiry), 12) != 0 && r.has(any_of(Cue::card, Cue::cvv)))
      add(out, a.start, b.end, Kind::card_expiry, "", 0.6F);
  }
}

void find_words(const Reading& r, const Findings& so_far, Findings& out) {
  const std::string_view t = r.text();
  constexpr std::uint32_t reach = 600;  // bytes between a disease and whose it is
  const auto is_identity = [](const Finding& f) {
    return f.confidence >= raises_from &&
           (f.kind == Kind::person || f.kind == Kind::mrn || f.kind == Kind::us_mbi || f.kind == Kind::health_plan_id ||
            f.kind == Kind::national_id || f.kind == Kind::us_ssn || f.kind == Kind::date_of_birth || f.kind == Kind::email ||
            f.kind == Kind::phone || f.kind == Kind::address);
  };
  std::vector<std::uint32_t> identities;
  for (const Finding& f : so_far)
    if (is_identity(f)) identities.push_back(f.start);
  std::ranges::sort(identities);
  const auto somebodys = [&](const Reading::Hit& hit) {
    const auto next = std::ranges::lower_bound(identities, hit.start < reach ? 0 : hit.start - reach);
    return next != identities.end() && *next <= hit.end + reach;
  };
  for (const Reading::Hit& hit : r.hits()) {
    const std::string_view text = t.substr(hit.start, hit.end - hit.start);
    if ((hit.cues & bit(Cue::health)) != 0 && somebodys(hit)) add(out, hit.start, hit.end, Kind::health, "", 0.6F);
    const bool phrase = text.find_first_of(" -_") != std::string_view::npos;
    const bool loud = has_upper(text);
    const bool slashes = t.substr(hit.end).starts_with("//");
    if ((hit.cues & bit(Cue::marking_legal)) != 0 && (loud || hit.start == 0 || r.before(hit.start) == '\n'))
      add(out, hit.start, hit.end, Kind::marking, "LEGAL", 0.85F);
    if ((hit.cues & bit(Cue::marking_export)) != 0 &&
        ((phrase && loud) || slashes || (loud && (hit.start == 0 || r.before(hit.start) == '\n' || r.before(hit.start) == '['))))
      add(out, hit.start,
          loud      ? end_of_banner(t, hit.end)
          : slashes ? std::min(t.find_first_of(" \n\"", hit.end), t.size())
                    : hit.end,
          Kind::marking, "EXPORT", 0.85F);
    if ((hit.cues & bit(Cue::marking_secret)) != 0 && (loud || slashes)) add(out, hit.start, hit.end, Kind::marking, "SECRET", 0.8F);
    const bool banner =
        hit.start == 0 || r.before(hit.start) == '\n' || slashes || r.before(hit.start) == '[' || r.before(hit.start) == '"';
    if ((hit.cues & bit(Cue::marking_confidential)) != 0 && loud &&
        (banner || (phrase && text.find("CONFIDENTIAL") != std::string_view::npos)))
      add(out, hit.start, hit.end, Kind::marking, "CONFIDENTIAL", 0.75F);
  }
}

}  // namespace ajar::detect
