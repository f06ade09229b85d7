// plan/capacity/lint.cpp - the rules, each by itself.
#include "plan/capacity/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "plan/capacity/memory.hpp"

namespace ajar::plan {
namespace {

// Clocks and data sheets leave so much room before something is called impossible.
constexpr double slack = 0.95;
constexpr double fall = 0.62;                          // of the time between tokens, while requests in flight rise
constexpr double contradiction = 1.45;                 // between a rate and what Little's law makes of the latencies
constexpr double far = 0.45, unit_off = 5.3;           // logs of measured over predicted: 1.57 times; 200 times
constexpr double half_low = -0.85, half_high = -0.42;  // 0.43 to 0.66 times: one or two tokens accepted per step
constexpr double same_value = 0.003;

class Linter {
 public:
  Linter(const std::vector<Point>& points, const Predictor& predictor) : points_(points), predictor_(predictor) {}

  std::vector<Finding> all() {
    for (const Point& p : points_) {
      if (!p.reason.empty()) {
        say(p, Rule::unreadable, true, p.reason);
        continue;
      }
      if (labels(p)) continue;  // whatever else is odd about it follows from that
      if (!limits(p) && !little(p)) unlikely(p);
    }
    among_sweeps();
    duplicates();
    std::ranges::sort(found_, {}, [](const Finding& f) { return std::pair(f.line, f.rule); });
    return std::move(found_);
  }

 private:
  bool say(const Point& p, Rule rule, bool certain, std::string why) {
    found_.push_back({p.line, p.id, rule, certain, std::move(why)});
    return true;
  }

  bool labels(const Point& p) {
    const Setup& s = p.setup;
    if (s.mode == Mode::disaggregated) return false;
    const int ranks = s.parallel.tensor * s.parallel.data * s.parallel.pipeline;
    if (ranks != s.gpus)
      return say(p, Rule::parallelism, true, fmt::format("{} means {} GPUs, not {}", name_of(s.parallel), ranks, s.gpus));
    if (s.shape->heads % s.parallel.tensor != 0)
      return say(p, Rule::parallelism, true, fmt::format("{} attention heads cannot be split by {}", s.shape->heads, s.parallel.tensor));
    if (s.parallel.expert > 1 && s.shape->experts == 0)
      return say(p, Rule::parallelism, true, fmt::format("{} has no experts to be split by {}", s.shape->id, s.parallel.expert));
    if (s.parallel.tensor > std::max(s.gpu->domain, 8))
      return say(p, Rule::multi_node, true,
                 fmt::format("{} tensor ranks where a link joins {} GPUs: several nodes labelled as one engine", s.parallel.tensor,
                             s.gpu->domain));
    const Memory memory = memory_of(s);
    if (const double have = s.gpu->memory * s.gpus; memory.weights > have)
      return say(p, Rule::memory, true, fmt::format("weights of {:.0f} GB in {:.0f} GB of memory", memory.weights / 1e9, have / 1e9));
    return false;
  }

  // A step reads at least the weights that it uses and computes at least the products.
  bool limits(const Point& p) {
    const Basis b = basis_of(p.setup, p.load);
    const auto of = [&b](Term term) { return b.step[static_cast<std::size_t>(term)]; };
    const double read = of(Term::weights) + of(Term::experts);
    if (p.tpot && p.setup.mode == Mode::closed_loop && *p.tpot * p.setup.accepted < slack * read)
      return say(p, Rule::bandwidth, true,
                 fmt::format("{:.2f} ms a token, but reading the weights alone takes {:.2f} ms at {:.1f} TB/s", *p.tpot * 1e3, read * 1e3,
                             p.setup.gpu->bandwidth / 1e12));
    if (!p.rate) return false;
    const double per_second = *p.rate * (1 + p.load.input / p.load.output) * 2 * (p.setup.shape->active() - p.setup.shape->head());
    const double peak = std::max({p.setup.gpu->bf16, p.setup.gpu->fp8, p.setup.gpu->fp4});
    if (per_second * slack > peak)
      return say(p, Rule::compute, true,
                 fmt::format("{:.0f} tokens/s and GPU need {:.0f} TFLOP/s, the chip has {:.0f}", *p.rate, per_second / 1e12, peak / 1e12));
    return false;
  }

  bool little(const Point& p) {
    if (!p.rate || !p.ttft || !p.tpot || p.setup.mode != Mode::closed_loop) return false;
    const double follows = rate_of(p.load.in_flight, p.load.output, *p.ttft, *p.tpot, p.setup.gpus);
    const double off = *p.rate / follows;
    if (off < contradiction && off > 1 / contradiction) return false;
    return say(p, Rule::little, false,
               fmt::format("{:.1f} tokens/s and GPU are told, {:.1f} follow from {:.0f} in flight and the latencies", *p.rate, follows,
                           p.load.in_flight));
  }

