// tests/cli/plan_ledger_test.cpp - a workload measured on exchanges.
#include "cli/plan_ledger.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace ajar::cli {
namespace {

ledger::Entry entry(std::int64_t minute, std::int64_t fresh, std::int64_t cached, std::int64_t visible, std::int64_t reasoning) {
  ledger::Entry e;
  e.began = *parse_rfc3339("2026-11-01") + std::chrono::minutes(minute);
  e.outcome = ledger::Outcome::answered;
  e.usage.input = fresh;
  e.usage.cache_read = cached;
  e.usage.output = visible;
  e.usage.reasoning = reasoning;
  e.usage.reported = true;
  return e;
}

TEST(Observed, SharesAndVolumeComeFromTheExchanges) {
  Observed seen;
  for (int minute = 0; minute <= 2 * 24 * 60; minute += 60) {
    ledger::Entry e = entry(minute, 600, 200, 100, 100);
    e.label = minute == 0 ? 4 : 0;
    seen.see(e);
  }
  ledger::Entry simulated = entry(10, 1'000'000, 0, 1'000'000, 0);
  simulated.simulated = true;
  seen.see(simulated);
  seen.see(entry(11, 500, 0, 0, 0));  // failed before an answer
  plan::Workload w;
  const auto notes = seen.measure(w);
  ASSERT_TRUE(notes) << notes.error().message;
  ASSERT_EQ(notes->size(), 2U);
  EXPECT_NE((*notes)[1].find("1 simulated exchanges, 1 without"), std::string::npos);
  EXPECT_DOUBLE_EQ(w.cached, 0.25);
  EXPECT_DOUBLE_EQ(w.hidden, 0.5);
  EXPECT_DOUBLE_EQ(w.sensitive, 1.0 / 49);
  EXPECT_DOUBLE_EQ(w.request_input, 800);
  EXPECT_NEAR(w.request_output(), 100, 1e-9);  // what is seen of it
  EXPECT_NEAR(w.requests(), 49 / 2.0 * 30.4, 1e-6);
}

TEST(Observed, NothingOfUseIsAnErrorThatSaysWhy) {
  Observed seen;
  plan::Workload w;
  const auto none = seen.measure(w);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::not_found);
  seen.see(entry(0, 1, 0, 1, 0));
  const auto moment = seen.measure(w);
  ASSERT_FALSE(moment);
  EXPECT_EQ(moment.error().fault, Fault::config);
}

TEST(Observed, AClockSetBackDoesNotTurnTimeRound) {
  Observed seen;
  for (const int minute : {0, 120, 60, 180}) seen.see(entry(minute, 10, 0, 10, 0));
  plan::Workload w;
  EXPECT_TRUE(seen.measure(w));
}

}  // namespace
}  // namespace ajar::cli
