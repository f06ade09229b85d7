// detect/people.cpp - names of people: words that are names side by side, and what follows a word that announces one.
#include <algorithm>
#include <array>
#include <string>

#include "detect/rules.hpp"

namespace ajar::detect {
namespace {

constexpr std::size_t most_words = 5;
constexpr std::array<std::string_view, 24> particles{"de",  "da",  "do", "dos", "das", "del", "della", "di",  "la", "le", "van", "von",
                                                     "der", "den", "el", "al",  "bin", "ibn", "ter",   "ten", "zu", "du", "y",   "e"};

// Known to everybody: not personal where no word announces a person. In lower case.
constexpr std::array<std::string_view, 64> famous{
    "isaac newton",         "ada lovelace",      "grace hopper",     "albert einstein",     "marie curie",
    "alan turing",          "nikola tesla",      "charles darwin",   "william shakespeare", "julius caesar",
    "abraham lincoln",      "george washington", "thomas edison",    "thomas jefferson",    "john adams",
    "steve jobs",           "bill gates",        "elon musk",        "jeff bezos",          "mark zuckerberg",
    "taylor swift",         "jane austen",       "mark twain",       "charles dickens",     "harry potter",
    "sherlock holmes",      "james bond",        "galileo galilei",  "johannes kepler",     "carl gauss",
    "leonhard euler",       "bernhard riemann",  "john von neumann", "claude shannon",      "donald knuth",
    "linus torvalds",       "dennis ritchie",    "ken thompson",     "bjarne stroustrup",   "guido van rossum",
    "tim berners",          "martin luther",     "mahatma gandhi",   "nelson mandela",      "winston churchill",
    "barack obama",         "donald trump",      "joe biden",        "angela merkel",       "napoleon bonaparte",
    "ludwig van beethoven", "wolfgang mozart",   "johann bach",      "vincent van gogh",    "pablo picasso",
    "michael jordan",       "yao ming",          "lionel messi",     "stephen hawking",     "richard feynman",
    "max planck",           "niels bohr",        "emmy noether",     "immanuel kant"};

class People {
 public:
  People(const Reading& r, Findings& out) : r_(r), w_(r.words()), out_(out) {}

  void find() {
    for (std::size_t i = 0; i < w_.size();) i += std::max<std::size_t>(1, from(i));
    for (const Reading::Hit& hit : r_.hits())
      if ((hit.cues & any_of(Cue::name, Cue::patient, Cue::title)) != 0) without_capitals(hit);
  }

 private:
  std::string_view between(std::size_t i) const {  // behind word i
    return i + 1 < w_.size() ? r_.text().substr(w_[i].end, w_[i + 1].start - w_[i].end) : std::string_view("\n");
  }
  std::string lower(std::size_t i) const {
    std::string text(r_.at(w_[i]));
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  }
  bool is_initial(std::size_t i) const { return w_[i].size() == 1 && w_[i].capital; }
  bool is_particle(std::size_t i) const {
    return !w_[i].capital && w_[i].size() <= 5 && std::ranges::find(particles, r_.at(w_[i])) != particles.end();
  }
  bool is_name(std::size_t i) const { return w_[i].given || w_[i].family; }
  // Part of an identifier, a path or an address: no name of a person.
  bool attached(std::size_t i) const {
    const char a = r_.before(w_[i].start), b = r_.from(w_[i].end);
    const auto joins = [](char c) {
      return c == '_' || c == '/' || c == '@' || c == '\\' || c == '$' || c == '#' || (c >= '0' && c <= '9');
    };
    return joins(a) || joins(b) || (a >= 'a' && a <= 'z') || (b >= 'A' && b <= 'Z') ||
           (b == '.' && i + 1 < w_.size() && w_[i + 1].start == w_[i].end + 1 && !w_[i + 1].capital);
  }
  // "CSV-like" columns hold names without a word before each.
  Cues announced(std::size_t i, Cues cues) const {
    std::size_t gap = 0;
    while (gap < w_[i].start && gap < 10 &&
           std::string_view(" :=\"'>\t,[({-*_`\n").find(r_.text()[w_[i].start - 1 - gap]) != std::string_view::npos)
      ++gap;
    return r_.before(w_[i].start, cues, gap);
  }

