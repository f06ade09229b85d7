// eval/plan_fit.cpp - Levenberg-Marquardt for the formula, gradient steps for the scales, Cholesky for the weights.
#include "plan_fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <functional>

namespace ajar::eval {
namespace {

using plan::Constants;
using plan::Point;

// Where the search begins: constants of the order that the study of the data found, and how far they are held there.
constexpr Constants first{1.1, 1.15, 1.5, 0.9,  2,   5.5, 3,   3,   48,   50,   55,   10,  12,   0.05, 10, 60,
                          15,  0.5,  1.0, 0.95, 2.0, 1.6, 1.2, 0.8, 0.05, 0.33, 0.01, 1.6, 0.07, 1.0,  7,  0.5};
constexpr double hold = 0.05, ttft_weight = 0.4, soft = 0.2;

struct Row {
  plan::Basis basis;
  double measured;
  plan::Target target;
};

double model_of(const Row& row, const Constants& c) {
  const plan::Estimate e = plan::estimate(row.basis, c);
  return row.target == plan::Target::tpot ? e.tpot : row.target == plan::Target::ttft ? e.ttft : e.rate;
}

// Errors, already scaled so that their squares sum to the soft L1 loss.
Eigen::VectorXd errors_of(const std::vector<Row>& rows, const Eigen::VectorXd& q) {
  Constants c;
  for (std::size_t i = 0; i < c.size(); ++i) c[i] = std::exp(q[static_cast<Eigen::Index>(i)]);
  Eigen::VectorXd out(static_cast<Eigen::Index>(rows.size() + c.size()));
  Eigen::Index at = 0;
  for (const Row& row : rows) {
    const double weight = row.target == plan::Target::ttft ? ttft_weight : 1;
    const double e = weight * std::log(model_of(row, c) / row.measured) / soft;
    out[at++] = std::copysign(soft * std::sqrt(2 * (std::sqrt(1 + e * e) - 1)), e);
  }
  for (std::size_t i = 0; i < c.size(); ++i) out[at++] = hold * (q[static_cast<Eigen::Index>(i)] - std::log(first[i]));
  return out;
}

// Every number that the gradient may change, as its logarithm.
std::vector<double*> knobs_of(plan::Kernel& kernel) {
  std::vector<double*> knobs;
  for (plan::Part& part : kernel.parts) {
    if (!part.linear) knobs.push_back(&part.sigma);
    for (plan::Part::Near& near : part.near) knobs.push_back(&near.scale);
    for (plan::Part::Differ& differ : part.differ) knobs.push_back(&differ.scale);
  }
  knobs.push_back(&kernel.noise);
  return knobs;
}

// Log marginal likelihood (with a weak prior at the first scales) and its gradient by the knobs' logarithms.
double likelihood(const plan::Kernel& kernel, const std::vector<plan::Features>& x, const Eigen::VectorXd& y, Eigen::VectorXd& gradient) {
  const auto n = static_cast<Eigen::Index>(x.size());
  std::vector<Eigen::MatrixXd> slopes;
  Eigen::MatrixXd k = Eigen::MatrixXd::Zero(n, n);
  for (const plan::Part& part : kernel.parts) {
    const std::size_t own = slopes.size();
    const std::size_t count = part.near.size() + part.differ.size() + (part.linear ? 0 : 1);
    for (std::size_t i = 0; i < count; ++i) slopes.emplace_back(Eigen::MatrixXd::Zero(n, n));
    const plan::Kernel one{{part}, 0};
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) {
        const plan::Features &a = x[static_cast<std::size_t>(i)], &b = x[static_cast<std::size_t>(j)];
        const double value = one(a, b);
        if (value == 0) continue;
        k(i, j) += value;
        std::size_t at = own;
        if (!part.linear) slopes[at++](i, j) = 2 * value;
        for (const plan::Part::Near& near : part.near) {
          const auto f = static_cast<std::size_t>(near.number);
          const double distance = (a.number[f] - b.number[f]) / near.scale;
          slopes[at++](i, j) = part.linear ? 2 * near.scale * near.scale * a.number[f] * b.number[f] : value * distance * distance;
        }
        for (const plan::Part::Differ& differ : part.differ) {
          const auto f = static_cast<std::size_t>(differ.name);
          slopes[at++](i, j) = a.name[f] != b.name[f] ? value / differ.scale : 0;
        }
      }
  }
  k.diagonal().array() += kernel.noise * kernel.noise + 1e-8;
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(k);
  const Eigen::VectorXd alpha = factor.solve(y);
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
  const Eigen::MatrixXd m = alpha * alpha.transpose() - inverse;
  gradient.resize(static_cast<Eigen::Index>(slopes.size() + 1));
  for (std::size_t s = 0; s < slopes.size(); ++s) {
    const double below = m.cwiseProduct(slopes[s]).sum();  // slopes are lower triangles
    gradient[static_cast<Eigen::Index>(s)] = 0.5 * (2 * below - m.diagonal().dot(slopes[s].diagonal()));
  }
  gradient[gradient.size() - 1] = 0.5 * m.trace() * 2 * kernel.noise * kernel.noise;
  return -0.5 * y.dot(alpha) - factor.matrixLLT().diagonal().array().log().sum();
}

plan::Part linear(std::vector<plan::Name> same, double scale) {
  plan::Part part{.linear = true, .sigma = 1, .same = std::move(same), .near = {}, .differ = {}};
  for (const plan::Number n : {plan::Number::weights, plan::Number::experts, plan::Number::kv, plan::Number::compute, plan::Number::links,
                               plan::Number::overhead, plan::Number::sequences, plan::Number::prefill})
    part.near.push_back({n, scale});
  return part;
}

}  // namespace

