// cli/plan_report.cpp - the page and the columns.
#include "cli/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ajar::cli {
namespace {

std::string dollars(double amount) {
  if (amount < 100) return fmt::format("{:.2f}", amount);
  if (amount < 1e6) return fmt::format("{:.0f}", amount);
  return amount < 1e9 ? fmt::format("{:.2f}M", amount / 1e6) : fmt::format("{:.2f}B", amount / 1e9);
}

// Of one request: two digits that count.
std::string money(double amount) { return amount < 1 ? fmt::format("{:.2g}", amount) : dollars(amount); }

std::string count(double number) {
  if (number < 1e3) return fmt::format("{:.3g}", number);
  for (const auto& [unit, letter] : {std::pair(1e12, "T"), std::pair(1e9, "B"), std::pair(1e6, "M"), std::pair(1e3, "K")})
    if (number >= unit) return fmt::format("{:.3g}{}", number / unit, letter);
  return {};
}

std::string seconds(double s) { return s < 1 ? fmt::format("{:.3g} ms", s * 1e3) : fmt::format("{:.3g} s", s); }

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

// The staircase of own engines makes two kinds take turns; such a stretch is one line.
void print_crossings(const plan::Plan& p) {
  const auto& all = p.curves.crossings;
  if (all.empty()) return;
  fmt::print("\nthe cheapest by volume, from {} tokens a month on {}:\n", count(p.curves.volumes.front()),
             name_of(p.options[all.front().from].kind));
  const auto kinds = [&p](const plan::Curves::Crossing& c) { return std::minmax(p.options[c.from].kind, p.options[c.to].kind); };
  for (std::size_t i = 0; i < all.size();) {
    std::size_t last = i;
    while (last + 1 < all.size() && kinds(all[last + 1]) == kinds(all[i])) ++last;
    const plan::Option& to = p.options[all[last].to];
    if (last > i)
      fmt::print("  {:>6} to {:<6} {} and {} take turns\n", count(all[i].tokens), count(all[last].tokens),
                 name_of(p.options[all[i].to].kind), name_of(p.options[all[i].from].kind));
    fmt::print("  from {:>9} {}: {}\n", count(all[last].tokens), name_of(to.kind), to.name);
    i = last + 1;
  }
}

}  // namespace

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
    if (o.busiest)
      fmt::print("{:<53}  busiest hour: first token {}, 99 % {} (target {}); then {} each, 95 % {} (target {})\n", "",
                 seconds(o.busiest->ttft.p50), seconds(o.busiest->ttft.p99), seconds(w.ttft), seconds(o.busiest->tpot.p50),
                 seconds(o.busiest->tpot.p95), seconds(w.tpot));
    if (o.per_solved && o.lacks.empty())
      fmt::print("{:<53}  ${} per request solved, as often as its benchmarks are\n", "", money(*o.per_solved));
    if (!o.lacks.empty()) fmt::print("{:<53}  not possible: {}\n", "", join(o.lacks, "; "));
  }
  print_break_even(p.against_closed, "closed");
  print_break_even(p.against_hosted, "open, hosted by others");
  if (!p.curves.bars.empty()) fmt::print("\nmoves the bill most:\n");
  for (std::size_t i = 0; i < std::min<std::size_t>(p.curves.bars.size(), 3); ++i) {
    const plan::Curves::Bar& b = p.curves.bars[i];
    fmt::print("  {:<30} {:.2f} to {:.2f} times what is expected: ${} to ${}\n", b.input, b.low, b.high, dollars(b.low_dollars),
               dollars(b.high_dollars));
  }
  print_crossings(p);
  if (!p.flips.empty()) fmt::print("\nwould turn it:\n");
  for (const plan::Flip& f : p.flips) fmt::print("  {:<28} {} -> {}: {}\n", f.input, count(f.now), count(f.then), name_of(f.to));
  if (!all) fmt::print("\n--all shows also what does not meet a constraint; --json everything.\n");
}

void print_beside(const std::vector<NamedPlan>& plans) {
  const auto row = [&plans](std::string_view what, const auto& text) {
    fmt::print("{:<22}", what);
    for (const NamedPlan& one : plans) fmt::print("  {:<38}", std::string(clipped(text(one), 38)));
    fmt::print("\n");
  };
  const auto of_best = [&row](std::string_view what, const auto& text) {
    row(what, [&text](const NamedPlan& n) { return n.plan.best ? text(n.plan, n.plan.options[*n.plan.best]) : std::string("-"); });
  };
  row("", [](const NamedPlan& n) { return n.name; });
  row("tokens a month", [](const NamedPlan& n) { return count(n.plan.workload.tokens); });
  row("may not leave", [](const NamedPlan& n) {
    const plan::Workload& w = n.plan.workload;
    return fmt::format("{:.3g} %{}", 100 * w.sensitive,
                       w.contract             ? " without a contract, which exists"
                       : !w.contracts.empty() ? " but to " + join(w.contracts, ", ")
                                              : "");
  });
  row("recommended",
      [](const NamedPlan& n) { return std::string(n.plan.best ? name_of(n.plan.options[*n.plan.best].kind) : "nothing meets all"); });
  of_best("  which is", [](const plan::Plan&, const plan::Option& o) { return o.name; });
  of_best("  $ a month", [](const plan::Plan&, const plan::Option& o) {
    return fmt::format("{} ({} to {})", dollars(o.month.p50), dollars(o.month.p10), dollars(o.month.p90));
  });
  of_best("  $ per million tokens",
          [](const plan::Plan& p, const plan::Option& o) { return dollars(o.month.p50 / p.workload.tokens * 1e6); });
  of_best("  set-up", [](const plan::Plan&, const plan::Option& o) { return fmt::format("{:.3g} h", o.setup_hours); });
  of_best("  leaves", [](const plan::Plan&, const plan::Option& o) { return fmt::format("{:.0f} %", 100 * o.out_share); });
  for (const plan::Kind kind : {plan::Kind::closed, plan::Kind::hosted, plan::Kind::own, plan::Kind::hybrid})
    row(fmt::format("best {}, $", name_of(kind)), [kind](const NamedPlan& n) {
      const auto found = std::ranges::find_if(n.plan.options, [kind](const plan::Option& o) { return o.kind == kind && o.lacks.empty(); });
      return found == n.plan.options.end() ? std::string("not possible") : dollars(found->month.p50);
    });
  for (const auto& [what, which] :
       {std::pair("pays against closed", &plan::Plan::against_closed), std::pair("pays against hosted", &plan::Plan::against_hosted)})
    row(what, [which](const NamedPlan& n) {
      const auto& b = n.plan.*which;
      return !b ? std::string("-") : b->tokens ? "from " + count(*b->tokens) : std::string("never");
    });
}

}  // namespace ajar::cli
