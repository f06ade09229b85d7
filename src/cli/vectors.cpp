// cli/vectors.cpp - `ajar vectors DIR`: every wire vector of a folder; closes with `N passed, N failed`.
#include "wire/vectors.hpp"

#include <fmt/format.h>

#include "cli/run.hpp"
#include "cli/verbs.hpp"

namespace ajar::cli {

int vectors(const VectorsOptions& options) {
  const auto run = wire::run_vectors(options.folder);
  if (!run) return complain(run.error());
  fmt::print("{}", options.json ? wire::vectors_json(*run) : wire::vectors_text(*run));
  return run->good() ? 0 : 1;
}

}  // namespace ajar::cli
