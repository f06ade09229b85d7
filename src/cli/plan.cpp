// cli/plan.cpp - `ajar plan`: closed, hosted, own or both; the answer on one page.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "config/benchmarks.hpp"
#include "config/facts.hpp"
#include "plan/decision/decide.hpp"

namespace ajar::cli {
namespace {

Result<plan::Workload> workload_of(const PlanOptions& o, const catalog::Benchmarks& benchmarks) {
  plan::Workload w;
  const auto tokens = plan::tokens_of(o.tokens);
  if (!tokens) return std::unexpected(tokens.error());
  w.tokens = *tokens;
  auto mix = plan::mix_of(o.mix, catalog::tasks_of(benchmarks));
  if (!mix) return forward(std::move(mix));
  w.mix = std::move(*mix);
  for (const auto& [text, what, share] : {std::tuple(&o.sensitive, "--phi", &w.sensitive), std::tuple(&o.cached, "--cached", &w.cached),
                                          std::tuple(&o.hidden, "--reasoning", &w.hidden), std::tuple(&o.batch, "--batch", &w.batch),
                                          std::tuple(&o.input_share, "--input-share", &w.input_share)}) {
    const auto value = plan::share_of(*text, what);
    if (!value) return std::unexpected(value.error());
    *share = *value;
  }
  if (w.hidden > 0.98) return fail(Fault::config, "--reasoning: at most 98% of the output can be hidden");
  const auto team = plan::team_of(o.team);
  if (!team) return std::unexpected(team.error());
  w.team = *team;
  const auto level = catalog::level_named(o.quality);
  if (!level && o.quality != "any")
    return fail(Fault::config, fmt::format("--quality: \"{}\" is not known; write any, basic, good or high", o.quality));
  w.quality = level.value_or(catalog::Level::unknown);
  w.contract = o.contract;
  w.spare = !o.no_spare;
  w.request_input = o.request_input;
  w.peak = o.peak;
  w.ttft = o.ttft;
  w.tpot = o.tpot_ms / 1e3;
  w.at = SystemClock().wall();
  if (!o.at.empty()) {
    const auto at = parse_rfc3339(o.at);
    if (!at) return fail(Fault::config, fmt::format("--at: \"{}\" is no date; write e.g. 2026-12-01", o.at));
    w.at = *at;
  }
  if (auto good = plan::check(w); !good) return forward(std::move(good));
  return w;
}

std::string dollars(double amount) {
  if (amount < 100) return fmt::format("{:.2f}", amount);
  if (amount < 1e6) return fmt::format("{:.0f}", amount);
  return amount < 1e9 ? fmt::format("{:.2f}M", amount / 1e6) : fmt::format("{:.2f}B", amount / 1e9);
}

std::string count(double number) {
  if (number < 1e3) return fmt::format("{:.3g}", number);
  for (const auto& [unit, letter] : {std::pair(1e12, "T"), std::pair(1e9, "B"), std::pair(1e6, "M"), std::pair(1e3, "K")})
    if (number >= unit) return fmt::format("{:.3g}{}", number / unit, letter);
  return {};
}

std::string quality_text(const plan::Option& o) {
  std::string text;
  for (const plan::Judged& j : o.quality) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", j.task, name_of(j.quality.level));
  return text;
}

void print_break_even(const std::optional<plan::BreakEven>& b, std::string_view kind) {
  if (!b) return;
  fmt::print("\nbreak-even, {} against {} ({}):\n  ", b->own->name, b->api->name, kind);
  if (b->tokens)
    fmt::print("from {} tokens a month on", count(*b->tokens));
  else
    fmt::print("never: one more token costs more on own GPUs than over this API");
  if (b->never < 1 && b->band.p90 > 0)
    fmt::print("; 80 % of cases {} to {}, middle {}", count(b->band.p10), count(b->band.p90), count(b->band.p50));
  fmt::print("; never in {:.0f} % of cases\n", 100 * b->never);
}

void print(const plan::Plan& p, bool all) {
  const plan::Workload& w = p.workload;
  fmt::print("{} tokens a month ({:.0f} % input), {} requests of {:.0f} in and {:.0f} out; busiest hour {:.3g} x the mean\n",
             count(w.tokens), 100 * w.input_share, count(w.requests()), w.request_input, w.request_output(), w.peak);
  if (p.best)
    fmt::print("\nRECOMMENDED: {}: {}, about ${} a month (80 % of cases ${} to ${})\n", name_of(p.options[*p.best].kind),
               p.options[*p.best].name, dollars(p.options[*p.best].month.p50), dollars(p.options[*p.best].month.p10),
               dollars(p.options[*p.best].month.p90));
  else
    fmt::print("\nNOTHING MEETS ALL CONSTRAINTS\n");
  for (const std::string& reason : p.reasons) fmt::print("  - {}\n", reason);
  fmt::print("\n{:<7} {:>9} {:>9} {:>9}  {:>6} {:>7}  {:<52} {}\n", "", "$ p10", "$ p50", "$ p90", "set-up", "leaves", "option", "quality");
  for (const plan::Option& o : p.options) {
    if (!o.lacks.empty() && !all) continue;
    fmt::print("{:<7} {:>9} {:>9} {:>9}  {:>4.3g} h {:>6.0f}%  {:<52} {}\n", name_of(o.kind), dollars(o.month.p10), dollars(o.month.p50),
               dollars(o.month.p90), o.setup_hours, 100 * o.out_share, o.name, quality_text(o));
    if (o.own)
      fmt::print("{:<53}  {} replica(s), {:.0f} % busy, {:.0f} tokens/s each with {:.0f} in flight ({})\n", "", o.replicas,
                 100 * o.utilisation, o.own->capacity, o.own->in_flight, name_of(o.own->nearness));
    if (!o.lacks.empty()) fmt::print("{:<53}  not possible: {}\n", "", join(o.lacks, "; "));
  }
  print_break_even(p.against_closed, "closed");
  print_break_even(p.against_hosted, "open, hosted by others");
  if (!p.flips.empty()) fmt::print("\nwould turn it:\n");
  for (const plan::Flip& f : p.flips) fmt::print("  {:<28} {} -> {}: {}\n", f.input, count(f.now), count(f.then), name_of(f.to));
  if (!all) fmt::print("\n--all shows also what does not meet a constraint; --json everything.\n");
}

json::Value value_of(const plan::Band& b) { return json::Value{{"p10", b.p10}, {"p50", b.p50}, {"p90", b.p90}}; }

json::Value value_of(const std::optional<plan::BreakEven>& b) {
  if (!b) return {};
  return json::Value{{"own", b->own->name},
                     {"api", b->api->name},
                     {"tokens", b->tokens ? json::Value(*b->tokens) : json::Value()},
                     {"band", b->never < 1 ? value_of(b->band) : json::Value()},
                     {"never", b->never}};
}

json::Value value_of(const plan::Option& o) {
  json::Array quality, lacks;
  for (const plan::Judged& j : o.quality)
    quality.push_back(json::Value{{"task", j.task},
                                  {"level", name_of(j.quality.level)},
                                  {"benchmark", j.quality.by ? json::Value(j.quality.by->benchmark) : json::Value()},
                                  {"score", j.quality.by ? json::Value(j.quality.by->score) : json::Value()},
                                  {"source", j.quality.by ? json::Value(j.quality.by->source.url) : json::Value()}});
  for (const std::string& lack : o.lacks) lacks.emplace_back(lack);
  json::Value out{{"kind", name_of(o.kind)},          {"name", o.name},
                  {"month_usd", value_of(o.month)},   {"setup_hours", o.setup_hours},
                  {"share_that_leaves", o.out_share}, {"possible", o.lacks.empty()},
                  {"lacks", std::move(lacks)},        {"quality", std::move(quality)}};
  if (o.api)
    out.set("api", json::Value{{"provider", o.api->provider},
                               {"model", o.api->model},
                               {"price", o.api->price_id},
                               {"usd_per_million_input", o.api->input * 1e6},
                               {"usd_per_million_cached", o.api->cached * 1e6},
                               {"usd_per_million_output", o.api->output * 1e6}});
  if (o.own)
    out.set("own", json::Value{{"model", o.own->model},
                               {"gpu", o.own->setup.gpu->id},
                               {"gpus", o.own->setup.gpus},
                               {"precision", name_of(o.own->setup.precision)},
                               {"replicas", o.replicas},
                               {"utilisation", o.utilisation},
                               {"in_flight", o.own->in_flight},
                               {"out_tps", o.own->capacity},
                               {"usd_per_gpu_hour", o.own->rent},
                               {"nearness", name_of(o.own->nearness)}});
  return out;
}

void print_json(const plan::Plan& p) {
  json::Array options, reasons, flips;
  for (const plan::Option& o : p.options) options.push_back(value_of(o));
  for (const std::string& r : p.reasons) reasons.emplace_back(r);
  for (const plan::Flip& f : p.flips)
    flips.push_back(json::Value{{"input", f.input}, {"now", f.now}, {"then", f.then}, {"to", name_of(f.to)}});
  fmt::print("{}\n", json::write_pretty(json::Value{
                         {"tokens", p.workload.tokens},
                         {"at", rfc3339(p.workload.at)},
                         {"recommended", p.best ? json::Value{{"kind", name_of(p.options[*p.best].kind)}, {"name", p.options[*p.best].name}}
                                                : json::Value()},
                         {"reasons", std::move(reasons)},
                         {"options", std::move(options)},
                         {"break_even", json::Value{{"closed", value_of(p.against_closed)}, {"hosted", value_of(p.against_hosted)}}},
                         {"flips", std::move(flips)}}));
}

}  // namespace

int plan(const PlanOptions& o) {
  const auto benchmarks = config::built_in_benchmarks();
  if (!benchmarks) return complain(benchmarks.error());
  const auto workload = workload_of(o, *benchmarks);
  if (!workload) return complain(workload.error());
  if (o.draws < 100 || o.draws > 1'000'000) return complain(fail(Fault::config, "--draws: 100 to 1,000,000").error());
  const auto catalog = config::built_in_catalog();
  if (!catalog) return complain(catalog.error());
  const auto known = planner();
  if (!known) return complain(known.error());
  const plan::Market market{*catalog, *benchmarks, (*known)->gpus, (*known)->shapes, *(*known)->predictor};
  const plan::Plan made = plan::decide(*workload, market, o.draws, o.seed);
  o.json ? print_json(made) : print(made, o.all || !made.best);
  return made.best ? 0 : 2;
}

}  // namespace ajar::cli
