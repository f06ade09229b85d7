// tests/net/client_test.cpp - one request on one connection against scripted peers: reuse, cuts, malformed answers, deadlines, hang-up.
#include "net/client.hpp"

#include <gtest/gtest.h>

#include "net/support.hpp"

namespace ajar::net {
namespace {

using Then = Step::Then;

struct ClientTest : testing::Test {
  // What one exchange gave.
  struct Got {
    Status sent = ok();
    int status = 0;
    bool reused = false;
    Result<std::string> body = fail(Fault::internal, "not read");
  };

  static Task<Got> exchange(Rig& rig, Site site, bool fresh, std::string_view body, Source* watch, std::size_t bound) {
    Got got;
    auto taken = co_await rig.pool.take(site, fresh, rig.clock.now() + Millis(1000), watch);
    if (!taken) {
      got.sent = forward(std::move(taken));
      co_return got;
    }
    ClientCall call(rig.pool, site, std::move(*taken));
    got.reused = call.reused();
    const std::string head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n";
    const iovec piece{const_cast<char*>(body.data()), body.size()};
    const Instant by = rig.clock.now() + Millis(2000);
    got.sent = co_await call.send(head, {&piece, 1}, by, by, watch);
    if (!got.sent) co_return got;
    got.status = call.head().status;
    auto all = co_await call.read_all(bound, rig.clock.now() + Millis(3000), watch);
    got.body = all ? Result<std::string>(*all) : Result<std::string>(forward(std::move(all)));
    co_return got;
  }
  Got ask(const Site& site, bool fresh = false, std::string_view body = "hello", std::size_t bound = 1 << 20) {
    return await(rig.loop, exchange(rig, site, fresh, body, nullptr, bound));
  }
  // The only answer of a peer.
  Got answered(std::string answer, Then then = Then::keep, std::size_t bound = 1 << 20) {
    auto peer = Peer::open(rig.loop, [=](std::size_t, const std::string&) { return Step{answer, then}; });
    return ask(peer->site(), false, "hello", bound);
  }
  std::string code_of(const Got& got) { return !got.sent ? got.sent.error().code : !got.body ? got.body.error().code : "none"; }
  Rig rig;
};

TEST_F(ClientTest, HeadAndBodyArriveAndTheConnectionIsKept) {
  auto peer = Peer::open(rig.loop, [](std::size_t n, const std::string&) { return Step{answer_of("answer " + std::to_string(n))}; });
  const auto first = ask(peer->site()), second = ask(peer->site());
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(*first.body, "answer 0");
  EXPECT_FALSE(first.reused);
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(*second.body, "answer 1");
  EXPECT_EQ(peer->connections, 1);
  EXPECT_TRUE(peer->requests[1].ends_with("\r\n\r\nhello"));
}

TEST_F(ClientTest, AFreshConnectionIsMadeWhenAskedFor) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  ask(peer->site());
  EXPECT_FALSE(ask(peer->site(), true).reused);
  EXPECT_EQ(peer->connections, 2);
}

TEST_F(ClientTest, KeptConnectionsAreBoundedInTime) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  ask(peer->site());
  rig.clock.advance(Pool::idle_for + Millis(1));
  EXPECT_FALSE(ask(peer->site()).reused);
}

TEST_F(ClientTest, ConnectionsOfASiteThatIsNoLongerAskedAreClosed) {
  auto old = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  auto now = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  ask(old->site());
  rig.clock.advance(Pool::idle_for + Millis(1));
  ask(now->site());
  EXPECT_EQ(rig.pool.idle(), 1u);
  EXPECT_TRUE(until(rig.loop, [&] { return old->left == 1; }));
}

TEST_F(ClientTest, ConnectionThatClosedMeanwhileIsNotUsed) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a"), Then::close}; });
  ask(peer->site());
  while (rig.loop.poll(Millis(0))) {
  }
  const auto second = ask(peer->site());
  EXPECT_TRUE(second.sent);
  EXPECT_FALSE(second.reused);
}

