// tests/plan/shape_test.cpp - parameters and KV sizes of known models, from their dimensions.
#include "catalog/shape.hpp"

#include <gtest/gtest.h>

#include "config/planner_facts.hpp"

namespace ajar::catalog {
namespace {

struct Known {
  std::string_view name;
  double total, active;  // billions; total as published or computed from the checkpoint's configuration, active with the output head
  double kv;             // elements per token
};

// Published totals; KV elements by hand from config.json.
constexpr Known known[] = {
    {"DeepSeek-R1/V3", 671.0, 36.6, 35136},    {"Kimi-K2.5", 1026.4, 31.7, 35136},      {"GLM-5", 743.2, 40.1, 44928},
    {"MiniMax-M2.5", 228.7, 10.4, 126976},     {"gpt-oss-120b", 116.8, 5.1, 36864},     {"gpt-oss-20b", 20.9, 3.6, 24576},
    {"Llama-3.x-70B", 70.6, 69.5, 163840},     {"Llama-3.1-8B", 8.03, 7.5, 65536},      {"Llama-3.1-405B", 405.8, 403.7, 258048},
    {"Qwen3-32B", 32.8, 32.0, 131072},         {"Qwen3-235B-A22B", 235.1, 21.6, 96256}, {"Qwen3-30B-A3B", 30.5, 3.0, 49152},
    {"Qwen3.5-397B-A17B", 395.8, 15.8, 15360}, {"Llama-4-Scout", 107.8, 16.1, 98304},   {"Llama-4-Maverick", 400.7, 16.1, 98304},
    {"Llama-2-70B", 69.0, 68.7, 163840},       {"Llama-2-7B", 6.74, 6.6, 262144},       {"Mixtral-8x7B", 46.7, 12.7, 65536},
    {"DeepSeek-V4-Pro", 1571, 47, 4924},       {"DeepSeek-V4-Flash", 284, 13, 3440},
};

TEST(Shapes, ParametersWithinHalfAPercentAndKvExact) {
  const auto shapes = config::built_in_shapes();
  ASSERT_TRUE(shapes) << shapes.error().message;
  for (const Known& k : known) {
    const Shape* shape = shape_named(*shapes, k.name);
    ASSERT_NE(shape, nullptr) << k.name;
    EXPECT_NEAR(shape->total() / 1e9 / k.total, 1, 0.005) << k.name;
    EXPECT_NEAR(shape->active() / 1e9 / k.active, 1, 0.05) << k.name;
    EXPECT_EQ(shape->kv_elements(), k.kv) << k.name;
  }
}

TEST(Shapes, WindowsStoreLessOfLongSequencesAndReadLess) {
  const auto shapes = config::built_in_shapes();
  ASSERT_TRUE(shapes);
  const Shape* oss = shape_named(*shapes, "gpt-oss-120b");
  EXPECT_EQ(oss->kv_stored(100), 36864.0 * 100);
  EXPECT_EQ(oss->kv_stored(10'000), 36864.0 * (0.5 * 10'000 + 0.5 * 128));
  const Shape* glm = shape_named(*shapes, "glm-5.2");
  EXPECT_EQ(glm->kv_stored(10'000), 44928.0 * 10'000);
  EXPECT_EQ(glm->kv_read(10'000), 44928.0 * 2048);
}

TEST(Shapes, OfASizeAloneHasThatSize) {
  const Shape made = shape_of_size("new-30b", 30e9, 30e9);
  EXPECT_EQ(made.total(), 30e9);
  EXPECT_EQ(made.experts, 0);
  EXPECT_GT(made.kv_elements(), 10'000);
  const Shape mixture = shape_of_size("new-120b-a5b", 120e9, 5e9);
  EXPECT_GT(mixture.experts, 64);
  EXPECT_EQ(mixture.active(), 5e9);
}

TEST(Gpus, AreFoundByAnyOfTheirNames) {
  const auto gpus = config::built_in_gpus();
  ASSERT_TRUE(gpus) << gpus.error().message;
  for (const std::string_view name :
       {"H100", "h100-sxm", "H100 SXM", "H200-SXM", "B200", "RTX PRO 6000 Server", "MI300X", "GB300", "L40S", "a100"})
    EXPECT_NE(gpu_named(*gpus, name), nullptr) << name;
  EXPECT_EQ(gpu_named(*gpus, "TPU"), nullptr);
  EXPECT_EQ(gpu_named(*gpus, "h100")->memory, 80e9);
}

TEST(PlannerFacts, ABadRowIsNamed) {
  const auto shapes =
      config::shapes_of("[[shape]]\nid = \"x\"\nlayers = 3\nsource = \"s\"\ndate = \"2026-01-01\"\nparty = \"vendor\"\nspeed = 3\n");
  ASSERT_FALSE(shapes);
  EXPECT_NE(shapes.error().message.find("data/shapes.toml:1"), std::string::npos) << shapes.error().message;
  const auto gpus = config::gpus_of("[[gpu]]\nid = \"x\"\nname = \"X\"\nmemory = \"much\"\n");
  ASSERT_FALSE(gpus);
  EXPECT_NE(gpus.error().message.find("data/gpus.toml:4"), std::string::npos) << gpus.error().message;
}

}  // namespace
}  // namespace ajar::catalog
