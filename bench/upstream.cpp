// bench/upstream.cpp - a scripted model server on loopback: fixed answers and paced streams, for as little CPU as possible.
#include <algorithm>
#include <memory>
#include <queue>
#include <thread>
#include <vector>

#include "chat.hpp"
#include "http.hpp"
#include "sys.hpp"

namespace bench {
namespace {

constexpr std::size_t scratch_size = 256u << 10;
constexpr std::uint64_t check_every = 16;  // whole bodies that are compared byte for byte; of all others the length
constexpr std::uint32_t listener_index = 0xffffffff;

struct Options {
  std::uint16_t port = 0;
  std::int64_t stall = 0, stall_after = 0;  // one pause of everything, so long after the first request
};

struct Connection {
  int fd = -1;
  std::uint64_t life = 0;  // tells a due event of an earlier connection in this place apart
  std::string in, out;     // a request that came in pieces; what the socket did not take
  Script script;
  int sent = 0;  // content events of the stream that runs
  bool streams = false, renamed = false;
};

struct Due {
  std::int64_t at;
  std::uint32_t index;
  std::uint64_t life;
  bool operator>(const Due& other) const noexcept { return at > other.at; }
};

std::string with_head(std::string_view type, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 200 OK\r\ndate: Tue, 25 Nov 2025 12:00:00 GMT\r\nserver: upstream\r\ncontent-type: {}\r\nx-request-id: "
      "req-bench\r\ncontent-length: {}\r\n\r\n{}",
      type, body.size(), body);
}
std::string in_chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

class Upstream {
 public:
  explicit Upstream(const Options& options) : options_(options), engine_event_(engine_model), public_event_(public_model) {}

