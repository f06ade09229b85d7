// bench/http.hpp - AnswerReader: one HTTP/1.1 answer after another from bytes in any pieces; as little work as a checking client can do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::string_view head_end = "\r\n\r\n";

// The value of a field, or nothing; the name in lower case.
inline std::string_view field_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at + 2 + name.size() < head.size(); at = head.find("\r\n", at + 2)) {
    if (at == std::string_view::npos) break;
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!std::equal(name.begin(), name.end(), line.begin(),
                    [](char want, char is) { return want == (is >= 'A' && is <= 'Z' ? is + 32 : is); }))
      continue;
    std::string_view value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

// A decimal number; -1 when it is none.
inline std::int64_t number_of(std::string_view text) {
  std::int64_t value = text.empty() ? -1 : 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > (1LL << 40)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

class AnswerReader {
 public:
  enum class State : std::uint8_t { head, length, chunk_size, chunk, chunk_end, trailer, done, broken };

  void begin() { state_ = State::head, head_.clear(), status_ = 0; }
  bool done() const noexcept { return state_ == State::done; }
  bool broken() const noexcept { return state_ == State::broken; }
  int status() const noexcept { return status_; }

  // Gives the body's bytes to `take` as they come. What follows the answer is an error of the peer: nothing was asked yet.
  template <class Take>
  void feed(std::string_view bytes, Take&& take) {
    while (!bytes.empty() && state_ != State::broken) {
      if (state_ == State::done)
        state_ = State::broken;
      else if (state_ == State::head)
        read_head(bytes);
      else if (state_ == State::length || state_ == State::chunk) {
        const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        take(bytes.substr(0, part));
        bytes.remove_prefix(part);
        if ((left_ -= part) == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
      } else {
        read_line(bytes);
      }
    }
  }

 private:
  void read_head(std::string_view& bytes) {
    std::string_view head = bytes;
    const std::size_t before = head_.size();
    if (before != 0) head = head_.append(bytes);
    const std::size_t end = head.find(head_end);
    if (end == std::string_view::npos) {
      if (before == 0) head_ = bytes;
      if (head_.size() > 65536) state_ = State::broken;
      bytes = {};
      return;
    }
    bytes.remove_prefix(end + head_end.size() - before);
    head = head.substr(0, end + 2);
    status_ = static_cast<int>(number_of(head.substr(std::min<std::size_t>(9, head.size()), 3)));
    line_.clear();
    if (field_of(head, "transfer-encoding") == "chunked") {
      state_ = State::chunk_size;
      return;
    }
    const std::int64_t length = number_of(field_of(head, "content-length"));
    left_ = static_cast<std::uint64_t>(std::max<std::int64_t>(length, 0));
    state_ = length < 0 ? State::broken : length == 0 ? State::done : State::length;
  }

  // Chunk sizes, the ends of chunks, and trailers: lines, one at a time.
  void read_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) {
      if (line_.size() > 1024) state_ = State::broken;
      bytes = {};
      return;
    }
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    if (state_ == State::chunk_end)
      state_ = line_.empty() ? State::chunk_size : State::broken;
    else if (state_ == State::trailer)
      state_ = line_.empty() ? State::done : State::trailer;
    else
      read_size();
    line_.clear();
  }

  void read_size() {
    left_ = 0;
    for (const char c : line_) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) break;  // an extension
      left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    }
    state_ = line_.empty() ? State::broken : left_ == 0 ? State::trailer : State::chunk;
  }

  State state_ = State::head;
  int status_ = 0;
  std::uint64_t left_ = 0;
  std::string head_, line_;
};

}  // namespace bench
