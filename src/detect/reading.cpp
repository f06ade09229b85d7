// detect/reading.cpp - one pass over the bytes, and what its words mean.
#include "detect/reading.hpp"

#include <algorithm>
#include <array>

namespace ajar::detect {
namespace {

enum class Class : std::uint8_t { other, letter, digit, joiner };

constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> c{};
  for (int i = 'a'; i <= 'z'; ++i) c[static_cast<std::size_t>(i)] = c[static_cast<std::size_t>(i - 32)] = Class::letter;
  for (int i = '0'; i <= '9'; ++i) c[static_cast<std::size_t>(i)] = Class::digit;
  for (int i = 0x80; i < 0x100; ++i) c[static_cast<std::size_t>(i)] = Class::letter;
  c['_'] = c['-'] = Class::joiner;
  return c;
}();

Class class_of(char c) noexcept { return classes[static_cast<unsigned char>(c)]; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

constexpr std::array<bool, 256> code_signs = [] {
  std::array<bool, 256> signs{};
  for (const char c : {'{', '}', '[', ']', '<', '>', '=', '*', '&', '!', '?', '\\'}) signs[static_cast<unsigned char>(c)] = true;
  return signs;
}();
bool is_code_sign(char c) noexcept { return code_signs[static_cast<unsigned char>(c)]; }

constexpr std::size_t longest_word = 32;
constexpr std::uint32_t least_token = 4, least_plain_token = 16;

// Lower case of the scripts that have it, as far as the lexicon needs: ASCII, Latin-1, Cyrillic. Gives the bytes written.
std::size_t lowered(std::string_view word, char* out) noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto c = static_cast<unsigned char>(word[i]);
    if (c < 0x80) {
      out[n++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      continue;
    }
    const unsigned char next = i + 1 < word.size() ? static_cast<unsigned char>(word[i + 1]) : 0;
    if (c == 0xC3 && next >= 0x80 && next <= 0x9E && next != 0x97) {
      out[n++] = word[i++];
      out[n++] = static_cast<char>(next + 0x20);
    } else if (c == 0xD0 && next >= 0x90 && next <= 0xAF) {
      ++i;
      out[n++] = static_cast<char>(next < 0xA0 ? 0xD0 : 0xD1);
      out[n++] = static_cast<char>(next < 0xA0 ? next + 0x20 : next - 0x20);
    } else {
      out[n++] = word[i];
    }
  }
  return n;
}

bool is_capital(std::string_view word) noexcept {
  const auto c = static_cast<unsigned char>(word[0]);
  if (c < 0x80) return is_upper(word[0]);
  const unsigned char next = word.size() > 1 ? static_cast<unsigned char>(word[1]) : 0;
  return (c == 0xC3 && next >= 0x80 && next <= 0x9E) || (c == 0xD0 && next >= 0x80 && next <= 0xAF) ||
         ((c == 0xC4 || c == 0xC5) && (next % 2 == 0));
}

}  // namespace

Reading::Reading(std::string_view text, std::string_view hint) : text_(text) {
  if (!hint.empty()) {
    const Reading of_hint(hint);
    hint_ = of_hint.all_;
  }
  read();
  match_cues();
}

void Reading::read() {
  const Lexicon& lexicon = Lexicon::get();
  const auto size = static_cast<std::uint32_t>(text_.size());
  words_.reserve(size / 8);
  entries_.reserve(size / 8);
  char buffer[longest_word];
  for (std::uint32_t i = 0; i < size;) {
    if (class_of(text_[i]) == Class::other) {
      if (text_[i] == '@') ats_.push_back(i);
      ++i;
      continue;
    }
    const std::uint32_t begin = i;
    bool letters = false, figures = false;
    while (i < size && class_of(text_[i]) != Class::other) {
      const std::uint32_t start = i;
      if (class_of(text_[i]) == Class::joiner) {
        ++i;
      } else if (class_of(text_[i]) == Class::digit) {
        figures = true;
        while (i < size && class_of(text_[i]) == Class::digit) ++i;
        digits_.push_back({start, i});
      } else {
        letters = true;
        bool upper = is_upper(text_[i]);
        for (++i; i < size && class_of(text_[i]) == Class::letter; ++i) {
          // A hump: clientSecret is two words.
          if (is_upper(text_[i]) && is_lower(text_[i - 1])) break;
          upper = upper && is_upper(text_[i]);
        }
        Word word{{start, i}, is_capital(text_.substr(start)), upper && i - start > 1, false, false, false};
        const Lexicon::Entry* entry = nullptr;
        // Letters among digits, as in a hash, are no words.
        const auto is_figure = [](char c) { return class_of(c) == Class::digit; };
        const bool among_digits = i - start <= 3 && ((start > 0 && is_figure(text_[start - 1])) || (i < size && is_figure(text_[i])));
        if (i - start <= longest_word && !among_digits) {
          const std::string_view lower(buffer, lowered(text_.substr(start, i - start), buffer));
          entry = lexicon.find(lower, Lexicon::hash_of(lower));
          if (entry != nullptr) word.given = entry->given, word.family = entry->family, word.common = entry->common;
        }
        words_.push_back(word);
        entries_.push_back(entry);
      }
    }
    if ((letters && figures && i - begin >= least_token) || i - begin >= least_plain_token) tokens_.push_back({begin, i});
  }
}

