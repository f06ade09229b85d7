// bench/load_requests.cpp - whole answers: a closed loop for the ceiling, an open loop for latencies that hide nothing.
#include <cmath>
#include <deque>
#include <memory>

#include "chat.hpp"
#include "http.hpp"
#include "load.hpp"

namespace bench {
namespace {

constexpr std::size_t scratch_size = 256u << 10, longest_queue = 1'000'000;

struct Connection {
  int fd = -1;
  bool busy = false;
  bool counted = false;  // due within the window
  std::int64_t due = 0, sent = 0;
  std::size_t written = 0;  // of the request
  std::size_t matched = 0;  // of the answer's body
  bool differs = false;
  AnswerReader reader;
};

// When requests are due. A fixed seed: every run has the same arrivals.
class Arrivals {
 public:
  Arrivals(const Plan& plan, std::int64_t from)
      : gap_(static_cast<double>(second) / plan.rate), poisson_(plan.poisson), next_(static_cast<double>(from)) {}
  std::int64_t next() const noexcept { return static_cast<std::int64_t>(next_); }
  void step() { next_ += poisson_ ? -std::log(uniform()) * gap_ : gap_; }

 private:
  double uniform() {  // in (0, 1]
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (static_cast<double>(state_ >> 11) + 1) / 9007199254740993.0;
  }
  double gap_;
  bool poisson_;
  double next_;
  std::uint64_t state_ = 42;
};

class Requests {
 public:
  Requests(const Plan& plan, Findings& findings)
      : plan_(plan),
        findings_(findings),
        window_(plan, findings),
        text_(request_text(plan, request_body({}, plan.size, public_model))),
        expected_(answer_body(plan.shown_model)) {}

  void run() {
    for (int i = 0; i < plan_.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>());
      open(static_cast<std::uint32_t>(i));
    }
    const std::int64_t start = now_ns(), opens = start + plan_.warmup, closes = opens + plan_.duration;
    const bool paced = plan_.rate > 0;
    Arrivals arrivals(plan_, start);
    if (!paced)
      for (std::uint32_t i = 0; i < connections_.size(); ++i) ask(i, now_ns());
    while (true) {
      const std::int64_t now = now_ns();
      if (!window_.is_open() && !window_.was_closed() && now >= opens) window_.open();
      if (window_.is_open() && (now >= closes || (plan_.count != 0 && findings_.answers >= plan_.count))) window_.close();
      const bool over = window_.was_closed();
      if (over && busy_ == 0 && queue_.empty()) return;
      if (now > closes + plan_.patience) return findings_.fail(fmt::format("{} requests were not answered in time", busy_ + queue_.size()));
      if (findings_.failures > 1000) return;
      while (paced && !over && arrivals.next() <= now) {
        queue_.push_back(arrivals.next());
        arrivals.step();
      }
      if (queue_.size() > longest_queue)
        return findings_.fail("more requests wait than can be kept: the rate is far beyond what is answered");
      dispatch();
      const std::int64_t until =
          over ? closes + plan_.patience : std::min(window_.is_open() ? closes : opens, paced ? arrivals.next() : closes);
      for (const epoll_event& event : poller_.wait(until - now_ns())) handle(static_cast<std::uint32_t>(event.data.u64), event.events);
    }
  }

 private:
  void open(std::uint32_t index) {
    Connection& c = *connections_[index];
    if (c.fd >= 0) ::close(c.fd);
    c.fd = connect_to(plan_.port);
    c.busy = false;
    poller_.add(c.fd, index);
    free_.push_back(index);
  }

  void dispatch() {
    const bool waited = free_.empty();
    while (!queue_.empty() && !free_.empty()) {
      const std::int64_t due = queue_.front();
      queue_.pop_front();
      const std::uint32_t index = free_.back();
      if (!waited && window_.is_open()) findings_.behind.add(now_ns() - due);
      ask(index, due);
    }
  }

  void ask(std::uint32_t index, std::int64_t due) {
    Connection& c = *connections_[index];
    std::erase(free_, index);
    ++busy_;
    c.busy = true;
    c.counted = window_.is_open() && due >= findings_.began;
    c.due = due;
    c.sent = now_ns();
    c.written = c.matched = 0;
    c.differs = false;
    c.reader.begin();
    write(index);
  }

  void write(std::uint32_t index) {
    Connection& c = *connections_[index];
    const auto sent = ::send(c.fd, text_.data() + c.written, text_.size() - c.written, MSG_NOSIGNAL);
    if (sent > 0)
      c.written += static_cast<std::size_t>(sent);
    else if (errno != EAGAIN)
      lost(index, "a connection broke while a request was written");
  }

  void handle(std::uint32_t index, std::uint32_t events) {
    Connection& c = *connections_[index];
    if ((events & EPOLLOUT) != 0 && c.busy && c.written < text_.size()) write(index);
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
    while (true) {
      const auto got = ::recv(c.fd, scratch_.data(), scratch_.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return lost(index, c.busy ? "a connection was closed before its answer" : "");
      take(index, {scratch_.data(), static_cast<std::size_t>(got)});
      if (static_cast<std::size_t>(got) < scratch_.size() && (events & EPOLLRDHUP) == 0) return;
    }
  }

  // A connection that the peer closed between requests is only opened again; within one, that is a failure.
  void lost(std::uint32_t index, std::string_view why) {
    if (!why.empty()) {
      findings_.fail(why);
      --busy_;
    }
    std::erase(free_, index);
    open(index);
    if (!why.empty() && plan_.rate <= 0 && !window_.was_closed()) ask(index, now_ns());
  }

  void take(std::uint32_t index, std::string_view bytes) {
    Connection& c = *connections_[index];
    c.reader.feed(bytes, [&](std::string_view part) {
      if (!plan_.loose && expected_.compare(c.matched, part.size(), part) != 0) c.differs = true;
      c.matched += part.size();
    });
    if (window_.is_open()) findings_.bytes += bytes.size();
    if (c.reader.broken() || !c.busy) return lost(index, "an answer is no HTTP, or nobody asked for it");
    if (c.reader.done()) finish(index);
  }

  void finish(std::uint32_t index) {
    Connection& c = *connections_[index];
    const std::int64_t now = now_ns();
    --busy_;
    c.busy = false;
    free_.push_back(index);
    if (c.reader.status() != 200)
      findings_.fail(fmt::format("status {} instead of 200", c.reader.status()));
    else if (!plan_.loose && (c.differs || c.matched != expected_.size()))
      findings_.fail(fmt::format("an answer of {} bytes differs from the upstream's {}", c.matched, expected_.size()));
    if (window_.is_open()) ++findings_.answers;
    if (c.counted) {
      findings_.due.add(now - c.due);
      findings_.sent.add(now - c.sent);
    }
    if (plan_.rate <= 0 && !window_.was_closed()) ask(index, now);
  }

  const Plan& plan_;
  Findings& findings_;
  Window window_;
  const std::string text_, expected_;
  Poller poller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_;
  std::deque<std::int64_t> queue_;  // due and not yet sent
  std::size_t busy_ = 0;
  std::vector<char> scratch_ = std::vector<char>(scratch_size);
};

}  // namespace

void run_requests(const Plan& plan, Findings& findings) { Requests(plan, findings).run(); }

}  // namespace bench
