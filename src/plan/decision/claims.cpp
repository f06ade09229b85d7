// plan/decision/claims.cpp - each founding claim beside what the catalogue and the planner say.
#include "plan/decision/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/decision/cost.hpp"

namespace ajar::plan {
namespace {

constexpr int few_draws = 1000;

struct Stated {
  std::string_view model, shown;
  double score;
};
struct Table {
  std::string_view id, benchmark, shown;
  std::array<Stated, 4> rows;
};
// The founding document names no version of Opus and no size of Qwen 3.6: the nearest ones are compared.
constexpr std::array<Table, 3> tables{{
    {"gpqa",
     "GPQA Diamond",
     "GPQA Diamond",
     {{{"gpt-5.5", "GPT-5.5", 91.2},
       {"claude-opus-4-7", "Claude Opus", 90.8},
       {"deepseek-v4-pro", "DeepSeek V4 Pro", 88.3},
       {"qwen3.6-27b", "Qwen 3.6", 87.5}}}},
    {"swe-bench-pro",
     "SWE-bench Pro (public)",
     "SWE-bench Pro",
     {{{"gpt-5.5", "GPT-5.5", 67.8},
       {"claude-opus-4-7", "Claude Opus", 64.2},
       {"deepseek-v4-pro", "DeepSeek V4 Pro", 71.4},
       {"qwen3.6-27b", "Qwen 3.6", 60.5}}}},
    {"math",
     "MATH",
     "MATH",
     {{{"gpt-5.5", "GPT-5.5", 92.1},
       {"claude-opus-4-7", "Claude Opus", 90.5},
       {"deepseek-v4-pro", "DeepSeek V4 Pro", 87.2},
       {"qwen3.6-27b", "Qwen 3.6", 85.4}}}},
}};

class Recomputer {
 public:
  Recomputer(const Market& market, WallTime at) : market_(market), at_(at) {}

  std::vector<Claim> all() {
    for (const Table& table : tables) quality(table);
    multilingual();
    costs();
    break_even();
    savings();
    setup();
    privacy();
    other_authors();
    recommendations();
    return std::move(claims_);
  }

 private:
  void quality(const Table& table) {
    for (const Stated& s : table.rows) {
      Claim c{.id = fmt::format("{}-{}", table.id, s.model),
              .claim = fmt::format("{} of {}", table.shown, s.shown),
              .stated = fmt::format("{:g}", s.score),
              .assumptions = {},
              .recomputed = {},
              .sources = {}};
      double nearest = 1e9;
      for (const catalog::Score& row : market_.benchmarks.scores) {
        if (row.model != s.model || !row.benchmark.starts_with(table.benchmark)) continue;
        if (row.benchmark != table.benchmark && row.benchmark.find("base model") != std::string::npos) continue;
        c.recomputed += fmt::format("{}{:g} ({}{}{}, {})", c.recomputed.empty() ? "" : "; ", row.score,
                                    row.benchmark == table.benchmark ? "" : row.benchmark + ", ",
                                    row.variant.empty() ? "" : row.variant + ", ", party(row.source.party), row.source.date);
        c.sources.push_back(row.source.url);
        if (row.benchmark == table.benchmark && row.source.party != catalog::Party::rival &&
            std::abs(row.score - s.score) < std::abs(nearest))
          nearest = s.score - row.score;
      }
      c.verdict = std::abs(nearest) <= 1 ? Verdict::holds : Verdict::does_not_hold;
      if (c.recomputed.empty()) c.recomputed = "no source reports this number";
      c.assumptions = nearest > 1e8            ? "none found"
                      : std::abs(nearest) <= 1 ? fmt::format("this version and setting; {:+.1f} points from the nearest row", nearest)
                                               : fmt::format("none found: {:+.1f} points from the nearest row", nearest);
      claims_.push_back(std::move(c));
    }
  }

