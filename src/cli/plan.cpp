// cli/plan.cpp - `ajar plan`: closed, hosted, own or both; the answer on one page.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/plan_ledger.hpp"
#include "cli/plan_report.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "config/benchmarks.hpp"
#include "config/workload_file.hpp"
#include "plan/decision/decide.hpp"

namespace ajar::cli {
namespace {

Status measure_trace(const std::string& file, plan::Workload& w) {
  const auto trace = read_trace(file);
  if (!trace) return std::unexpected(trace.error());
  const std::string_view name = input_name(file);
  const auto notes = plan::measure(*trace, w);
  if (!notes) return fail(Fault::config, fmt::format("{}: {}", name, notes.error().message));
  for (const std::string& note : trace->warnings) fmt::print(stderr, "note: {}: {}\n", name, note);
  for (const std::string& note : *notes) fmt::print(stderr, "note: {}: {}\n", name, note);
  return ok();
}

// What the flags say, over what stands there.
Status read_flags(const PlanOptions& o, const plan::Words& words, plan::Workload& w) {
  for (const PlanOptions::Said& one : o.said)
    if (const Status set = config::set_workload(one.key, one.text, words, w); !set)
      return fail(set.error().fault, fmt::format("{}: {}", one.option, set.error().message));
  w.at = SystemClock().wall();
  if (!o.at.empty()) {
    const auto at = parse_rfc3339(o.at);
    if (!at) return fail(Fault::config, fmt::format("--at: \"{}\" is no date; write e.g. 2026-12-01", o.at));
    w.at = *at;
  }
  return ok();
}

// The file first, then what a trace or the ledger shows, then the flags.
Result<plan::Workload> workload_of(const PlanOptions& o, const plan::Words& words) {
  plan::Workload w;
  if (!o.workload.empty()) {
    const auto text = read_file(o.workload);
    if (!text) return std::unexpected(text.error());
    const auto problems = config::read_workload(*text, o.workload, words, w);
    if (!problems.empty()) return fail(Fault::config, std::string(trim(all_of(problems))));
  }
  if (!o.trace.empty() && o.from_ledger)
    return fail(Fault::config, "--trace and --from-ledger both say how much there is; give one of them");
  if (!o.trace.empty())
    if (auto read = measure_trace(o.trace, w); !read) return forward(std::move(read));
  if (o.from_ledger) {
    const auto notes = measure_ledger(o.home, o.since, w);
    if (!notes) return std::unexpected(notes.error());
    for (const std::string& note : *notes) fmt::print(stderr, "note: {}\n", note);
  }
  if (auto read = read_flags(o, words, w); !read) return forward(std::move(read));
  if (auto good = plan::check(w); !good) return forward(std::move(good));
  return w;
}

std::string name_of_file(const std::string& file) { return std::filesystem::path(file).stem().string(); }

}  // namespace

int plan(const PlanOptions& o) {
  const auto benchmarks = config::built_in_benchmarks();
  if (!benchmarks) return complain(benchmarks.error());
  const auto catalog = catalog_in(home_folder(o.home));
  if (!catalog) return complain(catalog.error());
  if (o.draws < 100 || o.draws > 1'000'000) return complain(fail(Fault::config, "--draws: 100 to 1,000,000").error());
  const auto known = planner(o.measured);
  if (!known) return complain(known.error());
  const plan::Words words{
      .tasks = catalog::tasks_of(*benchmarks), .providers = catalog->providers(), .regions = catalog->regions(), .gpus = &(*known)->gpus};
  const auto workload = workload_of(o, words);
  if (!workload) return complain(workload.error());
  std::vector<plan::Workload> others;
  for (const std::string& file : o.compare) {
    PlanOptions other;
    other.workload = file;
    other.at = o.at;
    const auto read = workload_of(other, words);
    if (!read) return complain(read.error());
    others.push_back(*read);
  }
  const plan::Market market{*catalog, *benchmarks, (*known)->gpus, (*known)->shapes, *(*known)->predictor};
  std::vector<NamedPlan> plans;
  plans.push_back({o.workload.empty() ? "this" : name_of_file(o.workload), plan::decide(*workload, market, o.draws, o.seed)});
  for (std::size_t i = 0; i < others.size(); ++i)
    plans.push_back({name_of_file(o.compare[i]), plan::decide(others[i], market, o.draws, o.seed)});
  const bool possible = std::ranges::all_of(plans, [](const NamedPlan& p) { return p.plan.best.has_value(); });
  if (o.json)
    fmt::print("{}\n", json::write_pretty(others.empty() ? value_of(plans.front().plan) : value_of(plans)));
  else if (others.empty())
    print(plans.front().plan, o.all || !possible);
  else
    print_beside(plans);
  if (!o.html.empty()) {
    if (const auto written = write_page(o.html, plans); !written) return complain(written.error());
    fmt::print(stderr, "the page with plots is {}\n", o.html);
  }
  return possible ? 0 : 2;
}

}  // namespace ajar::cli
