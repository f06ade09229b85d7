// tests/net/support.hpp - a loop on a fake clock, and scripted HTTP peers on loopback, for tests of clients.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/client.hpp"
#include "net/listener.hpp"

namespace ajar::net {

// Turns the loop until `done`; gives up after enough passes that only a fault can explain it.
template <class Done>
bool until(Loop& loop, Done done) {
  for (int pass = 0; pass < 5000 && !done(); ++pass) loop.poll(Millis(1));
  return done();
}

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& into) {
  into.emplace(co_await std::move(task));
}

// Runs a task to its end.
template <class T>
T await(Loop& loop, Task<T> task) {
  std::optional<T> result;
  loop.spawn(keep_result(std::move(task), result));
  if (!until(loop, [&] { return result.has_value(); })) {
    ADD_FAILURE() << "the task did not end";
    loop.cancel_waits();
    until(loop, [&] { return result.has_value(); });
  }
  return std::move(*result);
}

// What a scripted peer does with a request.
struct Step {
  enum class Then : std::uint8_t { keep, close, reset, hold };
  std::string send;
  Then then = Then::keep;
};

inline std::string answer_of(std::string_view body, std::string_view more = {}, int status = 200) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
         "\r\n" + std::string(body);
}

// A server on loopback that answers request number n (from 0, over all connections) by script.
class Peer : public std::enable_shared_from_this<Peer> {
 public:
  using Script = std::function<Step(std::size_t n, const std::string& request)>;

  static std::shared_ptr<Peer> open(Loop& loop, Script script) {
    auto peer = std::make_shared<Peer>();
    peer->script_ = std::move(script);
    peer->listener_ = std::move(*Listener::open(loop, "127.0.0.1", 0));
    loop.spawn(run(peer, loop));
    return peer;
  }
  std::uint16_t port() const { return listener_->port(); }
  Site site() const { return {.tls = false, .host = "127.0.0.1", .port = port()}; }
  // More bytes on the connection that is held.
  void say(std::string_view bytes) {
    EXPECT_EQ(::send(held_->source().fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void hang_up() { ::shutdown(held_->source().fd(), SHUT_RDWR); }

  int connections = 0, left = 0;  // accepted; closed by the other side
  std::vector<std::string> requests;

 private:
  static Task<void> run(std::shared_ptr<Peer> peer, Loop& loop) {
    co_await peer->listener_->run([peer, &loop](int fd) {
      ++peer->connections;
      loop.spawn(serve(peer, plain(loop, fd)));
    });
  }

  static std::size_t length_of(const std::string& request) {
    const auto head = head_length(request);
    if (!head) return 0;
    RequestHead parsed;
    if (!parse(std::string_view(request).substr(0, *head), parsed))
      ADD_FAILURE() << "a client sent a head that is not accepted: " << request;
    return *head + static_cast<std::size_t>(parsed.framing.length);
  }

  static Task<void> serve(std::shared_ptr<Peer> peer, std::unique_ptr<Transport> transport) {
    std::string text;
    while (true) {
      const std::size_t length = length_of(text);
      if (length == 0 || text.size() < length) {
        auto got = co_await read_scratch(*transport, never);
        if (!got || got->empty()) break;
        text.append(got->data(), got->size());
        continue;
      }
      peer->requests.push_back(text.substr(0, length));
      text.erase(0, length);
      const Step step = peer->script_(peer->requests.size() - 1, peer->requests.back());
      peer->held_ = transport.get();
      (void)co_await write_all(*transport, step.send, never);
      if (step.then == Step::Then::close) co_return;
      if (step.then == Step::Then::reset) {
        const linger at_once{1, 0};
        ::setsockopt(transport->source().fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        co_return;
      }
    }
    ++peer->left;
  }

  Script script_;
  std::unique_ptr<Listener> listener_;
  Transport* held_ = nullptr;
};

// A loop with a pool; what is still waiting at the end is cancelled.
struct Rig {
  Rig() : loop(clock), resolver(clock), pool(loop, resolver, nullptr) { clock.advance(std::chrono::hours(1)); }
  ~Rig() {
    pool.drop_idle();
    loop.cancel_waits();
    EXPECT_TRUE(until(loop, [this] { return loop.tasks() == 0; }));
  }
  Rig(const Rig&) = delete;
  FakeClock clock;
  Loop loop;
  Resolver resolver;
  Pool pool;
};

}  // namespace ajar::net
