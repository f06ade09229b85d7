// cli/planner.hpp - Planner: what every planner verb reads first.
#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "catalog/gpu.hpp"
#include "catalog/shape.hpp"
#include "plan/capacity/points.hpp"
#include "plan/capacity/predictor.hpp"
#include "plan/simulate/trace.hpp"

namespace ajar::cli {

struct Planner {
  std::vector<catalog::Gpu> gpus;
  std::vector<catalog::Shape> shapes;
  plan::Points measured, own;  // built in; and those of one's own engines
  std::unique_ptr<plan::Predictor> predictor;
};

// `measured`: a table of points of one's own engines that sharpens the predictor; "" = none. Faults: config, when the built-in data is at
// fault or that table, with file and line; storage.
Result<std::unique_ptr<Planner>> planner(const std::string& measured = {});

// Of a file, or of standard input when it is "-". Faults: config, with file, line and column; storage.
Result<plan::Trace> read_trace(const std::string& file);

// Faults: not_found, with the nearest name and all there are.
Result<const catalog::Gpu*> gpu_for(const Planner&, std::string_view name);
Result<const catalog::Shape*> shape_for(const Planner&, std::string_view name);

}  // namespace ajar::cli
