// detect/places.cpp - postal addresses: a street with its number, a town with its code.
#include <algorithm>
#include <array>
#include <string>

#include "detect/rules.hpp"

namespace ajar::detect {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr std::array<std::string_view, 51> states{"AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL",
                                                  "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
                                                  "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
                                                  "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC"};

// Streets that begin with what they are: rue, calle, via.
bool begins_a_street(std::string_view word) {
  const auto beginnings = Lexicon::get().list(List::street_beginnings);
  return std::ranges::find(beginnings, word) != beginnings.end();
}

class Places {
 public:
  Places(const Reading& r, Findings& out) : r_(r), t_(r.text()), out_(out) {}

  void find() {
    for (const Reading::Place& number : r_.digits()) {
      if (number.end <= used_) continue;
      english(number) || before_number(number) || french(number);
    }
    announced();
    boxes();
    flats();
    military();
    towns();
  }

 private:
  std::string lower(const Reading::Word& word) const {
    std::string text(r_.at(word));
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  }
  std::size_t word_from(std::size_t at) const {
    return static_cast<std::size_t>(
        std::ranges::lower_bound(r_.words(), at, {}, [](const Reading::Word& w) { return std::size_t{w.start}; }) - r_.words().begin());
  }
  bool street_word(const Reading::Word& word) const {
    auto hit = std::ranges::lower_bound(r_.hits(), word.start, {}, [](const Reading::Hit& h) { return h.start; });
    return hit != r_.hits().end() && hit->start == word.start && (hit->cues & bit(Cue::street)) != 0 && hit->end == word.end;
  }
  bool say(std::size_t start, std::size_t end, float confidence) {
    add(out_, start, end, Kind::address, "", confidence);
    used_ = end;
    return true;
  }

  // 4096 Lakeview Drive, Apt 61, Springfield IL 62704
  bool english(const Reading::Place& number) {
    // 221B is a number too.
    const std::size_t number_end = number.end + (is_alpha(r_.from(number.end)) && r_.from(number.end + 1) == ' ' ? 1 : 0);
    if (number.size() > 6 || !r_.stands_alone(number.start, number_end) || r_.from(number_end) != ' ') return false;
    if (const char c = r_.before(number.start); c == '.' || c == '$' || c == '-' || c == '/' || c == '#') return false;
    const auto& words = r_.words();
    std::size_t w = word_from(number_end);
    // An ordinal: 123 5th Avenue.
    std::size_t last_end = number_end;
    int count = 0, capitals = 0;
    for (; w < words.size() && count < 5; ++w, ++count) {
      const std::string_view gap = t_.substr(last_end, words[w].start - last_end);
      const bool ordinal = gap.size() >= 2 && gap.size() <= 5 && gap[0] == ' ' && std::ranges::all_of(gap.substr(1), is_digit);
      if (gap != " " && gap != ". " && gap != "'" && gap != "-" && !ordinal) return false;
      const bool lower_text = !words[w].capital && r_.before(number.start, any_of(Cue::address, Cue::name, Cue::patient), 64) == 0;
      // "10 us per row" is no street.
      if (count > 0 && (capitals > 0 || !words[w].capital) && street_word(words[w]) &&
          (words[w].capital || r_.before(number.start, any_of(Cue::address, Cue::patient), 24) != 0))
        return finish(number.start, words[w].end);
      if (lower_text && !ordinal) return false;
      capitals += words[w].capital ? 1 : 0;
      last_end = words[w].end;
    }
    return false;
  }

