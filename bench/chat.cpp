// bench/chat.cpp - texts made of plain words by a fixed rule, the same in every run.
#include "chat.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t message_size = 12'000, answer_size = 2048, number_width = 6, due_width = 12;
constexpr std::int64_t due_wraps = 1'000'000'000'000;  // nanoseconds; no event is late by 1000 s

constexpr std::array<std::string_view, 24> words{"the",   "measure", "of",    "a",       "gateway", "is",           "what",   "it",
                                                 "adds",  "to",      "every", "request", "while",   "nobody",       "looks,", "because",
                                                 "small", "costs",   "grow.", "Numbers", "need\\n", "\\\"care\\\"", "and",    "context"};

// Exactly `size` bytes of JSON string content; escapes are never cut.
std::string prose(std::size_t size, std::uint32_t seed) {
  std::string text;
  while (true) {
    seed = seed * 1664525u + 1013904223u;
    const std::string_view word = words[(seed >> 16) % words.size()];
    if (text.size() + word.size() + 1 > size) break;
    text.append(word).push_back(' ');
  }
  text.append(size - text.size(), 'x');
  return text;
}

std::string chunk(std::string_view model, std::string_view rest) {
  return fmt::format("data: {{\"id\":\"chatcmpl-b\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"{}\",{}}}\n\n",
                     model, rest);
}

std::size_t value_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos ? at : at + name.size();
}

bool read_number(std::string_view digits, std::int64_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string request_body(const Script& script, std::size_t size, std::string_view model) {
  const std::string head =
      fmt::format(R"({{"model":"{}","messages":[{{"role":"system","content":"rate={:05} events={:08} You answer briefly."}})", model,
                  script.rate, script.events);
  const std::string tail = fmt::format(R"(],"temperature":0.7,"max_tokens":512{}}})",
                                       script.stream ? R"(,"stream":true,"stream_options":{"include_usage":true})" : "");
  std::string out = head;
  const std::size_t end = size - tail.size();
  for (std::uint32_t turn = 0; out.size() < end; ++turn) {
    const std::string_view open = turn % 2 == 0 ? R"(,{"role":"user","content":")" : R"(,{"role":"assistant","content":")";
    const std::size_t frame = open.size() + 2, room = end - out.size();
    // The last message takes all that is left.
    const std::size_t content = room < message_size + 2 * frame + 200 ? (room > frame ? room - frame : 0) : message_size;
    out.append(open).append(prose(content, turn + 1)).append("\"}");
  }
  return out + tail;
}

std::optional<Script> script_of(std::string_view body) {
  const std::string_view head = body.substr(0, 200), tail = body.substr(body.size() - std::min<std::size_t>(body.size(), 100));
  const std::size_t rate = value_after(head, "rate="), events = value_after(head, "events=");
  if (rate == std::string_view::npos || events == std::string_view::npos) return std::nullopt;
  std::int64_t rate_value = 0, events_value = 0;
  if (!read_number(head.substr(rate, 5), rate_value) || !read_number(head.substr(events, 8), events_value)) return std::nullopt;
  return Script{.stream = tail.find(R"("stream":true)") != std::string_view::npos,
                .rate = static_cast<int>(rate_value),
                .events = static_cast<int>(events_value)};
}

bool is_request_body(std::string_view body, std::string_view expected) {
  const std::size_t at = value_after(expected, R"("model":")"), end = at + public_model.size();
  if (body.size() != expected.size()) return false;
  const std::string_view model = body.substr(at, public_model.size());
  return (model == public_model || model == engine_model) && body.substr(0, at) == expected.substr(0, at) &&
         body.substr(end) == expected.substr(end);
}

std::string answer_body(std::string_view model) {
  const std::string head = fmt::format(
      R"({{"id":"chatcmpl-b","object":"chat.completion","created":1764000000,"model":"{}","choices":[{{"index":0,"message":{{"role":"assistant","content":")",
      model);
  const std::string tail =
      R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":512,"completion_tokens":384,"total_tokens":896,"prompt_tokens_details":{"cached_tokens":128}}})";
  return head + prose(answer_size - head.size() - tail.size(), 7) + tail;
}

std::string role_event(std::string_view model) {
  return chunk(model, R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null)");
}

std::string last_events(std::string_view model, int events) {
  return chunk(model, R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null)") +
         chunk(model, fmt::format(R"("choices":[],"usage":{{"prompt_tokens":512,"completion_tokens":{},"total_tokens":{}}})", events,
                                  events + 512)) +
         "data: [DONE]\n\n";
}

ContentEvent::ContentEvent(std::string_view model) {
  const std::string digits = std::string(number_width, '0') + " " + std::string(due_width, '0');
  text_ = chunk(model, fmt::format(R"("choices":[{{"index":0,"delta":{{"content":"{}"}},"finish_reason":null}}],"usage":null)", digits));
  number_at_ = text_.find(digits);
  due_at_ = number_at_ + number_width + 1;
}

const std::string& ContentEvent::make(int number, std::int64_t due) {
  const auto write = [this](std::size_t at, std::size_t width, std::int64_t value) {
    for (std::size_t i = width; i-- > 0; value /= 10) text_[at + i] = static_cast<char>('0' + value % 10);
  };
  write(number_at_, number_width, number);
  write(due_at_, due_width, due % due_wraps);
  return text_;
}

std::optional<ContentEvent::Seen> ContentEvent::read(std::string_view event, std::int64_t now) const {
  const std::string_view text = text_;
  const std::size_t end = due_at_ + due_width;
  if (event.size() != text.size() || event.substr(0, number_at_) != text.substr(0, number_at_) || event.substr(end) != text.substr(end))
    return std::nullopt;
  std::int64_t number = 0, due = 0;
  if (!read_number(event.substr(number_at_, number_width), number) || !read_number(event.substr(due_at_, due_width), due))
    return std::nullopt;
  return Seen{static_cast<int>(number), now - (now % due_wraps - due + due_wraps) % due_wraps};
}

}  // namespace bench
