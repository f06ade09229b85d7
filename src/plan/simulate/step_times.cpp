// plan/simulate/step_times.cpp - the predictor asked at some batch sizes, the rest between them.
#include "plan/simulate/step_times.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "plan/capacity/memory.hpp"

namespace ajar::plan {

StepTimes step_times_of(const Setup& setup, const Predictor& predictor, double mean_context) {
  StepTimes t;
  const double fit = most_sequences(setup, mean_context);
  t.sequences = static_cast<std::int32_t>(std::clamp(std::floor(fit), 1.0, 512.0));
  t.kv_tokens = static_cast<std::int64_t>(memory_of(setup).tokens());
  t.step.assign(static_cast<std::size_t>(t.sequences) + 1, 0);
  t.per_context.assign(t.step.size(), 0);
  const Constants& c = predictor.fitted().constants;
  // What the points say beyond the formula is taken at each batch size from the time between tokens; long answers keep prefills out of it.
  std::vector<std::pair<std::int32_t, std::pair<double, double>>> known;
  const auto measure = [&](std::int32_t b) {
    const auto at = [&](double context) {
      const Load load{.input = context, .output = 2, .in_flight = static_cast<double>(b)};
      const Load answers{.input = mean_context / 2, .output = mean_context, .in_flight = static_cast<double>(b)};
      const double factor = predictor.central(setup, answers).tpot / estimate(basis_of(setup, answers), c).tpot;
      return estimate(basis_of(setup, load), c).step * factor * 1e9;
    };
    const double low = at(1), high = at(mean_context);
    const double per = std::max(0.0, (high - low) / (mean_context - 1)) / b;
    return std::pair(std::max(low - per * b, 1.0), per);
  };
  for (std::int32_t b = 1;; b = std::min(b * 2, t.sequences)) {
    known.push_back({b, measure(b)});
    if (b == t.sequences) break;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto& [b, two] = known[i];
    t.step[static_cast<std::size_t>(b)] = two.first;
    t.per_context[static_cast<std::size_t>(b)] = two.second;
    if (i == 0) continue;
    const auto& [before, was] = known[i - 1];
    for (std::int32_t n = before + 1; n < b; ++n) {
      const double share = static_cast<double>(n - before) / (b - before);
      t.step[static_cast<std::size_t>(n)] = was.first + share * (two.first - was.first);
      t.per_context[static_cast<std::size_t>(n)] = was.second + share * (two.second - was.second);
    }
  }
  // A prompt holds the running sequences up for `interference` of its time; what its own first token takes beyond that holds up nobody.
  const auto of = [&c](Term term) { return c[static_cast<std::size_t>(term)]; };
  const auto prefill = [&](double tokens) {
    return estimate(basis_of(setup, {.input = tokens, .output = 1, .in_flight = 1}), c).prefill * 1e9;
  };
  const double small = of(Term::interference) * prefill(512) / 512, large = of(Term::interference) * prefill(8192) / 8192;
  t.prefill_square = std::max(0.0, (large - small) / (8192 - 512) * 2);
  t.prefill = std::max(small - t.prefill_square * 512 / 2, 1.0);
  const Term start = setup.engine == Engine::trtllm   ? Term::start_trtllm
                     : setup.engine == Engine::sglang ? Term::start_sglang
                                                      : Term::start_vllm;
  t.latency = of(start) * 1e9 + of(Term::first_steps) * t.step[1] +
              std::max(0.0, of(Term::first_prefill) - of(Term::interference)) * prefill(mean_context);
  return t;
}

}  // namespace ajar::plan
