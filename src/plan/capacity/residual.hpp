// plan/capacity/residual.hpp - Residual: what measured points say beyond the formula, by how alike they are (a Gaussian process's mean).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/capacity/features.hpp"

namespace ajar::plan {

// One part of the covariance: of pairs that have the same names, how alike their numbers are.
struct Part {
  struct Near {
    Number number;
    double scale;  // linear: the weight of the number; else the distance over which likeness fades
  };
  struct Differ {
    Name name;
    double scale;  // likeness fades by exp(-1 / scale) when the names differ
  };
  bool linear = false;  // the sum of weight^2 x x'; else sigma^2 exp(-distances^2 / 2)
  double sigma = 0;
  std::vector<Name> same;
  std::vector<Near> near;
  std::vector<Differ> differ;
};

struct Kernel {
  std::vector<Part> parts;
  double noise = 0;  // standard deviation of one measurement
  double operator()(const Features&, const Features&) const noexcept;
};

// The mean of the process at a new place; 0 where no point is alike.
class Residual {
 public:
  Residual() = default;
  Residual(Kernel kernel, std::vector<Features> points, std::vector<double> weights);
  double at(const Features&) const noexcept;
  const Kernel& kernel() const noexcept { return kernel_; }

 private:
  Kernel kernel_;
  std::vector<Features> points_;
  std::vector<double> weights_;  // solve (K + noise^2) weights = residuals of the points' logs
};

}  // namespace ajar::plan
