// tests/observe/log_test.cpp - lines are JSON, levels hold, and a storm is bounded.
#include "observe/log.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace ajar::observe {
namespace {

struct Log : testing::Test {
  ~Log() override { set_level(Level::info); }
  // Each test has seconds of its own: what was written in one counts for its second only.
  static WallTime second() {
    static std::int64_t next = 1'000'000;
    return WallTime(std::chrono::seconds(++next));
  }
};

TEST_F(Log, ALineIsJsonWithTimeLevelMessageAndFields) {
  const std::string line =
      line_of(WallTime(std::chrono::seconds(86'400)), Level::warn, "it \"broke\"\n", {{"key", "a\tb"}, {"empty", ""}, {"other", "\x01"}});
  EXPECT_EQ(line,
            "{\"time\":\"1970-01-02T00:00:00.000Z\",\"level\":\"warn\",\"message\":\"it "
            "\\\"broke\\\"\\n\",\"key\":\"a\\tb\",\"other\":\"\\u0001\"}\n");
  EXPECT_TRUE(json::read(std::string_view(line).substr(0, line.size() - 1)));
}

TEST_F(Log, LevelsBelowTheChosenOneAreLeftOut) {
  EXPECT_EQ(line_of(second(), Level::debug, "m", {}), "");
  EXPECT_NE(line_of(second(), Level::info, "m", {}), "");
  set_level(Level::error);
  EXPECT_EQ(level(), Level::error);
  EXPECT_EQ(line_of(second(), Level::warn, "m", {}), "");
  EXPECT_NE(line_of(second(), Level::error, "m", {}), "");
  set_level(Level::debug);
  EXPECT_NE(line_of(second(), Level::debug, "m", {}), "");
}

TEST_F(Log, LevelsHaveNames) {
  EXPECT_EQ(level_named("warn"), Level::warn);
  EXPECT_EQ(level_named("Warn"), std::nullopt);
  EXPECT_EQ(level_named(""), std::nullopt);
}

TEST_F(Log, AStormIsBoundedAndItsSizeTold) {
  const WallTime now = second();
  int lines = 0;
  for (int i = 0; i < 500; ++i) lines += line_of(now + Millis(i), Level::warn, "m", {}).empty() ? 0 : 1;
  EXPECT_EQ(lines, 200);
  const std::string error = line_of(now, Level::error, "m", {});  // errors are always written
  EXPECT_NE(error.find(",\"left_out\":300}"), std::string::npos) << error;
  const std::string next = line_of(second(), Level::info, "m", {});
  EXPECT_NE(next, "");
  EXPECT_EQ(next.find("left_out"), std::string::npos);
}

TEST_F(Log, LinesGoToStandardError) {
  testing::internal::CaptureStderr();
  log(Level::error, "one line", {{"a", "b"}});
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_NE(written.find("\"level\":\"error\",\"message\":\"one line\",\"a\":\"b\"}\n"), std::string::npos) << written;
}

}  // namespace
}  // namespace ajar::observe
