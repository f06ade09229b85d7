// tests/net/smuggling_test.cpp - what two servers could read in two ways is refused by the served connection: 400, closed, nothing handled.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/http_server.hpp"
#include "net/support.hpp"

namespace ajar::net {
namespace {

// Answers 200 and counts; refusals as the gateway gives them.
struct Counting : Handler {
  Task<void> serve(Call& call) override {
    ++handled;
    auto body = co_await call.body();
    if (!body) {
      if (body.error().fault != Fault::cancelled)
        (void)co_await call.respond(body.error().fault == Fault::too_large ? 413 : 400, {}, body.error().message);
      co_return;
    }
    bodies.emplace_back(*body);
    (void)co_await call.respond(200, {}, "ok");
  }
  Task<void> refuse(Call& call, const Error& error) override {
    ++refused;
    (void)co_await call.respond(error.fault == Fault::too_large ? 431 : error.fault == Fault::timed_out ? 408 : 400, {}, error.message);
  }
  int handled = 0, refused = 0;
  std::vector<std::string> bodies;
};

struct Smuggling : testing::Test {
  Smuggling() { connect(); }
  void connect() {
    auto [server, client] = pair_of(rig.loop);
    peer = std::move(client);
    rig.loop.spawn(serve(std::move(server), handler, limits));
  }
  void turn() {
    while (rig.loop.poll(Millis(0))) {
    }
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(::send(peer->source().fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    turn();
  }
  std::string receive() {
    turn();
    std::string all(1 << 18, '\0');
    const auto n = ::recv(peer->source().fd(), all.data(), all.size(), MSG_DONTWAIT);
    closed = n == 0;
    all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return all;
  }
  // All statuses that were answered, and whether the connection was closed then.
  std::vector<int> statuses(const std::string& answers) {
    std::vector<int> all;
    for (std::size_t at = answers.find("HTTP/1.1 "); at != std::string::npos; at = answers.find("HTTP/1.1 ", at + 1))
      if (const auto status = to_int(std::string_view(answers).substr(at + 9, 3))) all.push_back(static_cast<int>(*status));
    receive();
    return all;
  }
  Rig rig;
  Counting handler;
  ServerLimits limits{.head_bytes = 4096, .body_bytes = 4096, .head = Millis(1000), .body = Millis(2000), .write = Millis(1000)};
  std::unique_ptr<Transport> peer;
  bool closed = false;
};

struct Attack {
  const char* name;
  const char* bytes;
};

TEST_F(Smuggling, AmbiguousHeadsAreRefusedAndNothingBehindThemIsHandled) {
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const Attack& attack : {
           Attack{"CL.TE", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"},
           Attack{"TE.CL", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n"},
           Attack{"TE.TE hidden by a blank", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
           Attack{"TE.TE hidden by a tab", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"},
           Attack{"TE with another coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
           Attack{"TE as a list", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
           Attack{"TE quoted", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
           Attack{"TE twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n\r\n0\r\n\r\n"},
           Attack{"TE with a vertical tab",
                  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n"},
           Attack{"TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
           Attack{"CL twice, same", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"},
           Attack{"CL twice, other", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n"},
           Attack{"CL as a list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 44\r\n\r\n"},
           Attack{"CL with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n"},
           Attack{"CL negative", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
           Attack{"CL in hexadecimal", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2c\r\n\r\n"},
           Attack{"CL beyond 64 bits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n"},
           Attack{"folded line", "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 44\r\n\r\n"},
           Attack{"bare line feed", "POST / HTTP/1.1\r\nHost: a\r\nX: y\nContent-Length: 44\r\n\r\n"},
           Attack{"bare carriage return", "POST / HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 44\r\n\r\n"},
           Attack{"no host", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
           Attack{"two hosts", "POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
           Attack{"absolute target", "POST http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
           Attack{"no version", "POST /\r\nHost: a\r\n\r\n"},
           Attack{"blanks around the target", "POST  / HTTP/1.1\r\nHost: a\r\n\r\n"},
           Attack{"empty line first", "\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n"},
           Attack{"no name", "POST / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
           Attack{"no colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length 44\r\n\r\n"},
           Attack{"the next protocol's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
       }) {
    handler = {};
    connect();
    send(attack.bytes + smuggled);
    const std::string answers = receive();
    EXPECT_EQ(statuses(answers), std::vector{400}) << attack.name << "\n" << answers;
    EXPECT_EQ(handler.handled, 0) << attack.name;
    EXPECT_EQ(handler.refused, 1) << attack.name;
    EXPECT_TRUE(closed) << attack.name;
  }
}

TEST_F(Smuggling, MalformedChunksCloseTheConnection) {
  for (const char* chunks :
       {"5\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n",
        "5;\n\r\nhello\r\n0\r\n\r\n", "10000000000000005\r\nhello\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0\r\nX: y\n\r\n"}) {
    handler = {};
    connect();
    send(std::string("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") + chunks +
         "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(statuses(receive()), std::vector{400}) << chunks;
    EXPECT_EQ(handler.handled, 1) << chunks;
    EXPECT_TRUE(closed) << chunks;
  }
}

TEST_F(Smuggling, TrailersAreNotHeaders) {
  send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nContent-Length: 44\r\nHost: b\r\n\r\nPOST / "
      "HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nc");
  EXPECT_EQ(statuses(receive()), (std::vector{200, 200}));
  EXPECT_EQ(handler.bodies, (std::vector<std::string>{"ab", "c"}));
}

TEST_F(Smuggling, PipelinedRequestsAfterARefusedBodyAreNotHandled) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(statuses(receive()), std::vector{413});
  EXPECT_EQ(handler.handled, 1);
  EXPECT_TRUE(closed);
}

TEST_F(Smuggling, HeadsBeyondTheBoundAre431) {
  send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_EQ(statuses(receive()), std::vector{431});
  EXPECT_TRUE(closed);
}

TEST_F(Smuggling, SlowHeadsAre408) {
  send("GET / HTTP/1.1\r\nHo");
  for (int i = 0; i < 11; ++i) {  // a byte now and then does not help
    rig.clock.advance(Millis(100));
    send("x");
  }
  EXPECT_EQ(statuses(receive()), std::vector{408});
}

TEST_F(Smuggling, HalfOpenCallersAreAnswered) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
  ::shutdown(peer->source().fd(), SHUT_WR);
  EXPECT_EQ(statuses(receive()), std::vector{200});
  EXPECT_TRUE(closed);
}

TEST_F(Smuggling, CallersThatVanishInTheHeadAreNotHandled) {
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Le");
  ::shutdown(peer->source().fd(), SHUT_WR);
  receive();
  EXPECT_EQ(handler.handled, 0);
  EXPECT_TRUE(until(rig.loop, [&] { return rig.loop.tasks() == 0; }));
}

// Two connections on one loop share its scratch: what one has in hand must not change when the other reads.
TEST_F(Smuggling, ConnectionsDoNotReadIntoEachOthersBodies) {
  limits.body_bytes = 1 << 20;
  connect();
  auto first = std::move(peer);
  connect();
  auto second = std::move(peer);
  connect();
  auto third = std::move(peer);
  turn();  // all wait for a head now
  const std::string large(100'000, 'A'), head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  peer = std::move(first);
  send(head + large.substr(0, 50'000));  // takes the scratch for its body
  first = std::move(peer);
  peer = std::move(second);
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(statuses(receive()), std::vector{200});
  second = std::move(peer);
  peer = std::move(third);
  send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 'C'));
  EXPECT_EQ(statuses(receive()), std::vector{200});
  third = std::move(peer);
  peer = std::move(first);
  send(large.substr(50'000));
  EXPECT_EQ(statuses(receive()), std::vector{200});
  ASSERT_EQ(handler.bodies.size(), 3u);
  EXPECT_EQ(handler.bodies[0], "hello");
  EXPECT_TRUE(handler.bodies[1] == std::string(60'000, 'C'));
  EXPECT_TRUE(handler.bodies[2] == large);
}

}  // namespace
}  // namespace ajar::net
