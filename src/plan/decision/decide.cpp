// plan/decision/decide.cpp - options made, judged, priced and compared.
#include "plan/decision/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "plan/decision/compare.hpp"
#include "plan/decision/cost.hpp"

namespace ajar::plan {
namespace {

constexpr std::size_t shown_of_a_kind = 4, own_for_hybrids = 3;

std::vector<Judged> judged(const catalog::Benchmarks& benchmarks, std::string_view model, const Workload& w) {
  std::vector<Judged> out;
  for (const Workload::Part& part : w.mix) out.push_back({part.task, catalog::quality_of(benchmarks, model, part.task)});
  return out;
}

void need_quality(Option& o, const Workload& w) {
  for (const Judged& j : o.quality)
    if (j.quality.level == catalog::Level::unknown)
      o.lacks.push_back(fmt::format("no score for {} is known", j.task));
    else if (j.quality.level < w.quality)
      o.lacks.push_back(fmt::format("{} is {} ({} {:g}), {} is asked for", j.task, name_of(j.quality.level), j.quality.by->benchmark,
                                    j.quality.by->score, name_of(w.quality)));
}

// Of two models that share the work each task is judged by the weaker.
std::vector<Judged> weaker(const std::vector<Judged>& a, const std::vector<Judged>& b) {
  std::vector<Judged> out = a;
  for (std::size_t i = 0; i < out.size() && i < b.size(); ++i)
    if (b[i].quality.level < out[i].quality.level) out[i] = b[i];
  return out;
}

class Maker {
 public:
  Maker(const Workload& w, const Market& market) : w_(w), market_(market), week_(week_of(w.peak)) {}

  void over_apis() {
    std::vector<Api> apis = apis_of(market_.catalog, w_);
    std::map<std::string, int> sellers;
    for (const Api& api : apis) ++sellers[api.model];
    for (Api& api : apis) {
      Option o{.kind = api.open_weights ? Kind::hosted : Kind::closed,
               .name = fmt::format("{} at {}", api.model, api.provider),
               .api = {},
               .own = {}};
      o.quality = judged(market_.benchmarks, api.model, w_);
      if (w_.portable && !api.open_weights && sellers[api.model] < 2)
        o.lacks.push_back(fmt::format("only {} is known to serve it, and its weights are closed", api.provider));
      if (w_.own_weights)
        o.lacks.push_back(api.open_weights ? "no provider is known to serve weights of your own"
                                           : "its weights cannot be had to fine-tune");
      if (!api.in_region) o.lacks.push_back(fmt::format("{} has no prices for the region {}", api.provider, w_.region));
      o.api = std::move(api);
      o.setup_hours = market_.costs.setup_api;
      need_quality(o, w_);
      o.needs_contract = w_.sensitive > 0 && !w_.has_contract_with(o.api->provider);
      if (o.needs_contract) o.lacks.push_back(fmt::format("{:.3g} % of the tokens may not leave without a contract", 100 * w_.sensitive));
      add(std::move(o));
    }
  }

  void at_home() {
    for (const catalog::Shape& shape : market_.shapes) {
      const catalog::Model* model = model_of(shape);
      if (model == nullptr) continue;
      Option plain{.kind = Kind::own, .name = {}, .api = {}, .own = {}};
      plain.quality = judged(market_.benchmarks, model->id, w_);
      need_quality(plain, w_);
      std::vector<std::string> why_not;
      std::optional<Option> cheapest;
      for (Own& own : owns_of(shape, market_.gpus, market_.predictor, w_, why_not)) {
        Option o = plain;
        o.name = fmt::format("{} on {} x {}", model->id, own.setup.gpus, own.setup.gpu->name);
        own.model = model->id;
        o.own = std::move(own);
        o.home = 1;
        o.setup_hours = w_.team == Team::strong ? market_.costs.setup_strong
                        : w_.team == Team::some ? market_.costs.setup_some
                                                : market_.costs.setup_none;
        if (!cheapest || central(o) < central(*cheapest)) cheapest = std::move(o);
      }
      if (cheapest) add(std::move(*cheapest));
    }
  }

