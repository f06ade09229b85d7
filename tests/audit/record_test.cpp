// tests/audit/record_test.cpp - what of an exchange counts as having left.
#include "audit/record.hpp"

#include <gtest/gtest.h>

namespace ajar::audit {
namespace {

std::string hosting_of(const std::string& deployment) {
  return deployment == "home" ? "own" : deployment == "gpt" ? "closed" : std::string();
}

json::Value record(std::uint64_t label, const std::vector<std::string>& tried) {
  ledger::Entry entry;
  entry.label = label;
  for (const std::string& name : tried)
    entry.attempts.push_back({.deployment = name, .fault = std::nullopt, .status = 200, .duration = {}});
  return *json::read(record_of(entry, {}, hosting_of));
}

TEST(Record, AttemptsElsewhereHaveLeft) {
  EXPECT_EQ(record(1, {"home", "home"})["attempts_away"].integer(), 0);
  EXPECT_EQ(record(1, {"gpt", "home"})["attempts_away"].integer(), 1);
  EXPECT_EQ(record(1, {"gone"})["attempts_away"].integer(), 1);  // nobody knows where that was
}

TEST(Record, TheSumTellsHomeRefusedAndAway) {
  Summary sum;
  sum.add(record(0, {"gpt"}));
  sum.add(record(1, {"home"}));
  sum.add(record(1, {}));
  sum.add(record(1, {"home", "gpt"}));
  sum.add(json::Value{{"at", "2026-11-01T00:00:00Z"}, {"label_bits", "0x1"}});  // a record that does not say counts as away
  EXPECT_EQ(sum.requests, 5);
  EXPECT_EQ(sum.sensitive, 4);
  EXPECT_EQ(sum.sensitive_home, 1);
  EXPECT_EQ(sum.sensitive_refused, 1);
  EXPECT_EQ(sum.sensitive_away, 2);
}

}  // namespace
}  // namespace ajar::audit
