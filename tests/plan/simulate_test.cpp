// tests/plan/simulate_test.cpp - traces, and replicas under them.
#include "plan/simulate/simulate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "config/planner_facts.hpp"
#include "plan/capacity/fit.hpp"

namespace ajar::plan {
namespace {

constexpr std::uint64_t golden_digest = 233374688861042240;

// 10 ms a step and 1 ms more per further sequence, 0.1 ms per token of a prompt.
StepTimes simple(std::int32_t sequences = 8, std::int64_t kv = 100'000) {
  StepTimes t;
  t.sequences = sequences;
  t.kv_tokens = kv;
  t.chunk = 1000;
  t.prefill = 0.1e6;
  for (std::int32_t b = 0; b <= sequences; ++b) {
    t.step.push_back(9e6 + 1e6 * b);
    t.per_context.push_back(0);
  }
  return t;
}

Trace trace(std::vector<Arrival> arrivals) { return {std::move(arrivals), {}}; }

TEST(Trace, BothFormsAreRead) {
  const auto one = trace_of("t_s,input_tokens,output_tokens,more\n0.5,10,20,x\n1.25,30,40,y\r\n\n2,1,1,\n");
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_EQ(one->arrivals.size(), 3u);
  EXPECT_EQ(one->arrivals[1].at, 750'000'000);
  EXPECT_EQ(one->arrivals[1].output, 40);
  const auto azure =
      trace_of("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n");
  ASSERT_TRUE(azure) << azure.error().message;
  EXPECT_EQ(azure->arrivals[1].at, 4'314'579'000);
  EXPECT_EQ(faster(*azure, 2).arrivals[1].at, 2'157'289'500);
}

TEST(Trace, WhatIsWrongIsSaidWithItsPlace) {
  const std::string head = "t_s,input_tokens,output_tokens\n";
  const auto told = [&](std::string_view rows) {
    const auto read = trace_of(head + std::string(rows));
    return read ? std::string("fine") : read.error().message.str();
  };
  EXPECT_EQ(told("1,2,3\n"), "fine");
  EXPECT_EQ(told(""), "line 2: there are no requests");
  EXPECT_EQ(told("1,2\n"), "line 2, column 4: 2 fields where the header has 3");
  EXPECT_EQ(told("1,2,3\n0.5,2,3\n"), "line 3, column 1: the time lies before that of the row above; sort the rows by time");
  EXPECT_EQ(told("1,0,3\n"), "line 2, column 3: \"0\" is no number of input tokens from 1 to 10 million");
  EXPECT_EQ(told("1,2,-3\n"), "line 2, column 5: \"-3\" is no number of output tokens from 1 to 10 million");
  EXPECT_EQ(told("soon,2,3\n"), "line 2, column 1: \"soon\" is no time");
  EXPECT_EQ(told("1,99999999,3\n").substr(0, 17), "line 2, column 3:");
  EXPECT_FALSE(trace_of("a,b,c\n1,2,3\n"));
  const auto gap = trace_of(head + "0,1,1\n1,1,1\n90000,1,1\n");
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->warnings.size(), 1u);
}

TEST(Trace, SyntheticOnesHaveTheirMeans) {
  const Trace made = synthetic_trace(20'000, 5, 1000, 200, 3);
  double input = 0, output = 0;
  for (const Arrival& a : made.arrivals) input += a.input, output += a.output;
  EXPECT_NEAR(input / 20'000, 1000, 25);
  EXPECT_NEAR(output / 20'000, 200, 5);
  EXPECT_NEAR(made.seconds(), 4000, 120);
  EXPECT_EQ(synthetic_trace(100, 5, 1000, 200, 3).arrivals[99].at, made.arrivals[99].at);
}

TEST(Simulate, OneRequestAsByHand) {
  // 2,000 prompt tokens in two chunks of 1,000: 200 ms; 9 further tokens at 10 ms.
  const Simulated s = simulate(trace({{0, 2000, 10}}), {.times = simple(), .replicas = 1});
  EXPECT_NEAR(s.ttft.p50, 0.2, 1e-6);
  EXPECT_NEAR(s.tpot.p50, 0.01, 1e-6);
  EXPECT_NEAR(s.whole.p50, 0.29, 1e-6);
  EXPECT_NEAR(s.seconds, 0.29, 1e-6);
}

TEST(Simulate, APromptSlowsTheOthersDown) {
  // The second comes at 0.25 s, while the first makes its tokens; its prompt of 1,000 adds 100 ms to one step.
  const Simulated alone = simulate(trace({{0, 2000, 30}}), {.times = simple(), .replicas = 1});
  const Simulated both = simulate(trace({{0, 2000, 30}, {250'000'000, 1000, 2}}), {.times = simple(), .replicas = 1});
  EXPECT_NEAR(both.seconds - alone.seconds, 0.1, 0.02);
  EXPECT_NEAR(alone.seconds, 0.2 + 29 * 0.01, 1e-6);
}

TEST(Simulate, NothingIsLostAndNothingComesTooEarly) {
  const Trace t = synthetic_trace(5000, 20, 800, 100, 9);
  std::int64_t output = 0;
  for (const Arrival& a : t.arrivals) output += a.output;
  for (const int replicas : {1, 2, 5}) {
    const Simulated s = simulate(t, {.times = simple(16), .replicas = replicas});
    EXPECT_EQ(s.requests, 5000);
    EXPECT_EQ(s.output, output);
    EXPECT_GE(s.ttft.p50, 0.05);
    EXPECT_GE(s.tpot.p50, 0.01 - 1e-6);
    EXPECT_LE(s.busy, 1);
  }
}

TEST(Simulate, MoreReplicasWaitLessAndMoreLoadWaitsMore) {
  const Trace t = synthetic_trace(4000, 8, 800, 100, 5);
  double before = 1e9;
  for (const int replicas : {1, 2, 4}) {
    const double p99 = simulate(t, {.times = simple(16), .replicas = replicas}).ttft.p99;
    EXPECT_LE(p99, before);
    before = p99;
  }
  EXPECT_GT(simulate(faster(t, 4), {.times = simple(16), .replicas = 4}).ttft.p99, before);
}

TEST(Simulate, KvMemoryBoundsWhatRunsAtOnce) {
  const Trace t = synthetic_trace(500, 50, 800, 100, 5);
  const Simulated wide = simulate(t, {.times = simple(64, 1'000'000), .replicas = 1}),
                  narrow = simulate(t, {.times = simple(64, 3000), .replicas = 1});
  EXPECT_GT(narrow.seconds, 2 * wide.seconds);
  EXPECT_GT(narrow.kv_peak, 0.8);
  // One that is larger than the memory runs alone instead of never.
  EXPECT_EQ(simulate(trace({{0, 5000, 10}, {1, 100, 10}}), {.times = simple(64, 3000), .replicas = 1}).requests, 2);
}

TEST(Simulate, WhatWouldWaitTooLongGoesElsewhere) {
  const Trace t = synthetic_trace(2000, 40, 800, 100, 5);
  const Simulated all = simulate(t, {.times = simple(16), .replicas = 1}),
                  some = simulate(t, {.times = simple(16), .replicas = 1, .overflow_after = 1});
  EXPECT_EQ(all.overflowed, 0);
  EXPECT_GT(some.overflowed, 100);
  EXPECT_LT(some.ttft.p99, all.ttft.p99 / 4);
  EXPECT_EQ(some.output + some.overflow_output, all.output);
}

TEST(Simulate, TheSameToTheBit) {
  const Trace t = synthetic_trace(3000, 20, 800, 100, 7);
  const Simulated one = simulate(t, {.times = simple(16), .replicas = 3}), two = simulate(t, {.times = simple(16), .replicas = 3});
  EXPECT_EQ(one.digest, two.digest);
  // Lengths and times without a logarithm: the same on every machine.
  std::vector<Arrival> plain;
  for (std::int32_t i = 0; i < 1000; ++i) plain.push_back({i * 31'000'000LL, 100 + i * 37 % 900, 5 + i * 13 % 200});
  EXPECT_EQ(simulate(trace(std::move(plain)), {.times = simple(16), .replicas = 3}).digest, golden_digest);
}

TEST(Simulate, TheSmallestFleetMeetsTheTargetsAndOneLessDoesNot) {
  const Trace t = synthetic_trace(3000, 20, 800, 100, 7);
  const StepTimes times = simple(16);
  const int replicas = smallest_fleet(t, times, 0.5, 0.05, 64);
  ASSERT_GT(replicas, 1);
  EXPECT_LE(simulate(t, {.times = times, .replicas = replicas}).ttft.p99, 0.5);
  const Simulated less = simulate(t, {.times = times, .replicas = replicas - 1});
  EXPECT_TRUE(less.ttft.p99 > 0.5 || less.tpot.p95 > 0.05);
  EXPECT_EQ(smallest_fleet(t, times, 0.001, 0.05, 64), 0);
}

TEST(StepTimes, ComeFromThePredictor) {
  const auto gpus = *config::built_in_gpus();
  const auto shapes = *config::built_in_shapes();
  const auto points = *points_of(config::built_in_points(), gpus, shapes);
  const Predictor predictor(*config::built_in_fitted(), points.rows);
  const auto setup =
      *usual_setup(*catalog::shape_named(shapes, "llama-3.3-70b"), *catalog::gpu_named(gpus, "h100"), 2, Precision::fp8, Engine::vllm);
  const StepTimes t = step_times_of(setup, predictor, 1200);
  EXPECT_NEAR(t.step[1] * 1e-6, 16, 4);  // ms; 17.4 ms measured with 4 in flight and some context
  EXPECT_GT(t.step[64], t.step[1]);
  EXPECT_GT(t.per_context[8], 0);
  EXPECT_NEAR(t.prefill * 922e-6, 40, 25);  // ms of a prompt of 922 tokens
}

// Found with clang 19 and g++ 12, without optimisation and with all of it.
TEST(Simulate, EveryCompilerComesToTheSame) {
  StepTimes t{
      .step = {}, .per_context = {}, .prefill = 20'000, .prefill_square = 0.3, .latency = 3e7, .kv_tokens = 200'000, .sequences = 64};
  for (int i = 0; i <= 64; ++i) {
    t.step.push_back(8e6 + 1e5 * i);
    t.per_context.push_back(3.3);
  }
  const Simulated s = simulate(synthetic_trace(200'000, 20, 900, 200, 7), {.times = t, .replicas = 8, .overflow_after = 1.5});
  EXPECT_EQ(s.digest, 0xc10a37cb9ff97f5dU);
}

}  // namespace
}  // namespace ajar::plan
