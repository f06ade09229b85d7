// plan/capacity/predictor.cpp - formula, residual and band.
#include "plan/capacity/predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "plan/capacity/memory.hpp"

namespace ajar::plan {
namespace {

std::uint64_t mixed(std::initializer_list<std::uint64_t> hashes) noexcept {
  std::uint64_t all = 0;
  for (const std::uint64_t hash : hashes) all = (all ^ hash) * 0x9E3779B97F4A7C15ULL + (all >> 29);
  return all;
}

std::uint64_t hash_in(const Features& f, Name n) noexcept { return f.name[static_cast<std::size_t>(n)]; }

struct Keys {
  std::uint64_t model, gpu, pair, setup;
};

Keys keys_of(const Setup& s, const Constants& c) noexcept {
  const Load any{.input = 1000, .output = 1000, .in_flight = 1};
  const Features f = features_of(s, any, basis_of(s, any), c);
  const std::uint64_t model = hash_in(f, Name::model), gpu = hash_in(f, Name::gpu), engine = hash_in(f, Name::engine);
  return {model, gpu, mixed({model, gpu, engine}), mixed({model, gpu, engine, hash_in(f, Name::precision), hash_in(f, Name::parallelism)})};
}

// Ratios of measured to predicted, as logs. One's own engine is believed soon; how much it varies, only after some points.
struct Ratios {
  std::vector<double> logs;
  double mean() const noexcept {
    double sum = 0;
    for (const double log : logs) sum += log;
    return logs.empty() ? 0 : sum / (static_cast<double>(logs.size()) + believed_after);
  }
  Spread spread() const noexcept {
    const auto n = static_cast<double>(logs.size());
    double squares = 2 * usual * usual;  // as if two points had shown the usual deviation
    for (const double log : logs) squares += (log - mean()) * (log - mean());
    const double deviation = std::sqrt(squares / (n + 2) * (1 + 1 / std::max(n, 1.0)));
    return {-tenth * deviation, tenth * deviation};
  }
  static constexpr double believed_after = 0.25, usual = 0.08;
  static constexpr double tenth = 1.2816;  // standard deviations from the middle to the 10th and 90th percentile
};

Band band(double central, const Spread& spread) noexcept {
  return {central * std::exp(spread.low), central, central * std::exp(spread.high)};
}

}  // namespace

std::string_view name_of(Target t) noexcept {
  constexpr std::array<std::string_view, targets> names{"tpot", "ttft", "rate"};
  return names[static_cast<std::size_t>(t)];
}

std::string_view name_of(Nearness n) noexcept {
  constexpr std::array<std::string_view, nearnesses> names{"same_setup", "same_pair", "same_model", "new_gpu", "new_model"};
  return names[static_cast<std::size_t>(n)];
}

std::string_view name_of(Outcome o) noexcept {
  constexpr std::array<std::string_view, outcomes> names{"tpot", "ttft", "loop_rate", "other_rate"};
  return names[static_cast<std::size_t>(o)];
}

std::vector<Lesson> lessons(Target target, const std::vector<Point>& points, const Constants& constants) {
  std::vector<Lesson> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    const bool loop = p.setup.mode == Mode::closed_loop;
    const std::optional<double> measured = target == Target::tpot && loop                                           ? p.tpot
                                           : target == Target::ttft && loop                                         ? p.ttft
                                           : target == Target::rate && !loop && p.setup.mode != Mode::disaggregated ? p.rate
                                                                                                                    : std::nullopt;
    if (!measured || !p.reason.empty()) continue;
    const Estimate e = estimate(basis_of(p.setup, p.load), constants);
    const double ideal = target == Target::tpot ? e.tpot : target == Target::ttft ? e.ttft : e.rate;
    out.push_back({i, std::log(*measured / ideal)});
  }
  return out;
}

std::string impossible(const Setup& s) {
  const int ranks = s.parallel.tensor * s.parallel.data * s.parallel.pipeline;
  if (s.mode != Mode::disaggregated && ranks != s.gpus)
    return fmt::format("{} means {} GPUs, not {}; one prediction is for one replica", name_of(s.parallel), ranks, s.gpus);
  const Memory memory = memory_of(s);
  if (const double all = s.gpu->memory * s.gpus; memory.weights > all)
    return fmt::format("the weights take {:.0f} GB in {}, and {} x {} have {:.0f} GB", memory.weights / 1e9, name_of(s.precision), s.gpus,
                       s.gpu->name, all / 1e9);
  return {};
}

Predictor::Predictor(Fitted fitted, const std::vector<Point>& points) : fitted_(std::move(fitted)) {
  for (std::size_t t = 0; t < targets; ++t) {
    std::vector<Features> places;
    for (const Lesson& lesson : lessons(static_cast<Target>(t), points, fitted_.constants)) {
      const Point& p = points[lesson.point];
      places.push_back(features_of(p.setup, p.load, basis_of(p.setup, p.load), fitted_.constants));
    }
    residuals_[t] = Residual(fitted_.kernels[t], std::move(places), fitted_.weights[t]);
  }
  for (const Point& p : points) {
    if (!p.reason.empty()) continue;
    const Keys keys = keys_of(p.setup, fitted_.constants);
    models_.insert(keys.model);
    gpus_.insert(keys.gpu);
    pairs_.insert(keys.pair);
    setups_.insert(keys.setup);
  }
}

