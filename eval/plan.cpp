// eval/plan.cpp - how well the capacity predictor predicts what it was not fitted on; with --refit it is fitted anew.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>

#include "base/json.hpp"
#include "config/planner_facts.hpp"
#include "plan/capacity/memory.hpp"
#include "plan_fit.hpp"

namespace {

using namespace ajar;
using plan::Point;

constexpr std::size_t kernel_lessons = 700;  // marginal likelihood takes the cube of them

// One point predicted by what was fitted without it.
struct Record {
  std::string group;  // what was left out with it
  plan::Nearness nearness;
  std::array<std::optional<double>, plan::outcomes> error;  // log of predicted over measured
  std::array<decltype(error), 5> at_trust;                  // with 0, 1/4, ... 1 of what the points say
};

using Group = std::function<std::string(const Point&)>;

std::string fold_of(const Point& p) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : p.series) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return fmt::format("fold {}", (hash >> 20) % 5);
}

std::array<std::optional<double>, plan::outcomes> errors_of(const Point& p, const plan::Estimate& e) {
  std::array<std::optional<double>, plan::outcomes> out;
  const bool loop = p.setup.mode == plan::Mode::closed_loop;
  const auto put = [&out](plan::Outcome o, double predicted, std::optional<double> measured) {
    if (measured) out[static_cast<std::size_t>(o)] = std::log(predicted / *measured);
  };
  if (loop) {
    put(plan::Outcome::tpot, e.tpot, p.tpot);
    put(plan::Outcome::ttft, e.ttft, p.ttft);
  }
  put(loop ? plan::Outcome::loop_rate : plan::Outcome::other_rate, e.rate, p.rate);
  return out;
}

// "+12.0 % (13.1 %)": where the middle of the errors lies, and the median of their sizes.
std::string middle(std::vector<double> errors) {
  if (errors.empty()) return "-";
  std::ranges::sort(errors);
  const double bias = plan::percentile(errors, 0.5);
  for (double& e : errors) e = std::abs(std::expm1(e));
  std::ranges::sort(errors);
  return fmt::format("{:+.1f} % ({:.1f} %)", 100 * std::expm1(bias), 100 * plan::percentile(errors, 0.5));
}