  // How many words from i on are joined as in one name: by blanks, an initial's dot, a hyphen, an apostrophe.
  std::size_t run(std::size_t i, bool capitals) const {
    std::size_t n = 1;
    while (i + n < w_.size() && n < most_words) {
      const std::string_view gap = between(i + n - 1);
      const bool joined = gap == " " || gap == "-" || gap == "'" || gap == "\xE2\x80\x99" || (gap == ". " && is_initial(i + n - 1)) ||
                          (gap == "." && is_initial(i + n - 1));
      if (!joined) break;
      const bool part = capitals ? w_[i + n].capital : is_name(i + n);
      if (!part && !(is_particle(i + n) && i + n + 1 < w_.size() && (capitals ? w_[i + n + 1].capital : w_[i + n + 1].family))) break;
      ++n;
    }
    while (n > 1 && is_particle(i + n - 1)) --n;
    return n;
  }

  std::size_t say(std::size_t i, std::size_t n, float confidence) {
    std::size_t end = w_[i + n - 1].end;
    if (is_initial(i + n - 1) && r_.from(end) == '.') ++end;
    add(out_, w_[i].start, end, Kind::person, "", confidence);
    return n;
  }

  std::size_t from(std::size_t i) {
    if (attached(i) || w_[i].size() < 2) return 1;
    if (!w_[i].capital && (!is_name(i) || w_[i].common)) return 1;
    if (w_[i].upper && w_[i].size() > 2 && !is_name(i)) return 1;
    const Cues announces = announced(i, any_of(Cue::title, Cue::name, Cue::patient));
    const bool title = (announces & bit(Cue::title)) != 0, cue = announces != 0;
    if (!w_[i].capital) return lower_case(i, cue);
    // Last, First
    if (w_[i].family && between(i) == ", " && i + 1 < w_.size() && w_[i + 1].given && w_[i + 1].capital && !attached(i + 1)) {
      // A list of names has more commas.
      std::size_t n = 1 + run(i + 1, true);
      if (n <= 3 && (cue || !w_[i].given || between(i + n - 1) != ", ")) return say(i, n, cue ? 0.85F : 0.6F);
    }
    const std::size_t n = run(i, true);
    std::size_t known = 0;
    for (std::size_t k = i; k < i + n; ++k) known += is_name(k) || is_initial(k) ? 1 : 0;
    if (n >= 2 && !cue) {
      const std::string both = lower(i) + " " + lower(i + n - 1);
      if (std::ranges::find(famous, both) != famous.end()) return n;
    }
    if (n >= 2) {
      // A title or a word like "patient" is no part of the name behind it.
      if (n >= 3 && !is_name(i) && is_name(i + 1) && is_name(i + 2)) return 1;
      const bool words_too = w_[i].common && w_[i + n - 1].common;
      if (words_too && !cue) return 1;
      if (w_[i].given && (w_[i + n - 1].family || (n >= 3 && w_[i + 1].family))) {
        if (cue) return say(i, n, 0.92F);
        return say(i, n, n <= 3 ? 0.75F : 0.6F);
      }
      if (cue && (known >= 1 || title) && n <= 4) return say(i, n, 0.8F);
      if (w_[i].given && !w_[i].common && !w_[i + 1].common && w_[i + 1].size() > 1 && !w_[i + 1].upper && n == 2 && known == 1 &&
          r_.has(any_of(Cue::phone, Cue::email, Cue::patient, Cue::address, Cue::born, Cue::title)))
        return say(i, n, 0.5F);
      const std::size_t last = i + n - 1;
      const bool plain_last = w_[last].size() > 1 && !w_[last].common && (!w_[last].upper || w_[last].family);
      if (w_[i].given && n <= 3 && between(i) == " " && plain_last && !is_ambiguous(i)) return say(i, n, 0.45F);
      if (n == 2 && w_[last].family && !w_[i].upper && !starts_sentence(i) && between(i) == " " && lower(last).size() > 4 &&
          r_.has(any_of(Cue::phone, Cue::email, Cue::patient, Cue::name)))
        return say(i, n, 0.4F);
      return title ? say(i, n, 0.7F) : 1;
    }
    if (title && !w_[i].upper) return say(i, 1, is_name(i) ? 0.8F : 0.6F);
    if (cue && w_[i].given && !w_[i].common) return say(i, 1, 0.6F);
    if (const std::size_t names = list_of_names(i); names >= 3) {
      for (std::size_t k = 0; k + 1 < names; ++k) say(i + k, 1, 0.4F);
      return say(i + names - 1, 1, 0.4F), names;
    }
    if (w_[i].given && !w_[i].upper && w_[i].size() > 3 && !is_ambiguous(i) && alone_as_name(i)) return say(i, 1, 0.35F);
    return 1;
  }

  // How many first names follow one another: James, Christopher, Emily and Michael.
  std::size_t list_of_names(std::size_t i) const {
    std::size_t n = 0;
    while (i + n < w_.size() && w_[i + n].given && w_[i + n].capital && !w_[i + n].upper) {
      ++n;
      if (between(i + n - 1) != ", ") break;
    }
    return n;
  }

