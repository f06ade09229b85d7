// tests/plan/market.hpp - the built-in facts as a market, and workloads in it.
#pragma once

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "config/benchmarks.hpp"
#include "config/facts.hpp"
#include "config/planner_facts.hpp"
#include "plan/decision/decide.hpp"

namespace ajar::plan {

struct Facts {
  catalog::Catalog catalog = *config::built_in_catalog();
  catalog::Benchmarks benchmarks = *config::built_in_benchmarks();
  std::vector<catalog::Gpu> gpus = *config::built_in_gpus();
  std::vector<catalog::Shape> shapes = *config::built_in_shapes();
  Points measured = *points_of(config::built_in_points(), gpus, shapes);
  Predictor predictor{*config::built_in_fitted(), measured.rows};
  Market market{catalog, benchmarks, gpus, shapes, predictor};
};

inline const Facts& facts() {
  static const Facts all;
  return all;
}

inline constexpr int draws = 500;

inline Workload workload(double tokens) {
  Workload w;
  w.tokens = tokens;
  w.at = *parse_rfc3339("2026-11-25");
  return w;
}

inline const Option& best_of(const Plan& p) {
  EXPECT_TRUE(p.best);
  return p.options[p.best.value_or(0)];
}

}  // namespace ajar::plan