TEST_F(ClientTest, ConnectionThatHoldsUnaskedBytesIsNotUsed) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  ask(peer->site());
  peer->say(answer_of("poison"));
  while (rig.loop.poll(Millis(0))) {
  }
  const auto second = ask(peer->site());
  EXPECT_EQ(*second.body, "a");
  EXPECT_FALSE(second.reused);
}

TEST_F(ClientTest, BytesBehindAnAnswerEndTheConnection) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a") + answer_of("poison")}; });
  EXPECT_EQ(*ask(peer->site()).body, "a");
  EXPECT_EQ(rig.pool.idle(), 0u);
}

TEST_F(ClientTest, KeptConnectionClosedJustThenIsToldAsStale) {
  auto peer = Peer::open(rig.loop, [](std::size_t n, const std::string&) { return n == 0 ? Step{answer_of("a")} : Step{"", Then::close}; });
  ask(peer->site());
  const auto second = ask(peer->site());
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(code_of(second), "stale");
  EXPECT_EQ(second.sent.error().fault, Fault::upstream_unavailable);
}

TEST_F(ClientTest, FreshConnectionClosedWithoutAnswerIsCut) {
  EXPECT_EQ(code_of(answered("", Then::close)), "cut");
  EXPECT_EQ(code_of(answered("", Then::reset)), "cut");
}

TEST_F(ClientTest, AnInterimAnswerEndsBeingStale) {
  auto peer = Peer::open(rig.loop, [](std::size_t n, const std::string&) {
    return n == 0 ? Step{answer_of("a")} : Step{"HTTP/1.1 100 Continue\r\n\r\n", Then::close};
  });
  ask(peer->site());
  EXPECT_EQ(code_of(ask(peer->site())), "cut");  // an answer had begun: not safe to repeat
}

TEST_F(ClientTest, CutsAreToldAtEveryPlace) {
  const std::string whole = answer_of("0123456789", "x-a: b\r\n");
  const std::size_t head = whole.find("\r\n\r\n") + 4;
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const auto got = answered(whole.substr(0, cut), Then::close);
    EXPECT_EQ(code_of(got), "cut") << cut;
    EXPECT_EQ(got.sent.has_value(), cut >= head) << cut;
  }
}

TEST_F(ClientTest, CutsOfChunkedBodiesAreTold) {
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut < body.size(); ++cut)
    EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + body.substr(0, cut), Then::close)), "cut") << cut;
}

TEST_F(ClientTest, ResetInTheBodyIsACut) {
  EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", Then::reset)), "cut");
}

TEST_F(ClientTest, ChunkedBodiesAndBodiesUntilTheEnd) {
  EXPECT_EQ(*answered("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nx: y\r\n\r\n").body,
            "hello world");
  EXPECT_EQ(rig.pool.idle(), 1u);
  EXPECT_EQ(*answered("HTTP/1.1 200 OK\r\n\r\nuntil the end", Then::close).body, "until the end");
  EXPECT_EQ(rig.pool.idle(), 1u);
}

TEST_F(ClientTest, HeadsArriveInAnyPieces) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{"H", Then::hold}; });
  std::optional<Got> got;
  rig.loop.spawn(keep_result(exchange(rig, peer->site(), false, "x", nullptr, 100), got));
  ASSERT_TRUE(until(rig.loop, [&] { return !peer->requests.empty(); }));
  for (const char c : answer_of("body").substr(1)) {
    while (rig.loop.poll(Millis(0))) {
    }
    peer->say({&c, 1});
  }
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(*got->body, "body");
}

TEST_F(ClientTest, InterimAnswersAreDropped) {
  const auto got = answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer_of("real"));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(*got.body, "real");
}

TEST_F(ClientTest, OtherProtocolsAreRefused) { EXPECT_EQ(code_of(answered("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n")), "bad_http"); }

