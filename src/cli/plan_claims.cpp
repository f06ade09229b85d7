// cli/plan_claims.cpp - `ajar plan claims`: what was claimed, what it takes for it to hold, and what holds today.
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "config/benchmarks.hpp"
#include "plan/decision/claims.hpp"

namespace ajar::cli {

int plan_claims(const PlanClaimsOptions& options) {
  WallTime at = SystemClock().wall();
  if (!options.at.empty()) {
    const auto given = parse_rfc3339(options.at);
    if (!given) return complain(fail(Fault::config, fmt::format("--at: \"{}\" is no date; write e.g. 2026-12-01", options.at)).error());
    at = *given;
  }
  const auto benchmarks = config::built_in_benchmarks();
  if (!benchmarks) return complain(benchmarks.error());
  const auto catalog = catalog_in(home_folder({}));
  if (!catalog) return complain(catalog.error());
  const auto known = planner();
  if (!known) return complain(known.error());
  const plan::Market market{*catalog, *benchmarks, (*known)->gpus, (*known)->shapes, *(*known)->predictor};
  const std::vector<plan::Claim> found = plan::claims(market, at);
  if (options.json) {
    json::Array rows;
    for (const plan::Claim& c : found) {
      json::Array sources;
      for (const std::string& source : c.sources) sources.emplace_back(source);
      rows.push_back(json::Value{{"id", c.id},
                                 {"claim", c.claim},
                                 {"stated", c.stated},
                                 {"assumptions", c.assumptions},
                                 {"recomputed", c.recomputed},
                                 {"verdict", name_of(c.verdict)},
                                 {"sources", std::move(sources)}});
    }
    fmt::print("{}\n", json::write_pretty(json::Value{{"claims", std::move(rows)}}));
    return 0;
  }
  for (const plan::Claim& c : found)
    fmt::print("{}: {}\n  claim       {}\n  stated      {}\n  comes out   {}\n  today       {}\n  sources     {}\n\n", c.id,
               name_of(c.verdict), c.claim, c.stated, c.assumptions, c.recomputed, join(c.sources, "; "));
  return 0;
}

}  // namespace ajar::cli
