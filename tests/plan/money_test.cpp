// tests/plan/money_test.cpp - what APIs and own engines cost.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plan/decision/cost.hpp"
#include "plan/market.hpp"

namespace ajar::plan {
namespace {

const Api& api_named(const std::vector<Api>& apis, std::string_view provider, std::string_view model) {
  const auto found = std::ranges::find_if(apis, [&](const Api& a) { return a.provider == provider && a.model == model; });
  EXPECT_NE(found, apis.end()) << provider << "/" << model;
  return *found;
}

TEST(Money, AnApiIsBilledAsByHand) {
  // GPT-5.5 at 5 and 30 dollars a million, 0.50 cached: 60 M tokens, 3 in : 1 out, a fifth of the input cached.
  const Workload w = workload(60e6);
  const std::vector<Api> apis = apis_of(facts().catalog, w);
  const auto gpt = std::ranges::find_if(apis, [](const Api& a) { return a.provider == "openai" && a.model == "gpt-5.5"; });
  ASSERT_NE(gpt, apis.end());
  EXPECT_NEAR(gpt->month(w, 60e6, 0.2), 45 * 0.8 * 5 + 45 * 0.2 * 0.5 + 15 * 30, 1e-6);
  Workload half = w;
  half.batch = 0.5;
  EXPECT_NEAR(gpt->month(half, 60e6, 0.2), 0.75 * gpt->month(w, 60e6, 0.2), 1e-6);
  Workload thinking = w;
  thinking.hidden = 0.5;  // twice the output
  EXPECT_NEAR(gpt->month(thinking, 60e6, 0), 45 * 5 + 30 * 30, 1e-6);
}

TEST(Money, WritingToACacheCostsAndIsLeftWhereItDoesNotPay) {
  // Claude Opus 4.8: 5.00 in, 25.00 out, cached 0.50, written 6.25 a million.
  Workload w = workload(100e6);
  w.written = 0.1;
  const std::vector<Api> apis = apis_of(facts().catalog, w);
  const Api& opus = api_named(apis, "anthropic", "claude-opus-4-8");
  EXPECT_NEAR(opus.written * 1e6, 6.25, 1e-9);
  const double fresh = 75 * 5 + 25 * 25;
  EXPECT_NEAR(opus.month(w, 100e6, 0.4), 75 * (0.5 * 5 + 0.4 * 0.5 + 0.1 * 6.25) + 25 * 25, 1e-6);
  w.written.reset();  // a quarter of what is read
  EXPECT_NEAR(opus.month(w, 100e6, 0.4), 75 * (0.5 * 5 + 0.4 * 0.5 + 0.1 * 6.25) + 25 * 25, 1e-6);
  w.written = 0.9;  // much written, little read: better without
  EXPECT_NEAR(opus.month(w, 100e6, 0.1), fresh, 1e-6);
}

TEST(Money, AModelThatCountsMoreTokensCostsMore) {
  // Haiku 5.5 counts 30 % more: 0.10 and 0.50 a million become 0.13 and 0.65.
  const Workload w = workload(100e6);
  const std::vector<Api> apis = apis_of(facts().catalog, w);
  EXPECT_NEAR(api_named(apis, "anthropic", "claude-haiku-5-5").month(w, 100e6, 0), 1.3 * (75 * 0.1 + 25 * 0.5), 1e-6);
}

TEST(Money, ARegionHasItsOwnPricesOrIsLacking) {
  Workload w = workload(100e6);
  const double anywhere = api_named(apis_of(facts().catalog, w), "openai", "gpt-5.5").input;
  w.region = "eu";
  const std::vector<Api> apis = apis_of(facts().catalog, w);
  EXPECT_NEAR(api_named(apis, "openai", "gpt-5.5").input, 1.1 * anywhere, 1e-12);
  const Plan p = decide(w, facts().market, draws);
  for (const Option& o : p.options)
    if (o.api && !o.own && o.lacks.empty()) EXPECT_TRUE(o.api->in_region) << o.name;
  EXPECT_TRUE(std::ranges::any_of(p.options, [](const Option& o) {
    return std::ranges::any_of(o.lacks, [](const std::string& lack) { return lack.ends_with("has no prices for the region eu"); });
  }));
}

TEST(Money, ABoughtGpuIsAnAnnuityWithPowerAndSpace) {
  Workload w = workload(100e6);
  w.gpu_prices = {{"h200", 40'000}};
  w.gpu_years = 4, w.interest = 0, w.power_price = 0.2, w.space_price = 100;
  const catalog::Gpu& h200 = *catalog::gpu_named(facts().gpus, "h200");
  ASSERT_NEAR(h200.allin_power, 1730, 1);
  EXPECT_NEAR(rent_of(h200, w)->middle, (40'000 / 48.0 + 1.73 * 100) / 730 + 1.73 * 0.2, 1e-9);
  // At 8 % a year the month's payment is by the formula of an annuity; a spreadsheet's PMT(0.08/12, 48, -40000) is 976.52.
  w.interest = 0.08;
  EXPECT_NEAR((rent_of(h200, w)->middle - 1.73 * 0.2) * 730 - 173, 976.52, 0.01);
  EXPECT_FALSE(rent_of(*catalog::gpu_named(facts().gpus, "h100"), w));
  for (const Option& o : decide(w, facts().market, draws).options)
    if (o.own) EXPECT_EQ(o.own->setup.gpu->id, "h200");
}

TEST(Money, APathOfPricesIsItsMean) {
  EXPECT_EQ(mean_of_path(0, 12), 1);
  // (0.5^1 - 1) / ln 0.5
  EXPECT_NEAR(mean_of_path(-0.5, 12), 0.5 / std::log(2.0), 1e-12);
  EXPECT_GT(mean_of_path(0.3, 24), mean_of_path(0.3, 12));
  Workload w = workload(60e6);
  const double now = best_of(decide(w, facts().market, draws)).month.p50;
  w.api_trend = -0.5;
  // The path's mean is 0.72; without one prices fall by a tenth already.
  EXPECT_NEAR(best_of(decide(w, facts().market, draws)).month.p50, 0.72 / std::exp(-0.1) * now, 0.15 * now);
  EXPECT_LT(best_of(decide(w, facts().market, draws)).month.p50, now);
}

TEST(Money, SolvedRequestsCostMoreThanRequests) {
  Workload w = workload(60e6);
  w.mix = {{"reasoning", 1}};
  const Plan p = decide(w, facts().market, draws);
  const Option& best = best_of(p);
  ASSERT_TRUE(best.per_solved);
  EXPECT_NEAR(*best.per_solved, best.month.p50 / w.requests() / (best.quality.front().quality.counted / 100), 1e-12);
  w.mix = {{"chat", 1}};  // Elo is no share, and GPQA no chat
  EXPECT_FALSE(best_of(decide(w, facts().market, draws)).per_solved);
}

TEST(Money, PeakHoursAreAveragedOverTheWeek) {
  // DeepSeek V4.1 Flash: 0.15 and 0.60 off peak, twice that in 7 hours of five working days.
  const Workload w = workload(1e6);
  const std::vector<Api> apis = apis_of(facts().catalog, w);
  const auto flash = std::ranges::find_if(apis, [](const Api& a) { return a.provider == "deepseek" && a.model == "deepseek-v4.1-flash"; });
  ASSERT_NE(flash, apis.end());
  EXPECT_NEAR(flash->input * 1e6, 0.15 * (1 + 35.0 / 168), 1e-9);
}

TEST(Money, TheWeekHasItsPeakAndItsMean) {
  for (const double peak : {1.5, 2.5, 4.0}) {
    const std::vector<double> week = week_of(peak);
    double sum = 0;
    for (const double hour : week) sum += hour;
    EXPECT_NEAR(sum / 168, 1, 1e-9);
    EXPECT_NEAR(*std::ranges::max_element(week), peak, 0.06 * peak);
  }
}

TEST(Money, OwnEnginesAreAStaircaseWithASpare) {
  Option o{
      .kind = Kind::own, .name = {}, .api = {}, .own = Own{.model = {}, .setup = {}, .spread = {.low = 0, .high = 0}, .rent = {2, 2, 2}}};
  o.own->setup.gpus = 2;
  o.own->capacity = 1000;
  o.home = 1;
  Workload w = workload(1e9);
  const Costs bare{.people_some = 0, .tools = 0, .overhead = 1, .setup_some = 0};
  const auto month = [&](double tokens) { return month_of(o, w, bare, week_of(w.peak), tokens, Draw{}); };
  // 1 B tokens a month are 95 output tokens per second, 238 in the busiest hour: one replica and its spare, 2 GPUs each, $2 x 730 h.
  EXPECT_EQ(month(1e9).replicas, 2);
  EXPECT_NEAR(month(1e9).dollars, 2 * 2 * 2 * 730, 1e-6);
  EXPECT_EQ(month(5e9).replicas, 3);
  EXPECT_EQ(month(1).replicas, 2);
  w.spare = false;
  EXPECT_EQ(month(1e9).replicas, 1);
}

}  // namespace
}  // namespace ajar::plan
