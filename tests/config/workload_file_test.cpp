// tests/config/workload_file_test.cpp - workload files: what is written is read again; every fault has its place.
#include "config/workload_file.hpp"

#include <gtest/gtest.h>

#include "config/planner_facts.hpp"

namespace ajar::config {
namespace {

const std::vector<catalog::Gpu> gpus = *built_in_gpus();
const plan::Words words{
    .tasks = {"chat", "coding"}, .providers = {"anthropic", "google", "openai"}, .regions = {"eu", "us"}, .gpus = &gpus};

std::vector<Problem> read(std::string_view text, plan::Workload& w) { return read_workload(text, "w.toml", words, w); }

TEST(WorkloadFile, WhatIsWrittenIsReadAgain) {
  plan::Workload w;
  w.tokens = 123'456'789;
  w.mix = {{"coding", 0.25}, {"chat", 0.75}};
  w.sensitive = 0.125;
  w.contract = true;
  w.contracts = {"google", "openai"};
  w.quality = catalog::Level::unknown;
  w.team = plan::Team::strong;
  w.gpus = plan::Tenure::owned;
  w.portable = w.own_weights = true;
  w.input_share = 0.8;
  w.request_input = 777;
  w.hidden = 0.3;
  w.peak = 3.25;
  w.ttft = 1.5;
  w.tpot = 0.025;
  w.spare = false;
  w.region = "eu";
  w.written = 0.03;
  w.gpu_prices = {{"h100", 28'000}, {"l40s", 9'000.5}};
  w.gpu_years = 5;
  w.interest = 0.06;
  w.power_price = 0.21;
  w.space_price = 99;
  w.horizon = 36;
  w.api_trend = -0.2;
  w.rent_trend = 0.1;
  plan::Workload again;
  const auto problems = read(workload_toml(w), again);
  ASSERT_TRUE(problems.empty()) << problems.front().message;
  EXPECT_EQ(workload_toml(again), workload_toml(w));
  EXPECT_DOUBLE_EQ(again.tpot, w.tpot);
  EXPECT_EQ(again.mix.size(), 2U);
  EXPECT_EQ(again.quality, catalog::Level::unknown);
  EXPECT_FALSE(again.spare);
  EXPECT_TRUE(again.portable && again.own_weights);
  EXPECT_EQ(again.gpus, plan::Tenure::owned);
  EXPECT_EQ(again.gpu_prices.size(), 2U);
  EXPECT_EQ(again.api_trend, -0.2);
  const plan::Workload plain;
  plan::Workload plain_again;
  ASSERT_TRUE(read(workload_toml(plain), plain_again).empty());
  EXPECT_FALSE(plain_again.written || plain_again.api_trend);
}

TEST(WorkloadFile, EveryKeyCanBeSaidBesideAFile) {
  for (const WorkloadKey& key : workload_keys()) {
    plan::Workload w;
    std::string text = key.usual;
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    if (text.starts_with('{') || text.empty()) continue;
    EXPECT_TRUE(set_workload(key.name, text, words, w)) << key.name << " " << text;
    EXPECT_EQ(workload_toml(w), workload_toml({})) << key.name;
    if (key.name != "contracts" && key.name != "mix") EXPECT_FALSE(set_workload(key.name, "none of these", words, w)) << key.name;
  }
}

TEST(WorkloadFile, WhatItDoesNotSayStays) {
  plan::Workload w;
  w.peak = 7;
  ASSERT_TRUE(read("tokens = \"2M/day\"\nmix = \"coding=0.5,chat=0.5\"\nsensitive = \"10%\"\n", w).empty());
  EXPECT_DOUBLE_EQ(w.tokens, 2e6 * 30.4);
  EXPECT_DOUBLE_EQ(w.sensitive, 0.1);
  EXPECT_DOUBLE_EQ(w.peak, 7);
}

TEST(WorkloadFile, EveryFaultIsToldWithItsPlace) {
  plan::Workload w;
  const auto problems = read(
      "tokns = 5\nsensitive = 1.5\nspare = 1\nmix = { chat = 0.5 }\npeak = \"x\"\nteam = \"huge\"\nquality = \"best\"\ngpus = \"stolen\"\n",
      w);
  ASSERT_EQ(problems.size(), 8U);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    EXPECT_EQ(problems[i].line, static_cast<int>(i) + 1);
    EXPECT_FALSE(problems[i].remedy.empty());
  }
  EXPECT_EQ(problems[0].remedy, "did you mean \"tokens\"?");
  EXPECT_EQ(problems[1].column, 13);
  EXPECT_EQ(read("tokens = 5000\npeak = 0.1\n", w).size(), 1U);  // nothing wrong with either alone
  EXPECT_EQ(read("tokens = \n", w).size(), 1U);
  EXPECT_EQ(read("tokens = [1]\n", w).size(), 1U);
}

}  // namespace
}  // namespace ajar::config
