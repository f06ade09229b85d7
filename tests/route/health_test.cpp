// tests/route/health_test.cpp - the breaker: when it opens, for how long, who probes, what closes it.
#include "route/health.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ajar::route {
namespace {

using std::chrono::seconds;

struct HealthTest : testing::Test {
  HealthTest() { clock.advance(seconds(1000)); }
  void fail(int times = 1, std::optional<Nanos> retry_after = {}) {
    for (; times > 0; --times) health.failed(0, clock.now(), retry_after);
  }
  Circuit circuit() const { return health.circuit(0, clock.now()); }
  // How long the circuit is open from now on, to the second.
  int open_for() const {
    for (int s = 0;; ++s)
      if (health.circuit(0, clock.now() + seconds(s)) != Circuit::open) return s;
  }
  FakeClock clock;
  Health health{2};
};

TEST_F(HealthTest, OpensAfterFiveFailuresInARow) {
  fail(4);
  EXPECT_EQ(circuit(), Circuit::closed);
  fail();
  EXPECT_EQ(circuit(), Circuit::open);
  EXPECT_EQ(health.circuit(1, clock.now()), Circuit::closed);  // its neighbour is not concerned
}

TEST_F(HealthTest, ASuccessInBetweenBeginsAnew) {
  fail(4);
  health.succeeded(0, Millis(10));
  fail(4);
  EXPECT_EQ(circuit(), Circuit::closed);
}

TEST_F(HealthTest, ThePauseDoublesPerFailedProbeUpToABound) {
  fail(5);
  for (const int expected : {5, 10, 20, 40, 80, 120, 120}) {
    EXPECT_EQ(open_for(), expected);
    clock.advance(seconds(expected));
    EXPECT_EQ(circuit(), Circuit::half_open);
    fail();
    EXPECT_EQ(circuit(), Circuit::open);
  }
}

TEST_F(HealthTest, FailuresOfRequestsUnderWayDoNotLengthenThePause) {
  fail(5);
  fail(50);  // all that were in flight when it broke
  EXPECT_EQ(open_for(), 5);
}

TEST_F(HealthTest, RetryAfterIsHonouredWithinBounds) {
  fail(5, seconds(33));
  EXPECT_EQ(open_for(), 33);
  clock.advance(seconds(33));
  fail(1, seconds(1));
  EXPECT_EQ(open_for(), 5);
  clock.advance(seconds(5));
  fail(1, seconds(86'400));
  EXPECT_EQ(open_for(), 120);
}

TEST_F(HealthTest, HalfOpenLetsOneProbeThrough) {
  fail(5);
  clock.advance(seconds(5));
  EXPECT_EQ(circuit(), Circuit::half_open);
  EXPECT_TRUE(health.take_probe(0, clock.now()));
  EXPECT_FALSE(health.take_probe(0, clock.now()));
  clock.advance(seconds(4));
  EXPECT_FALSE(health.take_probe(0, clock.now()));
  clock.advance(seconds(1));  // the probe never came back: another
  EXPECT_TRUE(health.take_probe(0, clock.now()));
}

TEST_F(HealthTest, ASuccessClosesAndForgetsThePauses) {
  fail(5);
  clock.advance(seconds(5));
  fail();
  clock.advance(seconds(10));
  health.succeeded(0, Millis(10));
  EXPECT_EQ(circuit(), Circuit::closed);
  fail(5);
  EXPECT_EQ(open_for(), 5);
}

TEST_F(HealthTest, LatencyIsAMovingAverage) {
  EXPECT_EQ(health.latency(0), Nanos(0));
  health.succeeded(0, Millis(80));
  EXPECT_EQ(health.latency(0), Millis(80));
  health.succeeded(0, Millis(160));
  EXPECT_EQ(health.latency(0), Millis(90));
}

TEST_F(HealthTest, ManyThreadsOpenItOnceAndTakeOneProbe) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { fail(1000); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(open_for(), 5);
  clock.advance(seconds(5));
  std::atomic<int> probes{0};
  threads.clear();
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) probes += health.take_probe(0, clock.now()) ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(probes.load(), 1);
}

}  // namespace
}  // namespace ajar::route
