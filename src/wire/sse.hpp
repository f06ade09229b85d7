// wire/sse.hpp - SseDecoder and LineDecoder: events and lines out of a byte stream, the same at every split.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace ajar::wire {

inline constexpr std::size_t most_event_bytes = 16u << 20;

// Lines end with LF, CR LF or CR; a byte order mark at the very beginning is dropped.
class LineDecoder {
 public:
  // Calls `line(std::string_view)` -> Status for each complete line. Stops at the first failure.
  template <class F>
  Status feed(std::string_view bytes, F&& line) {
    while (!bytes.empty()) {
      if (after_cr_) {
        after_cr_ = false;
        if (bytes.front() == '\n') {
          bytes.remove_prefix(1);
          continue;
        }
      }
      // Two quick searches instead of one for either.
      std::size_t end = bytes.find('\n');
      end = std::min(end, bytes.substr(0, end).find('\r'));
      if (end == std::string_view::npos) {
        if (partial_.size() + bytes.size() > most_event_bytes) return too_long();
        partial_.append(bytes);
        return ok();
      }
      std::string_view whole = bytes.substr(0, end);
      const bool joined = !partial_.empty();
      if (partial_.size() + whole.size() > most_event_bytes) return too_long();
      if (joined) whole = partial_.append(whole);
      if (first_ && whole.starts_with("\xef\xbb\xbf")) whole.remove_prefix(3);
      first_ = false;
      after_cr_ = bytes[end] == '\r';
      bytes.remove_prefix(end + 1);
      Status done = line(whole);
      if (joined) partial_.clear();
      if (!done) return done;
    }
    return ok();
  }
  // What stands after the last line end.
  std::string take_rest() {
    std::string rest = std::exchange(partial_, {});
    if (first_ && rest.starts_with("\xef\xbb\xbf")) rest.erase(0, 3);
    return rest;
  }
  // Gives back memory that holds nothing at the moment.
  void fall_silent() noexcept {
    if (partial_.empty()) std::string().swap(partial_);
  }

 private:
  static std::unexpected<Error> too_long() {
    return fail(Fault::upstream_unavailable, "a line of the upstream's stream is too long", "malformed");
  }

  std::string partial_;
  bool after_cr_ = false, first_ = true;
};

// A JSON text that stands outside of all events is kept as well: some upstreams report an error that way, or answer whole.
class SseDecoder {
 public:
  // Calls `event(std::string_view name, std::string_view data)` -> Status for each event that has data. Comments, ids and retries are
  // passed over.
  template <class F>
  Status feed(std::string_view bytes, F&& event) {
    return lines_.feed(bytes, [&](std::string_view line) { return take(line, event); });
  }
  // At the end of the stream: an event whose empty line is missing is handed out all the same, as engines leave it away.
  template <class F>
  Status finish(F&& event) {
    if (const std::string rest = lines_.take_rest(); !rest.empty())
      if (Status done = take(rest, event); !done) return done;
    return take("", event);
  }
  std::string_view stray() const noexcept { return stray_; }
  // Gives back memory that holds nothing at the moment.
  void fall_silent() noexcept {
    lines_.fall_silent();
    if (!has_data_) std::string().swap(data_);
  }

 private:
  template <class F>
  Status take(std::string_view line, F&& event) {
    if (line.empty()) {
      if (!has_data_) {
        name_.clear();
        return ok();
      }
      has_data_ = false;
      Status done = event(std::string_view(name_), std::string_view(data_));
      name_.clear();
      data_.clear();
      return done;
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
      if (data_.size() + value.size() > most_event_bytes) return too_large();
      if (has_data_) data_ += '\n';
      data_.append(value);
      has_data_ = true;
    } else if (field == "event") {
      name_ = value;
    } else if (!stray_.empty() || line.starts_with('{') || line.starts_with('[')) {
      if (stray_.size() + line.size() > most_event_bytes) return too_large();
      stray_.append(line).push_back('\n');
    }
    return ok();
  }
  static std::unexpected<Error> too_large() {
    return fail(Fault::upstream_unavailable, "an event of the upstream's stream is too large", "malformed");
  }

  LineDecoder lines_;
  std::string name_, data_, stray_;
  bool has_data_ = false;
};

}  // namespace ajar::wire
