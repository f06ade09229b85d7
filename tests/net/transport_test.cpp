// tests/net/transport_test.cpp - plain transports, the scratch that is looked up after each wait, and the pool of buffers.
#include "net/transport.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include "net/support.hpp"

namespace ajar::net {
namespace {

struct TransportTest : testing::Test {
  Rig rig;
  Loop& loop = rig.loop;
};

TEST_F(TransportTest, ReadsWhatIsThereAndThenTheEnd) {
  auto [near, far] = pair_of(loop);
  ASSERT_EQ(::send(far->source().fd(), "hello", 5, 0), 5);
  auto got = await(loop, read_scratch(*near, never));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::string(got->data(), got->size()), "hello");
  EXPECT_FALSE(near->source().readable);  // a short read means empty
  far.reset();
  got = await(loop, read_scratch(*near, never));
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->empty());
}

Task<void> read_one(Transport& transport, std::string& into) {
  const auto got = co_await read_scratch(transport, never);
  if (got) into.assign(got->data(), got->size());
}

TEST_F(TransportTest, ScratchThatIsTakenDuringAWaitIsNotWrittenTo) {
  auto [near, far] = pair_of(loop);
  near->source().readable = false;
  std::string read;
  loop.spawn(read_one(*near, read));
  Buffer taken = loop.take_scratch();  // another connection's body
  std::fill_n(taken.data(), 16, '.');
  ASSERT_EQ(::send(far->source().fd(), "mine", 4, 0), 4);
  ASSERT_TRUE(until(loop, [&] { return !read.empty(); }));
  EXPECT_EQ(read, "mine");
  EXPECT_EQ(std::string(taken.data(), 16), std::string(16, '.'));
}

TEST_F(TransportTest, WritesInPiecesAndHandsBackWhatIsLeft) {
  auto [near, far] = pair_of(loop);
  const std::string head = "head", body(3 << 20, 'b');
  const iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
  std::string rest;
  ASSERT_EQ(write_now(*near, pieces, rest), false);
  const std::size_t at_once = head.size() + body.size() - rest.size();
  EXPECT_GT(at_once, 0u);
  std::optional<Status> written;
  loop.spawn(keep_result(write_all(*near, rest, never), written));
  std::string all, into(1 << 20, '\0');
  ASSERT_TRUE(until(loop, [&] {
    const auto n = ::recv(far->source().fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) all.append(into.data(), static_cast<std::size_t>(n));
    return all.size() == head.size() + body.size();
  }));
  EXPECT_TRUE(all == head + body);
  EXPECT_TRUE(until(loop, [&] { return written.has_value(); }));
  EXPECT_TRUE(*written);
}

TEST_F(TransportTest, APeerThatTakesNothingIsTimedOut) {
  auto [near, far] = pair_of(loop);
  const std::string much(4 << 20, 'x');
  std::optional<Status> written;
  loop.spawn(keep_result(write_all(*near, much, rig.clock.now() + Millis(100)), written));
  loop.poll(Millis(0));
  EXPECT_FALSE(written);
  rig.clock.advance(Millis(200));
  ASSERT_TRUE(until(loop, [&] { return written.has_value(); }));
  EXPECT_EQ(written->error().fault, Fault::timed_out);
}

TEST_F(TransportTest, WritingToAPeerThatHasGoneIsAFaultAndNoSignal) {
  auto [near, far] = pair_of(loop);
  far.reset();
  const auto written = await(loop, write_all(*near, "x", never));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::upstream_unavailable);
}

TEST_F(TransportTest, DelayIsOffOnAcceptedAndOnConnectedSockets) {
  const auto listener = std::move(*Listener::open(loop, "127.0.0.1", 0));
  std::unique_ptr<Transport> accepted;
  loop.spawn(listener->run([&](int fd) { accepted = plain(loop, fd); }));
  const auto taken = await(loop, rig.pool.take({.tls = false, .host = "127.0.0.1", .port = listener->port()}, false, never, nullptr));
  ASSERT_TRUE(taken);
  ASSERT_TRUE(until(loop, [&] { return accepted != nullptr; }));
  for (Transport* transport : {accepted.get(), taken->transport.get()}) {
    int on = 0;
    socklen_t size = sizeof on;
    ASSERT_EQ(::getsockopt(transport->source().fd(), IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
    EXPECT_NE(on, 0);
  }
  listener->close();
}

TEST(Buffers, SizesArePowersOfTwoAndComeBack) {
  Buffers buffers;
  {
    Buffer small = buffers.get(1);
    EXPECT_EQ(small.size(), Buffers::smallest);
    Buffer large = buffers.get(100'000);
    EXPECT_EQ(large.size(), 131'072u);
    EXPECT_EQ(buffers.idle_bytes(), 0u);
  }
  EXPECT_EQ(buffers.idle_bytes(), 131'072u + Buffers::smallest);
  const Buffer again = buffers.get(131'072);
  EXPECT_EQ(buffers.idle_bytes(), Buffers::smallest);
}

TEST(Buffers, WhatIsAboveTheBoundGoesBackToTheSystem) {
  Buffers buffers;
  {
    std::vector<Buffer> many;
    for (int i = 0; i < 100; ++i) many.push_back(buffers.get(1 << 20));
  }
  EXPECT_EQ(buffers.idle_bytes(), Buffers::idle_bound);
}

TEST(Buffers, MovingOnesHandsTheOtherBackOnce) {
  Buffers buffers;
  Buffer a = buffers.get(1), b = buffers.get(1);
  a = std::move(b);
  b.reset();
  EXPECT_EQ(buffers.idle_bytes(), Buffers::smallest);
  a.reset();
  a.reset();
  EXPECT_EQ(buffers.idle_bytes(), 2 * Buffers::smallest);
}

}  // namespace
}  // namespace ajar::net
