// bench/chat.hpp - what load and upstream say to each other: requests, answers and events, known to both sides byte for byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

// What callers ask for, and what a gateway that renames models asks the upstream for. Equally long, so that nothing else changes.
inline constexpr std::string_view public_model = "chat-pub", engine_model = "chat-own";

// What the upstream is to do; it stands at the beginning of a request's first message, which every gateway passes on.
struct Script {
  bool stream = false;
  int rate = 0;    // events a second; 0: one event, then silence
  int events = 0;  // content events until the stream ends
  bool operator==(const Script&) const = default;
};

// A Chat request of exactly `size` bytes (if more than about 600): a system message and a conversation of long messages.
std::string request_body(const Script&, std::size_t size, std::string_view model);
std::optional<Script> script_of(std::string_view body);  // as the upstream reads it

// Whether `body` is what request_body makes, whichever of the two models it names.
bool is_request_body(std::string_view body, std::string_view expected);

std::string answer_body(std::string_view model);              // 2 KB, with usage
std::string role_event(std::string_view model);               // the first event of a stream
std::string last_events(std::string_view model, int events);  // finish, usage, [DONE]

// A content event of about 200 bytes. It carries its number and the time at which it was due, so that a lost, repeated or changed one is
// seen.
class ContentEvent {
 public:
  explicit ContentEvent(std::string_view model);
  const std::string& make(int number, std::int64_t due);
  struct Seen {
    int number;
    std::int64_t due;
  };
  std::optional<Seen> read(std::string_view event, std::int64_t now) const;  // nothing: not such an event, or changed on the way

 private:
  std::string text_;
  std::size_t number_at_, due_at_;
};

}  // namespace bench