TEST_F(ClientTest, AnswersWithoutBodyKeepTheConnection) {
  EXPECT_EQ(*answered("HTTP/1.1 204 No Content\r\n\r\n").body, "");
  EXPECT_EQ(*answered(answer_of("")).body, "");
  EXPECT_EQ(rig.pool.idle(), 2u);
}

TEST_F(ClientTest, ConnectionCloseIsHonoured) {
  EXPECT_EQ(*answered(answer_of("a", "connection: close\r\n")).body, "a");
  EXPECT_EQ(rig.pool.idle(), 0u);
}

TEST_F(ClientTest, MalformedHeadsAreUnavailable) {
  for (const char* head : {"ICY 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
                           "HTTP/1.1 200 OK\r\n: c\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
                           "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
                           "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nx: a\nb\r\n\r\n",
                           "HTTP/1.1 099 OK\r\n\r\n", "\r\n\r\n"}) {
    const auto got = answered(head, Then::close);
    ASSERT_FALSE(got.sent) << head;
    EXPECT_EQ(got.sent.error().fault, Fault::upstream_unavailable) << head;
    EXPECT_EQ(got.sent.error().code, "bad_http") << head;
  }
  EXPECT_EQ(rig.pool.idle(), 0u);
}

TEST_F(ClientTest, MalformedChunksAreUnavailable) {
  EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")), "bad_http");
}

TEST_F(ClientTest, TooLargeHeadsAreRefused) {
  EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'x'), Then::hold)), "bad_http");
}

TEST_F(ClientTest, TooLargeAnswersAreRefused) {
  EXPECT_EQ(code_of(answered(answer_of(std::string(1001, 'x')), Then::keep, 1000)), "answer_too_large");
  EXPECT_EQ(*answered(answer_of(std::string(1000, 'x')), Then::keep, 1000).body, std::string(1000, 'x'));
  EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\n\r\n" + std::string(300'000, 'x'), Then::close, 200'000)), "answer_too_large");
  EXPECT_EQ(code_of(answered("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", Then::hold, 1000)), "answer_too_large");
}

TEST_F(ClientTest, LargeBodiesGoBothWays) {
  auto peer = Peer::open(
      rig.loop, [](std::size_t, const std::string& request) { return Step{answer_of(request.substr(request.find("\r\n\r\n") + 4))}; });
  const std::string much(8 << 20, 'm');
  const auto got = ask(peer->site(), false, much, 16 << 20);
  ASSERT_TRUE(got.body);
  EXPECT_TRUE(*got.body == much);
}

TEST_F(ClientTest, ARefusalBeforeTheWholeBodyIsRead) {
  // The peer answers after the head alone and closes: what it said counts more than that the rest could not be sent.
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  struct Early {
    static Task<void> run(std::unique_ptr<Transport> transport) {
      (void)co_await read_scratch(*transport, never);
      (void)co_await write_all(*transport, answer_of("too much", "connection: close\r\n", 413), never);
      ::shutdown(transport->source().fd(), SHUT_WR);
      while (true) {
        const auto got = co_await read_scratch(*transport, never);
        if (!got || got->empty()) co_return;
      }
    }
  };
  rig.loop.spawn(listener->run([&](int fd) { rig.loop.spawn(Early::run(plain(rig.loop, fd))); }));
  const auto got = ask({.tls = false, .host = "127.0.0.1", .port = listener->port()}, false, std::string(8 << 20, 'm'));
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(*got.body, "too much");
  listener->close();
}

TEST_F(ClientTest, RefusedConnectionsAreUnavailable) {
  std::uint16_t port = 0;
  {
    const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
    port = listener->port();
  }
  const auto got = ask({.tls = false, .host = "127.0.0.1", .port = port});
  ASSERT_FALSE(got.sent);
  EXPECT_EQ(got.sent.error().fault, Fault::upstream_unavailable);
  EXPECT_EQ(got.sent.error().code, "refused");
}

