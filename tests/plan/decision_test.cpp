// tests/plan/decision_test.cpp - workloads, the decision and the claims.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plan/decision/claims.hpp"
#include "plan/decision/cost.hpp"
#include "plan/market.hpp"

namespace ajar::plan {
namespace {

TEST(Workload, VolumesAndSharesAreReadAsPeopleWriteThem) {
  EXPECT_DOUBLE_EQ(*tokens_of("50M/month"), 50e6);
  EXPECT_DOUBLE_EQ(*tokens_of("2B"), 2e9);
  EXPECT_DOUBLE_EQ(*tokens_of(" 1.5k/day "), 1.5e3 * 30.4);
  EXPECT_DOUBLE_EQ(*tokens_of("300000"), 3e5);
  for (const std::string_view bad : {"", "many", "5X", "-3M", "5M/year", "1e30", "nan", "3"}) EXPECT_FALSE(tokens_of(bad)) << bad;
  EXPECT_DOUBLE_EQ(*share_of("10%", "x"), 0.1);
  EXPECT_DOUBLE_EQ(*share_of("0.25", "x"), 0.25);
  for (const std::string_view bad : {"", "110%", "-1", "much", "0.2x"}) EXPECT_FALSE(share_of(bad, "x")) << bad;
}

TEST(Workload, MixesNameKnownTasksAndAddUp) {
  const std::vector<std::string_view> tasks{"coding", "chat"};
  const auto mix = mix_of("coding=0.6,chat=40%", tasks);
  ASSERT_TRUE(mix);
  EXPECT_EQ((*mix)[1].task, "chat");
  EXPECT_EQ(mix_of("chat", tasks)->front().share, 1);
  EXPECT_NE(mix_of("codin=1", tasks).error().message.find("did you mean \"coding\""), std::string::npos);
  EXPECT_NE(mix_of("coding=0.6,chat=0.6", tasks).error().message.find("add up to 1.2"), std::string::npos);
}

TEST(Workload, WhatMakesNoSenseIsRefused) {
  const auto refused = [](auto change) {
    Workload w = workload(1e7);
    change(w);
    return !check(w);
  };
  EXPECT_FALSE(refused([](Workload&) {}));
  EXPECT_TRUE(refused([](Workload& w) { w.input_share = 1; }));
  EXPECT_TRUE(refused([](Workload& w) { w.request_input = 0; }));
  EXPECT_TRUE(refused([](Workload& w) { w.ttft = 0; }));
  EXPECT_TRUE(refused([](Workload& w) { w.peak = 0.5; }));
  EXPECT_TRUE(refused([](Workload& w) { w.tokens = 1000, w.request_input = 1e6; }));
}

TEST(Workload, WordsOfMoneyAreReadOrRefused) {
  const Words words{.regions = {"eu", "us"}, .gpus = &facts().gpus};
  const auto prices = gpu_prices_of("H100 = 28000, l40s=9000", words);
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_EQ(prices->front().gpu, "h100");
  EXPECT_NE(gpu_prices_of("h10=5", words).error().message.find("did you mean \"h100\""), std::string::npos);
  for (const std::string_view bad : {"h100", "h100=", "h100=-5", "h100=5x"}) EXPECT_FALSE(gpu_prices_of(bad, words)) << bad;
  EXPECT_DOUBLE_EQ(*trend_of("-20%"), -0.2);
  EXPECT_DOUBLE_EQ(*trend_of("+0.1"), 0.1);
  for (const std::string_view bad : {"", "less", "-100%", "1e9"}) EXPECT_FALSE(trend_of(bad)) << bad;
  EXPECT_EQ(*region_of("EU", words), "eu");
  EXPECT_EQ(*region_of("any", words), "");
  EXPECT_NE(region_of("mars", words).error().message.find("eu, us"), std::string::npos);
}

TEST(Workload, ATraceWithBlocksTellsWhatACacheWouldAnswer) {
  std::string csv = "t_s,input_tokens,output_tokens,prefix_block_ids\n";
  for (int i = 0; i < 100; ++i) csv += std::to_string(i) + ",2048,10,0-2;" + std::to_string(100 + i) + "\n";
  Workload w;
  const auto notes = measure(*trace_of(csv), w);
  ASSERT_TRUE(notes);
  EXPECT_NEAR(w.cached, 99 * 3 / 400.0, 1e-9);
  EXPECT_NEAR(*w.written, (4 + 99) / 400.0, 1e-9);
}

TEST(Decide, TheSameTwice) {
  const Plan a = decide(workload(6e7), facts().market, draws, 7), b = decide(workload(6e7), facts().market, draws, 7);
  ASSERT_EQ(a.options.size(), b.options.size());
  for (std::size_t i = 0; i < a.options.size(); ++i) {
    EXPECT_EQ(a.options[i].name, b.options[i].name);
    EXPECT_EQ(a.options[i].month.p50, b.options[i].month.p50);
    EXPECT_LE(a.options[i].month.p10, a.options[i].month.p50);
    EXPECT_LE(a.options[i].month.p50, a.options[i].month.p90);
  }
}

TEST(Decide, LittleGoesToAnApiAndVeryMuchComesHome) {
  EXPECT_FALSE(best_of(decide(workload(1e7), facts().market, draws)).own);
  EXPECT_TRUE(best_of(decide(workload(3e11), facts().market, draws)).own);
}

TEST(Decide, WhatMayNotLeaveStaysHome) {
  Workload w = workload(1e8);
  w.sensitive = 0.2;
  const Plan p = decide(w, facts().market, draws);
  const Option& best = best_of(p);
  EXPECT_TRUE(best.own);
  EXPECT_LE(best.out_share, 0.8 + 1e-9);
  for (const Option& o : p.options)
    if (!o.own) EXPECT_FALSE(o.lacks.empty()) << o.name;
  w.sensitive = 1;
  EXPECT_EQ(best_of(decide(w, facts().market, draws)).out_share, 0);
  w.contract = true;
  EXPECT_FALSE(best_of(decide(w, facts().market, draws)).own);
}

TEST(Decide, AContractOpensTheProvidersThatSignedIt) {
  Workload w = workload(2e6);
  w.sensitive = 1;
  EXPECT_EQ(decide(w, facts().market, draws).options.front().lacks.size(), 1U);
  w.contracts = {"anthropic"};
  const plan::Plan p = decide(w, facts().market, draws);
  ASSERT_TRUE(p.best);
  EXPECT_EQ(p.options[*p.best].kind, Kind::closed);
  for (const Option& o : p.options) {
    if (!o.api || !o.lacks.empty()) continue;
    EXPECT_EQ(o.api->provider, "anthropic") << o.name;
  }
}

TEST(Workload, ContractsNameProvidersWithPrices) {
  const std::vector<std::string_view> known{"anthropic", "google"};
  EXPECT_EQ(*contracts_of(" Google, anthropic,google", known), (std::vector<std::string>{"google", "anthropic"}));
  const auto wrong = contracts_of("anthropik", known);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("did you mean \"anthropic\"?"), std::string::npos);
}

TEST(Decide, UnknownQualityIsNotTaken) {
  Workload w = workload(1e7);
  w.mix = {{"multilingual", 1}};
  const Plan p = decide(w, facts().market, draws);
  for (const Option& o : p.options)
    if (o.lacks.empty())
      for (const Judged& j : o.quality) EXPECT_GE(j.quality.level, catalog::Level::good);
}

TEST(Decide, WhatCannotBeSaysWhatWouldHaveToGiveWay) {
  Workload w = workload(1e7);
  w.sensitive = 1;
  w.quality = catalog::Level::high;
  w.mix = {{"multilingual", 1}};
  const Plan p = decide(w, facts().market, draws);
  EXPECT_FALSE(p.best);
  ASSERT_FALSE(p.reasons.empty());
  EXPECT_NE(p.reasons.front().find("constraint"), std::string::npos) << p.reasons.front();
}

TEST(Decide, FlipsTurnTheDecision) {
  const Plan p = decide(workload(6e9), facts().market, draws);
  ASSERT_TRUE(p.best);
  ASSERT_FALSE(p.flips.empty());
  EXPECT_LE(p.flips.size(), 3u);
  for (const Flip& f : p.flips) EXPECT_NE(f.now, f.then);
  const auto volume = std::ranges::find(p.flips, "tokens a month", &Flip::input);
  ASSERT_NE(volume, p.flips.end());
  const auto cheapest = [&](double tokens) {
    const Option* best = nullptr;
    double least = 0;
    for (const Option& o : p.options) {
      const double bill = month_of(o, p.workload, facts().market.costs, week_of(p.workload.peak), tokens, Draw{}).dollars;
      if (o.lacks.empty() && (best == nullptr || bill < least)) best = &o, least = bill;
    }
    return best->kind;
  };
  EXPECT_EQ(cheapest(volume->then), volume->to);
  EXPECT_NE(cheapest(volume->now), volume->to);
}

TEST(Decide, BreakEvenIsWhereBothCostTheSame) {
  const Plan p = decide(workload(1e9), facts().market, draws);
  ASSERT_TRUE(p.against_closed);
  ASSERT_TRUE(p.against_closed->tokens);
  const BreakEven& b = *p.against_closed;
  const std::vector<double> week = week_of(p.workload.peak);
  const auto dollars = [&](const Option& o, double tokens) {
    return month_of(o, p.workload, facts().market.costs, week, tokens, Draw{}).dollars;
  };
  EXPECT_LE(dollars(*b.own, *b.tokens), dollars(*b.api, *b.tokens));
  EXPECT_GT(dollars(*b.own, *b.tokens * 0.9), dollars(*b.api, *b.tokens * 0.9));
  EXPECT_LE(b.band.p10, b.band.p90);
}

TEST(Quality, IndependentRowsGoFirstAndVendorsAreDiscounted) {
  const catalog::Benchmarks rows{.scores = {{"m", "B", "t", 90, "", {"v", "2026-01-01", catalog::Party::vendor, ""}},
                                            {"m", "B", "t", 70, "", {"i", "2026-01-01", catalog::Party::independent, ""}},
                                            {"n", "B", "t", 82, "", {"v", "2026-01-01", catalog::Party::vendor, ""}},
                                            {"o", "B", "t", 99, "", {"r", "2026-01-01", catalog::Party::rival, ""}}},
                                 .thresholds = {{"t", "B", 60, 80, 90}}};
  EXPECT_EQ(catalog::quality_of(rows, "m", "t").level, catalog::Level::basic);
  EXPECT_EQ(catalog::quality_of(rows, "n", "t").level, catalog::Level::basic);  // 82 less 3.6
  EXPECT_EQ(catalog::quality_of(rows, "o", "t").level, catalog::Level::unknown);
  EXPECT_EQ(catalog::quality_of(rows, "m", "u").level, catalog::Level::unknown);
}

TEST(Claims, EveryOneHasItsVerdictAndReasons) {
  const std::vector<Claim> all = claims(facts().market, *parse_rfc3339("2026-11-25"));
  const auto of = [&](std::string_view id) {
    const auto found = std::ranges::find(all, id, &Claim::id);
    EXPECT_NE(found, all.end()) << id;
    return *found;
  };
  EXPECT_EQ(of("swe-bench-pro-deepseek-v4-pro").verdict, Verdict::does_not_hold);
  EXPECT_EQ(of("swe-bench-pro-claude-opus-4-7").verdict, Verdict::holds);
  EXPECT_EQ(of("math-gpt-5.5").verdict, Verdict::does_not_hold);
  EXPECT_NE(of("cost-closed-1M").recomputed.find("$11.25 (GPT-5.5), $4.00 (GPT-6.2 Sol)"), std::string::npos);
  EXPECT_NE(of("break-even-others").recomputed.find("4.7B, 4.8B and 7.5B"), std::string::npos) << of("break-even-others").recomputed;
  EXPECT_EQ(of("privacy").verdict, Verdict::holds_only_if);
  for (const Claim& c : all) {
    EXPECT_FALSE(c.claim.empty() || c.stated.empty() || c.assumptions.empty() || c.recomputed.empty()) << c.id;
  }
  EXPECT_GE(all.size(), 26u);
}

TEST(Workload, NotAllOfTheOutputCanBeHidden) {
  Workload w;
  w.hidden = 0.98;
  EXPECT_TRUE(check(w));
  w.hidden = 1;
  EXPECT_FALSE(check(w));
}

// Two days with one request an hour, and nine more in one hour of the second.
TEST(Workload, IsMeasuredOnATrace) {
  std::string csv = "t_s,input_tokens,output_tokens\n";
  for (int hour = 0; hour <= 48; ++hour)
    for (int i = 0; i < (hour == 30 ? 10 : 1); ++i) csv += std::to_string(hour * 3600) + ",300,100\n";
  const auto trace = trace_of(csv);
  ASSERT_TRUE(trace);
  Workload w;
  const auto notes = measure(*trace, w);
  ASSERT_TRUE(notes);
  EXPECT_TRUE(notes->empty());
  EXPECT_DOUBLE_EQ(w.input_share, 0.75);
  EXPECT_DOUBLE_EQ(w.request_input, 300);
  EXPECT_NEAR(w.tokens, 58 * 400 / 2.0 * 30.4, 1e-3);
  EXPECT_NEAR(w.peak, 10.0 / (58 / 48.0), 1e-9);
}

TEST(Workload, AShortTraceLeavesThePeakAndSaysSo) {
  const auto hour = trace_of("t_s,input_tokens,output_tokens\n0,10,10\n3600,10,10\n");
  Workload w;
  const auto notes = measure(*hour, w);
  ASSERT_TRUE(notes);
  ASSERT_EQ(notes->size(), 1U);
  EXPECT_NE(notes->front().find("2.5 times"), std::string::npos);
  EXPECT_DOUBLE_EQ(w.peak, Workload{}.peak);
  const auto moment = trace_of("t_s,input_tokens,output_tokens\n0,10,10\n59,10,10\n");
  const auto refused = measure(*moment, w);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::config);
}

