// detect/reading.hpp - Reading: a text taken apart once: its words that mean something, groups of digits, longer tokens, at signs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/cues.hpp"

namespace ajar::detect {

class Reading {
 public:
  // `hint`: what the text is called where it stands, e.g. the keys of JSON above it; it counts as standing right before the text.
  explicit Reading(std::string_view text, std::string_view hint = {});

  struct Place {
    std::uint32_t start = 0, end = 0;
    std::uint32_t size() const noexcept { return end - start; }
  };
  struct Hit : Place {
    Cues cues = 0;
  };
  struct Word : Place {
    bool capital = false, upper = false;                 // its first letter; all of its letters (of two and more)
    bool given = false, family = false, common = false;  // names; a word of every day too
  };

  std::string_view text() const noexcept { return text_; }
  std::string_view at(const Place& p) const noexcept { return text_.substr(p.start, p.size()); }
  const std::vector<Hit>& hits() const noexcept { return hits_; }          // in order
  const std::vector<Word>& words() const noexcept { return words_; }       // in order
  const std::vector<Place>& digits() const noexcept { return digits_; }    // groups, in order
  const std::vector<Place>& tokens() const noexcept { return tokens_; }    // letters and digits with _ and -; 4 and mixed, or 16 and more
  const std::vector<std::uint32_t>& ats() const noexcept { return ats_; }  // places of @
  char before(std::size_t at) const noexcept { return at == 0 ? '\0' : text_[at - 1]; }
  char from(std::size_t at) const noexcept { return at < text_.size() ? text_[at] : '\0'; }
  // Whether [start, end) stands apart from letters, digits and underscores.
  bool stands_alone(std::size_t start, std::size_t end) const noexcept;

  // The nearest of these cues before a place, within so many bytes and at most one end of line between; the column's header and the hint
  // count as near when there is no nearer one. 0: none.
  Cues before(std::size_t at, Cues wanted, std::size_t reach = 40) const;
  // One of these close behind a place, on the same line.
  bool behind(std::size_t at, Cues wanted, std::size_t reach = 16) const;
  bool near(std::size_t start, std::size_t end, Cues wanted, std::size_t reach = 40) const {
    return before(start, wanted, reach) != 0 || behind(end, wanted);
  }
  // Anywhere in the text.
  bool has(Cues wanted) const noexcept { return (all_ & wanted) != 0; }
  // It stands in a column of a table whose header says something else than these.
  bool in_other_column(std::size_t at, Cues wanted) const;

 private:
  void read();
  void match_cues();
  void unspaced(const Place& run);
  struct Header : Place {
    Cues cues = 0;
  };
  const Header* header_of(std::size_t at) const;
  void find_tables() const;

  std::string_view text_;
  std::vector<Hit> hits_;
  std::vector<Word> words_;
  std::vector<const Lexicon::Entry*> entries_;  // of the words; nullptr = means nothing
  std::vector<Place> digits_, tokens_;
  std::vector<std::uint32_t> ats_;
  Cues hint_ = 0, all_ = 0;

  // Rows of a table below a line of headers.
  struct Table {
    std::uint32_t begin = 0, end = 0;  // of the rows
    char separator = ',';
    std::vector<Header> headers;
  };
  mutable std::optional<std::vector<Table>> tables_;
};

}  // namespace ajar::detect