TEST_F(ClientTest, TheNextAddressIsTriedWhenOneRefuses) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  auto good = *await(rig.loop, rig.resolver.resolve(rig.loop, "127.0.0.1", peer->port(), never, nullptr));
  auto bad = *await(rig.loop, rig.resolver.resolve(rig.loop, "127.0.0.1", 1, never, nullptr));
  SocketAddress unknown = bad.front();
  unknown.storage.ss_family = AF_IPX;  // a family that this machine does not have
  const std::vector<SocketAddress> addresses{unknown, bad.front(), good.front()};
  const auto fd = await(rig.loop, connect_to(rig.loop, addresses, never, nullptr));
  ASSERT_TRUE(fd);
  ::close(*fd);
}

TEST_F(ClientTest, UnresolvedNamesAreUnavailable) {
  EXPECT_EQ(code_of(ask({.tls = false, .host = "nowhere.invalid", .port = 80})), "unresolved");
}

TEST_F(ClientTest, TlsWithoutAContextIsAConfigurationFault) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{}; });
  EXPECT_EQ(ask({.tls = true, .host = "127.0.0.1", .port = peer->port()}).sent.error().fault, Fault::config);
}

TEST_F(ClientTest, ASilentPeerIsTimedOutBeforeItsFirstByte) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{"", Then::hold}; });
  std::optional<Got> got;
  rig.loop.spawn(keep_result(exchange(rig, peer->site(), false, "x", nullptr, 100), got));
  ASSERT_TRUE(until(rig.loop, [&] { return !peer->requests.empty(); }));
  rig.clock.advance(Millis(1900));
  while (rig.loop.poll(Millis(0))) {
  }
  EXPECT_FALSE(got);
  rig.clock.advance(Millis(200));
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->sent.error().fault, Fault::timed_out);
  EXPECT_EQ(got->sent.error().code, "first_byte_timeout");
  EXPECT_TRUE(until(rig.loop, [&] { return peer->left == 1; }));  // not kept for the next request
}

TEST_F(ClientTest, APeerThatFallsSilentInTheBodyIsTimedOut) {
  auto peer = Peer::open(
      rig.loop, [](std::size_t, const std::string&) { return Step{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", Then::hold}; });
  std::optional<Got> got;
  rig.loop.spawn(keep_result(exchange(rig, peer->site(), false, "x", nullptr, 100), got));
  ASSERT_TRUE(until(rig.loop, [&] { return !peer->requests.empty(); }));
  while (rig.loop.poll(Millis(1))) {
  }
  rig.clock.advance(Millis(4000));
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(code_of(*got), "idle_timeout");
}

TEST_F(ClientTest, TheCallersHangUpCancelsTheCall) {
  for (const char* begun : {"", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"}) {
    auto peer = Peer::open(rig.loop, [begun](std::size_t, const std::string&) { return Step{begun, Then::hold}; });
    auto [caller, client] = pair_of(rig.loop);
    std::optional<Got> got;
    rig.loop.spawn(keep_result(exchange(rig, peer->site(), false, "x", &caller->source(), 100), got));
    ASSERT_TRUE(until(rig.loop, [&] { return !peer->requests.empty(); }));
    while (rig.loop.poll(Millis(1))) {
    }
    EXPECT_FALSE(got);
    client.reset();
    ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
    EXPECT_EQ((got->sent ? got->body.error() : got->sent.error()).fault, Fault::cancelled);
    EXPECT_TRUE(until(rig.loop, [&] { return peer->left == 1; }));
  }
}

TEST_F(ClientTest, ACallerThatIsGoneAlreadyCausesNoConnection) {
  auto peer = Peer::open(rig.loop, [](std::size_t, const std::string&) { return Step{answer_of("a")}; });
  auto [caller, client] = pair_of(rig.loop);
  client.reset();
  while (rig.loop.poll(Millis(0))) {
  }
  const auto got = await(rig.loop, exchange(rig, peer->site(), false, "x", &caller->source(), 100));
  EXPECT_EQ(got.sent.error().fault, Fault::cancelled);
  EXPECT_TRUE(peer->requests.empty());
}

}  // namespace
}  // namespace ajar::net