TEST(Curves, LinesCrossWhereTheCheapestChanges) {
  Workload w = workload(3e9);
  w.team = Team::strong;
  const plan::Plan p = decide(w, facts().market, draws);
  ASSERT_TRUE(p.best);
  const Curves& c = p.curves;
  ASSERT_EQ(c.volumes.size(), 37U);
  EXPECT_NEAR(c.volumes.front(), 3e6, 1);
  EXPECT_NEAR(c.volumes.back() / 3e12, 1, 1e-9);
  ASSERT_EQ(c.lines.size(), 4U);
  for (const Curves::Line& line : c.lines) {
    ASSERT_EQ(line.month.size(), c.volumes.size());
    for (std::size_t i = 1; i < line.month.size(); ++i) EXPECT_GE(line.month[i].p50, line.month[i - 1].p50 * 0.999);
  }
  const std::vector<double> week = week_of(w.peak);
  const auto bill = [&](std::size_t option, double tokens) {
    return month_of(p.options[option], w, facts().market.costs, week, tokens, Draw{}).dollars;
  };
  for (const Curves::Crossing& x : c.crossings) {
    const double before = x.tokens / std::pow(10.0, 1 / 60.0);
    EXPECT_LE(bill(x.to, x.tokens), bill(x.from, x.tokens));
    EXPECT_GE(bill(x.to, before), bill(x.from, before));
  }
  ASSERT_FALSE(c.bars.empty());
  for (std::size_t i = 1; i < c.bars.size(); ++i)
    EXPECT_LE(std::abs(c.bars[i].high_dollars - c.bars[i].low_dollars), std::abs(c.bars[i - 1].high_dollars - c.bars[i - 1].low_dollars));
  // An API has no rents: only its prices and its cache move the bill.
  const plan::Plan small = decide(workload(10e6), facts().market, draws);
  ASSERT_FALSE(small.options[*small.best].own);
  for (const Curves::Bar& b : small.curves.bars)
    EXPECT_TRUE(b.input == "API prices over a year" || b.input == "cache hits of the provider") << b.input;
}