Constants fit_formula(const std::vector<Point>& points, const std::vector<std::size_t>& places) {
  std::vector<Row> rows;
  for (const std::size_t place : places) {
    const Point& p = points[place];
    const plan::Basis basis = plan::basis_of(p.setup, p.load);
    if (p.setup.mode == plan::Mode::closed_loop) {
      if (p.tpot) rows.push_back({basis, *p.tpot, plan::Target::tpot});
      if (p.ttft) rows.push_back({basis, *p.ttft, plan::Target::ttft});
    } else if (p.rate) {
      rows.push_back({basis, *p.rate, plan::Target::rate});
    }
  }
  constexpr auto count = static_cast<Eigen::Index>(plan::terms);
  Eigen::VectorXd q(count);
  for (Eigen::Index i = 0; i < count; ++i) q[i] = std::log(first[static_cast<std::size_t>(i)]);
  Eigen::VectorXd e = errors_of(rows, q);
  double damping = 1e-2;
  for (int round = 0; round < 60; ++round) {
    Eigen::MatrixXd j(e.size(), count);
    for (Eigen::Index i = 0; i < count; ++i) {
      Eigen::VectorXd moved = q;
      moved[i] += 1e-5;
      j.col(i) = (errors_of(rows, moved) - e) / 1e-5;
    }
    const Eigen::MatrixXd square = j.transpose() * j;
    const Eigen::VectorXd slope = j.transpose() * e;
    bool better = false;
    for (int attempt = 0; attempt < 12 && !better; ++attempt) {
      Eigen::MatrixXd held = square;
      held.diagonal() *= 1 + damping;
      const Eigen::VectorXd next = q - held.ldlt().solve(slope).cwiseMax(-1).cwiseMin(1);
      const Eigen::VectorXd tried = errors_of(rows, next);
      better = tried.squaredNorm() < e.squaredNorm();
      const bool done = better && e.squaredNorm() - tried.squaredNorm() < 1e-7 * e.squaredNorm();
      if (better) {
        q = next;
        e = tried;
      }
      damping = better ? damping / 3 : damping * 4;
      if (done) round = 60;
    }
    if (!better) break;
  }
  Constants c;
  for (std::size_t i = 0; i < c.size(); ++i) c[i] = std::exp(q[static_cast<Eigen::Index>(i)]);
  return c;
}