// Leaves out group by group; formula and weights are fitted anew each time, the scales of likeness stay.
std::vector<Record> leave_out(const std::vector<Point>& points, const plan::Fitted& fitted, const Group& group) {
  std::map<std::string, std::vector<const Point*>> groups;
  for (const Point& p : points) groups[group(p)].push_back(&p);
  std::vector<Record> records;
  for (const auto& [name, left_out] : groups) {
    std::vector<Point> kept;
    for (const Point& p : points)
      if (group(p) != name) kept.push_back(p);
    std::vector<std::size_t> all(kept.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    plan::Fitted one = fitted;
    one.constants = eval::fit_formula(kept, all);
    for (unsigned t = 0; t < plan::targets; ++t)
      one.weights[t] = eval::weights_of(static_cast<plan::Target>(t), one.kernels[t], kept, one.constants);
    const plan::Predictor predictor(std::move(one), kept);
    std::vector<double> formula, both;  // of the time between tokens: signed logs
    for (const Point* p : left_out) {
      records.push_back({name, predictor.nearness(p->setup), {}, {}});
      for (std::size_t i = 0; i < records.back().at_trust.size(); ++i)
        records.back().at_trust[i] = errors_of(*p, predictor.central(p->setup, p->load, static_cast<double>(i) / 4));
      records.back().error = errors_of(*p, predictor.central(p->setup, p->load));
      if (const auto& e = records.back().error[0]) both.push_back(*e);
      if (const auto e = errors_of(*p, plan::estimate(plan::basis_of(p->setup, p->load), predictor.fitted().constants))[0])
        formula.push_back(*e);
    }
    fmt::print(stderr, "{:<24} {:>4} points; tpot, formula alone {}, with points {}\n", name, left_out.size(), middle(formula),
               middle(both));
  }
  return records;
}

// Data-sheet peaks, or a usual share of them; no measured point.
std::vector<Record> by_peaks(const std::vector<Point>& points, double bandwidth, double compute) {
  plan::Constants c{};
  const auto set = [&c](plan::Term term, double value) { c[static_cast<std::size_t>(term)] = value; };
  for (const plan::Term term : {plan::Term::weights, plan::Term::experts, plan::Term::kv}) set(term, 1 / bandwidth);
  for (const plan::Term term : {plan::Term::compute, plan::Term::prefill_compute, plan::Term::first_prefill, plan::Term::interference})
    set(term, term == plan::Term::compute || term == plan::Term::prefill_compute ? 1 / compute : 1);
  set(plan::Term::interference_one_wave, 1);
  std::vector<Record> records;
  for (const Point& p : points)
    records.push_back({"", plan::Nearness::new_model, errors_of(p, plan::estimate(plan::basis_of(p.setup, p.load), c)), {}});
  return records;
}

struct Quality {
  std::size_t points = 0;
  double median = 0, mean = 0, p90 = 0;
  double covered = 0, width = 0;  // share within the band; half its width over its middle
};

plan::Spread spread_of(std::vector<double> errors) {
  std::ranges::sort(errors);
  return {-plan::percentile(errors, 0.9), -plan::percentile(errors, 0.1)};  // measured over predicted
}

// The spread of a record comes from records of other groups of the same nearness.
plan::Spread spread_without(const std::vector<Record>& records, std::size_t outcome, const Record& without) {
  std::vector<double> others;
  for (const Record& r : records)
    if (r.nearness == without.nearness && r.group != without.group && r.error[outcome]) others.push_back(*r.error[outcome]);
  return others.size() < 20 ? plan::Spread{-0.5, 0.5} : spread_of(std::move(others));
}

Quality quality_of(const std::vector<Record>& records, std::size_t outcome, bool bands) {
  Quality q;
  std::vector<double> off;
  std::map<std::pair<std::string, plan::Nearness>, plan::Spread> known;
  for (const Record& r : records) {
    if (!r.error[outcome]) continue;
    off.push_back(std::abs(std::expm1(*r.error[outcome])));
    q.mean += off.back();
    if (!bands) continue;
    const auto [it, fresh] = known.try_emplace({r.group, r.nearness});
    if (fresh) it->second = spread_without(records, outcome, r);
    const plan::Spread& s = it->second;
    if (-*r.error[outcome] >= s.low && -*r.error[outcome] <= s.high) q.covered += 1;
    q.width += (std::exp(s.high) - std::exp(s.low)) / 2;
  }
  if (off.empty()) return q;
  std::ranges::sort(off);
  const auto n = static_cast<double>(off.size());
  q.points = off.size();
  q.median = plan::percentile(off, 0.5);
  q.p90 = plan::percentile(off, 0.9);
  q.mean /= n;
  q.covered /= n;
  q.width /= n;
  return q;
}

// The share of what the points say that would have been best at each nearness, for each target.
void set_trust(plan::Fitted& fitted, std::vector<std::vector<Record>>& all) {
  constexpr std::array<plan::Outcome, plan::targets> outcome_of{plan::Outcome::tpot, plan::Outcome::ttft, plan::Outcome::other_rate};
  for (unsigned t = 0; t < plan::targets; ++t)
    for (unsigned n = 0; n < plan::nearnesses; ++n) {
      const auto outcome = static_cast<std::size_t>(outcome_of[t]);
      double best = 1e300;
      std::size_t chosen = 4;
      for (std::size_t i = 0; i < 5; ++i) {
        std::vector<double> off;
        double sum = 0;
        for (const auto& records : all)
          for (const Record& r : records)
            if (static_cast<unsigned>(r.nearness) == n && r.at_trust[i][outcome])
              sum += off.emplace_back(std::abs(std::expm1(*r.at_trust[i][outcome])));
        if (off.size() < 20) continue;
        std::ranges::sort(off);
        const double badness = plan::percentile(off, 0.5) + sum / static_cast<double>(off.size()) / 2;
        if (badness < best) best = badness, chosen = i;
      }
      fitted.trust[t][n] = static_cast<double>(chosen) / 4;
      for (auto& records : all)
        for (Record& r : records) {
          if (static_cast<unsigned>(r.nearness) != n) continue;
          r.error[outcome] = r.at_trust[chosen][outcome];
          // The rate of a loop follows from both times, and mostly from the one between tokens.
          constexpr auto rate = static_cast<std::size_t>(plan::Outcome::loop_rate);
          if (outcome_of[t] == plan::Outcome::tpot) r.error[rate] = r.at_trust[chosen][rate];
        }
    }
}

void set_spreads(plan::Fitted& fitted, const std::vector<std::vector<Record>>& all) {
  for (std::size_t o = 0; o < plan::outcomes; ++o)
    for (unsigned n = 0; n < plan::nearnesses; ++n) {
      std::vector<double> errors;
      for (const auto& records : all)
        for (const Record& r : records)
          if (static_cast<unsigned>(r.nearness) == n && r.error[o]) errors.push_back(*r.error[o]);
      // Too few of a kind: what is less near tells more than a handful of points.
      if (errors.size() >= 20)
        fitted.spreads[o][n] = spread_of(std::move(errors));
      else
        fitted.spreads[o][n] = n > 0 ? fitted.spreads[o][n - 1] : plan::Spread{-0.5, 0.5};
    }
}

class Told {
 public:
  explicit Told(bool json) : json_(json) {
    if (!json_)
      fmt::print("{:<44} {:<10} {:>6} {:>8} {:>8} {:>8} {:>9} {:>8}\n", "left out", "outcome", "points", "median", "mean", "p90", "in band",
                 "+- band");
  }
  void add(std::string_view what, const std::vector<Record>& records, bool bands) {
    for (std::size_t o = 0; o < plan::outcomes; ++o) {
      const Quality q = quality_of(records, o, bands);
      if (q.points == 0) continue;
      const std::string_view outcome = name_of(static_cast<plan::Outcome>(o));
      if (!json_)
        fmt::print("{:<44} {:<10} {:>6} {:>7.1f}% {:>7.1f}% {:>7.1f}% {:>9} {:>8}\n", what, outcome, q.points, 100 * q.median, 100 * q.mean,
                   100 * q.p90, bands ? fmt::format("{:.1f}%", 100 * q.covered) : "", bands ? fmt::format("{:.1f}%", 100 * q.width) : "");
      rows_.push_back(json::Value{{"left_out", what},
                                  {"outcome", outcome},
                                  {"points", static_cast<std::int64_t>(q.points)},
                                  {"median", q.median},
                                  {"mean", q.mean},
                                  {"p90", q.p90},
                                  {"covered", bands ? json::Value(q.covered) : json::Value()},
                                  {"half_width", bands ? json::Value(q.width) : json::Value()}});
    }
  }
  void end() {
    if (json_) fmt::print("{}\n", json::write_pretty(json::Value{{"eval", "plan"}, {"rows", std::move(rows_)}}));
  }

 private:
  bool json_;
  json::Array rows_;
};

bool write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return static_cast<bool>(out);
}