TEST(Operation, AWeekIsCarriedOrLeavesAndMoreLoadWaitsLonger) {
  Workload w = workload(3e11);
  w.team = Team::strong;
  const plan::Plan p = decide(w, facts().market, draws);
  ASSERT_EQ(p.operations.size(), 2U);
  for (const Operation& op : p.operations) {
    const Option& o = p.options[op.option];
    double home = 0, load = 0;
    ASSERT_EQ(op.hours.load.size(), 168U);
    for (std::size_t h = 0; h < 168; ++h) {
      EXPECT_LE(op.hours.home[h], std::min(op.hours.load[h], op.hours.room) * (1 + 1e-9));
      home += op.hours.home[h], load += op.hours.load[h];
    }
    EXPECT_NEAR(1 - home / load, o.out_share, 0.002) << o.name;
    EXPECT_NEAR(home / 168 / op.hours.room, o.utilisation, 0.002) << o.name;
    ASSERT_TRUE(o.busiest);
    EXPECT_LE(o.busiest->load, 1 + 1e-9);
    EXPECT_GT(op.latency.back().ttft.p99, op.latency.front().ttft.p99);
    EXPECT_GT(op.latency.back().tpot.p50, op.latency.front().tpot.p50);
  }
  EXPECT_EQ(p.options[p.operations[0].option].kind, Kind::own);
  EXPECT_EQ(p.options[p.operations[1].option].kind, Kind::hybrid);
  EXPECT_GT(p.field.size(), p.options.size());
}

