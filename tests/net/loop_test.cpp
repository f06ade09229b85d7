// tests/net/loop_test.cpp - waits end for the right reason: readiness, deadlines on a fake clock, hang-up, another thread, shutdown.
#include "net/loop.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "net/support.hpp"

namespace ajar::net {
namespace {

Task<void> sleeper(Loop& loop, Instant until, Source* watch, std::vector<Wake>& woken) {
  woken.push_back(co_await SleepWait(loop, until, watch));
}
Task<void> reader(Source& source, Instant deadline, Source* watch, std::vector<Wake>& woken) {
  woken.push_back(co_await source.wait_readable(deadline, watch));
}
Task<void> writer(Source& source, Instant deadline, std::vector<Wake>& woken) { woken.push_back(co_await source.wait_writable(deadline)); }
Task<void> waiter(Event& event, Instant deadline, std::vector<Wake>& woken) { woken.push_back(co_await event.wait(deadline)); }

struct LoopTest : testing::Test {
  LoopTest() : loop(clock) {}
  ~LoopTest() override {
    loop.cancel_waits();
    turn();
    EXPECT_EQ(loop.tasks(), 0u);
  }
  void turn() {
    while (loop.poll(Millis(0))) {
    }
  }
  Instant in(Nanos time) const { return clock.now() + time; }
  // Two ends of a socket pair; nothing to read on them.
  std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> ends() {
    auto pair = pair_of(loop);
    pair.first->source().readable = pair.second->source().readable = false;
    turn();
    return pair;
  }
  FakeClock clock;
  Loop loop;
  std::vector<Wake> woken;
};

TEST_F(LoopTest, SleepersWakeInOrderAndNotBefore) {
  std::vector<Wake> late;
  loop.spawn(sleeper(loop, in(Millis(20)), nullptr, late));
  loop.spawn(sleeper(loop, in(Millis(10)), nullptr, woken));
  clock.advance(Millis(9));
  turn();
  EXPECT_TRUE(woken.empty());
  clock.advance(Millis(1));
  turn();
  EXPECT_EQ(woken, std::vector{Wake::timed_out});
  EXPECT_TRUE(late.empty());
  clock.advance(Millis(10));
  turn();
  EXPECT_EQ(late, std::vector{Wake::timed_out});
}

TEST_F(LoopTest, SleeperIsWokenByTheHangUpOfAnotherPeer) {
  auto [near, far] = ends();
  loop.spawn(sleeper(loop, in(std::chrono::hours(1)), &near->source(), woken));
  turn();
  EXPECT_TRUE(woken.empty());
  far.reset();
  turn();
  EXPECT_EQ(woken, std::vector{Wake::gone});
  loop.spawn(sleeper(loop, in(std::chrono::hours(1)), &near->source(), woken));  // and at once when it is known
  EXPECT_EQ(woken, (std::vector{Wake::gone, Wake::gone}));
}

TEST_F(LoopTest, HalfCloseCountsAsHangUp) {
  auto [near, far] = ends();
  loop.spawn(sleeper(loop, never, &near->source(), woken));
  ::shutdown(far->source().fd(), SHUT_WR);
  turn();
  EXPECT_EQ(woken, std::vector{Wake::gone});
}

TEST_F(LoopTest, ReaderIsWokenByData) {
  auto [near, far] = ends();
  loop.spawn(reader(near->source(), never, nullptr, woken));
  turn();
  EXPECT_TRUE(woken.empty());
  ASSERT_EQ(::send(far->source().fd(), "x", 1, 0), 1);
  turn();
  EXPECT_EQ(woken, std::vector{Wake::ready});
}

TEST_F(LoopTest, ReaderIsWokenByItsDeadline) {
  auto [near, far] = ends();
  loop.spawn(reader(near->source(), in(Millis(500)), nullptr, woken));
  clock.advance(Millis(499));
  turn();
  EXPECT_TRUE(woken.empty());
  clock.advance(Millis(51));  // a sweep is due at most 50 ms late
  turn();
  EXPECT_EQ(woken, std::vector{Wake::timed_out});
}

TEST_F(LoopTest, ALaterDeadlineIsFoundAfterAnEarlierOneHasPassed) {
  auto [near, far] = ends();
  auto [left, right] = ends();
  std::vector<Wake> later;
  loop.spawn(reader(left->source(), in(std::chrono::seconds(9)), nullptr, later));
  loop.spawn(reader(near->source(), in(std::chrono::seconds(1)), nullptr, woken));
  clock.advance(std::chrono::seconds(2));
  turn();
  EXPECT_EQ(woken, std::vector{Wake::timed_out});
  EXPECT_TRUE(later.empty());
  clock.advance(std::chrono::seconds(8));
  turn();
  EXPECT_EQ(later, std::vector{Wake::timed_out});
}

TEST_F(LoopTest, ReaderIsWokenByTheHangUpOfAnotherPeer) {
  auto [near, far] = ends();
  auto [caller, client] = ends();
  loop.spawn(reader(near->source(), never, &caller->source(), woken));
  client.reset();
  turn();
  EXPECT_EQ(woken, std::vector{Wake::gone});
}

TEST_F(LoopTest, WriterWaitsForRoom) {
  auto [near, far] = ends();
  const std::string much(1 << 20, 'x');
  std::string rest;
  const iovec piece{const_cast<char*>(much.data()), much.size()};
  ASSERT_EQ(write_now(*near, {&piece, 1}, rest), false);
  EXPECT_FALSE(near->source().writable);  // a short write says that the socket is full
  loop.spawn(writer(near->source(), never, woken));
  turn();
  EXPECT_TRUE(woken.empty());
  std::string into(1 << 20, '\0');
  while (::recv(far->source().fd(), into.data(), into.size(), MSG_DONTWAIT) > 0) {
  }
  turn();
  EXPECT_EQ(woken, std::vector{Wake::ready});
}

TEST_F(LoopTest, EventWakesItsWaiterOnceSetOrAtItsDeadline) {
  Event event(loop);
  loop.spawn(waiter(event, in(Millis(10)), woken));
  clock.advance(Millis(10));
  turn();
  EXPECT_EQ(woken, std::vector{Wake::timed_out});
  event.set();
  loop.spawn(waiter(event, never, woken));
  EXPECT_EQ(woken.back(), Wake::ready);
}

TEST_F(LoopTest, ASourceThatIsClosedInTheSameBatchIsNotTouched) {
  struct Closer {
    static Task<void> run(Source& source, std::unique_ptr<Transport>& other) {
      (void)co_await source.wait_readable(never);
      other.reset();
    }
  };
  auto [a, a_far] = ends();
  auto [b, b_far] = ends();
  loop.spawn(Closer::run(a->source(), b));
  loop.spawn(Closer::run(a_far->source(), b_far));
  ASSERT_EQ(::send(a_far->source().fd(), "x", 1, 0), 1);
  ASSERT_EQ(::send(b_far->source().fd(), "x", 1, 0), 1);
  ASSERT_EQ(::send(a->source().fd(), "x", 1, 0), 1);
  turn();
  EXPECT_EQ(b, nullptr);
  EXPECT_EQ(b_far, nullptr);
}

TEST_F(LoopTest, CancelledWaitsEndAndLaterOnesEndAtOnce) {
  auto [near, far] = ends();
  Event event(loop);
  loop.spawn(sleeper(loop, never, nullptr, woken));
  loop.spawn(reader(near->source(), never, nullptr, woken));
  loop.spawn(waiter(event, never, woken));
  loop.cancel_waits();
  EXPECT_EQ(woken, (std::vector{Wake::cancelled, Wake::cancelled, Wake::cancelled}));
  loop.spawn(sleeper(loop, never, nullptr, woken));
  loop.spawn(reader(near->source(), never, nullptr, woken));
  EXPECT_EQ(woken.size(), 5u);
  EXPECT_EQ(woken.back(), Wake::cancelled);
}

TEST(LoopThread, WorkIsPostedFromAnotherThreadAndStopEndsAllTasks) {
  const SystemClock clock;
  Loop loop(clock);
  std::vector<Wake> woken;
  std::thread::id ran;
  std::thread thread([&] { loop.run(); });
  loop.post([&] {
    ran = std::this_thread::get_id();
    loop.spawn(sleeper(loop, never, nullptr, woken));
    loop.stop();
  });
  const std::thread::id its = thread.get_id();
  thread.join();
  EXPECT_EQ(ran, its);
  EXPECT_EQ(woken, std::vector{Wake::cancelled});
  EXPECT_EQ(loop.tasks(), 0u);
}

TEST(LoopThread, WhatIsPostedAfterTheLoopHasGoneIsDropped) {
  const SystemClock clock;
  auto loop = std::make_unique<Loop>(clock);
  const auto mailbox = loop->mailbox();
  const auto token = std::make_shared<int>(0);
  mailbox->post([token] { FAIL(); });
  loop.reset();
  EXPECT_EQ(token.use_count(), 1);
  mailbox->post([token] { FAIL(); });
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(LoopTest, DateIsThatOfTheClock) {
  clock.time = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + std::chrono::hours(15));
  EXPECT_EQ(loop.date(), "Tue, 24 Nov 2026 15:00:00 GMT");
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(loop.date(), "Tue, 24 Nov 2026 15:00:01 GMT");
}

}  // namespace
}  // namespace ajar::net
