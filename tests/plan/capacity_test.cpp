// tests/plan/capacity_test.cpp - memory, predictions, refusals, findings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "config/planner_facts.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/capacity/lint.hpp"

namespace ajar::plan {
namespace {

struct Known {
  std::vector<catalog::Gpu> gpus = *config::built_in_gpus();
  std::vector<catalog::Shape> shapes = *config::built_in_shapes();
  Points measured = *points_of(config::built_in_points(), gpus, shapes);
  Predictor predictor{*config::built_in_fitted(), measured.rows};
};

const Known& known() {
  static const Known all;
  return all;
}

Points points(std::string_view csv) {
  auto read = points_of(csv, known().gpus, known().shapes);
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : Points{};
}

constexpr std::string_view head =
    "id,model,precision,gpu,n_gpu,parallelism,engine,mode,isl,osl,concurrency,ttft_ms,tpot_ms,out_tps_per_gpu\n";

TEST(Capacity, EveryBuiltInPointIsReadAndPossible) {
  for (const Point& p : known().measured.rows) {
    EXPECT_EQ(p.reason, "") << p.id;
    EXPECT_EQ(impossible(p.setup), "") << p.id;
  }
  EXPECT_EQ(known().measured.rows.size(), 1936u);
  for (unsigned t = 0; t < targets; ++t)
    EXPECT_EQ(known().predictor.fitted().weights[t].size(),
              lessons(static_cast<Target>(t), known().measured.rows, known().predictor.fitted().constants).size());
}

TEST(Capacity, KnownPointsAreMetClosely) {
  std::vector<double> off;
  std::size_t within = 0;
  for (const Point& p : known().measured.rows) {
    if (!p.tpot || p.setup.mode != Mode::closed_loop) continue;
    const Prediction said = known().predictor.predict(p.setup, p.load);
    off.push_back(std::abs(said.tpot.p50 / *p.tpot - 1));
    within += *p.tpot >= said.tpot.p10 && *p.tpot <= said.tpot.p90 ? 1 : 0;
    EXPECT_LT(said.tpot.p10, said.tpot.p90);
  }
  std::ranges::sort(off);
  EXPECT_LT(percentile(off, 0.5), 0.02);
  EXPECT_LT(percentile(off, 0.9), 0.06);
  EXPECT_GT(static_cast<double>(within) / static_cast<double>(off.size()), 0.85);
}

TEST(Capacity, LlamaOnTwoH100AsInTheStudy) {
  // DeepSeek-class and Llama memory by hand: 0.92 x 160 GB - 5 GB, weights 68.45e9 x 1.01 + 2 x 1.05e9 x 2 bytes.
  const catalog::Shape* llama = catalog::shape_named(known().shapes, "llama-3.3-70b");
  const catalog::Gpu* h100 = catalog::gpu_named(known().gpus, "h100");
  const auto setup = usual_setup(*llama, *h100, 2, Precision::fp8, Engine::vllm);
  ASSERT_TRUE(setup);
  const Memory memory = memory_of(*setup);
  EXPECT_NEAR(memory.have / 1e9, 142.2, 0.1);
  EXPECT_NEAR(memory.weights / 1e9, 73.3, 0.2);
  EXPECT_EQ(memory.per_token, 163840);
  EXPECT_FALSE(smallest_setup(*llama, *catalog::gpu_named(known().gpus, "rtx-4090"), Precision::bf16, Engine::vllm, 1e9));
  EXPECT_EQ(smallest_setup(*llama, *h100, Precision::fp8, Engine::vllm, 4096)->gpus, 2);
}

TEST(Capacity, LatentKvStandsOnEveryTensorRank) {
  const catalog::Shape* deepseek = catalog::shape_named(known().shapes, "deepseek-v3");
  const catalog::Gpu* h200 = catalog::gpu_named(known().gpus, "h200");
  plan::Setup s = *usual_setup(*deepseek, *h200, 8, Precision::fp8, Engine::trtllm);
  EXPECT_EQ(memory_of(s).per_token, 35136.0 * 8);
  s.parallel = {.tensor = 1, .data = 8, .expert = 8, .pipeline = 1};
  EXPECT_EQ(memory_of(s).per_token, 35136.0);
  EXPECT_GT(memory_of(s).weights, memory_of(*usual_setup(*deepseek, *h200, 8, Precision::fp8, Engine::trtllm)).weights);
}

TEST(Capacity, MoreInFlightIsSlowerPerTokenAndFasterInAll) {
  const plan::Setup s = *usual_setup(*catalog::shape_named(known().shapes, "qwen3-32b"), *catalog::gpu_named(known().gpus, "h100"), 2,
                                     Precision::fp8, Engine::vllm);
  double tpot = 0, rate = 0;
  for (const double in_flight : {1.0, 8.0, 32.0, 128.0}) {
    const Prediction p = known().predictor.predict(s, {.input = 1024, .output = 512, .in_flight = in_flight});
    EXPECT_GT(p.tpot.p50, tpot * 0.98);
    EXPECT_GT(p.rate.p50, rate);
    tpot = p.tpot.p50, rate = p.rate.p50;
  }
}

TEST(Capacity, BandsAreWiderWhereLessIsKnown) {
  const auto width = [](Nearness n) {
    const Spread& s = known().predictor.fitted().spreads[static_cast<std::size_t>(Outcome::tpot)][static_cast<std::size_t>(n)];
    return s.high - s.low;
  };
  EXPECT_LT(width(Nearness::same_setup), width(Nearness::new_gpu));
  EXPECT_LT(width(Nearness::same_setup), width(Nearness::new_model));
}

TEST(Points, WhatCannotBeReadHasItsReason) {
  const Points p = points(std::string(head) +
                          "1,lama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,4,,,\n2,qwen3-32b,fp8,h1000,2,TP2,vllm,agg,1024,1024,4,,,\n"
                          "3,qwen3-32b,fp7,h100,2,TP2,vllm,agg,1024,1024,4,,,\n4,qwen3-32b,fp8,h100,2,2,vllm,agg,1024,1024,4,,,\n"
                          "5,qwen3-32b,fp8,h100,2,TP2,vllm,agg,-5,1024,4,,,\n6,qwen3-32b,fp8,h100,2,TP2,vllm,often,1024,1024,4,,,\n"
                          "7,qwen3-32b,fp8,h100,0.5,TP2,vllm,agg,1024,1024,4,,,\n8,qwen3-32b,fp8,h100,2,TP2,vllm,agg,1024,0,4,,,\n"
                          "9,qwen3-32b,fp8,h100,2,TP2,vllm,agg,1024,1024,9e9,,,\n");
  const std::vector<std::string_view> said{"llama-3.3-70b",     "did you mean",   "bf16, fp8",     "TPn",      "input length",
                                           "offline-saturated", "number of GPUs", "output length", "in flight"};
  ASSERT_EQ(p.rows.size(), said.size());
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_NE(p.rows[i].reason.find(said[i]), std::string::npos) << p.rows[i].reason;
  EXPECT_FALSE(points_of("model,isl,osl\n", known().gpus, known().shapes));
  EXPECT_FALSE(points_of("model,gpu,isl\n", known().gpus, known().shapes));
}

TEST(Points, UnknownModelsAreTakenByTheirSize) {
  const Points p = points("model,params_total_b,params_active_b,gpu,n_gpu,isl,osl,concurrency\nnew-one,30,3,h200,1,1024,1024,8\n");
  ASSERT_EQ(p.rows.front().reason, "");
  const Prediction said = known().predictor.predict(p.rows.front().setup, p.rows.front().load);
  EXPECT_EQ(said.refused, "");
  EXPECT_EQ(said.nearness, Nearness::new_model);
  EXPECT_GT(said.rate.p50, 50);
}

TEST(Points, PoolsAndNodesAreTakenApart) {
  const auto pools = pools_of("P:1x(TP1 DP4 EP4) D:5x(TP8 DP1 EP8)");
  ASSERT_TRUE(pools);
  EXPECT_EQ(pools->engines, 5);
  EXPECT_EQ(pools->decode, (Parallelism{.tensor = 8, .data = 1, .expert = 8, .pipeline = 1}));
  EXPECT_FALSE(pools_of("TP8"));
  EXPECT_FALSE(pools_of("D:5x(what)"));
}

TEST(Predictor, TheImpossibleIsRefusedWithNumbers) {
  const Points p = points(std::string(head) +
                          "1,kimi-k2.6,bf16,h100,1,TP1,vllm,agg,1024,1024,4,,,\n2,qwen3-32b,fp8,h100,2,TP4,vllm,agg,1024,1024,4,,,\n");
  EXPECT_NE(known().predictor.predict(p.rows[0].setup, p.rows[0].load).refused.find("have 80 GB"), std::string::npos);
  EXPECT_NE(known().predictor.predict(p.rows[1].setup, p.rows[1].load).refused.find("4 GPUs, not 2"), std::string::npos);
}

std::vector<std::string_view> rules_of(std::string_view rows) {
  std::vector<std::string_view> rules;
  for (const Finding& f : lint(points(std::string(head) + std::string(rows)).rows, known().predictor)) rules.push_back(name_of(f.rule));
  return rules;
}
using Rules = std::vector<std::string_view>;

TEST(Lint, PlantedErrorsAreFound) {
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20,\n"), Rules{});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP4,vllm,agg,1024,1024,16,250,20,\n"), Rules{"parallelism"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,64,TP64,vllm,agg,1024,1024,16,250,20,\n"), Rules{"multi_node"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,3,TP3,vllm,agg,1024,1024,16,250,20,\n"), Rules{"parallelism"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,8,TP8 EP8,vllm,agg,1024,1024,16,250,20,\n"), Rules{"parallelism"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,bf16,h100,1,TP1,vllm,agg,1024,1024,16,250,20,\n"), Rules{"memory"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,8,\n"), Rules{"bandwidth"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,offline-saturated,1024,1024,,,,90000\n"), Rules{"compute"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20,40\n"), Rules{"little"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20000,\n"), Rules{"unit"});
  EXPECT_EQ(rules_of("1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,45,\n"), Rules{"unlike"});
  EXPECT_EQ(rules_of("1,deepseek-v3,fp8,h200,8,TP8,sglang,agg,1024,1024,16,290,9.0,\n"), Rules{"speculation"});
  EXPECT_EQ(
      rules_of(
          "1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20,\n2,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20,\n"),
      Rules{"duplicate"});
  EXPECT_EQ(rules_of("1,none-such,fp8,h100,2,TP2,vllm,agg,1024,1024,16,250,20,\n"), Rules{"unreadable"});
  const Rules falling = rules_of(
      "1,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,64,450,29,\n2,llama-3.3-70b,fp8,h100,2,TP2,vllm,agg,1024,1024,128,900,17.5,\n");
  EXPECT_TRUE(std::ranges::find(falling, "falling") != falling.end());
}

TEST(Lint, CleanPointsRaiseNoAlarm) {
  EXPECT_LT(lint(known().measured.rows, known().predictor).size(), known().measured.rows.size() / 100);
}

TEST(Commands, NameWhatTheSetupIs) {
  const plan::Setup s = *usual_setup(*catalog::shape_named(known().shapes, "llama-3.3-70b"), *catalog::gpu_named(known().gpus, "h100"), 16,
                                     Precision::fp8, Engine::vllm);
  EXPECT_EQ(s.parallel, (Parallelism{.tensor = 8, .data = 1, .expert = 1, .pipeline = 2}));
  const std::vector<std::string> commands = start_commands(s, 8192, 64);
  EXPECT_NE(commands[0].find("--tensor-parallel-size 8 --max-model-len 8192 --max-num-seqs 64 --pipeline-parallel-size 2"),
            std::string::npos)
      << commands[0];
}

}  // namespace
}  // namespace ajar::plan