TEST(Offers, OwnedGpusCostWhatTheirOwnerPays) {
  Workload w = workload(10e9);
  std::vector<std::string> why_not;
  const catalog::Shape& shape = *std::ranges::find(facts().shapes, "llama-3.3-70b", &catalog::Shape::id);
  const std::vector<Own> rented = owns_of(shape, facts().gpus, facts().predictor, w, why_not);
  w.gpus = Tenure::owned;
  const std::vector<Own> owned = owns_of(shape, facts().gpus, facts().predictor, w, why_not);
  ASSERT_FALSE(owned.empty());
  EXPECT_LT(owned.size(), rented.size());  // nobody says what an owned consumer card costs by the hour
  for (const Own& own : owned) {
    EXPECT_GE(own.rent.middle, *own.setup.gpu->owned_low);
    EXPECT_LE(own.rent.middle, *own.setup.gpu->owned_high);
    const auto same = std::ranges::find(rented, own.setup.gpu, [](const Own& o) { return o.setup.gpu; });
    if (same != rented.end()) {
      EXPECT_LT(own.rent.middle, same->rent.middle) << own.setup.gpu->name;
    }
  }
}

TEST(Decide, LockInAndOwnWeightsAreConstraints) {
  Workload w = workload(60e6);
  const auto possible = [](const plan::Plan& p, Kind kind) {
    return std::ranges::any_of(p.options, [kind](const Option& o) { return o.kind == kind && o.lacks.empty(); });
  };
  w.portable = true;
  const plan::Plan portable = decide(w, facts().market, draws);
  EXPECT_TRUE(possible(portable, Kind::hosted));
  for (const Option& o : portable.options)
    if (o.kind == Kind::closed && o.lacks.empty()) {
      const auto sold = [&o](const Api& api) { return api.model == o.api->model; };
      EXPECT_GE(std::ranges::count_if(apis_of(facts().catalog, w), sold), 2) << o.name;
    }
  w.own_weights = true;
  const plan::Plan tuned = decide(w, facts().market, draws);
  ASSERT_TRUE(tuned.best);
  EXPECT_EQ(tuned.options[*tuned.best].kind, Kind::own);
  for (const Kind kind : {Kind::closed, Kind::hosted, Kind::hybrid}) EXPECT_FALSE(possible(tuned, kind)) << name_of(kind);
}

}  // namespace
}  // namespace ajar::plan
