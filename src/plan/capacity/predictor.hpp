// plan/capacity/predictor.hpp - Predictor: formula and measured points together, with bands as wide as past errors were.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "plan/band.hpp"
#include "plan/capacity/points.hpp"
#include "plan/capacity/residual.hpp"

namespace ajar::plan {

// What is predicted by its own residual: tpot and ttft of closed loops, rate of saturated engines and single batches.
enum class Target : unsigned { tpot, ttft, rate, count_ };
inline constexpr std::size_t targets = static_cast<std::size_t>(Target::count_);
std::string_view name_of(Target) noexcept;

// How much was measured of what is asked.
enum class Nearness : unsigned {
  same_setup,  // this model, GPU, engine, precision and parallelism
  same_pair,   // this model, GPU and engine
  same_model,  // this model, and this GPU with others
  new_gpu,     // no point of this GPU
  new_model,   // no point of this model
  count_
};
inline constexpr std::size_t nearnesses = static_cast<std::size_t>(Nearness::count_);
std::string_view name_of(Nearness) noexcept;

// What the measured value divided by the predicted one is, in 10 % and 90 % of cases; as logarithms.
struct Spread {
  double low = -0.3, high = 0.3;
};
// Of tpot, ttft, rate of closed loops (from both), and rate of the others.
enum class Outcome : unsigned { tpot, ttft, loop_rate, other_rate, count_ };
inline constexpr std::size_t outcomes = static_cast<std::size_t>(Outcome::count_);
std::string_view name_of(Outcome) noexcept;

// All that was fitted: data/planner/capacity.toml and weights.csv.
struct Fitted {
  Constants constants{};
  std::array<Kernel, targets> kernels;
  std::array<std::array<Spread, nearnesses>, outcomes> spreads;
  // The share of what the points say beyond the formula that is taken: less where they are far.
  std::array<std::array<double, nearnesses>, targets> trust{};
  std::array<std::vector<double>, targets> weights;  // one per point of the target, in the points' order
};

// Which of the points a target learns from, with the log of measured over estimated.
struct Lesson {
  std::size_t point;
  double log_ratio;
};
std::vector<Lesson> lessons(Target, const std::vector<Point>&, const Constants&);

struct Prediction {
  Band ttft, tpot;  // s
  Band rate;        // output tokens per second and GPU
  Nearness nearness = Nearness::new_model;
  double most_in_flight = 0;  // requests that fit into the KV memory at once
  std::string refused;        // why there is no prediction; "" = there is one
};

class Predictor {
 public:
  // The points that the weights belong to.
  Predictor(Fitted fitted, const std::vector<Point>& points);
  Prediction predict(const Setup&, const Load&) const;
  // Measured points of one's own engines: from now on their set-ups are predicted as they were found to be, and set-ups of the same model,
  // GPU and engine are moved by as much. Only closed loops teach; a point with a reason does not.
  void learn(const std::vector<Point>&);
  Nearness nearness(const Setup&) const noexcept;
  const Spread& spread(Outcome, const Setup&) const noexcept;
  const Fitted& fitted() const noexcept { return fitted_; }
  // The central values alone; with another share of what the points say than was fitted, if given.
  Estimate central(const Setup&, const Load&, std::optional<double> trust = {}) const noexcept;

 private:
  Fitted fitted_;
  std::array<Residual, targets> residuals_;
  std::unordered_set<std::uint64_t> models_, gpus_, pairs_, setups_;
  // What one's own points say beyond the prediction, as logs; of a set-up and of a pair.
  struct Learnt {
    double tpot = 0, ttft = 0;
    Spread tpot_spread, ttft_spread;
  };
  const Learnt* learnt(const Setup&) const noexcept;
  Nearness fitted_nearness(const Setup&) const noexcept;  // by the points it was fitted on alone
  std::unordered_map<std::uint64_t, Learnt> learnt_setups_, learnt_pairs_;
};

// Why a set-up cannot work at all; "" = it can. Ranks that are not the GPUs, weights larger than the memory.
std::string impossible(const Setup&);

}  // namespace ajar::plan
