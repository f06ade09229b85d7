// tests/catalog/import_test.cpp - public price lists against rows in force; oddities; changes.
#include "catalog/import.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/review.hpp"

namespace ajar::catalog {
namespace {

constexpr Money usd(double amount) { return {static_cast<std::int64_t>(amount * 1e9 + 0.5)}; }

Price price(std::string id, double input, double output, std::optional<double> cached = {}, std::string_view from = "2026-01-01") {
  Price p;
  p.id = std::move(id);
  p.provider = "openai";
  p.model = "gpt-5.5";
  p.from = *parse_rfc3339(from);
  p.input = usd(input);
  p.output = usd(output);
  if (cached) p.cache_read = usd(*cached);
  p.source = {"somewhere", "2026-11-01", Party::vendor, ""};
  return p;
}

Catalog catalog_with(std::vector<Price> prices) {
  Model m;
  m.id = "gpt-5.5";
  m.offers = {{"openai", "gpt-5.5"}, {"azure", "gpt55"}};
  auto made = Catalog::make({m}, std::move(prices));
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(*made) : Catalog{};
}

const WallTime now = *parse_rfc3339("2026-11-25");

Proposal only(PriceList list, std::string_view json) {
  const auto found = proposals_of(list, json, catalog_with({price("one", 5, 30, 0.5)}), now);
  EXPECT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 1u);
  return found->front();
}

std::string models_dev(std::string_view cost) { return R"({"openai":{"models":{"gpt-5.5":{"cost":)" + std::string(cost) + "}}}}"; }

TEST(Import, WhatAgreesAndWhatDiffersALittle) {
  EXPECT_EQ(only(PriceList::models_dev, models_dev(R"({"input":5,"output":30,"cache_read":0.5})")).standing, Standing::agrees);
  const Proposal other = only(PriceList::models_dev, models_dev(R"({"input":6,"output":30,"cache_read":0.5})"));
  EXPECT_EQ(other.standing, Standing::proposed);
  EXPECT_EQ(other.why, "input 6 instead of 5");
}

TEST(Import, WhatIsNotToBeBelievedIsQuarantined) {
  const auto why = [](std::string_view cost) {
    const Proposal p = only(PriceList::models_dev, models_dev(cost));
    EXPECT_EQ(p.standing, Standing::quarantined) << cost;
    return p.why;
  };
  EXPECT_NE(why(R"({"input":16,"output":30,"cache_read":0.5})").find("over 3 times"), std::string::npos);
  EXPECT_NE(why(R"({"input":500,"output":3000,"cache_read":50})").find("unit error"), std::string::npos);
  EXPECT_NE(why(R"({"input":5,"output":3,"cache_read":0.5})").find("cheaper than input"), std::string::npos);
  EXPECT_NE(why(R"({"input":5,"output":30})").find("no price for cached input"), std::string::npos);
  EXPECT_NE(why(R"({"input":0,"output":0})").find("zero"), std::string::npos);
  EXPECT_NE(why(R"({"input":5,"output":30,"cache_read":6})").find("dearer than fresh"), std::string::npos);
}

TEST(Import, LiteLlmCountsPerTokenAndNamesProvidersItsOwnWay) {
  EXPECT_EQ(
      only(
          PriceList::litellm,
          R"({"sample_spec":{},"gpt-5.5":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":5e-06,"output_cost_per_token":3e-05,
                                      "cache_read_input_token_cost":5e-07},"an-embedding":{"litellm_provider":"openai","mode":"embedding","input_cost_per_token":1e-07,"output_cost_per_token":0}})")
          .standing,
      Standing::agrees);
  const Proposal gemini =
      only(PriceList::litellm,
           R"({"gemini/gemini-9":{"litellm_provider":"gemini","input_cost_per_token":1e-06,"output_cost_per_token":2e-06}})");
  EXPECT_EQ(gemini.provider, "google");
  EXPECT_EQ(gemini.model, "gemini-9");
  EXPECT_EQ(gemini.standing, Standing::proposed);
}

TEST(Import, WhatIsNoListIsRefused) {
  const Catalog catalog = catalog_with({price("one", 5, 30)});
  for (const std::string_view bad : {"", "[]", "{}", "{\"a\":1}", "{\"openai\":{\"models\":{}}}"})
    for (const PriceList list : {PriceList::models_dev, PriceList::litellm}) EXPECT_FALSE(proposals_of(list, bad, catalog, now)) << bad;
}

TEST(Import, OnlyWhatIsProposedIsWritten) {
  const auto found = proposals_of(
      PriceList::models_dev,
      R"({"openai":{"models":{"gpt-5.5":{"cost":{"input":5,"output":30,"cache_read":0.5}},"gpt-9":{"cost":{"input":1.25,"output":2}}}}})",
      catalog_with({price("one", 5, 30, 0.5)}), now);
  ASSERT_TRUE(found);
  const std::string toml = toml_of(*found, now, "a list");
  EXPECT_EQ(toml.find("gpt-5.5"), std::string::npos);
  EXPECT_NE(toml.find("id = \"openai/gpt-9/standard/2026-11-25\""), std::string::npos) << toml;
  EXPECT_NE(toml.find("input = 1.25"), std::string::npos);
}

TEST(Review, OddRowsAreNamed) {
  Price old = price("old", 5, 30), fresh = price("fresh", 20, 10, 25, "2026-06-01");
  old.until = fresh.from;
  fresh.source.date = "2026-06-01";
  const std::vector<Oddity> odd = oddities_of(catalog_with({old, fresh}), now, 90);
  std::string all;
  for (const Oddity& one : odd) all += one.row + ": " + one.why + "\n";
  EXPECT_NE(all.find("fresh: output at 10 is cheaper"), std::string::npos) << all;
  EXPECT_NE(all.find("fresh: cached input at 25"), std::string::npos) << all;
  EXPECT_NE(all.find("fresh: input goes from 5 to 20"), std::string::npos) << all;
  EXPECT_NE(all.find("fresh: its source was read on 2026-06-01, over 90 days ago"), std::string::npos) << all;
  EXPECT_TRUE(oddities_of(catalog_with({price("good", 5, 30, 0.5)}), now, 90).empty());
  EXPECT_EQ(newest_source(catalog_with({price("good", 5, 30)}), now), "2026-11-01");
}

TEST(Review, ChangesAreFoundByRow) {
  Price ending = price("a", 5, 30), changed = price("a", 6, 30);
  ending.until = *parse_rfc3339("2027-01-01");
  const auto changes = changes_between(catalog_with({price("a", 5, 30)}), catalog_with({changed}));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].detail, "input 5 -> 6 (+20 %)");
  EXPECT_EQ(changes_between(catalog_with({price("a", 5, 30)}), catalog_with({ending}))[0].detail, "ends 2027-01-01");
  const auto replaced = changes_between(catalog_with({price("a", 5, 30)}), catalog_with({price("b", 5, 30)}));
  ASSERT_EQ(replaced.size(), 2u);
  EXPECT_EQ(replaced[0].what, Change::What::appears);
  EXPECT_EQ(replaced[1].what, Change::What::ends);
}

}  // namespace
}  // namespace ajar::catalog
