// tests/catalog/price_test.cpp - a look-up has one answer, checked against a slow reading of the rows; costs are exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "base/text.hpp"
#include "catalog/catalog.hpp"

namespace ajar::catalog {
namespace {

WallTime at(std::string_view text) { return *parse_rfc3339(text); }

Price row(std::string id) {
  Price p;
  p.id = std::move(id);
  p.provider = "p";
  p.model = "m";
  p.input = {1'000'000'000};
  p.output = {2'000'000'000};
  return p;
}

std::string fault_of(std::vector<Price> prices) {
  const auto made = Catalog::make({}, std::move(prices));
  return made ? "" : made.error().message;
}

const Price* look(const Catalog& c, std::string_view time, std::int64_t tokens = 1, std::string_view service = "standard",
                  std::string_view region = "") {
  return c.price("p", "m", at(time), tokens, service, region);
}

TEST(Price, HoursMayWrapMidnight) {
  EXPECT_EQ(hours_between(0, 24), all_hours);
  EXPECT_EQ(hours_between(22, 2), (1U << 22) | (1U << 23) | 1U | 2U);
  EXPECT_EQ(hours_between(1, 4), 0b1110U);
  EXPECT_EQ(hours_between(23, 24), 1U << 23);
  EXPECT_EQ(hours_between(23, 0), 1U << 23);
  Price night = row("night"), day = row("day");
  night.hours = hours_between(22, 2);
  day.hours = hours_between(2, 22);
  const auto c = Catalog::make({}, {night, day});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(look(*c, "2026-11-24T21:59:59Z")->id, "day");
  EXPECT_EQ(look(*c, "2026-11-24T22:00:00Z")->id, "night");
  EXPECT_EQ(look(*c, "2026-11-25T01:59:59Z")->id, "night");
  EXPECT_EQ(look(*c, "2026-11-25T02:00:00Z")->id, "day");
}

TEST(Price, DaysAreDaysOfUtc) {
  Price work = row("work"), weekend = row("weekend");
  work.days = 0b0111110;
  weekend.days = 0b1000001;
  const auto c = Catalog::make({}, {work, weekend});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(look(*c, "2026-11-27T23:59:59Z")->id, "work");  // a Friday
  EXPECT_EQ(look(*c, "2026-11-28T00:00:00Z")->id, "weekend");
  EXPECT_EQ(look(*c, "2026-11-29T23:59:59Z")->id, "weekend");
  EXPECT_EQ(look(*c, "2026-11-30T00:00:00Z")->id, "work");
}

TEST(Price, TiersMeetWithoutGapAndOverlap) {
  Price low = row("low"), high = row("high");
  low.up_to_input_tokens = 272'000;
  high.above_input_tokens = 272'000;
  const auto c = Catalog::make({}, {high, low});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(look(*c, "2026-01-01", 0)->id, "low");
  EXPECT_EQ(look(*c, "2026-01-01", 272'000)->id, "low");
  EXPECT_EQ(look(*c, "2026-01-01", 272'001)->id, "high");
  high.above_input_tokens = 271'999;
  EXPECT_EQ(fault_of({low, high}), "the price rows \"high\" and \"low\" hold at the same time: end one of them before the other begins");
  high.above_input_tokens = 272'001;
  EXPECT_EQ(fault_of({low, high}),
            "no price row holds for m at p (standard) in every hour from 1970-01-01T00:00:00.000Z on, for an input of 272001 tokens: close "
            "the gap");
}

TEST(Price, ARegionsOwnRowGoesFirstAndOthersFallBack) {
  Price all = row("all"), eu = row("eu"), cheap = row("cheap");
  eu.region = "eu";
  cheap.service = "batch";
  const auto c = Catalog::make({}, {all, eu, cheap});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(look(*c, "2026-01-01", 1, "standard", "eu")->id, "eu");
  EXPECT_EQ(look(*c, "2026-01-01", 1, "standard", "us")->id, "all");
  EXPECT_EQ(look(*c, "2026-01-01", 1, "batch", "eu")->id, "cheap");
  EXPECT_EQ(look(*c, "2026-01-01", 1, "flex", "eu"), nullptr);
}

TEST(Price, UnknownIsUnpriced) {
  Price p = row("p");
  p.from = at("2026-05-01");
  p.until = at("2026-06-01");
  const auto c = Catalog::make({}, {p});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(look(*c, "2026-04-30T23:59:59.999Z"), nullptr);
  EXPECT_NE(look(*c, "2026-05-01"), nullptr);
  EXPECT_EQ(look(*c, "2026-06-01"), nullptr);
  EXPECT_EQ(c->price("p", "other", at("2026-05-01"), 1, "standard", ""), nullptr);
  Deployment d;
  d.provider = "p";
  d.model = "other";
  EXPECT_EQ(price_of(*c, d, at("2026-05-01"), 1), nullptr);
  d.own_price = p;
  EXPECT_EQ(price_of(*c, d, at("2026-07-01"), 1)->id, "p");  // one's own holds always
}

TEST(Price, RowsThatNeverHoldAreRefused) {
  Price p = row("bad");
  p.from = at("2026-05-01"), p.until = p.from;
  EXPECT_EQ(fault_of({p}), "the price row \"bad\" ends before it begins");
  p = row("bad"), p.hours = 0;
  EXPECT_EQ(fault_of({p}), "the price row \"bad\" holds in no hour of the week");
  p = row("bad"), p.above_input_tokens = 5, p.up_to_input_tokens = 5;
  EXPECT_EQ(fault_of({p}), "the price row \"bad\" holds for no size of input");
  p = row("bad"), p.cache_read = Money{-1};
  EXPECT_EQ(fault_of({p}), "the price row \"bad\" has a price below zero");
}

TEST(Catalog, AModelStandsOnce) {
  Model m;
  m.id = "twice";
  const auto made = Catalog::make({m, m}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::config);
  EXPECT_EQ(made.error().message, "the model \"twice\" stands twice in the catalogue");
}

// Rows at random, with few values of each kind so that they touch often.
Price random_row(std::mt19937& chance, int number) {
  const auto pick = [&](int n) { return static_cast<int>(chance() % static_cast<unsigned>(n)); };
  static constexpr std::array<std::string_view, 4> dates{"2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"};
  Price p = row("row" + std::to_string(number));
  p.service = pick(3) == 0 ? "batch" : "standard";
  p.region = pick(3) == 0 ? "eu" : "";
  const int from = pick(3);
  p.from = at(dates[static_cast<std::size_t>(from)]);
  if (pick(2) == 0) p.until = at(dates[static_cast<std::size_t>(from + 1 + pick(3 - from))]);
  if (pick(2) == 0) p.hours = pick(2) == 0 ? hours_between(20, 4) : hours_between(4, 20);
  if (pick(3) == 0) p.days = pick(2) == 0 ? 0b0111110 : 0b1000001;
  if (pick(3) == 0)
    p.up_to_input_tokens = 100;
  else if (pick(3) == 0)
    p.above_input_tokens = 100;
  return p;
}

// The same question answered the slow way: every hour of a week in every month, at the edges of every tier.
bool one_answer(const std::vector<Price>& rows) {
  for (const std::string_view service : {"standard", "batch"})
    for (const std::string_view region : {"", "eu"}) {
      std::vector<const Price*> group;
      for (const Price& p : rows)
        if (p.service == service && p.region == region) group.push_back(&p);
      if (group.empty()) continue;
      std::optional<WallTime> end = group.front()->until;
      WallTime begin = group.front()->from;
      for (const Price* p : group) {
        begin = std::min(begin, p->from);
        end = end && p->until ? std::max(end, p->until) : std::nullopt;
      }
      for (const std::string_view month : {"2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"})
        for (int hour = 0; hour < 168; ++hour)
          for (const std::int64_t tokens : {0, 1, 100, 101, 1'000'000}) {
            const WallTime now = at(month) + std::chrono::hours(hour);
            if (now < begin || (end && now >= *end)) continue;
            if (std::ranges::count_if(group, [&](const Price* p) { return in_force(*p, now, tokens); }) != 1) return false;
          }
    }
  return true;
}

TEST(Price, OverlapsAndGapsAreFoundExactly) {
  std::mt19937 chance(20261124);
  int good = 0, bad = 0;
  for (int round = 0; round < 1500; ++round) {
    std::vector<Price> rows;
    for (int i = 0, n = 1 + static_cast<int>(chance() % 3); i < n; ++i) rows.push_back(random_row(chance, i));
    const bool expected = one_answer(rows);
    ++(expected ? good : bad);
    ASSERT_EQ(Catalog::make({}, rows).has_value(), expected) << "round " << round << ": " << fault_of(rows);
  }
  EXPECT_GT(good, 50);
  EXPECT_GT(bad, 100);
}

TEST(Cost, IsExactAndRoundedOnce) {
  Price p = row("p");
  p.input = {2'800'000};  // 0.0028 USD per million
  p.output = {0};
  Usage u;
  u.input = 1;
  EXPECT_EQ(cost_of(u, p).nanos, 3);  // 2.8
  u.input = 10;
  EXPECT_EQ(cost_of(u, p).nanos, 28);
  p.input = {500'000};
  u.input = 1;
  EXPECT_EQ(cost_of(u, p).nanos, 1);  // half up
  p.input = {499'999};
  EXPECT_EQ(cost_of(u, p).nanos, 0);
  u.cache_read = 1;  // two halves make one when rounded once
  p.input = p.cache_read.emplace(Money{500'000});
  EXPECT_EQ(cost_of(u, p).nanos, 1);
}

TEST(Cost, EveryClassHasItsPriceOrTheOneItFallsBackTo) {
  Price p = row("p");
  p.input = {1'000'000}, p.output = {10'000'000};  // 1 and 10 nano-dollars per token
  Usage u;
  u.input = u.cache_read = u.cache_write_5m = u.cache_write_1h = u.output = u.reasoning = u.audio_input = u.audio_output = u.image_input =
      1;
  EXPECT_EQ(cost_of(u, p).nanos, 6 * 1 + 3 * 10);
  p.cache_write_5m = Money{2'000'000};
  EXPECT_EQ(cost_of(u, p).nanos, 4 * 1 + 2 * 2 + 3 * 10);  // the long one as the short one
  p.cache_read = Money{3'000'000}, p.cache_write_1h = Money{4'000'000}, p.reasoning = Money{5'000'000}, p.audio_input = Money{6'000'000},
  p.audio_output = Money{7'000'000}, p.image_input = Money{8'000'000};
  EXPECT_EQ(cost_of(u, p).nanos, 1 + 3 + 2 + 4 + 10 + 5 + 6 + 7 + 8);
}

TEST(Cost, LiesAboutCountsDoNotWrap) {
  Price p = row("p");
  p.input = p.output = {INT64_MAX};
  Usage u;
  u.input = u.output = u.reasoning = u.cache_read = u.audio_output = INT64_MAX;
  EXPECT_EQ(cost_of(u, p).nanos, INT64_MAX);
  u = {};
  u.input = -5, u.output = 1;
  EXPECT_EQ(cost_of(u, row("p")).nanos, 2000);
}

TEST(Cost, IsMonotoneAndAdditiveWithinRounding) {
  std::mt19937_64 chance(7);
  const auto tokens = [&] { return static_cast<std::int64_t>(chance() % 2'000'000); };
  for (int round = 0; round < 5000; ++round) {
    Price p = row("p");
    p.input = {static_cast<std::int64_t>(chance() % 50'000'000'000)};
    p.output = {static_cast<std::int64_t>(chance() % 50'000'000'000)};
    p.cache_read = Money{static_cast<std::int64_t>(chance() % 1'000'000)};
    Usage a, b, both;
    a.input = tokens(), a.output = tokens(), a.cache_read = tokens();
    b.input = tokens(), b.output = tokens(), b.cache_read = tokens();
    both.input = a.input + b.input, both.output = a.output + b.output, both.cache_read = a.cache_read + b.cache_read;
    const std::int64_t sum = cost_of(a, p).nanos + cost_of(b, p).nanos, whole = cost_of(both, p).nanos;
    ASSERT_LE(std::abs(sum - whole), 1);
    ASSERT_GE(whole, cost_of(a, p).nanos);
    ASSERT_GE(whole, cost_of(b, p).nanos);
  }
}

TEST(Endpoint, AuthorityIsTheHostHeader) {
  EXPECT_EQ((Endpoint{.tls = true, .host = "api.example.com", .port = 443, .base_path = {}}.authority()), "api.example.com");
  EXPECT_EQ((Endpoint{.tls = false, .host = "::1", .port = 8000, .base_path = {}}.authority()), "[::1]:8000");
  EXPECT_EQ((Endpoint{.tls = false, .host = "h", .port = 443, .base_path = {}}.authority()), "h:443");
}

}  // namespace
}  // namespace ajar::catalog