  // A word of every day too.
  bool is_ambiguous(std::size_t i) const { return w_[i].common; }

  // One first name by itself: what follows or stands before is what people do.
  bool alone_as_name(std::size_t i) const {
    const std::string_view behind = r_.text().substr(w_[i].end, 16);
    for (const std::string_view next : {" is ", " was ", " has ", " said", " says", " can ", " will ", " shouted", " asked", " told",
                                        " spent", " works", " lives", " called", " wrote", ", can ", ", could ", ", please", ": "})
      if (behind.starts_with(next)) return true;
    return false;
  }

  // Scripts without capitals: what stands right behind a word for a name or a patient.
  void without_capitals(const Reading::Hit& hit) {
    const std::string_view t = r_.text();
    std::size_t at = hit.end;
    // Blanks, colons of both widths, and particles.
    for (bool more = true; more && at < t.size();) {
      more = false;
      for (const std::string_view sign :
           {" ", ":", "\xEF\xBC\x9A", "\xE3\x80\x80", "\xE3\x81\xAF", "\xE3\x81\xAE", "\xEC\x9D\x80", "\xEB\x8A\x94", "\"", "\xE3\x80\x8C"})
        if (t.substr(at).starts_with(sign)) at += sign.size(), more = true;
    }
    const auto lead = [&](std::size_t i) { return i < t.size() ? static_cast<unsigned char>(t[i]) : 0U; };
    std::size_t end = at;
    if (lead(at) >= 0xE4 && lead(at) <= 0xED) {
      // Two to five characters; honorifics and particles end them.
      constexpr std::array<std::string_view, 10> ends{
          "\xE6\xA7\x98", "\xE3\x81\x95", "\xE6\xB0\x8F", "\xEC\x94\xA8", "\xEB\x8B\x98",
          "\xE3\x81\xAE", "\xE3\x81\xAF", "\xE3\x80\x81", "\xE3\x80\x82", "\xE5\x85\x88\xE7\x94\x9F"};
      std::size_t count = 0;
      while (lead(end) >= 0xE4 && lead(end) <= 0xED && end + 3 <= t.size() && count < 5 &&
             std::ranges::none_of(ends, [&](std::string_view e) { return t.substr(end).starts_with(e); }))
        end += 3, ++count;
      if (count >= 2 && count <= 5) add(out_, at, end, Kind::person, "", 0.6F);
    } else if (lead(at) >= 0xD8 && lead(at) <= 0xDB) {
      // Two or three Arabic words.
      int words = 0;
      while (words < 3) {
        std::size_t next = end;
        while (next < t.size() && lead(next) >= 0xD8 && lead(next) <= 0xDB) next += 2;
        if (next == end) break;
        end = next;
        if (++words == 3 || end >= t.size() || t[end] != ' ' || lead(end + 1) < 0xD8 || lead(end + 1) > 0xDB) break;
        ++end;
      }
      if (words >= 1 && (hit.cues & any_of(Cue::name, Cue::patient)) != 0) add(out_, at, end, Kind::person, "", 0.5F);
    }
  }

  bool starts_sentence(std::size_t i) const {
    std::size_t at = w_[i].start;
    while (at > 0 && (r_.text()[at - 1] == ' ' || r_.text()[at - 1] == '"')) --at;
    return at == 0 || std::string_view(".!?\n:").find(r_.text()[at - 1]) != std::string_view::npos;
  }

  // Without capitals only what is announced, or two names and an identity near.
  std::size_t lower_case(std::size_t i, bool cue) {
    if (!is_name(i) || is_particle(i)) return 1;
    if (w_[i].family && between(i) == ", " && i + 1 < w_.size() && w_[i + 1].given && cue) return say(i, 2, 0.6F);
    const std::size_t n = run(i, false);
    if (n < 2 || n > 4 || !w_[i].given || !w_[i + n - 1].family || w_[i].common || w_[i + n - 1].common) return 1;
    const bool identity =
        r_.has(any_of(Cue::born, Cue::patient, Cue::ssn, Cue::passport, Cue::title, Cue::es_nif, Cue::iban)) || !r_.ats().empty();
    if (cue) return say(i, n, 0.7F);
    return identity && lower(i).size() > 3 && lower(i + n - 1).size() > 3 ? say(i, n, 0.4F) : 1;
  }

  const Reading& r_;
  const std::vector<Reading::Word>& w_;
  Findings& out_;
};

}  // namespace

void find_people(const Reading& r, Findings& out) { People(r, out).find(); }

}  // namespace ajar::detect