  void run() {
    listen();
    fmt::print("{}\n", port_);
    std::fflush(stdout);
    while (true) {
      const std::int64_t patience = due_.empty() ? second : due_.top().at - now_ns();
      for (const epoll_event& event : poller_.wait(patience)) {
        const auto index = static_cast<std::uint32_t>(event.data.u64);
        if (index == listener_index)
          accept_all();
        else if (connections_[index]->fd >= 0)
          serve(index, event.events);
      }
      emit();
      stall();
    }
  }

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener_ < 0) die_of("socket");
    sockaddr_in address = loopback(options_.port);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) die_of(fmt::format("bind to port {}", options_.port));
    if (::listen(listener_, 4096) != 0) die_of("listen");
    if (::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) die_of("getsockname");
    port_ = ntohs(address.sin_port);
    poller_.add(listener_, listener_index);
  }

  void accept_all() {
    while (true) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED) return;
        die_of("accept");
      }
      set_no_delay(fd);
      if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(connections_.size()));
        connections_.push_back(std::make_unique<Connection>());
      }
      const std::uint32_t index = free_.back();
      free_.pop_back();
      connections_[index]->fd = fd;
      poller_.add(fd, index);
    }
  }

  void close(std::uint32_t index) {
    Connection& c = *connections_[index];
    ::close(c.fd);
    if (c.streams) --open_streams_;
    const std::uint64_t life = c.life + 1;
    c = Connection{};
    c.life = life;
    free_.push_back(index);
  }

  void serve(std::uint32_t index, std::uint32_t events) {
    Connection& c = *connections_[index];
    if ((events & EPOLLOUT) != 0 && !c.out.empty() && !flush(c)) return close(index);
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
    while (true) {
      const auto got = ::recv(c.fd, scratch_.data(), scratch_.size(), 0);
      if (got == 0) return close(index);
      if (got < 0) {
        if (errno == EAGAIN) return;
        return close(index);
      }
      const std::string_view bytes(scratch_.data(), static_cast<std::size_t>(got));
      if (!take(index, bytes)) return close(index);
      if (bytes.size() < scratch_.size() && (events & EPOLLRDHUP) == 0) return;  // a short read: nothing more is there
    }
  }

  // Answers every whole request of what was received.
  bool take(std::uint32_t index, std::string_view bytes) {
    Connection& c = *connections_[index];
    std::string_view all = c.in.empty() ? bytes : std::string_view(c.in.append(bytes));
    while (!all.empty()) {
      const std::size_t end = all.find(head_end);
      if (end == std::string_view::npos) break;
      const std::string_view head = all.substr(0, end + 2);
      const std::size_t body_at = end + head_end.size(),
                        length = static_cast<std::size_t>(std::max<std::int64_t>(number_of(field_of(head, "content-length")), 0));
      if (all.size() - body_at < length) break;
      if (!answer(index, head, all.substr(body_at, length))) return false;
      all.remove_prefix(body_at + length);
    }
    if (all.empty())
      c.in.clear();
    else
      c.in = std::string(all);
    return true;
  }

  bool answer(std::uint32_t index, std::string_view head, std::string_view body) {
    Connection& c = *connections_[index];
    if (head.starts_with("GET ")) return send(c, with_head("application/json", stats()));
    const auto script = script_of(body);
    if (!script) return false;
    if (first_ == 0) first_ = now_ns();
    check(*script, body);
    const bool renamed = body.substr(0, 100).find(engine_model) != std::string_view::npos;
    if (script->stream) return begin_stream(index, *script, renamed);
    ++requests_;
    return send(c, renamed ? engine_answer_ : public_answer_);
  }

  void check(const Script& script, std::string_view body) {
    if (++seen_ % check_every != 1) return;
    ++checked_;
    if (expected_.size() != body.size() || script != expected_script_) {
      expected_ = request_body(script, body.size(), public_model);
      expected_script_ = script;
    }
    if (!is_request_body(body, expected_)) ++wrong_;
  }

  bool begin_stream(std::uint32_t index, const Script& script, bool renamed) {
    Connection& c = *connections_[index];
    if (c.streams) return false;
    ++streams_;
    ++open_streams_;
    c.streams = true;
    c.script = script;
    c.sent = 0;
    c.renamed = renamed;
    const std::string head =
        "HTTP/1.1 200 OK\r\ndate: Tue, 25 Nov 2025 12:00:00 GMT\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: "
        "no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
    std::string first = head + in_chunk(role_event(model_of(c)));
    const std::int64_t now = now_ns();
    if (script.rate == 0) return send(c, first + in_chunk(event_of(c).make(++c.sent, now)));
    // Spread over the period by the golden ratio, so that events of different streams do not come in step.
    phase_ += 0.6180339887;
    phase_ -= static_cast<double>(static_cast<int>(phase_));
    const std::int64_t period = second / script.rate;
    due_.push({now + static_cast<std::int64_t>(phase_ * static_cast<double>(period)), index, c.life});
    return send(c, first);
  }

  std::string_view model_of(const Connection& c) const { return c.renamed ? engine_model : public_model; }
  ContentEvent& event_of(const Connection& c) { return c.renamed ? engine_event_ : public_event_; }

  // Sends what is due; each event by itself, also when late.
  void emit() {
    std::int64_t now = now_ns();
    while (!due_.empty() && due_.top().at <= now) {
      Due due = due_.top();
      due_.pop();
      Connection& c = *connections_[due.index];
      if (c.fd < 0 || c.life != due.life) continue;
      ++events_;
      if (!send(c, in_chunk(event_of(c).make(++c.sent, due.at)))) {
        close(due.index);
        continue;
      }
      due.at += second / c.script.rate;
      if (c.sent < c.script.events) {
        due_.push(due);
        continue;
      }
      c.streams = false;
      --open_streams_;
      if (!send(c, in_chunk(last_events(model_of(c), c.sent)) + "0\r\n\r\n")) close(due.index);
    }
  }

  bool send(Connection& c, std::string_view bytes) {
    if (c.out.empty()) {
      const auto sent = ::send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    c.out.append(bytes);
    return true;
  }

  bool flush(Connection& c) {
    const auto sent = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    c.out.erase(0, static_cast<std::size_t>(sent));
    return true;
  }

  void stall() {
    if (options_.stall == 0 || stalled_ || first_ == 0 || now_ns() < first_ + options_.stall_after) return;
    stalled_ = true;
    std::this_thread::sleep_for(std::chrono::nanoseconds(options_.stall));
  }

  std::string stats() const {
    return fmt::format(R"({{"requests":{},"streams":{},"open_streams":{},"events":{},"bodies_checked":{},"bodies_wrong":{}}})", requests_,
                       streams_, open_streams_, events_, checked_, wrong_);
  }

  Options options_;
  Poller poller_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<char> scratch_ = std::vector<char>(scratch_size);
  ContentEvent engine_event_, public_event_;
  const std::string engine_answer_ = with_head("application/json", answer_body(engine_model)),
                    public_answer_ = with_head("application/json", answer_body(public_model));
  std::string expected_;
  Script expected_script_;
  double phase_ = 0;
  std::int64_t first_ = 0;
  bool stalled_ = false;
  std::uint64_t seen_ = 0, requests_ = 0, streams_ = 0, open_streams_ = 0, events_ = 0, checked_ = 0, wrong_ = 0;
};

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  if (arguments.has("help"))
    bench::die("upstream [--port N] [--stall MS --stall-after MS]: serves Chat on 127.0.0.1 until it is ended; prints its port");
  bench::be_punctual();
  bench::Upstream({.port = static_cast<std::uint16_t>(arguments.integer("port", 0)),
                   .stall = arguments.integer("stall", 0) * bench::millisecond,
                   .stall_after = arguments.integer("stall-after", 0) * bench::millisecond})
      .run();
}