  void multilingual() {
    Claim c{.id = "multilingual",
            .claim = "closed models, Gemini first, lead in many languages",
            .stated = "in words",
            .assumptions = "MMMLU as reported by the vendors",
            .recomputed = {},
            .sources = {}};
    std::string best;
    double highest = 0;
    for (const catalog::Score& row : market_.benchmarks.scores) {
      if (row.benchmark != "MMMLU") continue;
      c.recomputed += fmt::format("{}{} {:g}", c.recomputed.empty() ? "" : "; ", row.model, row.score);
      c.sources.push_back(row.source.url);
      if (row.score > highest) highest = row.score, best = row.model;
    }
    c.verdict = best.starts_with("gemini") ? Verdict::holds_only_if : Verdict::does_not_hold;
    c.recomputed += "; no comparable number of an open model is known";
    claims_.push_back(std::move(c));
  }

  Workload workload(double tokens) const {
    Workload w;
    w.tokens = tokens;
    w.cached = 0;
    w.at = at_;
    w.quality = catalog::Level::unknown;
    w.team = Team::strong;
    w.spare = false;
    return w;
  }

  double api(std::string_view model, double tokens) const {
    const Workload w = workload(tokens);
    for (const Api& a : apis_of(market_.catalog, w))
      if (a.model == model) return a.month(w, tokens, 0);
    return 0;
  }

  // The cheapest own engine of a class, its GPUs alone: no people, no spare.
  std::pair<double, std::string> own(double tokens, std::string_view shape) const {
    const Workload w = workload(tokens);
    const catalog::Shape* model = catalog::shape_named(market_.shapes, shape);
    std::pair<double, std::string> best{1e300, ""};
    if (model == nullptr) return best;
    Costs bare = market_.costs;
    bare.people_strong = bare.tools = bare.setup_strong = 0;
    bare.overhead = 1;
    std::vector<std::string> why_not;
    const std::vector<double> week = week_of(w.peak);
    for (const Own& o : owns_of(*model, market_.gpus, market_.predictor, w, why_not)) {
      Option option{.kind = Kind::own, .name = {}, .api = {}, .own = o};
      const double dollars = month_of(option, w, bare, week, tokens, Draw{}).dollars;
      if (dollars < best.first) best = {dollars, fmt::format("{} on {} x {}", model->id, o.setup.gpus, o.setup.gpu->name)};
    }
    return best;
  }

  void costs() {
    struct Row {
      double tokens, closed_low, closed_high, own_low, own_high;
      std::string_view shown;
    };
    constexpr std::array<Row, 4> rows{{{1e6, 15, 40, 80, 200, "1M"},
                                       {1e7, 150, 400, 200, 500, "10M"},
                                       {1e8, 1500, 4000, 500, 1200, "100M"},
                                       {1e9, 15000, 40000, 2000, 5000, "1B"}}};
    for (const Row& r : rows) {
      const double old = api("gpt-5.5", r.tokens), now = api("gpt-6.2-sol", r.tokens), small = api("gpt-6-luna", r.tokens);
      Claim closed{.id = fmt::format("cost-closed-{}", r.shown),
                   .claim = fmt::format("{} tokens a month over closed APIs", r.shown),
                   .stated = fmt::format("${:.0f}-{:.0f}", r.closed_low, r.closed_high),
                   .assumptions = fmt::format("a price of ${:.0f}-{:.0f} per million tokens: a premium model, mostly output",
                                              r.closed_low / r.tokens * 1e6, r.closed_high / r.tokens * 1e6),
                   .recomputed = fmt::format("3 in : 1 out, nothing cached: ${:.2f} (GPT-5.5), ${:.2f} (GPT-6.2 Sol), ${:.2f} (GPT-6 Luna)",
                                             old, now, small),
                   .sources = {"data/prices.toml"}};
      closed.verdict = old >= r.closed_low && old <= r.closed_high ? Verdict::holds
                       : old * 1.5 >= r.closed_low                 ? Verdict::holds_only_if
                                                                   : Verdict::does_not_hold;
      claims_.push_back(std::move(closed));
      const auto [dollars, name] = own(r.tokens, "llama-3.3-70b");
      const auto [least, least_name] = own(r.tokens, "qwen3.6-35b-a3b");
      Claim self{.id = fmt::format("cost-own-{}", r.shown),
                 .claim = fmt::format("{} tokens a month on own GPUs", r.shown),
                 .stated = fmt::format("${:.0f}-{:.0f}", r.own_low, r.own_high),
                 .assumptions = fmt::format("{:.0f} to {:.0f} hours of a $2.50 GPU a month, so not always on; no people, no spare",
                                            r.own_low / 2.5, r.own_high / 2.5),
                 .recomputed = fmt::format("always on, GPUs alone: ${:.0f} ({}), ${:.0f} ({})", dollars, name, least, least_name),
                 .sources = {"data/gpus.toml", "data/planner/README.md"}};
      self.verdict = least <= r.own_high ? Verdict::holds_only_if : Verdict::does_not_hold;
      claims_.push_back(std::move(self));
    }
  }