  // The flat, the town, the code behind a street.
  bool finish(std::size_t start, std::size_t end) {
    if (r_.from(end) == '.') ++end;
    const auto& words = r_.words();
    std::size_t furthest = end;
    for (int part = 0; part < 4; ++part) {
      std::size_t at = furthest;
      std::size_t signs = 0;
      while (at < t_.size() && signs < 3 && (t_[at] == ',' || t_[at] == ' ' || t_[at] == '\n' || t_[at] == '#')) ++at, ++signs;
      if (signs == 0) break;
      const std::size_t w = word_from(at);
      if (is_digit(r_.from(at))) {
        std::size_t stop = at;
        while (stop < t_.size() && (is_digit(t_[stop]) || t_[stop] == '-')) ++stop;
        if (stop - at < 4 || stop - at > 10) break;
        furthest = stop;
        continue;
      }
      if (w >= words.size() || words[w].start != at) break;
      const std::string word = lower(words[w]);
      if (word == "apt" || word == "suite" || word == "unit" || word == "flat" || word == "ste" || word == "floor" || word == "room" ||
          word == "apartment" || word == "no") {
        std::size_t stop = words[w].end;
        while (stop < t_.size() && stop - at < 24 && t_[stop] != ',' && t_[stop] != '\n') ++stop;
        furthest = stop;
        continue;
      }
      // A town: capitals up to a state and a code, or a comma.
      std::size_t k = w, stop = words[w].end;
      if (!words[w].capital) break;
      while (k + 1 < words.size() && words[k + 1].start - words[k].end == 1 && words[k + 1].capital && t_[words[k].end] == ' ')
        stop = words[++k].end;
      if (part > 0 || signs >= 2 || r_.from(stop) == ',' || r_.from(stop) == ' ') furthest = stop;
    }
    // Only a code at the end makes the town sure.
    const std::string_view more = t_.substr(end, furthest - end);
    const bool code = std::ranges::count_if(more, is_digit) >= 4;
    return say(start, code ? furthest : std::max(end, with_flat(end)), code ? 0.9F : 0.7F);
  }
  std::size_t with_flat(std::size_t end) const {
    for (const std::string_view flat : {", Apt", ", Suite", ", Unit", " Apt", " Suite", " Unit", " #", ", apt", ", #"})
      if (t_.substr(end).starts_with(flat)) {
        std::size_t stop = end + flat.size();
        while (stop < t_.size() && stop - end < 20 && t_[stop] != ',' && t_[stop] != '\n' && !(t_[stop] == ' ' && is_digit(t_[stop - 1])))
          ++stop;
        return stop;
      }
    return end;
  }

  // Lindenweg 54, 50667 Koeln; Calle Mayor 5; ul. Nowa 3
  bool before_number(const Reading::Place& number) {
    if (number.size() > 4 || number.start == 0) return false;
    const auto& words = r_.words();
    const std::size_t w = word_from(number.start);
    if (w == 0) return false;
    const Reading::Word& last = words[w - 1];
    const std::string_view gap = t_.substr(last.end, number.start - last.end);
    if (gap != " " && gap != ", " && gap != ", n\u00ba " && gap != ". ") return false;
    const std::string word = lower(last);
    for (const std::string_view ending : Lexicon::get().list(List::street_endings))
      if (word.ends_with(ending) && (word.size() > ending.size() || w >= 2) && gap == " " &&
          (last.capital || r_.has(any_of(Cue::address, Cue::name, Cue::patient, Cue::de_steuerid)))) {
        std::size_t start = last.start;
        if (word.size() == ending.size() || word == "str") start = words[w - 2].start;
        return german(start, number.end);
      }
    if (word == "str" && w >= 2 && gap == ". ") return german(words[w - 2].start, number.end);
    for (std::size_t back = 1; back <= 4 && back < w + 1 && w - back < words.size(); ++back) {
      if (w < back + 1) break;
      const Reading::Word& first = words[w - 1 - back];
      if (last.start - first.start > 48) break;
      const std::string kind = lower(first);
      if (!begins_a_street(kind) || (kind.size() < 3 && r_.from(first.end) != '.' && r_.from(first.end) != '/')) continue;
      if (t_.substr(first.start, number.start - first.start).find('\n') != std::string_view::npos) break;
      // A name of a street, not a sentence: capitals, and small words between.
      bool name = words[w - 1].capital;
      for (std::size_t k = w - back; k < w; ++k) name = name && (words[k].capital || words[k].size() <= 4);
      if (!name) continue;
      return say(first.start, town_behind(number.end), 0.8F);
    }
    return false;
  }
  bool german(std::size_t start, std::size_t end) {
    if (r_.from(end) >= 'a' && r_.from(end) <= 'z' && !(r_.from(end + 1) >= 'a' && r_.from(end + 1) <= 'z')) ++end;  // 5a
    return say(start, town_behind(end), 0.8F);
  }
  // ", 50667 Koeln"
  std::size_t town_behind(std::size_t end) const {
    std::size_t at = end;
    while (at < t_.size() && at - end < 3 && (t_[at] == ',' || t_[at] == ' ' || t_[at] == '\n')) ++at;
    // A floor or a door first: 2, 2 B, 41004 Sevilla
    if (const std::size_t comma = t_.find(',', at);
        comma != std::string_view::npos && comma - at <= 8 && t_.substr(end).starts_with(", ") && is_digit(r_.from(comma + 2)))
      at = comma + 2;
    std::size_t code = at;
    while (code < t_.size() && (is_digit(t_[code]) || t_[code] == '-')) ++code;
    if (code - at < 4 || code - at > 6 || r_.from(code) != ' ') return end;
    const auto& words = r_.words();
    const std::size_t w = word_from(code);
    return w < words.size() && words[w].start == code + 1 ? words[w].end : code;
  }

