// tests/config/month_test.cpp - a month of mixed usage, priced beside a sheet that was worked out by hand from the providers' price lists.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "config/facts.hpp"

namespace ajar::config {
namespace {

struct Row {
  std::string_view provider, model, time, service, region;
  std::int64_t requests;
  Usage each;
  std::string_view dollars;  // by hand: the sum of tokens times dollars per million, as in the comment, times the requests
};

const Row sheet[] = {
    // 1200 x 5 + 800 x 0.50 + (500 + 300) x 30 = 30400 millionths
    {"openai",
     "gpt-5.5",
     "2026-11-03T10:00:00Z",
     "standard",
     "",
     40'000,
     {.input = 1200, .cache_read = 800, .output = 500, .reasoning = 300},
     "1216"},
    // Above 272,000 tokens of input the whole request is dearer: 300000 x 10 + 2000 x 45 = 3090000
    {"openai", "gpt-5.5", "2026-11-04T11:00:00Z", "standard", "", 30, {.input = 300'000, .output = 2000}, "92.7"},
    // What may wait costs half: 5000 x 1 + 1000 x 5 = 10000
    {"openai", "gpt-6.2-sol", "2026-11-24T00:00:00Z", "batch", "", 10'000, {.input = 5000, .output = 1000}, "100"},
    // In a region 1.1 times: 1000 x 2.20 + 2000 x 0.11 + 3000 x 2.75 + 700 x 11 = 18370
    {"openai",
     "gpt-6.2-sol",
     "2026-11-24T00:00:00Z",
     "standard",
     "eu",
     5000,
     {.input = 1000, .cache_read = 2000, .cache_write_5m = 3000, .output = 700},
     "91.85"},
    // 1000 x 2 + 9000 x 0.20 + 2000 x 2.50 + 1000 x 4 + 600 x 10 = 18800; a day later cache reads cost 0.10: 17900
    {"anthropic",
     "claude-sonnet-5-5",
     "2026-10-06T23:59:59Z",
     "standard",
     "",
     2000,
     {.input = 1000, .cache_read = 9000, .cache_write_5m = 2000, .cache_write_1h = 1000, .output = 600},
     "37.6"},
    {"anthropic",
     "claude-sonnet-5-5",
     "2026-10-07T00:00:00Z",
     "standard",
     "",
     2000,
     {.input = 1000, .cache_read = 9000, .cache_write_5m = 2000, .cache_write_1h = 1000, .output = 600},
     "35.8"},
    // 100001 x 0.50 + 100 x 2.50 = 50250.5
    {"anthropic", "claude-haiku-5-5", "2026-11-24T12:00:00Z", "standard", "", 2000, {.input = 100'001, .output = 100}, "100.501"},
    // 4000 x 2 + 1000 x 0.10 + (800 + 400) x 10 = 20100; all of it twice from the first of December on
    {"google",
     "gemini-4-argon",
     "2026-11-30T23:59:59Z",
     "standard",
     "",
     1000,
     {.input = 4000, .cache_read = 1000, .output = 800, .reasoning = 400},
     "20.1"},
    {"google",
     "gemini-4-argon",
     "2026-12-01T00:00:00Z",
     "standard",
     "",
     1000,
     {.input = 4000, .cache_read = 1000, .output = 800, .reasoning = 400},
     "40.2"},
    // 7001 x 0.15 + 30000 x 0.003 + 1500 x 0.60 = 2040.15; in the working hours of Beijing twice
    {"deepseek",
     "deepseek-v4.1-flash",
     "2026-11-24T00:30:00Z",
     "standard",
     "",
     10'000,
     {.input = 7001, .cache_read = 30'000, .output = 1500},
     "20.4015"},
    {"deepseek",
     "deepseek-v4.1-flash",
     "2026-11-24T02:00:00Z",
     "standard",
     "",
     6000,
     {.input = 7001, .cache_read = 30'000, .output = 1500},
     "24.4818"},
};

TEST(Month, AgreesWithTheSheetToTheNanoDollar) {
  const auto catalog = built_in_catalog();
  ASSERT_TRUE(catalog);
  Money all;
  for (const Row& row : sheet) {
    const catalog::Price* price =
        catalog->price(row.provider, row.model, *parse_rfc3339(row.time), row.each.total_input(), row.service, row.region);
    ASSERT_NE(price, nullptr) << row.model << " " << row.time;
    const Money bill = catalog::cost_of(row.each, *price) * row.requests;
    EXPECT_EQ(to_string(bill), row.dollars) << row.model << " " << row.time;
    all += bill;
  }
  EXPECT_EQ(to_string(all), "1779.6343");
}

}  // namespace
}  // namespace ajar::config