  void break_even() {
    Workload w = workload(1e8);
    w.quality = catalog::Level::basic;
    w.spare = true;
    w.team = Team::some;
    const Plan plan = decide(w, market_, few_draws);
    Claim c{.id = "break-even",
            .claim = "own models pay from 10-20 million tokens a month on",
            .stated = "10-20M",
            .assumptions =
                "V* = F / p with F = $350 a month (a GPU that is not always on, or a consumer card; no people, no spare) and p = $25 per "
                "million tokens: 14M",
            .recomputed = {},
            .sources = {"data/prices.toml", "data/gpus.toml", "data/planner/README.md"}};
    for (const auto& [b, kind] :
         {std::pair(&plan.against_closed, "closed"), std::pair(&plan.against_hosted, "the same model hosted by others")}) {
      if (!*b) continue;
      const BreakEven& found = **b;
      c.recomputed += fmt::format("{}against {} ({}): ", c.recomputed.empty() ? "" : "; ", kind, found.api->name);
      c.recomputed +=
          found.tokens ? fmt::format("{:.3g} million with people and a spare (80 % of cases {:.3g} to {:.3g} million, never in {:.0f} %)",
                                     *found.tokens / 1e6, found.band.p10 / 1e6, found.band.p90 / 1e6, 100 * found.never)
                       : fmt::format("never (in {:.0f} % of cases)", 100 * found.never);
    }
    c.verdict =
        plan.against_closed && plan.against_closed->tokens && *plan.against_closed->tokens <= 2e7 ? Verdict::holds : Verdict::holds_only_if;
    claims_.push_back(std::move(c));
  }

  void savings() {
    Claim c{.id = "savings",
            .claim = "own models save 60-80 % above the break-even",
            .stated = "60-80 %",
            .assumptions = "the price per token stays far above the cost of one more token on own GPUs: volume far beyond the break-even",
            .recomputed = {},
            .sources = {"data/prices.toml", "data/gpus.toml"}};
    for (const double tokens : {1e9, 1e10, 1e11}) {
      const double closed = api("gpt-6.2-sol", tokens), old = api("gpt-5.5", tokens), home = own(tokens, "llama-3.3-70b").first;
      c.recomputed +=
          fmt::format("{}{:.0f}B tokens: {:.0f} % against GPT-5.5, {:.0f} % against GPT-6.2 Sol",
                      c.recomputed.empty() ? "GPUs alone, " : "; ", tokens / 1e9, 100 * (1 - home / old), 100 * (1 - home / closed));
    }
    c.verdict = Verdict::holds_only_if;
    claims_.push_back(std::move(c));
  }

  void setup() {
    claims_.push_back({.id = "setup-closed",
                       .claim = "a closed API is set up in 5-15 minutes",
                       .stated = "5-15 minutes",
                       .assumptions = "an account and a payment method exist, no review by security or law",
                       .recomputed = "0.25 hours is what the planner counts",
                       .verdict = Verdict::holds,
                       .sources = {"docs/guide/planning.md"}});
    claims_.push_back(
        {.id = "setup-own",
         .claim = "an own model is set up in 4-40+ hours",
         .stated = "4-40+ hours",
         .assumptions = "a team that has done it before, one model, one machine",
         .recomputed = fmt::format(
             "{:.0f} hours (strong team), {:.0f} (some experience), {:.0f} (none); others count 2-4 engineer-weeks for the first",
             market_.costs.setup_strong, market_.costs.setup_some, market_.costs.setup_none),
         .verdict = Verdict::holds_only_if,
         .sources = {"aipromptshub.co/blog/self-host-vs-api-cost-breakeven", "docs/guide/planning.md"}});
  }

