// plan/capacity/residual.cpp - likeness and its sum.
#include "plan/capacity/residual.hpp"

#include <algorithm>
#include <cmath>

namespace ajar::plan {
namespace {

double likeness(const Part& part, const Features& a, const Features& b) noexcept {
  for (const Name name : part.same)
    if (a.name[static_cast<std::size_t>(name)] != b.name[static_cast<std::size_t>(name)]) return 0;
  if (part.linear) {
    double sum = 0;
    for (const Part::Near& near : part.near) {
      const auto i = static_cast<std::size_t>(near.number);
      sum += near.scale * near.scale * a.number[i] * b.number[i];
    }
    return sum;
  }
  double far = 0;
  for (const Part::Near& near : part.near) {
    const auto i = static_cast<std::size_t>(near.number);
    const double distance = (a.number[i] - b.number[i]) / near.scale;
    far += distance * distance / 2;
  }
  for (const Part::Differ& differ : part.differ)
    if (a.name[static_cast<std::size_t>(differ.name)] != b.name[static_cast<std::size_t>(differ.name)]) far += 1 / differ.scale;
  return part.sigma * part.sigma * std::exp(-far);
}

}  // namespace

double Kernel::operator()(const Features& a, const Features& b) const noexcept {
  double sum = 0;
  for (const Part& part : parts) sum += likeness(part, a, b);
  return sum;
}

Residual::Residual(Kernel kernel, std::vector<Features> points, std::vector<double> weights)
    : kernel_(std::move(kernel)), points_(std::move(points)), weights_(std::move(weights)) {
  weights_.resize(points_.size());
}

double Residual::at(const Features& place) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) sum += weights_[i] * kernel_(place, points_[i]);
  return sum;
}

}  // namespace ajar::plan
