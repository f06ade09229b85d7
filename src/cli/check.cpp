// cli/check.cpp - `ajar check`: all problems of a configuration file at once.
#include <fmt/format.h>

#include "base/json.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"
#include "config/options.hpp"

namespace ajar::cli {
namespace {

json::Value as_json(const config::Problem& p) {
  return json::Value{{"file", p.file}, {"line", p.line}, {"column", p.column}, {"message", p.message}, {"remedy", p.remedy}};
}

json::Value as_json(const std::vector<config::Problem>& problems) {
  json::Array list;
  for (const config::Problem& problem : problems) list.push_back(as_json(problem));
  return json::Value(std::move(list));
}

}  // namespace

int check(const CheckOptions& options) {
  if (options.reference) {
    fmt::print("{}", config::reference());
    return 0;
  }
  const config::Loaded loaded = config::load_file(options.file, config::system_environment());
  if (options.json) {
    json::Value result{{"file", options.file},
                       {"good", loaded.snapshot != nullptr},
                       {"problems", as_json(loaded.problems)},
                       {"warnings", as_json(loaded.warnings)}};
    if (loaded.snapshot) result.set("snapshot", loaded.snapshot->id);
    fmt::print("{}\n", json::write_pretty(result));
    return loaded.snapshot ? 0 : 2;
  }
  for (const config::Problem& problem : loaded.problems) fmt::print(stderr, "{}\n", config::text_of(problem));
  for (const config::Problem& warning : loaded.warnings) fmt::print(stderr, "warning: {}\n", config::text_of(warning));
  if (!loaded.snapshot) {
    fmt::print(stderr, "{} {} in {}\n", loaded.problems.size(), loaded.problems.size() == 1 ? "problem" : "problems", options.file);
    return 2;
  }
  const config::Snapshot& s = *loaded.snapshot;
  fmt::print("{} is good: {} deployments, {} model names, {} keys, {} rules, snapshot {}\n", options.file, s.deployments.size(),
             s.route_by_model.size(), s.keys.keys().size(), s.ruleset.rules.size(), s.id);
  return 0;
}

}  // namespace ajar::cli
