// config/planner_facts.hpp - what the planner knows of GPUs, models and measurements: read from the program when it is asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "catalog/gpu.hpp"
#include "catalog/shape.hpp"
#include "plan/capacity/predictor.hpp"

namespace ajar::config {

// Faults: config, naming file, line and what is wrong.
Result<std::vector<catalog::Gpu>> gpus_of(std::string_view toml);
Result<std::vector<catalog::Shape>> shapes_of(std::string_view toml);
Result<std::vector<catalog::Gpu>> built_in_gpus();
Result<std::vector<catalog::Shape>> built_in_shapes();

// The measured points that the predictor was fitted on (data/planner/points.csv), and what was fitted.
std::string_view built_in_points() noexcept;
Result<plan::Fitted> fitted_of(std::string_view capacity_toml, std::string_view weights_csv);
Result<plan::Fitted> built_in_fitted();
// The same, written as the files that fitted_of() reads.
std::string capacity_toml_of(const plan::Fitted&);
std::string weights_csv_of(const plan::Fitted&);

}  // namespace ajar::config
