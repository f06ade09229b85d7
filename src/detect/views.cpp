// detect/views.cpp - what hides a text, undone step by step; each step keeps the places.
#include "detect/views.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "detect/characters.hpp"
#include "detect/cues.hpp"

namespace ajar::detect {
namespace {

// Writes a view of a view: places are those of the first text.
class Writer {
 public:
  Writer(std::string_view from, const std::vector<std::uint32_t>* origin) : origin_(origin) {
    text.reserve(from.size());
    places.reserve(from.size() + 1);
  }
  void put(char32_t code, std::size_t at) {
    append(text, code);
    places.resize(text.size(), place(at));
  }
  void copy(std::string_view bytes, std::size_t at) {
    for (std::size_t i = 0; i < bytes.size(); ++i) text.push_back(bytes[i]), places.push_back(place(at + i));
  }
  std::uint32_t place(std::size_t at) const { return origin_ == nullptr ? static_cast<std::uint32_t>(at) : (*origin_)[at]; }

  std::string text;
  std::vector<std::uint32_t> places;
  bool changed = false;

 private:
  const std::vector<std::uint32_t>* origin_;
};

bool forms(std::string_view t, Writer& w, bool& hidden) {
  std::size_t invisible = 0;
  for (std::size_t at = 0; at < t.size();) {
    const Code code = code_at(t, at);
    char32_t to = usual(code.value);
    // Tags are ASCII that no font shows.
    if (code.value >= 0xE0020 && code.value <= 0xE007E) {
      to = code.value - 0xE0000;
      invisible += 4;
      w.put(to, at);
      w.changed = true;
    } else if (to == dropped && code.value != 0) {
      ++invisible;
      w.changed = true;
    } else if (to == code.value) {
      w.copy(t.substr(at, code.size), at);
    } else {
      w.put(to, at);
      w.changed = true;
    }
    at += code.size;
  }
  hidden = invisible >= 32;
  w.places.push_back(w.place(t.size()));
  return w.changed;
}

bool hex_of(std::string_view t, std::size_t at, std::size_t size, char32_t& value) noexcept {
  if (at + size > t.size()) return false;
  value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const int digit = hex(t[at + i]);
    if (digit < 0) return false;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return true;
}

struct Named {
  std::string_view from, to;
};
constexpr std::array entities{Named{"&amp;", "&"},    Named{"&lt;", "<"},   Named{"&gt;", ">"},     Named{"&quot;", "\""},
                              Named{"&apos;", "'"},   Named{"&nbsp;", " "}, Named{"&commat;", "@"}, Named{"&period;", "."},
                              Named{"&hyphen;", "-"}, Named{"&dash;", "-"}, Named{"&num;", "#"}};
// Ways to write @ and . that mail harvesters do not read, and pieces of strings put together in code.
constexpr std::array spelled{
    Named{" [at] ", "@"},   Named{"[at]", "@"},  Named{" (at) ", "@"},  Named{"(at)", "@"},   Named{" {at} ", "@"},  Named{" AT ", "@"},
    Named{" [dot] ", "."},  Named{"[dot]", "."}, Named{" (dot) ", "."}, Named{"(dot)", "."},  Named{" {dot} ", "."}, Named{" DOT ", "."},
    Named{"[.]", "."},      Named{"[@]", "@"},   Named{"\" + \"", ""},  Named{"\"+\"", ""},   Named{"' + '", ""},    Named{"'+'", ""},
    Named{"\" . \"", ""},   Named{"' . '", ""},  Named{"\" \"", ""},    Named{"\" & \"", ""}, Named{"' '", ""},      Named{"\\\n", ""},
    Named{"\" \\\n\"", ""}, Named{"\"\n\"", ""}, Named{"**", ""},       Named{"__", ""},      Named{"`", ""},        Named{"~~", ""}};

// One escape at a place: what it stands for and how long it is; 0: none.
std::size_t escape_at(std::string_view t, std::size_t at, char32_t& code) noexcept {
  const char c = t[at];
  if (c == '%' && hex_of(t, at + 1, 2, code)) return code >= 0x20 && code < 0x7F ? 3 : 0;
  if (c == '=' && hex_of(t, at + 1, 2, code))
    return code >= 0x20 && code < 0x7F && at + 3 < t.size() && (t[at + 3] == '=' || (at >= 3 && t[at - 3] == '=')) ? 3 : 0;
  if (c == '\\') {
    std::size_t sign = at;
    while (sign < t.size() && t[sign] == '\\') ++sign;
    if (sign >= t.size() || sign - at > 4) return 0;
    if (t[sign] == 'u' && hex_of(t, sign + 1, 4, code)) return sign + 5 - at;
    if (t[sign] == 'u' && sign + 1 < t.size() && t[sign + 1] == '{') {
      const std::size_t end = t.find('}', sign);
      if (end != std::string_view::npos && end - sign <= 8 && hex_of(t, sign + 2, end - sign - 2, code)) return end + 1 - at;
    }
    if (t[sign] == 'x' && hex_of(t, sign + 1, 2, code)) return sign + 3 - at;
    return 0;
  }
  if (c != '&' || at + 3 >= t.size() || t[at + 1] != '#') return 0;
  const std::size_t end = t.find(';', at);
  if (end == std::string_view::npos || end - at > 10) return 0;
  if (t[at + 2] == 'x' || t[at + 2] == 'X') return hex_of(t, at + 3, end - at - 3, code) && end > at + 3 ? end + 1 - at : 0;
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(t.data() + at + 2, t.data() + end, value);
  if (error != std::errc() || stop != t.data() + end) return 0;
  code = value;
  return end + 1 - at;
}

bool escapes(std::string_view t, Writer& w) {
  for (std::size_t at = 0; at < t.size();) {
    char32_t code = 0;
    const char c = t[at];
    if (c == '%' || c == '\\' || c == '&' || c == '=')
      if (const std::size_t size = escape_at(t, at, code); size > 0) {
        const char32_t to = usual(code);
        if (to != dropped) w.put(to, at);
        w.changed = true;
        at += size;
        continue;
      }
    const auto replace = [&](const auto& list) {
      for (const Named& n : list)
        if (t.substr(at).starts_with(n.from)) {
          // calls[at].size() is code, user[at]example.com is not.
          if (n.from[0] != ' ' && n.to == "@" &&
              (at + n.from.size() >= t.size() || !(is_alpha(t[at + n.from.size()]) || is_digit(t[at + n.from.size()]))))
            continue;
          for (const char letter : n.to) w.put(static_cast<char32_t>(letter), at);
          w.changed = true;
          at += n.from.size();
          return true;
        }
      return false;
    };
    if (c == '&' && replace(entities)) continue;
    if ((c == ' ' || c == '[' || c == '(' || c == '"' || c == '\'' || c == '\\' || c == '*' || c == '_' || c == '`' || c == '~') &&
        replace(spelled))
      continue;
    w.copy(t.substr(at, 1), at);
    ++at;
  }
  w.places.push_back(w.place(t.size()));
  return w.changed;
}

// "4 2 4 2 ..." and "N L 6 5": single characters with one sign between; "four two": words for digits. Six and more in a row.
bool spaced(std::string_view t, Writer& w) {
  constexpr std::size_t least = 6, most_digits = 19;
  const auto single = [&](std::size_t at) {
    const auto edge = [&](std::size_t i) { return i >= t.size() || !(is_digit(t[i]) || is_alpha(t[i])); };
    return at < t.size() && (is_digit(t[at]) || is_alpha(t[at])) && edge(at + 1) && (at == 0 || edge(at - 1));
  };
  for (std::size_t at = 0; at < t.size();) {
    if (single(at)) {
      std::size_t end = at, count = 1;
      const char sign = at + 1 < t.size() ? t[at + 1] : '\0';
      // Signs of the text may stand between its letters: j_o_@_x_._y
      const auto next_one = [&](std::size_t i) {
        return single(i) ||
               (i + 1 < t.size() && t[i + 1] == sign && t[i] > ' ' && t[i] < 0x7F && t[i] != sign && !is_digit(t[i]) && !is_alpha(t[i]));
      };
      if (std::string_view(" .-_*/:|,+").find(sign) != std::string_view::npos)
        while (end + 2 < t.size() && t[end + 1] == sign && next_one(end + 2)) end += 2, ++count;
      // A longer row of digits is a table's.
      bool figures = true;
      for (std::size_t i = at; i <= end && count > most_digits; i += 2) figures = figures && is_digit(t[i]);
      if (count >= least && (count <= most_digits || !figures)) {
        for (std::size_t i = at; i <= end; i += 2) w.copy(t.substr(i, 1), i);
        w.changed = true;
        at = end + 1;
        continue;
      }
    }
    if (is_alpha(t[at]) || static_cast<unsigned char>(t[at]) >= 0xC0) {
      std::vector<std::pair<std::size_t, char>> found;
      std::size_t next = at, end = at;
      char digit = 0;
      while (next < t.size()) {
        const std::size_t size = digit_word_at(t, next, digit);
        if (size == 0) break;
        found.emplace_back(next, digit);
        end = next + size;
        next = end;
        while (next < t.size() && next - end < 3 && (t[next] == ' ' || t[next] == '-' || t[next] == ',')) ++next;
      }
      if (found.size() >= least) {
        for (const auto& [place, value] : found) w.put(static_cast<char32_t>(value), place);
        w.changed = true;
        at = end;
        continue;
      }
    }
    w.copy(t.substr(at, 1), at);
    ++at;
  }
  w.places.push_back(w.place(t.size()));
  return w.changed;
}

}  // namespace

std::optional<View> plain_view(std::string_view text) {
  View view;
  std::string_view now = text;
  const std::vector<std::uint32_t>* origin = nullptr;
  bool changed = false;
  const auto keep = [&](Writer& w) {
    view.text = std::move(w.text);
    view.origin = std::move(w.places);
    now = view.text;
    origin = &view.origin;
    changed = true;
  };
  if (std::ranges::any_of(now, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    Writer w(now, origin);
    if (forms(now, w, view.hidden)) keep(w);
  }
  // Twice: an escape may hide another.
  for (int round = 0; round < 2; ++round) {
    if (now.find_first_of("%\\&=[(\"'*_`~ ") == std::string_view::npos) break;
    const std::string before(now);
    const std::vector<std::uint32_t> places = origin == nullptr ? std::vector<std::uint32_t>() : *origin;
    Writer w(before, origin == nullptr ? nullptr : &places);
    if (!escapes(before, w)) break;
    keep(w);
  }
  {
    const std::string before(now);
    const std::vector<std::uint32_t> places = origin == nullptr ? std::vector<std::uint32_t>() : *origin;
    Writer w(before, origin == nullptr ? nullptr : &places);
    if (spaced(before, w)) keep(w);
  }
  if (!changed) return std::nullopt;
  return view;
}

}  // namespace ajar::detect
