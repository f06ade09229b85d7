// tests/net/server_test.cpp - a served connection over a socket pair: bodies, pipelining, streams, refusals, deadlines on a fake clock.
#include "net/http_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/clock.hpp"

namespace ajar::net {
namespace {

// Answers with what it got; paths choose how.
struct Echo : Handler {
  Task<void> serve(Call& call) override {
    ++served;
    if (call.head().path() == "/early") {
      (void)co_await call.respond(401, {}, "no");
      co_return;
    }
    auto body = co_await call.body();
    if (!body) {
      last = body.error();
      if (body.error().fault != Fault::cancelled)
        (void)co_await call.respond(body.error().fault == Fault::too_large ? 413 : 400, {}, body.error().message);
      co_return;
    }
    const std::string text(*body);
    if (call.head().path() == "/stream") {
      (void)co_await call.begin(200, {}, text);
      (void)co_await call.write("more");
      (void)co_await call.end("last");
      co_return;
    }
    (void)co_await call.respond(200, {}, fmt::format("{}:{}", text.size(), text.substr(0, 20)));
  }
  Task<void> refuse(Call& call, const Error& error) override {
    last = error;
    (void)co_await call.respond(400, {}, error.message);
  }
  int served = 0;
  Error last;
};

struct Served : testing::Test {
  Served() : loop(clock) {
    auto [server, client] = pair_of(loop);
    peer = std::move(client);
    loop.spawn(serve(std::move(server), echo, limits));
  }
  ~Served() override {
    loop.cancel_waits();
    run();
  }
  void run() {
    while (loop.poll(Millis(0))) {
    }
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(peer->source().fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      run();
      if (n < 0 && errno != EAGAIN) break;
    }
  }
  std::string receive() {
    run();
    std::string all(1 << 20, '\0');
    const auto n = ::recv(peer->source().fd(), all.data(), all.size(), 0);
    all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    closed = n == 0;
    return all;
  }
  FakeClock clock;
  Loop loop;
  Echo echo;
  ServerLimits limits{.head_bytes = 2048, .body_bytes = 1 << 20, .head = Millis(1000), .body = Millis(2000), .write = Millis(1000)};
  std::unique_ptr<Transport> peer;
  bool closed = false;
};

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

TEST_F(Served, BodyArrivesAtEverySplit) {
  const std::string request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    send(request.substr(0, cut));
    send(request.substr(cut));
    EXPECT_EQ(body_of(receive()), "5:hello") << cut;
  }
}

TEST_F(Served, ChunkedBodyArrivesAtEverySplit) {
  const std::string request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    send(request.substr(0, cut));
    send(request.substr(cut));
    EXPECT_EQ(body_of(receive()), "5:hello") << cut;
  }
}

TEST_F(Served, LargeBodiesOfEverySizeClassArrive) {
  for (const std::size_t size : {1000u, 31'000u, 33'000u, 100'000u, 130'000u, 131'072u, 500'000u, 1'048'576u}) {
    send(fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", size, std::string(size, 'x')));
    EXPECT_EQ(body_of(receive()), fmt::format("{}:{}", size, std::string(20, 'x')));
  }
}

TEST_F(Served, PipelinedRequestsAreAnsweredInOrder) {
  send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\naPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nbbPOST / "
      "HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answers = receive();
  EXPECT_LT(answers.find("1:a"), answers.find("2:bb"));
  EXPECT_NE(answers.find("0:"), std::string::npos);
}

TEST_F(Served, StreamIsChunked) {
  send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirst");
  EXPECT_EQ(body_of(receive()), "5\r\nfirst\r\n4\r\nmore\r\n4\r\nlast\r\n0\r\n\r\n");
}

TEST_F(Served, StreamToOldClientsEndsWithTheConnection) {
  send("POST /stream HTTP/1.0\r\nContent-Length: 5\r\n\r\nfirst");
  EXPECT_EQ(body_of(receive()), "firstmorelast");
  receive();
  EXPECT_TRUE(closed);
}

TEST_F(Served, ExpectationIsAnsweredBeforeTheBody) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("ok");
  EXPECT_EQ(body_of(receive()), "2:ok");
}

TEST_F(Served, TooLargeBodyIsRefusedBeforeItIsRead) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_NE(receive().find("413"), std::string::npos);
  EXPECT_EQ(echo.last.fault, Fault::too_large);
}

TEST_F(Served, TooLargeChunkedBodyIsRefused) {
  send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + std::string(0x100001, 'x'));
  EXPECT_NE(receive().find("413"), std::string::npos);
}

TEST_F(Served, MalformedChunksAreRefused) {
  send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_NE(receive().find("chunked body is malformed"), std::string::npos);
}

TEST_F(Served, TooLargeHeadIsRefused) {
  send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x'));
  EXPECT_NE(receive().find("head is larger"), std::string::npos);
  EXPECT_EQ(echo.served, 0);
}

TEST_F(Served, MalformedHeadIsRefusedAndTheConnectionCloses) {
  send("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
  EXPECT_NE(receive().find("connection: close"), std::string::npos);
  receive();
  EXPECT_TRUE(closed);
}

TEST_F(Served, AnswerBeforeTheBodyClosesTheConnection) {
  send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_NE(receive().find("connection: close"), std::string::npos);
}

TEST_F(Served, SlowBodyIsTimedOut) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  clock.advance(std::chrono::seconds(3));
  run();
  EXPECT_EQ(echo.last.fault, Fault::timed_out);
}

TEST_F(Served, CallerThatLeavesInTheBodyIsCancelled) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  peer.reset();
  run();
  EXPECT_EQ(echo.last.fault, Fault::cancelled);
}

TEST_F(Served, CallerThatResetsInTheBodyIsCancelledToo) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  send("d");
  ::shutdown(peer->source().fd(), SHUT_RDWR);
  peer.reset();
  run();
  EXPECT_EQ(echo.last.fault, Fault::cancelled);
}

TEST_F(Served, IdleConnectionIsClosed) {
  send("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
  receive();
  clock.advance(std::chrono::seconds(5));
  run();
  receive();
  EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace ajar::net
