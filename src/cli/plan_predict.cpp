// cli/plan_predict.cpp - `ajar plan predict` and `ajar plan lint`: tables of set-ups in, predictions or findings out.
#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/json.hpp"
#include "cli/home.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "plan/capacity/lint.hpp"

namespace ajar::cli {
namespace {

struct Asked {
  std::unique_ptr<Planner> planner;
  plan::Points points;
};

Result<Asked> read(const std::string& file, const std::string& measured = {}) {
  auto text = read_input(file);
  if (!text) return forward(std::move(text));
  auto known = planner(measured);
  if (!known) return forward(std::move(known));
  auto points = plan::points_of(*text, (*known)->gpus, (*known)->shapes);
  if (!points) return fail(Fault::config, fmt::format("{}: {}", file == "-" ? "standard input" : file, points.error().message));
  return Asked{std::move(*known), std::move(*points)};
}

std::string line_of(const plan::Point& point, const plan::Predictor& predictor) {
  const plan::Prediction p = point.reason.empty() ? predictor.predict(point.setup, point.load)
                                                  : plan::Prediction{.ttft = {}, .tpot = {}, .rate = {}, .refused = point.reason};
  if (!p.refused.empty()) return fmt::format("{},,,,,,,,,,1,{}\n", csv_field(point.id), csv_field(p.refused));
  return fmt::format("{},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},0,{}\n", csv_field(point.id), p.ttft.p50 * 1e3,
                     p.tpot.p50 * 1e3, p.rate.p50, p.ttft.p10 * 1e3, p.ttft.p90 * 1e3, p.tpot.p10 * 1e3, p.tpot.p90 * 1e3, p.rate.p10,
                     p.rate.p90, name_of(p.nearness));
}

}  // namespace

int plan_predict(const PlanPredictOptions& options) {
  const auto asked = read(options.points, options.measured);
  if (!asked) return complain(asked.error());
  std::string out =
      "id,ttft_ms,tpot_ms,out_tps_per_gpu,ttft_ms_p10,ttft_ms_p90,tpot_ms_p10,tpot_ms_p90,out_tps_per_gpu_p10,out_tps_per_gpu_p90,refused,"
      "reason\n";
  for (const plan::Point& point : asked->points.rows) out += line_of(point, *asked->planner->predictor);
  fmt::print("{}", out);
  return 0;
}

int plan_lint(const PlanLintOptions& options) {
  const auto asked = read(options.file);
  if (!asked) return complain(asked.error());
  const std::vector<plan::Finding> found = plan::lint(asked->points.rows, *asked->planner->predictor);
  if (options.json) {
    json::Array rows;
    for (const plan::Finding& f : found)
      rows.push_back(json::Value{{"line", f.line}, {"id", f.id}, {"rule", name_of(f.rule)}, {"certain", f.certain}, {"why", f.why}});
    fmt::print("{}\n", json::write_pretty(
                           json::Value{{"rows", static_cast<std::int64_t>(asked->points.rows.size())}, {"findings", std::move(rows)}}));
  } else {
    for (const plan::Finding& f : found)
      fmt::print("line {:<5} {:<10} {:<12} {}: {}\n", f.line, f.id, name_of(f.rule), f.certain ? "impossible" : "suspected", f.why);
    fmt::print("{} rows, {} findings\n", asked->points.rows.size(), found.size());
  }
  return found.empty() ? 0 : 1;
}

}  // namespace ajar::cli
