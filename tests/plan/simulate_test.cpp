// tests/plan/simulate_test.cpp - traces, and replicas under them.
#include "plan/simulate/simulate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "config/planner_facts.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/simulate/base_load.hpp"

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

TEST(Trace, SharedBeginningsAreRead) {
  const std::string head = "t_s,input_tokens,output_tokens,prefix_block_ids\n";
  const auto read = trace_of(head + "0,1100,5,0-2\n1,1600,5,0;7-9\n2,100,5,\n");
  ASSERT_TRUE(read) << read.error().message;
  const auto blocks = read->blocks_of(1);
  // Three whole blocks of 512 tokens are in 1,600; the fourth is not whole.
  EXPECT_EQ(std::vector(blocks.begin(), blocks.end()), (std::vector<std::uint32_t>{0, 7, 8}));
  EXPECT_EQ(read->blocks_of(0).size(), 2u);
  EXPECT_TRUE(read->blocks_of(2).empty());
  for (const std::string_view bad : {"x", "3-1", "1;", "1;;2", "0-999999999", "1-"})
    EXPECT_FALSE(trace_of(head + "0,1100,5," + std::string(bad) + "\n")) << bad;
}

TEST(Trace, AProvidersCacheReadsWhatCameBeforeUntilItForgets) {
  const std::string head = "t_s,input_tokens,output_tokens,prefix_block_ids\n";
  const auto t = trace_of(head + "0,2048,5,0-3\n10,2048,5,0-2;9\n1000,2048,5,0-3\n1001,512,5,0\n");
  ASSERT_TRUE(t);
  // 3 of 4 blocks are read after 10 s; after 1,000 s all is forgotten; a prompt of one block is below 1,024 tokens.
  const PrefixShares five_minutes = prefix_shares(*t, 300), an_hour = prefix_shares(*t, 3600);
  EXPECT_NEAR(five_minutes.read, 3 * 512.0 / (3 * 2048 + 512), 1e-9);
  EXPECT_NEAR(five_minutes.written, (4 + 1 + 4) * 512.0 / (3 * 2048 + 512), 1e-9);
  EXPECT_NEAR(an_hour.read, 7 * 512.0 / (3 * 2048 + 512), 1e-9);
  EXPECT_EQ(prefix_shares(synthetic_trace(10, 1, 5000, 5, 1), 300).read, 0);
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

Trace shared_prompts(int conversations, int turns) {
  std::string csv = "t_s,input_tokens,output_tokens,prefix_block_ids\n";
  for (int turn = 0; turn < turns; ++turn)
    for (int c = 0; c < conversations; ++c) {
      const int blocks = 4 + 2 * turn;
      csv += std::to_string(turn * 20 + c) + "," + std::to_string(blocks * Trace::block_tokens) + ",20," + std::to_string(100 * c) + "-" +
             std::to_string(100 * c + blocks - 1) + "\n";
    }
  return *trace_of(csv);
}

TEST(Simulate, WhatIsInMemoryIsNotComputedAgain) {
  const Trace t = shared_prompts(5, 4);
  Trace plain = t;
  plain.blocks.clear(), plain.block_ends.clear();
  const Fleet fleet{.times = simple(16, 1'000'000), .replicas = 1};
  const Simulated with = simulate(t, fleet), without = simulate(plain, fleet);
  // Of turns with 4, 6, 8 and 10 blocks all but the two new ones are there; of the input, 4 + 6 + 8 of 28.
  EXPECT_EQ(with.cached_input, 5 * (4 + 6 + 8) * Trace::block_tokens);
  EXPECT_EQ(without.cached_input, 0);
  EXPECT_LT(with.ttft.p50, 0.6 * without.ttft.p50);
  // With room for one conversation only, the others have pushed it out when its next turn comes.
  EXPECT_EQ(simulate(t, {.times = simple(16, 5500), .replicas = 1}).cached_input, 0);
}

TEST(Simulate, SharedBlocksAreKeptOnceWhileInUse) {
  // Ten at once with the same 4,000 tokens: apart they do not fit into 9,000 tokens of memory, together they do.
  std::string csv = "t_s,input_tokens,output_tokens,prefix_block_ids\n";
  for (int i = 0; i < 10; ++i) csv += "0,4096,100,0-7\n";
  const Trace t = *trace_of(csv);
  Trace plain = t;
  plain.blocks.clear(), plain.block_ends.clear();
  const Fleet fleet{.times = simple(16, 9000), .replicas = 1};
  EXPECT_LT(simulate(t, fleet).seconds, simulate(plain, fleet).seconds / 4);
  EXPECT_LE(simulate(t, fleet).kv_peak, 1);
}

TEST(Simulate, BalancingByPrefixFindsMoreThanTakingTurns) {
  const Trace t = shared_prompts(7, 8);
  const auto found = [&t](Balance balance) {
    return simulate(t, {.times = simple(16, 1'000'000), .replicas = 3, .balance = balance}).cached_input;
  };
  EXPECT_GT(found(Balance::prefix), found(Balance::turns));
  EXPECT_GT(found(Balance::prefix), found(Balance::two));
  for (const Balance b : {Balance::least, Balance::prefix, Balance::turns, Balance::two}) {
    const Simulated s = simulate(t, {.times = simple(16), .replicas = 3, .balance = b});
    EXPECT_GT(s.ttft.p50, 0) << name_of(b);
    EXPECT_EQ(balance_named(name_of(b)), b);
  }
  EXPECT_FALSE(balance_named("best"));
}

TEST(Simulate, FailuresSendAgainWhatHasNotBegunAndCutTheRest) {
  const Trace t = synthetic_trace(4000, 10, 800, 100, 5);
  const Fleet fleet{.times = simple(16), .replicas = 3, .reload = 20, .fails_every = 60, .seed = 3};
  const Simulated s = simulate(t, fleet), none = simulate(t, {.times = simple(16), .replicas = 3});
  EXPECT_EQ(none.failures + none.cut + none.again, 0);
  EXPECT_GT(s.failures, 5);
  EXPECT_EQ(s.starts, s.failures);
  EXPECT_GT(s.again, 0);
  EXPECT_GT(s.cut, 0);
  EXPECT_LT(s.cut, 400);
  EXPECT_GT(s.ttft.p99, none.ttft.p99);
  EXPECT_EQ(simulate(t, fleet).digest, s.digest);
  Fleet other = fleet;
  other.seed = 4;
  EXPECT_NE(simulate(t, other).digest, s.digest);
  // A failure longer than all the work loses nothing but time.
  EXPECT_EQ(simulate(t, {.times = simple(16), .replicas = 3, .reload = 20, .fails_every = 1e9}).digest, none.digest);
}

TEST(Simulate, OneReplicaThatFailsMakesItsRequestsWaitForTheNext) {
  // It fails at about 100 s on average; whatever waits is answered in the end, or cut when its answer had begun.
  const Trace t = synthetic_trace(500, 2, 400, 20, 5);
  const Simulated s = simulate(t, {.times = simple(16), .replicas = 1, .reload = 60, .fails_every = 100});
  EXPECT_GT(s.failures, 0);
  EXPECT_GT(s.most_waiting, 20);
  EXPECT_GT(s.ttft.p99, 30);
  const Simulated away = simulate(t, {.times = simple(16), .replicas = 1, .overflow_after = 5, .reload = 60, .fails_every = 100});
  EXPECT_GT(away.overflowed, 20);
  EXPECT_LT(away.ttft.p99, 10);
}

TEST(Simulate, ReplicasComeAndGoWithTheLoad) {
  // Half an hour of little, half an hour of much, half an hour of little.
  Trace t;
  std::int64_t at = 0;
  for (int part = 0; part < 3; ++part)
    for (const std::int64_t end = (part + 1) * 1'800'000'000'000; at < end; at += part == 1 ? 100'000'000 : 5'000'000'000)
      t.arrivals.push_back({at, 800, 100});
  const Fleet fixed{.times = simple(16), .replicas = 4};
  Fleet scaled = fixed;
  scaled.reload = 30;
  scaled.scaling = Scaling{.least = 1, .most = 4, .in_flight = 4, .cooldown = 120};
  const Simulated all = simulate(t, fixed), some = simulate(t, scaled);
  EXPECT_GT(some.most_replicas, 1);
  EXPECT_LE(some.most_replicas, 4);
  EXPECT_GT(some.starts, 0);
  EXPECT_LT(some.replica_seconds, 0.75 * all.replica_seconds);
  EXPECT_GE(some.replica_seconds, some.seconds - 1);
  EXPECT_GT(some.ttft.p99, all.ttft.p99);
  EXPECT_EQ(some.output, all.output);
  EXPECT_EQ(simulate(t, scaled).digest, some.digest);
}

TEST(Simulate, TheLastOneGoesTooAndTheNextRequestStartsOne) {
  Trace t;
  for (const std::int64_t at : {0LL, 1'000'000'000LL, 7'200'000'000'000LL}) t.arrivals.push_back({at, 800, 100});
  Fleet fleet{.times = simple(16), .reload = 40};
  fleet.scaling = Scaling{.least = 0, .most = 2, .in_flight = 8, .cooldown = 60};
  const Simulated s = simulate(t, fleet);
  EXPECT_EQ(s.starts, 2);
  EXPECT_NEAR(s.ttft.p50, 40, 2);
  EXPECT_LT(s.replica_seconds, 400);  // of two hours
  fleet.overflow_after = 1;
  const Simulated away = simulate(t, fleet);
  EXPECT_EQ(away.overflowed, 3);  // each finds none, and starts one for those behind it
  EXPECT_EQ(away.starts, 2);
}

TEST(BaseLoad, TheCheapestLiesBetweenNothingAndEverything) {
  // A quiet trace with a burst: one replica for the rest is worth its rent, ten for the burst are not.
  Trace t;
  std::int64_t at = 0;
  for (int i = 0; i < 4000; ++i) {
    const bool burst = i > 1000 && i < 2000;
    t.arrivals.push_back({at, 800, 100});
    at += burst ? 10'000'000 : 400'000'000;
  }
  const auto api = [](double input, double output) { return (input + 5 * output) * 1e-5; };
  const auto all = base_loads(t, {.times = simple(16), .overflow_after = 1}, 10, api, 256);
  ASSERT_GT(all.size(), 3u);
  EXPECT_EQ(all.front().replicas, 0);
  EXPECT_EQ(all.front().own, 0);
  EXPECT_NEAR(all.front().api, 4000 * (800 + 500) * 1e-5, 1e-6);
  EXPECT_EQ(all.back().simulated.overflowed, 0);
  const std::size_t best = cheapest(all);
  EXPECT_GT(best, 0u);
  EXPECT_LT(best + 1, all.size());
  for (const BaseLoad& b : all) EXPECT_GE(b.dollars(), all[best].dollars());
  // An API that costs nothing takes everything; one that costs a fortune nothing.
  EXPECT_EQ(cheapest(base_loads(t, {.times = simple(16), .overflow_after = 1}, 10, [](double, double) { return 0.0; }, 256)), 0u);
  const auto dear = base_loads(t, {.times = simple(16), .overflow_after = 1}, 10, [](double in, double) { return in; }, 256);
  EXPECT_EQ(cheapest(dear), dear.size() - 1);
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
  const int replicas = smallest_fleet(t, {.times = times}, 0.5, 0.05, 64);
  ASSERT_GT(replicas, 1);
  EXPECT_LE(simulate(t, {.times = times, .replicas = replicas}).ttft.p99, 0.5);
  const Simulated less = simulate(t, {.times = times, .replicas = replicas - 1});
  EXPECT_TRUE(less.ttft.p99 > 0.5 || less.tpot.p95 > 0.05);
  EXPECT_EQ(smallest_fleet(t, {.times = times}, 0.001, 0.05, 64), 0);
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
