// config/benchmarks.hpp - data/benchmarks.toml, read when it is asked for.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "catalog/benchmark.hpp"

namespace ajar::config {

// Faults: config, naming file, line and what is wrong.
Result<catalog::Benchmarks> benchmarks_of(std::string_view toml);
Result<catalog::Benchmarks> built_in_benchmarks();

}  // namespace ajar::config