  void unlikely(const Point& p) {
    const Estimate e = predictor_.central(p.setup, p.load);
    const auto nearness = static_cast<std::size_t>(predictor_.nearness(p.setup));
    const auto check = [&](std::optional<double> measured, double predicted, Outcome outcome, std::string_view what) {
      if (!measured) return false;
      const double off = std::log(*measured / predicted);
      const Spread& spread = predictor_.fitted().spreads[static_cast<std::size_t>(outcome)][nearness];
      const double allowed = std::max(far, 2.2 * (spread.high - spread.low) / 2);
      const std::string numbers = fmt::format("{} is {:.2f} times what near points and the formula say", what, *measured / predicted);
      if (std::abs(off) > unit_off) return say(p, Rule::unit, false, numbers);
      if (outcome == Outcome::tpot && off > half_low && off < half_high && nearness <= 1 && p.setup.accepted <= 1 &&
          -off > 1.5 * (spread.high - spread.low) / 2)
        return say(p, Rule::speculation, false, numbers);
      return std::abs(off) > allowed && say(p, Rule::unlike, false, numbers);
    };
    const bool loop = p.setup.mode == Mode::closed_loop;
    if (loop && check(p.tpot, e.tpot, Outcome::tpot, "the time between tokens")) return;
    if (p.setup.mode == Mode::disaggregated) return;
    if (!loop || !p.tpot) check(p.rate, e.rate, loop ? Outcome::loop_rate : Outcome::other_rate, "the rate");
  }

  // Rows that differ in the requests in flight alone.
  void among_sweeps() {
    std::map<
        std::tuple<const catalog::Shape*, const catalog::Gpu*, std::string, Precision, Engine, std::string, double, double, std::string>,
        std::vector<const Point*>>
        sweeps;
    for (const Point& p : points_)
      if (p.reason.empty() && p.tpot && p.setup.mode == Mode::closed_loop && p.setup.accepted <= 1)
        sweeps[{p.setup.shape, p.setup.gpu, name_of(p.setup.parallel), p.setup.precision, p.setup.engine, p.setup.version, p.load.input,
                p.load.output, p.series}]
            .push_back(&p);
    for (auto& [key, rows] : sweeps) {
      std::ranges::sort(rows, {}, [](const Point* p) { return std::pair(p->load.in_flight, p->line); });
      const Point* slowest = nullptr;
      for (const Point* p : rows) {
        if (slowest != nullptr && p->load.in_flight > slowest->load.in_flight && *p->tpot < fall * *slowest->tpot)
          say(*p, Rule::falling, false,
              fmt::format("{:.2f} ms a token with {:.0f} in flight, {:.2f} ms with {:.0f}", *p->tpot * 1e3, p->load.in_flight,
                          *slowest->tpot * 1e3, slowest->load.in_flight));
        if (slowest == nullptr || *p->tpot > *slowest->tpot) slowest = p;
      }
    }
  }

  void duplicates() {
    std::map<std::tuple<const catalog::Shape*, const catalog::Gpu*, std::string, Precision, Engine, double, double, double>,
             std::vector<const Point*>>
        alike;
    const auto near = [](std::optional<double> a, std::optional<double> b) {
      return a.has_value() == b.has_value() && (!a || std::abs(*a / *b - 1) < same_value);
    };
    for (const Point& p : points_) {
      if (!p.reason.empty() || (!p.tpot && !p.rate)) continue;
      auto& others = alike[{p.setup.shape, p.setup.gpu, name_of(p.setup.parallel), p.setup.precision, p.setup.engine, p.load.input,
                            p.load.output, p.load.in_flight}];
      for (const Point* other : others)
        if (near(p.tpot, other->tpot) && near(p.ttft, other->ttft) && near(p.rate, other->rate)) {
          say(p, Rule::duplicate, false,
              fmt::format("the same as line {}{}", other->line, other->id.empty() ? "" : " (" + other->id + ")"));
          break;
        }
      others.push_back(&p);
    }
  }

  const std::vector<Point>& points_;
  const Predictor& predictor_;
  std::vector<Finding> found_;
};

}  // namespace

std::string_view name_of(Rule rule) noexcept {
  switch (rule) {
    case Rule::unreadable:
      return "unreadable";
    case Rule::parallelism:
      return "parallelism";
    case Rule::multi_node:
      return "multi_node";
    case Rule::memory:
      return "memory";
    case Rule::bandwidth:
      return "bandwidth";
    case Rule::compute:
      return "compute";
    case Rule::little:
      return "little";
    case Rule::falling:
      return "falling";
    case Rule::duplicate:
      return "duplicate";
    case Rule::speculation:
      return "speculation";
    case Rule::unit:
      return "unit";
    case Rule::unlike:
      return "unlike";
  }
  return "";
}

std::vector<Finding> lint(const std::vector<Point>& points, const Predictor& predictor) { return Linter(points, predictor).all(); }

}  // namespace ajar::plan