  // 12 avenue de la Gare, 75011 Paris
  bool french(const Reading::Place& number) {
    if (number.size() > 4) return false;
    const auto& words = r_.words();
    std::size_t w = word_from(number.end);
    if (w < words.size() && (lower(words[w]) == "bis" || lower(words[w]) == "ter")) ++w;
    if (w + 1 >= words.size() || words[w].start - number.end > 5) return false;
    const std::string kind = lower(words[w]);
    if (!begins_a_street(kind) || kind.size() < 3) return false;
    std::size_t end = words[w].end;
    bool capital = false;
    for (std::size_t k = w + 1; k < words.size() && k < w + 6; ++k) {
      const std::string_view gap = t_.substr(words[k - 1].end, words[k].start - words[k - 1].end);
      if (gap != " " && gap != "'" && gap != "-" && gap != "\xE2\x80\x99") break;
      if (capital && !words[k].capital && words[k].size() > 3) break;
      capital = capital || words[k].capital;
      end = words[k].end;
    }
    return capital && say(number.start, town_behind(end), 0.85F);
  }

  void boxes() {
    for (const std::string_view box : {"P.O. Box ", "PO Box ", "P. O. Box ", "Postfach "})
      for (std::size_t at = t_.find(box); at != std::string_view::npos; at = t_.find(box, at + 1)) {
        std::size_t end = at + box.size();
        while (end < t_.size() && is_digit(t_[end])) ++end;
        if (end > at + box.size()) add(out_, at, end, Kind::address, "", 0.75F);
      }
  }

  // What is called an address and has a number: "sent to 5586 Some Street 31, Somewhere"
  void announced() {
    for (const Reading::Hit& hit : r_.hits()) {
      if ((hit.cues & bit(Cue::address)) == 0) continue;
      std::size_t at = hit.end;
      while (at < t_.size() && at - hit.end < 6 && (t_[at] == ' ' || t_[at] == ':' || t_[at] == '"' || t_[at] == '\t')) ++at;
      for (const std::string_view is : {"is ", "to "})
        if (t_.substr(at).starts_with(is)) at += is.size();
      if (std::ranges::any_of(out_, [at](const Finding& f) { return f.kind == Kind::address && f.start <= at && at < f.end; })) continue;
      const std::size_t w = word_from(at);
      if (w >= r_.words().size()) continue;
      std::size_t end = at, digits = 0, capitals = 0;
      for (; end < t_.size() && end - at < 60 && std::string_view("\n.?!;\"").find(t_[end]) == std::string_view::npos; ++end)
        digits += is_digit(t_[end]) ? 1 : 0;
      for (std::size_t k = w; k < r_.words().size() && r_.words()[k].end <= end; ++k) capitals += r_.words()[k].capital ? 1 : 0;
      const bool starts = is_digit(r_.from(at)) || (r_.words()[w].start == at && r_.words()[w].capital);
      std::size_t number_end = at;
      while (number_end < t_.size() && is_digit(t_[number_end])) ++number_end;
      const bool number_first = number_end > at && number_end - at <= 6 && r_.from(number_end) == ' ';
      if ((number_end > at && !number_first) || t_.substr(at, end - at).find_first_of("_({<=[") != std::string_view::npos) continue;
      if (starts && digits >= 1 && digits <= 12 && (number_first ? capitals >= 1 : capitals >= 2 && !r_.words()[w].upper))
        add(out_, at, end, Kind::address, "", 0.55F);
    }
  }

