// cli/plan_calibrate.cpp - `ajar plan calibrate`: the ledger's exchanges with one engine as points, beside what was predicted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/ledger_place.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "ledger/query.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/capacity/served.hpp"

namespace ajar::cli {
namespace {

std::int64_t nanos(auto span) { return std::chrono::duration_cast<std::chrono::nanoseconds>(span).count(); }

struct Seen {
  std::vector<plan::Served> served;
  std::size_t all = 0, timed = 0;

  void see(const ledger::Entry& e) {
    if (e.simulated || e.duration <= Nanos{}) return;
    ++all;
    plan::Served s;
    s.began = nanos(e.began.time_since_epoch());
    s.ended = s.began + e.duration.count();
    // Only whole answers, and only streams, show how fast they came; a fallback's time is not this engine's.
    if (e.stream && e.outcome == ledger::Outcome::answered && e.first_token && e.attempts.size() == 1 && e.usage.reported) {
      s.first = s.began + e.first_token->count();
      s.input = static_cast<double>(e.usage.total_input() - e.usage.cache_read);
      s.output = static_cast<double>(e.usage.total_output());
      ++timed;
    }
    served.push_back(s);
  }
};

Result<Seen> seen_of(const PlanCalibrateOptions& o) {
  ledger::Filter filter;
  filter.deployment = o.deployment;
  if (!o.since.empty()) {
    filter.since = parse_rfc3339(o.since);
    if (!filter.since) return fail(Fault::config, fmt::format("--since {}: not a time; write a day as 2026-11-24", o.since));
  }
  const auto place = ledger_place(o.home);
  if (!place) return std::unexpected(place.error());
  const auto database = open_ledger(*place);
  if (!database) return std::unexpected(database.error());
  Seen seen;
  const auto done =
      ledger::newest(**database, filter, std::numeric_limits<std::int64_t>::max(), true, [&seen](const ledger::Entry& e) { seen.see(e); });
  if (!done) return std::unexpected(done.error());
  return seen;
}

Result<plan::Setup> setup_of(const PlanCalibrateOptions& o, const Planner& known) {
  const auto shape = shape_for(known, o.model);
  if (!shape) return std::unexpected(shape.error());
  const auto gpu = gpu_for(known, o.gpu);
  if (!gpu) return std::unexpected(gpu.error());
  const auto precision = o.precision.empty() ? plan::usual_precision(**shape, **gpu) : plan::precision_named(o.precision);
  if (!precision) return fail(Fault::config, fmt::format("the precision \"{}\" is not known; there are bf16, fp8, fp4, int4", o.precision));
  const plan::Engine engine = plan::engine_named(o.engine);
  const auto setup = o.count > 0 ? plan::usual_setup(**shape, **gpu, o.count, *precision, engine)
                                 : plan::smallest_setup(**shape, **gpu, *precision, engine, 2048);
  if (!setup || plan::most_sequences(*setup, 1) < 1)
    return fail(Fault::config,
                fmt::format("{} in {} cannot run there; `ajar plan fit` says what would fit", (*shape)->id, name_of(*precision)));
  return *setup;
}

constexpr std::string_view head =
    "id,model,precision,gpu,n_gpu,parallelism,engine,mode,isl_mean,osl_mean,concurrency,ttft_ms,tpot_ms,answers\n";

std::string row_of(const PlanCalibrateOptions& o, const plan::Setup& s, const plan::Gathered& g, std::size_t number) {
  return fmt::format("{}-{},{},{},{},{},{},{},agg,{:.1f},{:.1f},{:.3g},{:.6g},{:.6g},{}\n", o.deployment, number, s.shape->id,
                     name_of(s.precision), s.gpu->id, s.gpus, name_of(s.parallel), name_of(s.engine), g.input, g.output, g.in_flight,
                     g.ttft * 1e3, g.tpot * 1e3, g.answers);
}

}  // namespace

int plan_calibrate(const PlanCalibrateOptions& o) {
  if (o.least < 1 || o.count < 0 || o.count > 4096)
    return complain(fail(Fault::config, "--least: from 1 on; --count: 1 to 4096 GPUs").error());
  const auto known = planner();
  if (!known) return complain(known.error());
  const auto setup = setup_of(o, **known);
  if (!setup) return complain(setup.error());
  const auto seen = seen_of(o);
  if (!seen) return complain(seen.error());
  const std::vector<plan::Gathered> points = plan::gathered(seen->served, static_cast<std::size_t>(o.least));
  if (points.empty())
    return complain(
        fail(Fault::not_found, fmt::format("the ledger holds {} exchanges of \"{}\", {} of them whole streams with usage, and no "
                                           "{} of these are alike in load and length; send more, or lower --least",
                                           seen->all, o.deployment, seen->timed, o.least))
            .error());
  std::string table(head);
  json::Array rows;
  double slower = 0;
  if (!o.json)
    fmt::print("{:>9} {:>9} {:>9} {:>8}  {:>24}  {:>24}\n", "in flight", "input", "output", "answers", "first token, ms", "per token, ms");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const plan::Gathered& g = points[i];
    table += row_of(o, *setup, g, i + 1);
    const plan::Estimate e = (*known)->predictor->central(*setup, {.input = g.input, .output = g.output, .in_flight = g.in_flight});
    slower += std::log(g.tpot / e.tpot) / static_cast<double>(points.size());
    if (o.json)
      rows.push_back(json::Value{{"in_flight", g.in_flight},
                                 {"input", g.input},
                                 {"output", g.output},
                                 {"answers", static_cast<std::int64_t>(g.answers)},
                                 {"ttft_ms", g.ttft * 1e3},
                                 {"tpot_ms", g.tpot * 1e3},
                                 {"predicted_ttft_ms", e.ttft * 1e3},
                                 {"predicted_tpot_ms", e.tpot * 1e3}});
    else
      fmt::print("{:>9.3g} {:>9.0f} {:>9.0f} {:>8}  {:>24}  {:>24}\n", g.in_flight, g.input, g.output, g.answers,
                 fmt::format("{:.3g} (said {:.3g})", g.ttft * 1e3, e.ttft * 1e3),
                 fmt::format("{:.3g} (said {:.3g})", g.tpot * 1e3, e.tpot * 1e3));
  }
  if (const auto written = write_private(o.out, table); !written) return complain(written.error());
  if (o.json)
    fmt::print("{}\n", json::write_pretty(json::Value{{"points", std::move(rows)}, {"tpot_factor", std::exp(slower)}, {"file", o.out}}));
  else
    fmt::print(
        "\n{} of {} exchanges were whole streams with usage; between tokens this engine takes {:.2f} times what was predicted.\n"
        "Written to {}; use it so: ajar plan fit --measured {} ...\n",
        seen->timed, seen->all, std::exp(slower), o.out, o.out);
  return 0;
}

}  // namespace ajar::cli
