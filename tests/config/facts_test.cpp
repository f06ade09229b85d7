// tests/config/facts_test.cpp - the catalogue that travels with the program: complete, sourced, one answer for every look-up.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/text.hpp"
#include "config/facts.hpp"

namespace ajar::config {
namespace {

const catalog::Catalog& built_in() {
  static const auto made = built_in_catalog();
  if (!made) {
    ADD_FAILURE() << made.error().message;
    std::abort();
  }
  return *made;
}

WallTime at(std::string_view text) { return *parse_rfc3339(text); }

// "input cache_read cache_write cache_write_1h output", in dollars per million.
std::string price(std::string_view provider, std::string_view model, std::string_view time, std::int64_t tokens = 1000,
                  std::string_view service = "standard", std::string_view region = "") {
  const catalog::Price* p = built_in().price(provider, model, at(time), tokens, service, region);
  if (p == nullptr) return "unpriced";
  const auto text = [](const std::optional<Money>& m) { return m ? to_string(*m) : "-"; };
  return fmt::format("{} {} {} {} {}", to_string(p->input), text(p->cache_read), text(p->cache_write_5m), text(p->cache_write_1h),
                     to_string(p->output));
}

TEST(Facts, TheFamiliesAreThere) {
  for (const std::string_view id :
       {"gpt-5.5",          "gpt-6.2-astra",   "gpt-6.2-sol",       "gpt-6.1-terra",          "gpt-6-luna",
        "claude-opus-4-8",  "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5",       "gemini-3.1-pro-preview",
        "gemini-3.8-flash", "gemini-4-argon",  "deepseek-v4-pro",   "deepseek-v4.1-flash",    "qwen3.6-27b",
        "qwen3.6-35b-a3b",  "kimi-k2.6",       "kimi-k3",           "llama-3.3-70b-instruct", "muse-glimmer-30b"})
    EXPECT_NE(built_in().model(id), nullptr) << id;
  EXPECT_EQ(built_in().model("gpt-7"), nullptr);
  EXPECT_EQ(built_in().model_sold_as("deepseek", "deepseek-flash"), built_in().model("deepseek-v4.1-flash"));
}

TEST(Facts, EveryRowHasItsSource) {
  for (const catalog::Model& m : built_in().models())
    EXPECT_TRUE(!m.source.url.empty() && m.source.date >= "2026" && !m.released.empty()) << m.id;
  std::set<std::string> ids;
  for (const catalog::Price& p : built_in().prices()) {
    EXPECT_TRUE(!p.source.url.empty() && p.source.date >= "2026") << p.id;
    EXPECT_TRUE(ids.insert(p.id).second) << p.id << " names two rows";
  }
}

TEST(Facts, PricesChangeWithTheirDates) {
  EXPECT_EQ(price("google", "gemini-4-argon", "2026-11-30T23:59:59Z"), "2 0.1 - - 10");
  EXPECT_EQ(price("google", "gemini-4-argon", "2026-12-01"), "4 0.2 - - 20");
  EXPECT_EQ(price("anthropic", "claude-sonnet-5-5", "2026-10-06"), "2 0.2 2.5 4 10");
  EXPECT_EQ(price("anthropic", "claude-sonnet-5-5", "2026-10-07"), "2 0.1 2.5 4 10");
  EXPECT_EQ(price("deepseek", "deepseek-v4-flash", "2026-10-01"), "unpriced");  // no longer sold
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-16"), "unpriced");          // not yet sold
}

TEST(Facts, WholeRequestsFallIntoTiers) {
  EXPECT_EQ(price("openai", "gpt-5.5", "2026-11-24", 272'000), "5 0.5 - - 30");
  EXPECT_EQ(price("openai", "gpt-5.5", "2026-11-24", 272'001), "10 1 - - 45");
  EXPECT_EQ(price("anthropic", "claude-haiku-5-5", "2026-11-24", 100'001), "0.5 0.05 0.625 1 2.5");
  EXPECT_EQ(price("alibaba", "qwen3.6-plus", "2026-11-24", 256'001), "2 - - - 6");
  EXPECT_EQ(price("openai", "gpt-6.1-terra", "2026-11-24"), "1 0.05 1.25 2.5 5");
}

TEST(Facts, PeakHoursAreWorkingHoursInBeijing) {
  const auto input = [](std::string_view time) { return price("deepseek", "deepseek-v4.1-flash", time).substr(0, 4); };
  EXPECT_EQ(input("2026-11-24T00:59:59Z"), "0.15");  // a Tuesday
  EXPECT_EQ(input("2026-11-24T01:00:00Z"), "0.3 ");
  EXPECT_EQ(input("2026-11-24T04:00:00Z"), "0.15");
  EXPECT_EQ(input("2026-11-24T09:59:59Z"), "0.3 ");
  EXPECT_EQ(input("2026-11-24T23:30:00Z"), "0.15");
  EXPECT_EQ(input("2026-11-28T02:00:00Z"), "0.15");  // a Saturday
}

TEST(Facts, ServicesAndRegionsMultiply) {
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "batch"), "1 0.05 1.25 - 5");
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "priority"), "4 0.2 5 - 20");
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "standard", "eu"), "2.2 0.11 2.75 - 11");
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "priority", "eu"), "4.4 0.22 5.5 - 22");
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "standard", "antarctica"), "2 0.1 2.5 - 10");
  EXPECT_EQ(price("openai", "gpt-5.5", "2026-11-24", 1000, "priority"), "12.5 1.25 - - 75");  // written, not made
  EXPECT_EQ(price("openai", "gpt-6.1-sol", "2026-11-24", 1000, "ultrafast"), "12 0.6 15 - 60");
  EXPECT_EQ(price("openai", "gpt-6.2-sol", "2026-11-24", 1000, "ultrafast"), "unpriced");
  EXPECT_EQ(price("anthropic", "claude-opus-4-8", "2026-11-24", 1000, "standard", "us"), "5.5 0.55 6.875 11 27.5");
  EXPECT_EQ(price("google", "gemini-3.8-flash", "2026-11-24", 1000, "priority"), "unpriced");  // sources do not say how much
}