void Reading::match_cues() {
  const Lexicon& lexicon = Lexicon::get();
  char buffer[longest_word];
  const auto word_is = [&](std::size_t w, std::string_view wanted) {
    if (words_[w].size() > longest_word) return false;
    return std::string_view(buffer, lowered(at(words_[w]), buffer)) == wanted;
  };
  for (std::size_t w = 0; w < words_.size(); ++w) {
    const Lexicon::Entry* entry = entries_[w];
    if (entry == nullptr && words_[w].size() > 3 && static_cast<unsigned char>(text_[words_[w].start]) >= 0xE3) unspaced(words_[w]);
    if (entry == nullptr || (entry->cues == 0 && entry->phrase_count == 0)) continue;
    Hit hit{words_[w], entry->cues};
    for (const Lexicon::Phrase& phrase : lexicon.phrases_of(*entry)) {
      std::size_t next = w;
      bool same = true;
      for (const std::string_view wanted : phrase.rest) {
        ++next;
        // One or two signs between, no end of line: "driver's license", "date-of birth".
        same = next < words_.size() && words_[next].start - words_[next - 1].end <= 2 && word_is(next, wanted) &&
               text_.substr(words_[next - 1].end, words_[next].start - words_[next - 1].end).find('\n') == std::string_view::npos;
        if (!same) break;
      }
      if (!same) continue;
      // "security number" of "social security number" says nothing of its own.
      if (words_[next].end > hit.end) hit = {{words_[w].start, words_[next].end}, 0};
      if (words_[next].end == hit.end) hit.cues |= phrase.cues;
    }
    if (hit.cues == 0) continue;
    if (!hits_.empty() && hits_.back().end >= hit.end) continue;  // inside a longer phrase
    all_ |= hit.cues;
    hits_.push_back(hit);
  }
}

// Chinese, Japanese and Korean stand without blanks: the longest word that means something at each character.
void Reading::unspaced(const Place& run) {
  constexpr std::size_t longest = 27;  // bytes: nine characters
  const Lexicon& lexicon = Lexicon::get();
  for (std::uint32_t at = run.start; at + 3 <= run.end; at += 3) {
    if (static_cast<unsigned char>(text_[at]) < 0xE3 || static_cast<unsigned char>(text_[at]) > 0xED) return;
    std::uint64_t hash = Lexicon::seed;
    Hit best{{at, at}, 0};
    for (std::uint32_t end = at; end < run.end && end - at < longest;) {
      for (int i = 0; i < 3 && end < run.end; ++i) hash = Lexicon::add(hash, static_cast<unsigned char>(text_[end++]));
      if (const Lexicon::Entry* entry = lexicon.find(text_.substr(at, end - at), hash); entry != nullptr && entry->cues != 0)
        best = {{at, end}, entry->cues};
    }
    if (best.cues == 0) continue;
    all_ |= best.cues;
    hits_.push_back(best);
    at = best.end - 3;
  }
}

bool Reading::stands_alone(std::size_t start, std::size_t end) const noexcept {
  const auto apart = [](char c) { return c == '\0' || (class_of(c) != Class::letter && class_of(c) != Class::digit && c != '_'); };
  return apart(before(start)) && apart(from(end));
}