  // Something with a number before it and a flat's number behind: 5551 Tjalling Harkeswei 125 Suite 250
  void flats() {
    for (const std::string_view flat : {"Apt. ", "Apt ", "Suite ", "apt. ", "suite "})
      for (std::size_t at = t_.find(flat); at != std::string_view::npos; at = t_.find(flat, at + 1)) {
        std::size_t end = at + flat.size();
        if (!is_digit(r_.from(end))) continue;
        while (end < t_.size() && is_digit(t_[end])) ++end;
        const std::size_t begin = at > 60 ? at - 60 : 0;
        std::size_t start = std::string_view::npos;
        int lines = 0;
        for (std::size_t i = at; i-- > begin && lines < 2;) {
          lines += t_[i] == '\n' ? 1 : 0;
          if (is_digit(t_[i]) && (i == 0 || t_[i - 1] == '\n' || t_[i - 1] == ' ' || t_[i - 1] == ':' || t_[i - 1] == '>') && lines < 2)
            start = i;
        }
        if (start == std::string_view::npos) continue;
        // A town and a code in the lines below.
        std::size_t stop = end;
        for (std::size_t i = end, more = 0; i < t_.size() && i - end < 70 && more < 4; ++i) {
          if (t_[i] == '\n') ++more;
          if (is_digit(t_[i]) && (is_digit(r_.from(i + 3)))) {
            while (i < t_.size() && (is_digit(t_[i]) || t_[i] == '-')) ++i;
            stop = i;
            break;
          }
          if (t_[i] == '.' || t_[i] == '?' || t_[i] == ':') break;
        }
        add(out_, start, stop, Kind::address, "", 0.7F);
      }
  }

  // PSC 3117, Box 0609, APO AA 44332
  void military() {
    for (const std::string_view post : {"APO A", "FPO A", "DPO A"})
      for (std::size_t at = t_.find(post); at != std::string_view::npos; at = t_.find(post, at + 1)) {
        if (!is_digit(r_.from(at + 7))) continue;
        std::size_t end = at + 7, start = at;
        while (end < t_.size() && is_digit(t_[end])) ++end;
        for (const std::string_view unit : {"PSC ", "Unit ", "USNS ", "USS "})
          if (const std::size_t found = t_.rfind(unit, at); found != std::string_view::npos && at - found < 40)
            start = std::min(start, found);
        add(out_, start, end, Kind::address, "", 0.8F);
      }
  }

  // Springfield, IL 62704
  void towns() {
    for (const Reading::Word& word : r_.words()) {
      if (word.size() != 2 || !word.upper || r_.from(word.end) != ' ' || std::ranges::find(states, r_.at(word)) == states.end()) continue;
      std::size_t end = word.end + 1;
      while (end < t_.size() && is_digit(t_[end])) ++end;
      if (end - word.end != 6 || is_digit(r_.from(end))) continue;
      if (std::ranges::any_of(out_,
                              [&](const Finding& f) { return f.kind == Kind::address && f.start <= word.start && f.end >= word.end; }))
        continue;
      std::size_t w = word_from(word.start);
      std::size_t start = word.start;
      for (int back = 0; back < 3 && w > 0; ++back) {
        const Reading::Word& before = r_.words()[w - 1];
        const std::string_view gap = t_.substr(before.end, start - before.end);
        if (!before.capital || (gap != " " && gap != ", ") || (back > 0 && gap == ", ")) break;
        start = before.start;
        --w;
      }
      if (start != word.start) add(out_, start, end, Kind::address, "", 0.7F);
    }
  }

  const Reading& r_;
  std::string_view t_;
  Findings& out_;
  std::size_t used_ = 0;
};

}  // namespace

void find_addresses(const Reading& r, Findings& out) { Places(r, out).find(); }

}  // namespace ajar::detect
