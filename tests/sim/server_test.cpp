// tests/sim/server_test.cpp - the server on its own thread and a real port.
#include "sim/server.hpp"

#include <gtest/gtest.h>

#include "net/client.hpp"

namespace ajar::sim {
namespace {

// One GET or POST over loopback; the status, 0 when there was no answer.
net::Task<void> fetch(net::Pool& pool, std::uint16_t port, std::string body, int& status, std::string& into) {
  const net::Site site{false, "127.0.0.1", port};
  const Instant by = pool.loop().now() + std::chrono::seconds(20);
  if (auto taken = co_await pool.take(site, false, by, nullptr)) {
    net::ClientCall call(pool, site, std::move(*taken));
    const std::string head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n";
    const iovec piece{body.data(), body.size()};
    if (co_await call.send(head, {&piece, 1}, by, by, nullptr)) {
      status = call.head().status;
      if (auto all = co_await call.read_all(1u << 20, by, nullptr)) into = *all;
    }
  }
  pool.drop_idle();
  pool.loop().stop();
}

struct Got {
  int status = 0;
  std::string body;
};
Got post(const Server& server, std::string body) {
  SystemClock clock;
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, nullptr);
  Got got;
  loop.spawn(fetch(pool, server.port(), std::move(body), got.status, got.body));
  loop.run();
  return got;
}

Script quick() {
  Script script;
  script.behaviour.latency_ms = script.behaviour.jitter_ms = 0;
  script.behaviour.tokens_per_second = 0;
  return script;
}

constexpr std::string_view hello = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";

TEST(Server, AnswersOnAFreePortAndCounts) {
  const auto server = Server::start({.address = "127.0.0.1", .port = 0, .script = quick()});
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_NE((*server)->port(), 0);
  EXPECT_EQ((*server)->address(), "127.0.0.1:" + std::to_string((*server)->port()));
  const Got got = post(**server, std::string(hello));
  EXPECT_EQ(got.status, 200);
  EXPECT_NE(got.body.find("chat.completion"), std::string::npos);
  EXPECT_EQ((*server)->requests(), 1u);
}

TEST(Server, PortInUseSaysWhatToDo) {
  const auto first = Server::start({.address = "127.0.0.1", .port = 0, .script = quick()});
  ASSERT_TRUE(first);
  const auto second = Server::start({.address = "127.0.0.1", .port = (*first)->port(), .script = quick()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::config);
  EXPECT_NE(second.error().message.find("another program uses this port"), std::string::npos);
}

TEST(Server, RefusedConnectionsGetNoAnswer) {
  Script script = quick();
  script.refuse_connections = 1;
  const auto server = Server::start({.address = "127.0.0.1", .port = 0, .script = script});
  ASSERT_TRUE(server);
  EXPECT_EQ(post(**server, std::string(hello)).status, 0);
  EXPECT_EQ((*server)->requests(), 0u);
}

TEST(Server, StopsWhileAnswersWait) {
  auto server = Server::start({.address = "127.0.0.1", .port = 0, .script = quick()});
  ASSERT_TRUE(server);
  SystemClock clock;
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, nullptr);
  Got got;
  loop.spawn(fetch(pool, (*server)->port(), R"({"model":"sim-silent","messages":[{"role":"user","content":"hi"}]})", got.status, got.body));
  while ((*server)->requests() == 0) loop.poll(Millis(1));
  (*server)->stop();
  (*server)->stop();
  loop.run();  // the caller sees the end
  EXPECT_EQ(got.status, 0);
}

}  // namespace
}  // namespace ajar::sim
