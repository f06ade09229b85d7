// tests/wire/vectors_test.cpp - every golden vector, and its stream at every byte split.
#include "wire/vectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::wire {
namespace {

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(AJAR_SOURCE_DIR "/tests/wire/golden"))
    if (entry.path().extension() == ".json") all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class Golden : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Golden, HoldsAtEverySplit) {
  const auto result = run_vector(text_of(GetParam()), true);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->problems.empty()) << join(result->problems, "\n");
}

INSTANTIATE_TEST_SUITE_P(Wire, Golden, testing::ValuesIn(files()), [](const auto& info) { return info.param.stem().string(); });

TEST(Vectors, AWrongExpectationIsFound) {
  std::string text = text_of(files().front());
  const std::size_t at = text.find("\"finish_reason\": \"stop\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 23, "\"finish_reason\": \"nope\"");
  const auto result = run_vector(text);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->problems.empty());
}

TEST(Vectors, AFolderIsRunAsAWhole) {
  const auto run = run_vectors(AJAR_SOURCE_DIR "/tests/wire/golden");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->good());
  EXPECT_EQ(run->passed, files().size());
  EXPECT_TRUE(vectors_text(*run).ends_with(std::to_string(run->passed) + " passed, 0 failed\n")) << vectors_text(*run);
}

class VectorFolder : public testing::Test {
 protected:
  VectorFolder() : path_(std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~VectorFolder() override { std::filesystem::remove_all(path_); }
  void put(std::string_view name, std::string_view text) const { std::ofstream(path_ / name) << text; }
  std::filesystem::path path_;
};

TEST_F(VectorFolder, WhatIsNotSpokenYetIsSkippedAndProvesNothing) {
  put("a.json", R"({"name":"other","tags":["tools"],"inbound_protocol":"gemini-generate","inbound_request":{}})");
  const auto run = run_vectors(path_);
  ASSERT_TRUE(run);
  EXPECT_FALSE(run->good());
  EXPECT_EQ(run->skipped, 1u);
  const std::string text = vectors_text(*run);
  EXPECT_NE(text.find("skipped other: gemini-generate is not accepted from callers yet"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("0 passed, 0 failed\n")) << text;
}

TEST_F(VectorFolder, FailuresNameTagsRulesAndPlaces) {
  std::string text = text_of(files().front());
  const std::size_t at = text.find("\"finish_reason\": \"stop\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 23, "\"finish_reason\": \"nope\"");
  put("a.json", text);
  put("b.json", "{}");
  put("c.json", "nonsense");
  put("readme.txt", "no vector");
  const auto run = run_vectors(path_);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->failed, 3u);
  const std::string report = vectors_text(*run);
  EXPECT_NE(report.find("[roles] leading system and developer messages"), std::string::npos) << report;
  EXPECT_NE(report.find("/choices/0/finish_reason: expected \"nope\", got \"stop\""), std::string::npos) << report;
  EXPECT_TRUE(report.ends_with("0 passed, 3 failed\n")) << report;
  const auto json = json::read(vectors_json(*run));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["cases"].at(0)["outcome"].text(), "failed");
}

TEST_F(VectorFolder, AnEmptyOrMissingFolderIsAnError) {
  EXPECT_FALSE(run_vectors(path_));
  EXPECT_FALSE(run_vectors(path_ / "nowhere"));
}

}  // namespace
}  // namespace ajar::wire
