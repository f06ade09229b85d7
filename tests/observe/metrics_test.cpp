// tests/observe/metrics_test.cpp - the Prometheus text: escaping, sums over shards, cumulative buckets, bounded series.
#include "observe/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace ajar::observe {
namespace {

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

TEST(Metrics, CountersAndGaugesAreSummedOverShards) {
  Registry registry;
  registry.counter("requests_total", "Requests.", {{"model", "a"}}, 0).add(2);
  registry.counter("requests_total", "Requests.", {{"model", "a"}}, 1).add(3);
  registry.counter("requests_total", "Requests.", {{"model", "b"}}, 1).add();
  registry.gauge("connections", "Open now.", {}, 0).set(-4);
  registry.gauge("connections", "Open now.", {}, 1).set(10);
  EXPECT_EQ(
      registry.exposition(),
      "# HELP connections Open now.\n# TYPE connections gauge\nconnections 6\n"
      "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{model=\"a\"} 5\nrequests_total{model=\"b\"} 1\n");
}

TEST(Metrics, TheSameSeriesIsTheSameCell) {
  Registry registry;
  Counter& first = registry.counter("a", "", {{"x", "1"}}, 0);
  for (int i = 0; i < 500; ++i) registry.counter("a", "", {{"x", std::to_string(i)}}, 0);
  EXPECT_EQ(&registry.counter("a", "", {{"x", "1"}}, 0), &first);
  EXPECT_NE(&registry.counter("a", "", {{"x", "1"}}, 1), &first);
}

TEST(Metrics, ValuesAndHelpAreEscaped) {
  Registry registry;
  registry.counter("a", "back\\slash\nand \"quotes\"", {{"x", "q\"b\\n\nl"}}, 0).add();
  EXPECT_TRUE(has_line(registry.exposition(), "# HELP a back\\\\slash\\nand \"quotes\""));
  EXPECT_TRUE(has_line(registry.exposition(), "a{x=\"q\\\"b\\\\n\\nl\"} 1"));
}

TEST(Metrics, BucketsAreCumulativeAndIncludeTheirBound) {
  Registry registry;
  Histogram& h0 = registry.histogram("seconds", "How long.", {{"m", "a"}}, 0);
  Histogram& h1 = registry.histogram("seconds", "How long.", {{"m", "a"}}, 1);
  for (const double s : {0.0, 0.001, 0.0011, 0.5}) h0.observe(s);
  for (const double s : {300.0, 301.0, -1.0}) h1.observe(s);
  const std::string text = registry.exposition();
  EXPECT_TRUE(has_line(text, "# TYPE seconds histogram"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"0.001\"} 3"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"0.0025\"} 4"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"0.25\"} 4"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"0.5\"} 5"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"300\"} 6"));
  EXPECT_TRUE(has_line(text, "seconds_bucket{m=\"a\",le=\"+Inf\"} 7"));
  EXPECT_TRUE(has_line(text, "seconds_count{m=\"a\"} 7"));
  EXPECT_TRUE(has_line(text, "seconds_sum{m=\"a\"} 601.5021")) << text;
}

TEST(Metrics, AHistogramWithoutLabelsHasOnlyLe) {
  Registry registry;
  registry.histogram("s", "", {}, 0).observe(1);
  EXPECT_TRUE(has_line(registry.exposition(), "s_bucket{le=\"1\"} 1"));
  EXPECT_TRUE(has_line(registry.exposition(), "s_count 1"));
}

TEST(Metrics, TooManySeriesBecomeOther) {
  Registry registry;
  for (std::size_t i = 0; i < Registry::most_series + 50; ++i) registry.counter("a", "", {{"x", std::to_string(i)}, {"y", "z"}}, 0).add();
  const std::string text = registry.exposition();
  EXPECT_TRUE(has_line(text, "a{x=\"other\",y=\"other\"} 50"));
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(Registry::most_series + 3));
}

TEST(Metrics, AnotherKindUnderTheSameNameIsOurBug) {
  EXPECT_DEATH(
      {
        Registry registry;
        registry.counter("a", "", {}, 0);
        registry.histogram("a", "", {}, 0);
      },
      "");
}

TEST(Metrics, ShardsCountWhileAnotherThreadReads) {
  Registry registry;
  std::vector<std::thread> shards;
  for (int shard = 0; shard < 3; ++shard)
    shards.emplace_back([&, shard] {
      Counter& counter = registry.counter("a", "", {}, shard);
      for (int i = 0; i < 20'000; ++i) counter.add();
    });
  for (int i = 0; i < 50; ++i) (void)registry.exposition();
  for (auto& shard : shards) shard.join();
  EXPECT_TRUE(has_line(registry.exposition(), "a 60000"));
}

}  // namespace
}  // namespace ajar::observe