  // Own engines for what must stay, or for the base load, and an API for the rest.
  void shared() {
    const auto best = [this](Kind kind, bool private_too) {
      std::vector<const Option*> found;
      for (const Option& o : options_) {
        if (o.kind == kind && (o.lacks.empty() || (private_too && o.only_lacks_contract()))) found.push_back(&o);
      }
      std::ranges::sort(found, {}, [this](const Option* o) { return central(*o); });
      return found;
    };
    std::vector<Option> made;
    const std::vector<const Option*> owns = best(Kind::own, false);
    for (const Kind kind : {Kind::closed, Kind::hosted}) {
      const std::vector<const Option*> apis = best(kind, true);
      if (apis.empty()) continue;
      for (std::size_t i = 0; i < std::min(owns.size(), own_for_hybrids); ++i)
        for (const bool overflow : {false, true}) {
          const double home = apis.front()->needs_contract ? w_.sensitive : 0;
          if (home >= 1 || (!overflow && home <= 0)) continue;
          Option o = *owns[i];
          o.kind = Kind::hybrid;
          o.api = apis.front()->api;
          o.home = home;
          o.overflow = overflow;
          o.name = fmt::format("{}, {} to {}", owns[i]->name, overflow ? "peaks" : "the rest", apis.front()->name);
          o.quality = weaker(owns[i]->quality, apis.front()->quality);
          o.setup_hours += market_.costs.setup_api;
          made.push_back(std::move(o));
        }
    }
    for (Option& o : made) add(std::move(o));
  }

  std::vector<Option> take() { return std::move(options_); }
  const std::vector<double>& week() const noexcept { return week_; }
  double central(const Option& o) const { return month_of(o, w_, market_.costs, week_, w_.tokens, Draw{}).dollars; }

 private:
  void add(Option o) { options_.push_back(std::move(o)); }

  const catalog::Model* model_of(const catalog::Shape& shape) const {
    const auto fits = [&shape](const catalog::Model& m) {
      return m.open_weights && (catalog::same_name(m.id, shape.id) ||
                                std::ranges::any_of(shape.aliases, [&m](const std::string& a) { return catalog::same_name(a, m.id); }));
    };
    const auto found = std::ranges::find_if(market_.catalog.models(), fits);
    return found == market_.catalog.models().end() ? nullptr : &*found;
  }

