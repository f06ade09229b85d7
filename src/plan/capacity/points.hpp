// plan/capacity/points.hpp - measured points, or points to be predicted, from a CSV table.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "plan/capacity/setup.hpp"

namespace ajar::plan {

struct Point {
  std::string id, series;
  int line = 0;
  Setup setup;
  Load load;
  std::optional<double> ttft, tpot;  // s
  std::optional<double> rate;        // output tokens per second and GPU
  std::string reason;                // why nothing can be said of it; "" = nothing is wrong
};

struct Points {
  std::vector<Point> rows;
  std::deque<catalog::Shape> made;  // stand-ins for models that are known by their size alone
};

// Columns by name, in any order: model, precision, gpu, n_gpu, parallelism, engine, engine_version, mode, spec_decode, isl_mean or isl,
// osl_mean or osl, concurrency, protocol or flags; id, series; params_total_b, params_active_b for models that are not known by name;
// outcomes ttft_ms, tpot_ms, out_tps_per_gpu, which may be absent or empty. The GPUs and shapes must outlive the points.
// A row that cannot be read has its reason. Faults: bad_request when the text is no CSV or lacks model, gpu, isl or osl.
Result<Points> points_of(std::string_view csv, const std::vector<catalog::Gpu>&, const std::vector<catalog::Shape>&);

}  // namespace ajar::plan