// Every hour of a week at every tier's edge, at the instants around every change.
TEST(Facts, EveryLookUpHasOneAnswer) {
  const auto& rows = built_in().prices();
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const auto same = [&](const catalog::Price& p) {
      return p.provider == rows[begin].provider && p.model == rows[begin].model && p.service == rows[begin].service &&
             p.region == rows[begin].region;
    };
    while (end < rows.size() && same(rows[end])) ++end;
    for (std::size_t i = begin; i < end; ++i)
      for (int hour = 0; hour < 168; ++hour)
        for (const std::int64_t tokens : {std::int64_t{0}, rows[i].above_input_tokens, rows[i].above_input_tokens + 1,
                                          rows[i].up_to_input_tokens, rows[i].up_to_input_tokens + 1}) {
          const WallTime now = std::max(rows[i].from, at("2026-01-01")) + std::chrono::hours(hour);
          int holding = 0;
          for (std::size_t k = begin; k < end; ++k) holding += catalog::in_force(rows[k], now, tokens) ? 1 : 0;
          const bool sold = std::any_of(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end),
                                        [&](const catalog::Price& p) { return p.from <= now && (!p.until || now < *p.until); });
          ASSERT_EQ(holding, sold ? 1 : 0) << rows[i].id << " in hour " << hour << " for " << tokens;
        }
  }
}

constexpr std::string_view a_model =
    "[[model]]\nid = \"m\"\nfamily = \"f\"\nmaker = \"k\"\nreleased = \"2026\"\nsource = \"s\"\ndate = \"2026-10\"\nparty = \"vendor\"\n";
constexpr std::string_view a_price =
    "[[price]]\nid = \"p/m/standard\"\nprovider = \"p\"\nmodel = \"m\"\ninput = 1\noutput = 0.0000000015\nsource = \"s\"\ndate = "
    "\"2026-10-01\"\nparty = \"rival\"\n";

std::string fault(const std::string& models, const std::string& prices) {
  const auto made = catalog_of(models, prices);
  return made ? "" : made.error().message;
}