plan::Kernel first_kernel(plan::Target target) {
  using plan::Name;
  using plan::Number;
  const bool ttft = target == plan::Target::ttft;
  const double s = ttft ? 2 : 1;  // the time to the first token scatters more
  plan::Kernel kernel;
  kernel.noise = 0.02 * s;
  kernel.parts = {linear({Name::engine, Name::generation}, 0.1 * s),
                  linear({Name::precision, Name::generation}, 0.1 * s),
                  linear({Name::gpu}, 0.08 * s),
                  linear({Name::model}, 0.1 * s),
                  linear({Name::model, Name::engine, Name::generation}, 0.1 * s),
                  linear({Name::one_wave, Name::engine}, 0.1 * s)};
  kernel.parts.push_back({.linear = false,
                          .sigma = 0.12 * s,
                          .same = {},
                          .near = {{Number::root_weights, 1},
                                   {Number::root_experts, 0.4},
                                   {Number::root_kv, 0.5},
                                   {Number::root_compute, 0.25},
                                   {Number::root_links, 0.25},
                                   {Number::root_overhead, 0.5},
                                   {Number::root_prefill, 0.35},
                                   {Number::in_flight, 5},
                                   {Number::input, 3},
                                   {Number::output, 9},
                                   {Number::mixture, 2},
                                   {Number::latent, 3},
                                   {Number::partial, 1},
                                   {Number::tensor, 5},
                                   {Number::weight_bytes, 2},
                                   {Number::bandwidth, 1.2},
                                   {Number::one_wave, 0.6},
                                   {Number::mode, 0.5}},
                          .differ = {{Name::engine, 2}, {Name::generation, 2}}});
  const std::vector<plan::Part::Near> loads{{Number::in_flight, 2}, {Number::input, 1.5}, {Number::output, 3},      {Number::tensor, 1.5},
                                            {Number::data, 1.2},    {Number::expert, 2},  {Number::weight_bytes, 1}};
  kernel.parts.push_back({.linear = false,
                          .sigma = 0.08 * s,
                          .same = {Name::model},
                          .near = loads,
                          .differ = {{Name::gpu, 1}, {Name::engine, 1.5}, {Name::generation, 1}}});
  kernel.parts.push_back({.linear = false,
                          .sigma = 0.05 * s,
                          .same = {Name::model, Name::engine},
                          .near = loads,
                          .differ = {{Name::gpu, 1}, {Name::generation, 1}}});
  kernel.parts.push_back({.linear = false,
                          .sigma = 0.06 * s,
                          .same = {Name::model, Name::gpu, Name::engine, Name::precision, Name::parallelism},
                          .near = {{Number::in_flight, 3}, {Number::input, 6}, {Number::output, 7}, {Number::crowded, 0.3}},
                          .differ = {{Name::version, 1}}});
  kernel.parts.push_back({.linear = false,
                          .sigma = 0.1 * s,
                          .same = {Name::model, Name::engine},
                          .near = {},
                          .differ = {{Name::version, 0.6}, {Name::generation, 4}}});
  return kernel;
}

plan::Kernel fit_kernel(plan::Target target, const std::vector<Point>& points, const Constants& constants, std::size_t most) {
  const std::vector<plan::Lesson> all = plan::lessons(target, points, constants);
  // Every n-th lesson of an order that mixes all sweeps: the same on every machine.
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [](std::size_t i) { return (i * 2654435761ULL) % 4294967296ULL; });
  order.resize(std::min(most, order.size()));
  std::vector<plan::Features> x;
  Eigen::VectorXd y(static_cast<Eigen::Index>(order.size()));
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Point& p = points[all[order[i]].point];
    x.push_back(plan::features_of(p.setup, p.load, plan::basis_of(p.setup, p.load), constants));
    y[static_cast<Eigen::Index>(i)] = all[order[i]].log_ratio;
  }
  plan::Kernel kernel = first_kernel(target), best = kernel;
  const std::vector<double*> knobs = knobs_of(kernel);
  std::vector<double> begin, step(knobs.size(), 0.1), last(knobs.size(), 0);
  for (const double* knob : knobs) begin.push_back(std::log(*knob));
  double highest = -1e300;
  // Resilient steps: each knob goes up or down by its own step, which grows while the direction stays.
  for (int round = 0; round < 40; ++round) {
    Eigen::VectorXd gradient;
    double value = likelihood(kernel, x, y, gradient);
    for (std::size_t i = 0; i < knobs.size(); ++i) {
      const double off = std::log(*knobs[i]) - begin[i];
      value -= 0.5 * off * off / 2.25;
      gradient[static_cast<Eigen::Index>(i)] -= off / 2.25;
    }
    if (value > highest) {
      highest = value;
      best = kernel;
    }
    for (std::size_t i = 0; i < knobs.size(); ++i) {
      const double slope = gradient[static_cast<Eigen::Index>(i)];
      step[i] = std::clamp(slope * last[i] > 0 ? step[i] * 1.3 : slope * last[i] < 0 ? step[i] * 0.5 : step[i], 1e-3, 0.5);
      last[i] = slope;
      if (slope != 0) *knobs[i] *= std::exp(std::copysign(step[i], slope));
    }
  }
  return best;
}

std::vector<double> weights_of(plan::Target target, const plan::Kernel& kernel, const std::vector<Point>& points,
                               const Constants& constants) {
  const std::vector<plan::Lesson> all = plan::lessons(target, points, constants);
  const auto n = static_cast<Eigen::Index>(all.size());
  std::vector<plan::Features> x;
  Eigen::VectorXd y(n);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Point& p = points[all[i].point];
    x.push_back(plan::features_of(p.setup, p.load, plan::basis_of(p.setup, p.load), constants));
    y[static_cast<Eigen::Index>(i)] = all[i].log_ratio;
  }
  Eigen::MatrixXd k(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) k(i, j) = kernel(x[static_cast<std::size_t>(i)], x[static_cast<std::size_t>(j)]);
  k.diagonal().array() += kernel.noise * kernel.noise + 1e-8;
  const Eigen::VectorXd solved = Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(k).solve(y);
  return {solved.data(), solved.data() + solved.size()};
}

}  // namespace ajar::eval