void Predictor::learn(const std::vector<Point>& points) {
  struct Own {
    Ratios tpot, ttft;
  };
  std::unordered_map<std::uint64_t, Own> setups, pairs;
  for (const Point& p : points) {
    if (!p.reason.empty() || p.setup.mode != Mode::closed_loop || !impossible(p.setup).empty()) continue;
    const Keys keys = keys_of(p.setup, fitted_.constants);
    const Estimate e = central(p.setup, p.load);
    for (Own* own : {&setups[keys.setup], &pairs[keys.pair]}) {
      if (p.tpot) own->tpot.logs.push_back(std::log(*p.tpot / e.tpot));
      if (p.ttft) own->ttft.logs.push_back(std::log(*p.ttft / e.ttft));
    }
  }
  const auto take = [](const Own& own) { return Learnt{own.tpot.mean(), own.ttft.mean(), own.tpot.spread(), own.ttft.spread()}; };
  for (const auto& [key, own] : setups) learnt_setups_[key] = take(own);
  for (const auto& [key, own] : pairs) learnt_pairs_[key] = take(own);
}

const Predictor::Learnt* Predictor::learnt(const Setup& s) const noexcept {
  if (learnt_pairs_.empty()) return nullptr;
  const Keys keys = keys_of(s, fitted_.constants);
  if (const auto found = learnt_setups_.find(keys.setup); found != learnt_setups_.end()) return &found->second;
  const auto found = learnt_pairs_.find(keys.pair);
  return found == learnt_pairs_.end() ? nullptr : &found->second;
}

const Spread& Predictor::spread(Outcome o, const Setup& s) const noexcept {
  if (const auto found = learnt_setups_.empty() ? learnt_setups_.end() : learnt_setups_.find(keys_of(s, fitted_.constants).setup);
      found != learnt_setups_.end())
    return o == Outcome::ttft ? found->second.ttft_spread : found->second.tpot_spread;
  return fitted_.spreads[static_cast<std::size_t>(o)][static_cast<std::size_t>(nearness(s))];
}

Nearness Predictor::nearness(const Setup& s) const noexcept {
  const Keys keys = keys_of(s, fitted_.constants);
  if (learnt_setups_.contains(keys.setup)) return Nearness::same_setup;
  const Nearness fitted = fitted_nearness(s);
  return learnt_pairs_.contains(keys.pair) ? std::min(fitted, Nearness::same_pair) : fitted;
}

Nearness Predictor::fitted_nearness(const Setup& s) const noexcept {
  const Keys keys = keys_of(s, fitted_.constants);
  if (!models_.contains(keys.model)) return Nearness::new_model;
  if (!gpus_.contains(keys.gpu)) return Nearness::new_gpu;
  if (setups_.contains(keys.setup)) return Nearness::same_setup;
  return pairs_.contains(keys.pair) ? Nearness::same_pair : Nearness::same_model;
}

Estimate Predictor::central(const Setup& s, const Load& load, std::optional<double> trust) const noexcept {
  const auto near = static_cast<std::size_t>(fitted_nearness(s));
  const Basis b = basis_of(s, load);
  Estimate e = estimate(b, fitted_.constants);
  const Features f = features_of(s, load, b, fitted_.constants);
  const auto factor = [&](Target t) {
    const auto target = static_cast<std::size_t>(t);
    const double share = trust.value_or(fitted_.trust[target][near]);
    return share > 0 ? std::exp(share * residuals_[target].at(f)) : 1;
  };
  if (s.mode == Mode::saturated || s.mode == Mode::one_batch) {
    const double by = factor(Target::rate);
    e.rate *= by;
    e.tpot /= by;
    return e;
  }
  e.tpot *= factor(Target::tpot);
  e.ttft *= factor(Target::ttft);
  if (const Learnt* own = learnt(s)) {
    e.tpot *= std::exp(own->tpot);
    e.ttft *= std::exp(own->ttft);
  }
  e.rate = b.share * rate_of(b.in_flight, b.output, e.ttft, e.tpot, b.gpus);
  return e;
}

Prediction Predictor::predict(const Setup& s, const Load& load) const {
  Prediction p;
  if (p.refused = impossible(s); !p.refused.empty()) return p;
  p.nearness = nearness(s);
  p.most_in_flight = most_sequences(s, load.input + load.output / 2);
  const Estimate e = central(s, load);
  const bool loop = s.mode == Mode::closed_loop || s.mode == Mode::disaggregated;
  p.tpot = band(e.tpot, spread(Outcome::tpot, s));
  p.ttft = band(e.ttft, spread(Outcome::ttft, s));
  p.rate = band(e.rate, spread(loop ? Outcome::loop_rate : Outcome::other_rate, s));
  return p;
}

}  // namespace ajar::plan