int run(bool json, bool refit) {
  const auto gpus = config::built_in_gpus();
  const auto shapes = config::built_in_shapes();
  if (!gpus || !shapes) return fmt::print(stderr, "{}\n", (gpus ? shapes.error() : gpus.error()).message.str()), 1;
  const auto read = plan::points_of(config::built_in_points(), *gpus, *shapes);
  if (!read) return fmt::print(stderr, "{}\n", read.error().message.str()), 1;
  std::vector<Point> points;
  for (const Point& p : read->rows)
    if (p.reason.empty())
      points.push_back(p);
    else
      fmt::print(stderr, "point {} is left out: {}\n", p.id, p.reason);
  plan::Fitted fitted;
  std::vector<std::size_t> all(points.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (refit) {
    fitted.constants = eval::fit_formula(points, all);
    for (unsigned t = 0; t < plan::targets; ++t) {
      fmt::print(stderr, "scales of {}\n", name_of(static_cast<plan::Target>(t)));
      fitted.kernels[t] = eval::fit_kernel(static_cast<plan::Target>(t), points, fitted.constants, kernel_lessons);
    }
    // As they will be read again, so that weights belong to exactly these scales.
    auto rounded = config::fitted_of(config::capacity_toml_of(fitted), "target,weight\n");
    if (!rounded) return fmt::print(stderr, "{}\n", rounded.error().message.str()), 1;
    fitted = std::move(*rounded);
    for (unsigned t = 0; t < plan::targets; ++t)
      fitted.weights[t] = eval::weights_of(static_cast<plan::Target>(t), fitted.kernels[t], points, fitted.constants);
  } else {
    auto known = config::built_in_fitted();
    if (!known) return fmt::print(stderr, "{}\n", known.error().message.str()), 1;
    fitted = std::move(*known);
  }
  Told told(json);
  told.add("peak roofline", by_peaks(points, 1, 1), false);
  told.add("80 % of bandwidth, 50 % of compute", by_peaks(points, 0.8, 0.5), false);
  std::vector<std::vector<Record>> records{leave_out(points, fitted, fold_of),
                                           leave_out(points, fitted, [](const Point& p) { return p.setup.shape->id; }),
                                           leave_out(points, fitted, [](const Point& p) { return p.setup.gpu->id; })};
  if (refit) set_trust(fitted, records);
  told.add("whole sweeps (5 folds)", records[0], true);
  told.add("one model at a time", records[1], true);
  told.add("one GPU at a time", records[2], true);
  told.end();
  if (!refit) return 0;
  set_spreads(fitted, records);
  const std::string folder = AJAR_SOURCE_DIR "/data/planner/";
  if (write(folder + "capacity.toml", config::capacity_toml_of(fitted)) && write(folder + "weights.csv", config::weights_csv_of(fitted)))
    return 0;
  return fmt::print(stderr, "cannot write to {}\n", folder), 1;
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false, refit = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0)
      json = true;
    else if (std::strcmp(argv[i], "--refit") == 0)
      refit = true;
    else
      return fmt::print(stderr, "eval_plan [--json] [--refit]: errors of the capacity predictor on points it was not fitted on\n"), 2;
  }
  return run(json, refit);
}
