// bench/load_streams.cpp - streamed answers: every event's number and bytes are checked, its latency counts from when it was due.
#include <poll.h>

#include <memory>

#include "chat.hpp"
#include "http.hpp"
#include "load.hpp"

namespace bench {
namespace {

constexpr std::size_t scratch_size = 256u << 10;
constexpr std::int64_t settle_time = second / 2;  // streams go on for so long after the window, so that none ends within it

struct Stream {
  int fd = -1;
  AnswerReader reader;
  std::string rest;  // the beginning of an event that came in pieces
  std::size_t written = 0;
  int events = 0;      // content events so far
  bool usage = false;  // the usage has come
  bool ended = false;  // and [DONE]
};

class Streams {
 public:
  // `events` content events of each stream; 0: one, then silence.
  Streams(const Plan& plan, Findings& findings, int events)
      : plan_(plan),
        findings_(findings),
        window_(plan, findings),
        events_(events),
        text_(request_text(plan, request_body({.stream = true, .rate = events == 0 ? 0 : static_cast<int>(plan.rate), .events = events},
                                              plan.size, public_model))),
        usage_(fmt::format(R"("completion_tokens":{})", events)),
        content_(plan.shown_model) {}

  // Opens all streams, `opening` at a time: a stream is open when its first content has come. False: not in time.
  bool open_all() {
    const std::int64_t until = now_ns() + plan_.patience;
    while (open_ < plan_.streams && findings_.failures == 0) {
      while (started_ < plan_.streams && started_ - open_ < plan_.opening) start();
      pass(until);
      if (now_ns() >= until) findings_.fail(fmt::format("only {} of {} streams opened in time", open_, plan_.streams));
    }
    return findings_.failures == 0;
  }

  void measure() {
    const std::int64_t opens = now_ns() + plan_.warmup;
    while (now_ns() < opens) pass(opens);
    window_.open();
    const std::int64_t closes = now_ns() + plan_.duration;
    while (now_ns() < closes) pass(closes);
    window_.close();
  }

  void await_ends() {
    const std::int64_t until = now_ns() + settle_time + plan_.patience;
    while (ended_ < started_ && now_ns() < until && findings_.failures == 0) pass(until);
    if (ended_ < started_ && findings_.failures == 0)
      findings_.fail(fmt::format("{} of {} streams did not end in time", started_ - ended_, started_));
  }

  // Until standard input ends, or for ten minutes.
  void hold() {
    window_.open();
    fmt::print("{{\"held\":{}}}\n", open_);
    std::fflush(stdout);
    const std::int64_t until = now_ns() + 600 * second;
    pollfd told{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    while (now_ns() < until && findings_.failures == 0 && ::poll(&told, 1, 0) == 0) pass(now_ns() + 20 * millisecond);
    window_.close();
  }

 private:
  void start() {
    const auto index = static_cast<std::uint32_t>(streams_.size());
    streams_.push_back(std::make_unique<Stream>());
    ++started_;
    Stream& s = *streams_.back();
    s.fd = connect_to(plan_.port);
    poller_.add(s.fd, index);
    write(s);
  }

  void write(Stream& s) {
    const auto sent = ::send(s.fd, text_.data() + s.written, text_.size() - s.written, MSG_NOSIGNAL);
    if (sent > 0)
      s.written += static_cast<std::size_t>(sent);
    else if (errno != EAGAIN)
      findings_.fail("a connection broke while a request was written");
  }

  void pass(std::int64_t until) {
    for (const epoll_event& event : poller_.wait(until - now_ns())) handle(*streams_[event.data.u64], event.events);
  }

  void handle(Stream& s, std::uint32_t ready) {
    if (s.fd < 0) return;
    if ((ready & EPOLLOUT) != 0 && s.written < text_.size()) write(s);
    if ((ready & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
    while (true) {
      const auto got = ::recv(s.fd, scratch_.data(), scratch_.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        if (!s.ended) findings_.fail(fmt::format("a stream was closed after {} events", s.events));
        return close(s);
      }
      now_ = now_ns();
      if (window_.is_open()) findings_.bytes += static_cast<std::uint64_t>(got);
      s.reader.feed({scratch_.data(), static_cast<std::size_t>(got)}, [&](std::string_view bytes) { take(s, bytes); });
      if (s.reader.status() != 200 && s.reader.status() != 0) findings_.fail(fmt::format("status {} instead of 200", s.reader.status()));
      if (s.reader.broken()) findings_.fail("a stream is no HTTP");
      if (s.reader.done()) {
        if (!s.ended) findings_.fail(fmt::format("a stream ended after {} events without [DONE]", s.events));
        return close(s);
      }
      if (static_cast<std::size_t>(got) < scratch_.size() && (ready & EPOLLRDHUP) == 0) return;
    }
  }

  void close(Stream& s) {
    ::close(s.fd);
    s.fd = -1;
    ++ended_;
  }

  void take(Stream& s, std::string_view bytes) {
    std::string whole;
    if (!s.rest.empty()) {
      whole = std::move(s.rest) + std::string(bytes);
      s.rest.clear();
      bytes = whole;
    }
    for (std::size_t end = bytes.find("\n\n"); end != std::string_view::npos; end = bytes.find("\n\n")) {
      event(s, bytes.substr(0, end + 2));
      bytes.remove_prefix(end + 2);
    }
    s.rest = bytes;
  }

  void event(Stream& s, std::string_view text) {
    if (const auto seen = content_.read(text, now_)) {
      if (seen->number != ++s.events) findings_.fail(fmt::format("event {} came where {} was due", seen->number, s.events));
      if (s.events == 1) ++open_;
      if (!window_.is_open()) return;
      ++findings_.answers;
      findings_.due.add(now_ - seen->due);
    } else if (!is_frame(s, text) && !plan_.loose) {
      findings_.fail(fmt::format("an event differs from what the upstream sent: {}", text.substr(0, 300)));
    }
  }

  // What stands around the content: a gateway may write it in words of its own, but must say the same, and in this order.
  bool is_frame(Stream& s, std::string_view text) const {
    const auto says = [text](std::string_view what) { return text.find(what) != std::string_view::npos; };
    if (s.events == 0) return says(R"("role":"assistant")");
    if (s.events != events_) return false;
    if (text == "data: [DONE]\n\n") return s.ended = s.usage;
    s.usage = s.usage || says(usage_);
    return s.usage || says(R"("finish_reason":"stop")");
  }

  const Plan& plan_;
  Findings& findings_;
  Window window_;
  const int events_;
  const std::string text_, usage_;
  ContentEvent content_;
  Poller poller_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<char> scratch_ = std::vector<char>(scratch_size);
  std::int64_t now_ = 0;
  int started_ = 0, open_ = 0, ended_ = 0;
};

}  // namespace

void run_streams(const Plan& plan, Findings& findings) {
  if (plan.rate < 1 || plan.streams < 1) die("--streams needs a number above 0, and --rate");
  const double seconds = static_cast<double>(plan.warmup + plan.duration + 2 * settle_time) / static_cast<double>(second);
  Streams streams(plan, findings, static_cast<int>(plan.rate * seconds));
  if (!streams.open_all()) return;
  streams.measure();
  streams.await_ends();
}

void hold_streams(const Plan& plan, Findings& findings) {
  if (plan.streams < 1) die("--hold needs a number above 0");
  Streams streams(plan, findings, 0);
  if (streams.open_all()) streams.hold();
}

}  // namespace bench
