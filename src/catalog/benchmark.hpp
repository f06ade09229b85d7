// catalog/benchmark.hpp - Score: one reported result of a model; what level a model reaches at a task, and by which rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.hpp"

namespace ajar::catalog {

// Rows of one benchmark may be compared; different harnesses, subsets and versions are different benchmarks.
struct Score {
  std::string model, benchmark, task;
  double score = 0;
  std::string variant;  // effort, tool; for Elo its interval
  Source source;
};

enum class Level : unsigned { unknown, below, basic, good, high };
std::string_view name_of(Level) noexcept;
std::optional<Level> level_named(std::string_view) noexcept;  // basic, good, high

// From which score on a model counts as what, on the benchmark that stands for a task; those written first stand before others.
struct Threshold {
  std::string task, benchmark;
  double basic = 0, good = 0, high = 0;
};

struct Benchmarks {
  std::vector<Score> scores;
  std::vector<Threshold> thresholds;
};

// What vendors report beyond what others measure on the same model and benchmark, in points: Qwen3.6-27B on GPQA Diamond 87.8 by its
// vendor, 84.2 measured by Artificial Analysis; larger where harness or subset differ. Taken off before a vendor's row is compared.
inline constexpr double vendor_discount = 3.6;

// The level and the row that decided: of the task's first benchmark that the model has a row of; an independent row before a vendor's
// (which is discounted, but for Elo), a rival's row never. Among equal parties the best variant.
struct Quality {
  Level level = Level::unknown;
  const Score* by = nullptr;
  double counted = 0;  // the score after the discount
};
Quality quality_of(const Benchmarks&, std::string_view model, std::string_view task) noexcept;

std::vector<std::string_view> tasks_of(const Benchmarks&);  // those with a threshold, in order

}  // namespace ajar::catalog