  const Workload& w_;
  const Market& market_;
  std::vector<double> week_;
  std::vector<Option> options_;
};

// The cheapest few of each kind; those that lack something only where a kind has too few others.
std::vector<Option> few_of(std::vector<Option> all, const Maker& maker) {
  std::vector<Option> few;
  for (const Kind kind : {Kind::closed, Kind::hosted, Kind::own, Kind::hybrid}) {
    std::vector<Option*> of_kind;
    for (Option& o : all)
      if (o.kind == kind) of_kind.push_back(&o);
    std::ranges::sort(of_kind, {}, [&maker](const Option* o) { return std::pair(o->lacks.size(), maker.central(*o)); });
    for (std::size_t i = 0; i < std::min(of_kind.size(), shown_of_a_kind); ++i) few.push_back(std::move(*of_kind[i]));
  }
  return few;
}

// The month's dollars over the tasks solved, when each task's score is the share of them that is.
std::optional<double> per_solved(const Option& o, const Workload& w) {
  double solved = 0;
  for (std::size_t i = 0; i < o.quality.size(); ++i) {
    const catalog::Quality& q = o.quality[i].quality;
    // A stand-in from another task tells a level, not how often this one is solved.
    if (q.by == nullptr || q.by->task != o.quality[i].task || !(q.counted > 0 && q.counted <= 100)) return std::nullopt;
    solved += w.mix[i].share * q.counted / 100;
  }
  return solved > 0 ? std::optional(o.month.p50 / (w.requests() * solved)) : std::nullopt;
}

void price(Option& o, const Workload& w, const Costs& costs, const std::vector<double>& week, const std::vector<Draw>& draws) {
  std::vector<double> bills;
  bills.reserve(draws.size());
  for (const Draw& d : draws) bills.push_back(month_of(o, w, costs, week, w.tokens, d).dollars);
  o.month = band_of(bills);
  const Month central = month_of(o, w, costs, week, w.tokens, Draw{});
  o.replicas = central.replicas;
  o.utilisation = central.utilisation;
  o.out_share = central.out_share;
  o.per_solved = per_solved(o, w);
}

std::string times(double factor) { return factor < 10 ? fmt::format("{:.1f}", factor) : fmt::format("{:.0f}", factor); }

// What would have to give way for something to be possible.
void relax(Plan& plan) {
  std::vector<const Option*> near;
  for (const Option& o : plan.options)
    if (o.lacks.size() == 1) near.push_back(&o);
  std::ranges::sort(near, {}, [](const Option* o) { return o->month.p50; });
  if (near.empty())
    plan.reasons.push_back(
        "nothing comes near: every option lacks two things or more; lower the quality that is asked for, or the latency targets");
  for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i)
    plan.reasons.push_back(
        fmt::format("without this constraint {} would do for ${:.0f} a month: {}", near[i]->name, near[i]->month.p50, near[i]->lacks[0]));
}

void explain(Plan& plan, const Costs& costs) {
  const Option& best = plan.options[*plan.best];
  const Workload& w = plan.workload;
  plan.reasons.push_back(fmt::format("${:.2f} per million tokens at {:.0f} million a month, people and spares included",
                                     best.month.p50 / w.tokens * 1e6, w.tokens / 1e6));
  for (const Kind kind : {Kind::closed, Kind::hosted, Kind::own, Kind::hybrid}) {
    if (kind == best.kind) continue;
    const auto next = std::ranges::find_if(plan.options, [kind](const Option& o) { return o.kind == kind && o.lacks.empty(); });
    if (next == plan.options.end()) {
      const auto barred = std::ranges::find(plan.options, kind, &Option::kind);
      if (barred != plan.options.end())
        plan.reasons.push_back(fmt::format("{}: not possible; {}: {}", name_of(kind), barred->name, join(barred->lacks, "; ")));
    } else {
      plan.reasons.push_back(fmt::format("{}: {} times as much ({})", name_of(kind), times(next->month.p50 / best.month.p50), next->name));
    }
  }
  if (best.own)
    plan.reasons.push_back(fmt::format("{} replica(s) are {:.0f} % busy on average; people are about ${:.0f} of the bill", best.replicas,
                                       100 * best.utilisation,
                                       (w.team == Team::strong ? costs.people_strong
                                        : w.team == Team::some ? costs.people_some
                                                               : costs.people_none) *
                                           costs.year_of_an_engineer / 12));
}

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::closed:
      return "closed";
    case Kind::hosted:
      return "hosted";
    case Kind::own:
      return "own";
    case Kind::hybrid:
      return "hybrid";
  }
  return "";
}

Plan decide(const Workload& w, const Market& market, int draws, std::uint64_t seed) {
  Maker maker(w, market);
  maker.over_apis();
  maker.at_home();
  maker.shared();
  Plan plan{.workload = w};
  std::vector<Option> made = maker.take();
  for (const Option& o : made) plan.field.push_back({o.kind, o.name, maker.central(o), o.quality, o.lacks.empty()});
  plan.options = few_of(std::move(made), maker);
  const std::vector<Draw> worlds = draws_of(draws, seed, w);
  for (Option& o : plan.options) price(o, w, market.costs, maker.week(), worlds);
  for (std::size_t i = 0; i < plan.options.size(); ++i)
    if (plan.options[i].lacks.empty() && (!plan.best || plan.options[i].month.p50 < plan.options[*plan.best].month.p50)) plan.best = i;
  plan.operations = operate(plan, market.predictor, maker.week());
  if (!plan.best) {
    relax(plan);
    return plan;
  }
  explain(plan, market.costs);
  const Comparison compare(plan, market.costs, maker.week(), worlds);
  plan.against_closed = compare.break_even(Kind::closed);
  plan.against_hosted = compare.break_even(Kind::hosted);
  plan.flips = compare.flips();
  plan.curves = curves_of(plan, market.costs, maker.week(), worlds);
  if (const Kind central = compare.by_central_numbers(); central != plan.options[*plan.best].kind)
    plan.reasons.push_back(fmt::format("a close decision: by the central numbers {} is as cheap", name_of(central)));
  return plan;
}

}  // namespace ajar::plan
