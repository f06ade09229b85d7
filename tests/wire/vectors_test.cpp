// tests/wire/vectors_test.cpp - every golden vector, and its stream at every byte split.
#include "wire/vectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

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

}  // namespace
}  // namespace ajar::wire
