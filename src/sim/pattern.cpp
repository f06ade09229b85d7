// sim/pattern.cpp - a text that matches a regular expression.
#include <algorithm>
#include <vector>

#include "sim/chance.hpp"
#include "sim/schema.hpp"

namespace ajar::sim {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz", digits = "0123456789";
constexpr std::size_t most_repeats = 64;
constexpr int most_depth = 32;

// Recursive descent over the expression; each part appends what it matches.
class Matcher {
 public:
  Matcher(std::string_view pattern, std::uint64_t seed) : text_(pattern), seed_(seed) {}

  std::string all() {
    std::string out;
    while (more()) {
      out += alternatives(0);
      if (more()) ++at_;  // a stray ')'
    }
    return out;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::uint64_t draw(std::uint64_t below) { return (seed_ = mix(seed_, 1)) % below; }

  // All alternatives are gone through, so that the place after them is known; one is taken.
  std::string alternatives(int depth) {
    std::vector<std::string> ways{sequence(depth)};
    while (take('|')) ways.push_back(sequence(depth));
    return ways[draw(ways.size())];
  }

  std::string sequence(int depth) {
    std::string out;
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      const std::size_t from = at_;
      std::string once = atom(depth);
      const std::size_t atom_end = at_;
      const std::size_t count = repeats();
      const std::size_t after = at_;
      for (std::size_t i = 0; i < count; ++i) {
        out += once;
        if (i + 1 == count) break;
        at_ = from;  // drawn anew each time
        once = atom(depth);
        at_ = atom_end;
      }
      at_ = after;
    }
    return out;
  }

  std::size_t number() {
    std::size_t n = 0;
    while (more() && digits.find(text_[at_]) != std::string_view::npos)
      n = std::min<std::size_t>(most_repeats, n * 10 + static_cast<std::size_t>(text_[at_++] - '0'));
    return n;
  }

  std::size_t repeats() {
    std::size_t low = 1, high = 1;
    if (take('?'))
      low = 0;
    else if (take('*'))
      low = 0, high = 4;
    else if (take('+'))
      high = 4;
    else if (take('{')) {
      low = high = number();
      if (take(',')) high = more() && text_[at_] == '}' ? low + 4 : number();
      take('}');
    }
    take('?');  // lazy or not is the same here
    return low + static_cast<std::size_t>(draw(std::max(low, high) - low + 1));
  }

  std::string atom(int depth) {
    const char c = text_[at_++];
    if (c == '^' || c == '$') return {};
    if (c == '.') return one_of(letters);
    if (c == '[') return set();
    if (c == '\\') return more() ? escaped(text_[at_++]) : std::string();
    if (c != '(') return {c};
    bool counts = depth < most_depth;
    if (take('?')) {  // (?:...) and (?<name>...) match; (?=...) and the like do not
      if (take('<') && more() && text_[at_] != '=' && text_[at_] != '!')
        at_ = std::min(text_.find('>', at_), text_.size() - 1) + 1;
      else if (!take(':'))
        counts = false;
    }
    std::string inner = depth < most_depth ? alternatives(depth + 1) : std::string();
    take(')');
    return counts ? inner : std::string();
  }

  static std::string_view named(char c) {
    switch (c) {
      case 'd':
        return digits;
      case 'w':
        return "abcdefghijklmnopqrstuvwxyz0123456789_";
      case 's':
        return " ";
      case 'D':
      case 'W':
      case 'S':
        return c == 'W' ? "-" : letters;
      default:
        return {};
    }
  }
  std::string one_of(std::string_view from) { return from.empty() ? std::string() : std::string(1, from[draw(from.size())]); }

  std::string escaped(char c) {
    if (const std::string_view from = named(c); !from.empty()) return one_of(from);
    if (c == 'b' || c == 'B') return {};
    return {c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c};
  }

  std::string set() {
    const bool negated = take('^');
    std::string members;
    for (bool first = true; more() && (first || text_[at_] != ']'); first = false) {
      const char c = text_[at_++];
      if (c == '\\' && more()) {
        const char e = text_[at_++];
        members += named(e).empty() ? std::string(1, e) : std::string(named(e));
      } else if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        const char last = text_[at_ + 1];
        at_ += 2;
        for (int m = static_cast<unsigned char>(c); m <= static_cast<unsigned char>(last); ++m) members.push_back(static_cast<char>(m));
      } else {
        members.push_back(c);
      }
    }
    take(']');
    if (!negated) return one_of(members);
    std::string others;
    for (char c = ' '; c < '\x7f'; ++c)
      if (members.find(c) == std::string::npos) others.push_back(c);
    const auto plain = std::ranges::find_if(others, [](char c) { return letters.find(c) != std::string_view::npos; });
    return plain != others.end() ? std::string(1, *plain) : one_of(others);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t seed_;
};

}  // namespace

std::string match_of(std::string_view pattern, std::uint64_t seed) { return Matcher(pattern, seed).all(); }

}  // namespace ajar::sim