Cues Reading::before(std::size_t at, Cues wanted, std::size_t reach) const {
  if ((all_ & wanted) != 0) {
    auto hit = std::ranges::lower_bound(hits_, at, std::less_equal{}, [](const Hit& h) { return std::size_t{h.end}; });
    while (hit != hits_.begin()) {
      --hit;
      if (at - hit->end > reach) break;
      if ((hit->cues & wanted) == 0) continue;
      const std::string_view between = text_.substr(hit->end, at - hit->end);
      if (std::ranges::count(between, '\n') > 1) break;
      return hit->cues & wanted;
    }
  }
  if (!tables_) find_tables();
  if (!tables_->empty())
    if (const Header* header = header_of(at); header != nullptr) return header->cues & wanted;
  return hint_ & wanted;
}

bool Reading::behind(std::size_t at, Cues wanted, std::size_t reach) const {
  if ((all_ & wanted) == 0) return false;
  auto hit = std::ranges::lower_bound(hits_, at, std::less{}, [](const Hit& h) { return std::size_t{h.start}; });
  for (; hit != hits_.end() && hit->start - at <= reach; ++hit)
    if ((hit->cues & wanted) != 0) return text_.substr(at, hit->start - at).find('\n') == std::string_view::npos;
  return false;
}

bool Reading::in_other_column(std::size_t at, Cues wanted) const {
  const Header* header = header_of(at);
  return header != nullptr && (header->cues & wanted) == 0;
}

const Reading::Header* Reading::header_of(std::size_t at) const {
  if (!tables_) find_tables();
  const auto next = std::ranges::upper_bound(*tables_, at, {}, [](const Table& t) { return std::size_t{t.begin}; });
  if (next == tables_->begin()) return nullptr;
  const Table& table = *(next - 1);
  if (at >= table.end) return nullptr;
  const std::size_t line = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
  const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
  bool quoted = false;
  std::size_t column = 0;
  for (std::size_t i = begin; i < at; ++i) {
    if (text_[i] == '"') quoted = !quoted;
    if (text_[i] == table.separator && !quoted) ++column;
  }
  return column < table.headers.size() ? &table.headers[column] : nullptr;
}

// A short line of names with separators, and under it lines with as many.
void Reading::find_tables() const {
  constexpr std::array<char, 4> separators{',', '\t', ';', '|'};
  constexpr std::size_t longest_head = 500, longest_row = 4000, longest_header = 30;
  tables_.emplace();
  struct Line : Place {
    std::array<std::uint16_t, 4> columns{};  // separators outside of quotes
    bool names = true;                       // no sign that a header would not have
  };
  const auto line_at = [&](std::size_t begin) {
    Line line{{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::min(text_.find('\n', begin), text_.size()))}};
    if (line.size() > longest_row) return line;
    bool quoted = false;
    for (const char c : at(line)) {
      if (c == '"') quoted = !quoted;
      if (const auto s = quoted ? std::string_view::npos : std::string_view(separators.data(), separators.size()).find(c);
          s != std::string_view::npos)
        ++line.columns[s];
      line.names = line.names && class_of(c) != Class::digit && !is_code_sign(c);
    }
    line.names = line.names && line.size() <= longest_head;
    return line;
  };
  if (text_.find('\n') == std::string_view::npos) return;
  Line head = line_at(0);
  while (head.end < text_.size()) {
    const Line first = line_at(head.end + 1);
    bool found = false;
    for (std::size_t s = 0; head.names && !found && s < separators.size(); ++s) {
      const std::uint16_t wanted = head.columns[s];
      if (wanted < 1 || first.columns[s] != wanted) continue;
      Table table{first.start, first.end, separators[s], {}};
      // Prose has commas too: headers are short.
      found = true;
      std::uint32_t begin = head.start;
      for (std::uint32_t i = begin; i <= head.end && found; ++i) {
        if (i < head.end && text_[i] != separators[s]) continue;
        Header header{{begin, i}, 0};
        found = header.size() <= longest_header && std::ranges::count(at(header), ' ') <= 3;
        auto hit = std::ranges::lower_bound(hits_, begin, {}, [](const Hit& h) { return h.start; });
        for (; hit != hits_.end() && hit->end <= i; ++hit) header.cues |= hit->cues;
        table.headers.push_back(header);
        begin = i + 1;
      }
      if (!found) continue;
      Line last = first;
      for (Line next; last.end < text_.size(); last = next) {
        next = line_at(last.end + 1);
        if (next.columns[s] != wanted) break;
      }
      table.end = last.end;
      tables_->push_back(std::move(table));
      head = last;
    }
    if (!found) head = first;
  }
}

}  // namespace ajar::detect
