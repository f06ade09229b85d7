// cli/planner.hpp - Planner: what every planner verb reads first.
#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "catalog/gpu.hpp"
#include "catalog/shape.hpp"
#include "plan/capacity/points.hpp"
#include "plan/capacity/predictor.hpp"

namespace ajar::cli {

struct Planner {
  std::vector<catalog::Gpu> gpus;
  std::vector<catalog::Shape> shapes;
  plan::Points measured;
  std::unique_ptr<plan::Predictor> predictor;
};

// Faults: config, when the built-in data is at fault.
Result<std::unique_ptr<Planner>> planner();

// Faults: not_found, with the nearest name and all there are.
Result<const catalog::Gpu*> gpu_for(const Planner&, std::string_view name);
Result<const catalog::Shape*> shape_for(const Planner&, std::string_view name);

}  // namespace ajar::cli
