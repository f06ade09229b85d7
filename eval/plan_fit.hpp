// eval/plan_fit.hpp - how the capacity predictor's constants are fitted: formula, likeness, weights of points, spreads.
#pragma once

#include <string>
#include <vector>

#include "plan/capacity/predictor.hpp"

namespace ajar::eval {

// The formula's constants on the points of these places: least squares of log errors, large ones counted as their root (soft L1).
plan::Constants fit_formula(const std::vector<plan::Point>&, const std::vector<std::size_t>& places);

// The parts of each target's covariance with the scales to begin from.
plan::Kernel first_kernel(plan::Target);

// Scales of a kernel that make the residuals most likely (marginal likelihood), on at most `most` of the lessons.
plan::Kernel fit_kernel(plan::Target, const std::vector<plan::Point>&, const plan::Constants&, std::size_t most);

// The weights that solve (K + noise^2) w = residuals; a lesson each.
std::vector<double> weights_of(plan::Target, const plan::Kernel&, const std::vector<plan::Point>&, const plan::Constants&);

}  // namespace ajar::eval
