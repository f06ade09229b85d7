// detect/views.cpp - what hides a text, undone step by step; each step keeps the places.
#include "detect/views.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ajar::detect {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void append(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
}

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

struct Code {
  char32_t value = 0;
  std::size_t size = 1;
};

Code code_at(std::string_view t, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return at + i < t.size() ? static_cast<unsigned char>(t[at + i]) : 0U; };
  const unsigned first = byte(0);
  const auto rest = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (first < 0x80) return {first, 1};
  if (first >= 0xC2 && first < 0xE0 && rest(1)) return {((first & 0x1F) << 6) | (byte(1) & 0x3F), 2};
  if (first >= 0xE0 && first < 0xF0 && rest(1) && rest(2)) return {((first & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F), 3};
  if (first >= 0xF0 && first < 0xF5 && rest(1) && rest(2) && rest(3))
    return {((first & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F), 4};
  return {0xFFFD, 1};
}

constexpr char32_t dropped = 0;

bool is_invisible(char32_t c) noexcept {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
         (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0xFFA0 || (c >= 0x300 && c <= 0x36F) ||
         (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xE0100 && c <= 0xE01EF);
}

// Letters of Cyrillic, Greek and others that look like Latin ones (Unicode's confusables, as far as they are used for this).
constexpr std::array<std::pair<char32_t, char>, 76> look_alikes{
    {{0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'}, {0x039C, 'M'}, {0x039D, 'N'},
     {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'}, {0x03B1, 'a'}, {0x03B9, 'i'}, {0x03BD, 'v'}, {0x03BF, 'o'},
     {0x03C1, 'p'}, {0x03C5, 'u'}, {0x03F2, 'c'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'},
     {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'}, {0x0423, 'Y'}, {0x0425, 'X'},
     {0x0430, 'a'}, {0x0432, 'b'}, {0x0435, 'e'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x043D, 'h'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
     {0x0442, 't'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04BB, 'h'}, {0x0501, 'd'}, {0x051B, 'q'},
     {0x051D, 'w'}, {0x0261, 'g'}, {0x0131, 'i'}, {0x0237, 'j'}, {0x1D00, 'a'}, {0x1D04, 'c'}, {0x1D05, 'd'}, {0x1D07, 'e'}, {0x1D0F, 'o'},
     {0x1D18, 'p'}, {0x1D1B, 't'}, {0x1D1C, 'u'}, {0x2113, 'l'}, {0x212A, 'K'}, {0x212F, 'e'}, {0x2134, 'o'}, {0x0585, 'o'}, {0x0578, 'n'},
     {0x057D, 'u'}, {0x04CF, 'l'}, {0x04C0, 'I'}, {0x0454, 'e'}}};

constexpr std::array<char32_t, 17> zeros{0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                                         0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0};

// The usual form of a character; `dropped` for those that only hide.
char32_t usual(char32_t c) noexcept {
  if (c < 0x80) return c;
  if (is_invisible(c)) return dropped;
  if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0x1680) return ' ';
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63 || c == 0x2043 || c == 0x02D7) return '-';
  if (c == 0x2024 || c == 0x3002 || c == 0xFF61) return '.';
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
  if (c == 0xFE52) return '.';
  if (c == 0xFE6B) return '@';
  if (c >= 0x1D400 && c <= 0x1D6A3) {
    const char32_t letter = (c - 0x1D400) % 52;
    return letter < 26 ? 'A' + letter : 'a' + letter - 26;
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return '0' + (c - 0x1D7CE) % 10;
  if (c >= 0x24B6 && c <= 0x24CF) return 'A' + c - 0x24B6;
  if (c >= 0x24D0 && c <= 0x24E9) return 'a' + c - 0x24D0;
  if (c >= 0x2460 && c <= 0x2468) return '1' + c - 0x2460;
  if (c == 0x24EA || c == 0x2070 || c == 0x2080) return '0';
  if (c >= 0x2074 && c <= 0x2079) return '4' + c - 0x2074;
  if (c >= 0x2081 && c <= 0x2089) return '1' + c - 0x2081;
  if (c == 0xB9) return '1';
  if (c == 0xB2 || c == 0xB3) return '2' + c - 0xB2;
  for (const char32_t zero : zeros)
    if (c >= zero && c <= zero + 9) return '0' + c - zero;
  if (c >= 0x1FBF0 && c <= 0x1FBF9) return '0' + c - 0x1FBF0;
  const auto same = std::ranges::find(look_alikes, c, &std::pair<char32_t, char>::first);
  return same == look_alikes.end() ? c : static_cast<char32_t>(same->second);
}

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

int hex(char c) noexcept { return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

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

constexpr std::array<std::pair<std::string_view, char>, 46> digit_words{
    {{"zero", '0'},  {"oh", '0'},     {"one", '1'},     {"two", '2'},    {"three", '3'}, {"four", '4'}, {"five", '5'},  {"six", '6'},
     {"seven", '7'}, {"eight", '8'},  {"nine", '9'},    {"null", '0'},   {"eins", '1'},  {"zwei", '2'}, {"drei", '3'},  {"vier", '4'},
     {"fünf", '5'},  {"sechs", '6'},  {"sieben", '7'},  {"acht", '8'},   {"neun", '9'},  {"cero", '0'}, {"uno", '1'},   {"dos", '2'},
     {"tres", '3'},  {"cuatro", '4'}, {"cinco", '5'},   {"seis", '6'},   {"siete", '7'}, {"ocho", '8'}, {"nueve", '9'}, {"zéro", '0'},
     {"un", '1'},    {"deux", '2'},   {"trois", '3'},   {"quatre", '4'}, {"cinq", '5'},  {"sept", '7'}, {"huit", '8'},  {"neuf", '9'},
     {"due", '2'},   {"tre", '3'},    {"quattro", '4'}, {"sei", '6'},    {"sette", '7'}, {"nove", '9'}}};

// The digit that a word at a place stands for, and its length.
std::size_t digit_word_at(std::string_view t, std::size_t at, char& digit) noexcept {
  if (at > 0 && is_alpha(t[at - 1])) return 0;
  std::size_t best = 0;
  for (const auto& [word, value] : digit_words) {
    if (word[0] != static_cast<char>(t[at] | 0x20) || t.size() - at < word.size() || word.size() <= best) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size() && same; ++i) {
      const char c = t[at + i];
      same = (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == word[i];
    }
    if (same && (at + word.size() >= t.size() || !is_alpha(t[at + word.size()]))) best = word.size(), digit = value;
  }
  return best;
}

// "4 2 4 2 ..." and "N L 6 5": single characters with one sign between; "four two": words for digits. Six and more in a row.
bool spaced(std::string_view t, Writer& w) {
  constexpr std::size_t least = 6;
  const auto single = [&](std::size_t at) {
    const auto edge = [&](std::size_t i) { return i >= t.size() || !(is_digit(t[i]) || is_alpha(t[i])); };
    return at < t.size() && (is_digit(t[at]) || is_alpha(t[at])) && edge(at + 1) && (at == 0 || edge(at - 1));
  };
  for (std::size_t at = 0; at < t.size();) {
    if (single(at)) {
      std::size_t end = at, count = 1;
      const char sign = at + 1 < t.size() ? t[at + 1] : '\0';
      if (sign == ' ' || sign == '.' || sign == '-' || sign == '_' || sign == '*')
        while (end + 2 < t.size() && t[end + 1] == sign && single(end + 2)) end += 2, ++count;
      if (count >= least) {
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

// Base64 with padding or of a length that fits, printable when decoded.
bool base64(std::string_view token, std::string& out) {
  out.clear();
  std::uint32_t bits = 0;
  int count = 0;
  while (!token.empty() && token.back() == '=') token.remove_suffix(1);
  if (token.size() % 4 == 1) return false;
  for (const char c : token) {
    int value = 0;
    if (c >= 'A' && c <= 'Z')
      value = c - 'A';
    else if (c >= 'a' && c <= 'z')
      value = c - 'a' + 26;
    else if (is_digit(c))
      value = c - '0' + 52;
    else if (c == '+' || c == '-')
      value = 62;
    else if (c == '/' || c == '_')
      value = 63;
    else
      return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return true;
}

bool is_printable(std::string_view text) noexcept {
  return text.size() >= 6 &&
         std::ranges::all_of(text,
                             [](char c) {
                               return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r' ||
                                      static_cast<unsigned char>(c) >= 0x80;
                             }) &&
         std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) * 4 <=
             static_cast<std::ptrdiff_t>(text.size());
}

}  // namespace

std::vector<Part> suspicious_parts(std::string_view t) {
  constexpr std::size_t around = 160;
  std::vector<Part> parts;
  const auto suspect = [&](std::size_t at) {
    const std::size_t start = at < around ? 0 : at - around, end = std::min(t.size(), at + around);
    if (!parts.empty() && start <= parts.back().end)
      parts.back().end = std::max(parts.back().end, end);
    else
      parts.push_back({start, end});
  };
  const auto from = [&](std::size_t at) { return at < t.size() ? t[at] : '\0'; };
  const auto is_word = [](char c) { return is_digit(c) || is_alpha(c); };
  std::size_t singles = 0, words = 0, gap = 0;
  for (std::size_t at = 0; at < t.size(); ++at) {
    const char c = t[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      // Letters of Latin with accents hide nothing.
      const Code code = code_at(t, at);
      if (usual(code.value) != code.value || (code.value >= 0xE0000 && code.value < 0xE0200)) suspect(at);
      if (code.value == 0xFC && at > 0 && (t[at - 1] == 'f' || t[at - 1] == 'F')) words += 1;  // fünf
      at += code.size - 1;
      continue;
    }
    switch (c) {
      case '%':
      case '=':
        if (hex(from(at + 1)) >= 0 && hex(from(at + 2)) >= 0 && (c == '%' || from(at + 3) == '=')) suspect(at);
        break;
      case '\\':
        if (from(at + 1) == 'u' || from(at + 1) == 'x' || from(at + 1) == '\\' || from(at + 1) == '\n') suspect(at);
        break;
      case '&':
        if (from(at + 1) == '#' || from(at + 1) == 'a' || from(at + 1) == 'c' || from(at + 1) == 'p' || from(at + 1) == 'n' ||
            from(at + 1) == 'h')
          suspect(at);
        break;
      case '[':
      case '(':
      case '{':
        if ((from(at + 1) == 'a' && from(at + 2) == 't') || (from(at + 1) == 'd' && from(at + 2) == 'o') || from(at + 1) == '.' ||
            from(at + 1) == '@')
          suspect(at);
        break;
      case '"':
      case '\'':
        // Pieces put together, and adjacent ones.
        if ((from(at + 1) == ' ' || from(at + 1) == '+' || from(at + 1) == '\n') &&
            (from(at + 2) == c || ((from(at + 2) == '+' || from(at + 2) == '&' || from(at + 2) == '.' || from(at + 2) == '\\') &&
                                   (from(at + 4) == c || from(at + 3) == c))))
          suspect(at);
        break;
      case '*':
      case '_':
      case '`':
      case '~':
        if (at > 0 && is_word(t[at - 1]) && from(at + 1) == c && is_word(from(at + 2))) suspect(at);
        if (c == '`' && at > 0 && is_word(t[at - 1]) && is_word(from(at + 1))) suspect(at);
        break;
      case ' ':
        if ((from(at + 1) == 'A' && from(at + 2) == 'T' && from(at + 3) == ' ') ||
            (from(at + 1) == 'D' && from(at + 2) == 'O' && from(at + 3) == 'T' && from(at + 4) == ' '))
          suspect(at);
        break;
      default:
        break;
    }
    if (!is_word(c)) {
      ++gap;
      continue;
    }
    const bool begins = at == 0 || !is_word(t[at - 1]);
    if (!begins) continue;
    if (gap > 3) singles = words = 0;
    gap = 0;
    singles = is_word(from(at + 1)) ? 0 : singles + 1;
    if (singles >= 6) suspect(at);
    char digit = 0;
    // The first letters of digits in the languages that are known.
    if (is_alpha(c) && std::string_view("zotfsenducqv").find(static_cast<char>(c | 0x20)) != std::string_view::npos &&
        digit_word_at(t, at, digit) > 0) {
      if (++words >= 6) suspect(at);
    } else if (is_alpha(c)) {
      words = 0;
    }
  }
  // No part begins or ends inside a word.
  for (Part& p : parts) {
    while (p.start > 0 && static_cast<unsigned char>(t[p.start - 1]) > ' ') --p.start;
    while (p.end < t.size() && static_cast<unsigned char>(t[p.end]) > ' ') ++p.end;
  }
  std::vector<Part> joined;
  for (const Part& p : parts)
    if (!joined.empty() && p.start <= joined.back().end)
      joined.back().end = std::max(joined.back().end, p.end);
    else
      joined.push_back(p);
  return joined;
}

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

std::vector<Decoded> decoded_in(std::string_view text) {
  std::vector<Decoded> found;
  const auto part = [](char c) { return is_digit(c) || is_alpha(c) || c == '+' || c == '/' || c == '-' || c == '_'; };
  for (std::size_t at = 0; at < text.size();) {
    if (!part(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && part(text[end])) ++end;
    std::size_t padded = end;
    while (padded < text.size() && text[padded] == '=' && padded - end < 2) ++padded;
    const std::string_view token = text.substr(at, end - at);
    std::string out;
    const bool is_hex = token.size() >= 12 && token.size() % 2 == 0 && std::ranges::all_of(token, [](char c) { return hex(c) >= 0; });
    if (is_hex) {
      for (std::size_t i = 0; i < token.size(); i += 2) out.push_back(static_cast<char>(hex(token[i]) * 16 + hex(token[i + 1])));
      if (is_printable(out)) found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), out});
    } else if (token.size() >= 10 && (padded > end || token.size() >= 16)) {
      // A word or a path is base64 too; what it decodes to is not printable then.
      if (base64(token, out) && is_printable(out))
        found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(padded), out});
    }
    at = padded;
  }
  return found;
}

}  // namespace ajar::detect
