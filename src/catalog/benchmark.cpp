// catalog/benchmark.cpp - levels from scores.
#include "catalog/benchmark.hpp"

#include <algorithm>

namespace ajar::catalog {
namespace {

Level level_of(const Threshold& t, double score) noexcept {
  if (score >= t.high) return Level::high;
  if (score >= t.good) return Level::good;
  return score >= t.basic ? Level::basic : Level::below;
}

double counted(const Score& s) noexcept {
  const bool points = s.score <= 100;  // Elo is made by voters
  return s.source.party == Party::vendor && points ? s.score - vendor_discount : s.score;
}

}  // namespace

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::unknown:
      return "unknown";
    case Level::below:
      return "below";
    case Level::basic:
      return "basic";
    case Level::good:
      return "good";
    case Level::high:
      return "high";
  }
  return "";
}

std::optional<Level> level_named(std::string_view word) noexcept {
  for (const Level level : {Level::basic, Level::good, Level::high})
    if (name_of(level) == word) return level;
  return std::nullopt;
}

Quality quality_of(const Benchmarks& all, std::string_view model, std::string_view task) noexcept {
  for (const Threshold& t : all.thresholds) {
    if (t.task != task) continue;
    Quality best;
    for (const Score& s : all.scores) {
      if (s.model != model || s.benchmark != t.benchmark || s.source.party == Party::rival) continue;
      const auto better = [&] {
        if (best.by == nullptr) return true;
        const bool own = s.source.party == Party::vendor, other = best.by->source.party == Party::vendor;
        return own != other ? !own : s.score > best.by->score;
      };
      if (better()) best = {level_of(t, counted(s)), &s, counted(s)};
    }
    if (best.by != nullptr) return best;
  }
  return {};
}

std::vector<std::string_view> tasks_of(const Benchmarks& all) {
  std::vector<std::string_view> tasks;
  for (const Threshold& t : all.thresholds)
    if (std::ranges::find(tasks, t.task) == tasks.end()) tasks.push_back(t.task);
  return tasks;
}

}  // namespace ajar::catalog
