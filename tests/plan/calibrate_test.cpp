// tests/plan/calibrate_test.cpp - one's own engine: answers gathered into points, and predictions that follow them.
#include <gtest/gtest.h>

#include <cmath>

#include "config/planner_facts.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/capacity/served.hpp"

namespace ajar::plan {
namespace {

constexpr std::int64_t second = 1'000'000'000;

TEST(Served, LoadIsWhatWasInFlightMeanwhile) {
  // Two at once for all of their time, five times; then one alone, five times.
  std::vector<Served> all;
  for (int i = 0; i < 5; ++i)
    for (int twice = 0; twice < 2; ++twice)
      all.push_back(
          {.began = i * 10 * second, .ended = (i * 10 + 5) * second, .first = (i * 10 + 1) * second, .input = 1000, .output = 101});
  for (int i = 5; i < 10; ++i)
    all.push_back(
        {.began = i * 10 * second, .ended = (i * 10 + 3) * second, .first = i * 10 * second + second / 2, .input = 1000, .output = 101});
  const std::vector<Gathered> points = gathered(all, 5);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].answers, 5U);
  EXPECT_DOUBLE_EQ(points[0].in_flight, 1);
  EXPECT_DOUBLE_EQ(points[0].ttft, 0.5);
  EXPECT_NEAR(points[0].tpot, 0.025, 1e-12);
  EXPECT_EQ(points[1].answers, 10U);
  EXPECT_DOUBLE_EQ(points[1].in_flight, 2);
  EXPECT_NEAR(points[1].tpot, 0.04, 1e-12);
  EXPECT_EQ(gathered(all, 6).size(), 1U);
  EXPECT_TRUE(gathered({}, 1).empty());
}

TEST(Served, AnswersWithoutTimesOnlyAddToTheLoad) {
  std::vector<Served> all{{.began = 0, .ended = 4 * second, .first = second, .input = 10, .output = 11}};
  for (int i = 0; i < 3; ++i) all.push_back({.began = 0, .ended = 4 * second});
  const std::vector<Gathered> points = gathered(all, 1);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_DOUBLE_EQ(points[0].in_flight, 4);
  EXPECT_EQ(points[0].answers, 1U);
}

TEST(Calibrate, PredictionsFollowOnesOwnEngineAndLeaveOthersAlone) {
  const std::vector<catalog::Gpu> gpus = *config::built_in_gpus();
  const std::vector<catalog::Shape> shapes = *config::built_in_shapes();
  const Points measured = *points_of(config::built_in_points(), gpus, shapes);
  Predictor predictor(*config::built_in_fitted(), measured.rows);
  const auto setup = [&](std::string_view model, std::string_view gpu, int count) {
    return *usual_setup(*catalog::shape_named(shapes, model), *catalog::gpu_named(gpus, gpu), count, Precision::fp8, Engine::vllm);
  };
  const Load load{.input = 1000, .output = 500, .in_flight = 16};
  const plan::Setup mine = setup("qwen3.6-27b", "h100", 1), larger = setup("qwen3.6-27b", "h100", 2),
                    other = setup("qwen3.6-27b", "h200", 1);
  const Prediction before = predictor.predict(mine, load), larger_before = predictor.predict(larger, load),
                   other_before = predictor.predict(other, load);
  ASSERT_EQ(before.refused, "");

  // An engine that takes 1.4 times as long, at four loads, a little scattered.
  std::vector<Point> own;
  for (const auto& [in_flight, scatter] : {std::pair(4.0, 1.02), std::pair(8.0, 0.98), std::pair(16.0, 1.03), std::pair(32.0, 0.97)}) {
    const Load at{.input = 1000, .output = 500, .in_flight = in_flight};
    const Estimate e = predictor.central(mine, at);
    own.push_back({.id = {},
                   .series = {},
                   .setup = mine,
                   .load = at,
                   .ttft = e.ttft * 2 * scatter,
                   .tpot = e.tpot * 1.4 * scatter,
                   .rate = {},
                   .reason = {}});
  }
  own.push_back(own.back());
  own.back().reason = "a row that says nothing";
  own.back().tpot = 1e6;
  predictor.learn(own);

  const Prediction after = predictor.predict(mine, load);
  EXPECT_NEAR(after.tpot.p50 / before.tpot.p50, 1.4, 0.04);
  EXPECT_NEAR(after.ttft.p50 / before.ttft.p50, 2, 0.1);
  EXPECT_LT(after.rate.p50, before.rate.p50);
  EXPECT_EQ(after.nearness, Nearness::same_setup);
  EXPECT_LT(after.tpot.p90 / after.tpot.p10, before.tpot.p90 / before.tpot.p10);
  // The same engine with more GPUs is moved by as much, but not surer; another GPU is not moved at all.
  EXPECT_NEAR(predictor.predict(larger, load).tpot.p50 / larger_before.tpot.p50, 1.4, 0.04);
  EXPECT_EQ(predictor.nearness(larger), Nearness::same_pair);
  EXPECT_DOUBLE_EQ(predictor.predict(other, load).tpot.p50, other_before.tpot.p50);
}

}  // namespace
}  // namespace ajar::plan