  void privacy() {
    claims_.push_back(
        {.id = "privacy",
         .claim = "privacy rules such as HIPAA make open models mandatory",
         .stated = "mandatory",
         .assumptions = "no contract with a provider, or a rule of one's own that nothing leaves",
         .recomputed = "OpenAI and Anthropic publish terms for a business associate agreement on given endpoints, Google Cloud has one; "
                       "DeepSeek's own API has none that was found. With a contract a closed model is allowed for what the contract covers",
         .verdict = Verdict::holds_only_if,
         .sources = {"developers.openai.com/api/docs/guides/your-data",
                     "platform.claude.com/docs/en/manage-claude/api-and-data-retention"}});
  }

  void other_authors() {
    const double closed = api("claude-opus-5-5", 1e6), sol = api("gpt-6.2-sol", 1e6);
    claims_.push_back({.id = "break-even-others",
                       .claim = "other authors: own models pay from 4-8 billion tokens a month on",
                       .stated = "4-8B",
                       .assumptions = "the same V* = F / p with other F: $18,800 (2 x H100, a spare, half an engineer, tools) at $4.00; "
                                      "$38,500 (8 x H200 and a spare) at $8.00; $60,000 with an engineer at $8.00",
                       .recomputed = fmt::format(
                           "at today's ${:.2f} (GPT-6.2 Sol) and ${:.2f} (Opus 5.5) per million tokens: {:.1f}B, {:.1f}B and {:.1f}B", sol,
                           closed, 18800 / sol / 1e3, 38500 / closed / 1e3, 60000 / closed / 1e3),
                       .verdict = Verdict::holds_only_if,
                       .sources = {"digitalapplied.com/blog/self-hosting-open-weight-llms-2026-deployment-decision-guide",
                                   "particula.tech/blog/self-host-llm-vs-api-break-even-math-2026", "data/prices.toml"}});
  }

  void recommendations() {
    struct Case {
      std::string_view id, claim, stated;
      Workload w;
      Kind stated_kind;
    };
    Workload small = workload(5e6), large = workload(1e9), secret = workload(1e8);
    small.quality = large.quality = secret.quality = catalog::Level::good;
    small.spare = large.spare = secret.spare = true;
    small.team = large.team = secret.team = Team::some;
    secret.sensitive = 1;
    for (const Case& one : {Case{"recommend-small", "small volume: take a closed API", "closed", small, Kind::closed},
                            Case{"recommend-large", "large volume: run an own model", "own", large, Kind::own},
                            Case{"recommend-private", "all data sensitive: run an own model", "own", secret, Kind::own}}) {
      const Plan plan = decide(one.w, market_, few_draws);
      Claim c{.id = std::string(one.id),
              .claim = std::string(one.claim),
              .stated = std::string(one.stated),
              .assumptions = {},
              .recomputed = {},
              .sources = {"data/prices.toml", "data/benchmarks.toml", "data/gpus.toml"}};
      c.assumptions = fmt::format("{:.3g} million tokens a month, chat at a good level, some experience{}", one.w.tokens / 1e6,
                                  one.w.sensitive > 0 ? ", no contract" : "");
      if (plan.best) {
        const Option& best = plan.options[*plan.best];
        c.recomputed = fmt::format("{}: {}, ${:.0f} a month", name_of(best.kind), best.name, best.month.p50);
        c.verdict = best.kind == one.stated_kind ? Verdict::holds : Verdict::does_not_hold;
        if (one.stated_kind == Kind::closed && best.kind == Kind::hosted) c.verdict = Verdict::holds_only_if;
      } else {
        c.recomputed = "nothing meets all constraints";
      }
      claims_.push_back(std::move(c));
    }
  }

  static std::string_view party(catalog::Party p) noexcept {
    return p == catalog::Party::vendor        ? "vendor"
           : p == catalog::Party::rival       ? "a rival"
           : p == catalog::Party::independent ? "independent"
                                              : "operator";
  }

  const Market& market_;
  WallTime at_;
  std::vector<Claim> claims_;
};

}  // namespace

std::string_view name_of(Verdict v) noexcept {
  switch (v) {
    case Verdict::holds:
      return "holds";
    case Verdict::holds_only_if:
      return "holds only if";
    case Verdict::does_not_hold:
      return "does not hold";
  }
  return "";
}

std::vector<Claim> claims(const Market& market, WallTime at) { return Recomputer(market, at).all(); }

}  // namespace ajar::plan