TEST(Facts, AreReadStrictly) {
  const std::string m(a_model), p(a_price);
  EXPECT_EQ(fault(m, p), "");
  EXPECT_EQ(catalog_of(m, p)->prices()[0].output.nanos, 2);  // to nine decimals
  EXPECT_EQ(fault(m + "colour = 5\n", p), "data/models.toml:9: \"colour\" is not known");
  EXPECT_EQ(fault("[[model]]\nid = \"m\"\n", p), "data/models.toml:1: \"family\" is missing");
  EXPECT_EQ(fault(m + "images = 1\n", p), "data/models.toml:9: \"images\" is neither true nor false");
  EXPECT_EQ(fault(m + "thinking = \"hard\"\n", p), "data/models.toml:9: \"thinking\" is not known");
  EXPECT_EQ(fault(m, p + "until = \"soon\"\n"), "data/prices.toml:10: \"until\" is no date");
  EXPECT_EQ(fault(m, p + "cache_read = -1\n"), "data/prices.toml:10: \"cache_read\" is no price");
  EXPECT_EQ(fault(m, p + "cache_read = inf\n"), "data/prices.toml:10: \"cache_read\" is no price");
  EXPECT_EQ(fault(m, p + "hours = [\"5-7\"]\n"), "data/prices.toml:1: \"hours\" holds something that is no window like \"10-01\"");
  EXPECT_EQ(fault(m, p + "days = \"fri\"\n"), "data/prices.toml:10: \"days\" is not known");
  EXPECT_EQ(fault(m, "[[price]]\nid = \"x\"\n"), "data/prices.toml:1: \"provider\" is missing");
  EXPECT_EQ(fault(m, p + p),
            "the price rows \"p/m/standard\" and \"p/m/standard\" hold at the same time: end one of them before the other begins");
  EXPECT_EQ(fault(m, "[[prise]]\n"), "data/prices.toml:1: \"prise\" is not known");
  EXPECT_EQ(fault(m, p + "[[multiplier]]\nprovider = \"p\"\nfactor = 2.0\nsource = \"s\"\ndate = \"2026-10\"\nparty = \"vendor\"\n"),
            "data/prices.toml:10: \"service\" or \"regions\" has to be written, and not both");
}

TEST(Facts, AcceptedRowsHoldFromTheirDayOn) {
  std::ifstream file(AJAR_SOURCE_DIR "/tests/config/accepted_prices.toml");
  std::ostringstream text;
  text << file.rdbuf();
  const auto with = catalog_with_accepted(text.str(), "f.toml");
  ASSERT_TRUE(with) << with.error().message;
  const auto id = [&](const catalog::Catalog& c, std::string_view time, std::string_view service = "standard",
                      std::string_view region = "") {
    const catalog::Price* p = c.price("openai", "gpt-5.5", at(time), 1000, service, region);
    return p == nullptr ? std::string("unpriced") : p->id;
  };
  EXPECT_EQ(id(*with, "2026-12-31T12:00:00Z"), id(built_in(), "2026-12-31T12:00:00Z"));
  EXPECT_EQ(id(*with, "2027-01-01T12:00:00Z"), "ours/peak");
  EXPECT_EQ(id(*with, "2027-01-01T20:00:00Z"), "ours/off-peak");
  EXPECT_EQ(id(*with, "2027-06-01T12:00:00Z"), "ours/later");
  // Services and regions follow.
  EXPECT_EQ(id(*with, "2027-06-01T12:00:00Z", "batch"), "ours/later/batch");
  EXPECT_EQ(id(*with, "2027-06-01T12:00:00Z", "standard", "eu"), "ours/later/eu");
  // Rows that leave an hour without a price, or come twice, are refused.
  std::string hole = text.str();
  hole.replace(hole.find("18-08"), 5, "19-08");
  EXPECT_FALSE(catalog_with_accepted(hole, "f.toml"));
  EXPECT_NE(catalog_with_accepted(text.str() + text.str(), "f.toml").error().message.find("\"ours/peak\" is there already"),
            std::string::npos);
  EXPECT_TRUE(catalog_with_accepted("", "f.toml"));
}

}  // namespace
}  // namespace ajar::config
