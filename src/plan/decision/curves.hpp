// plan/decision/curves.hpp - Curves: cost against volume with every crossing, and what moves the bill of the chosen option most.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/band.hpp"

namespace ajar::plan {

struct Plan;
struct Costs;
struct Draw;

struct Curves {
  std::vector<double> volumes;  // tokens a month, a thousandth to a thousandfold of the workload's
  // The cheapest possible option of each kind; its bill in dollars a month at each volume.
  struct Line {
    std::size_t option;  // place in the plan's options
    std::vector<Band> month;
  };
  std::vector<Line> lines;
  // From this volume on an option of another kind is the cheapest, by the central numbers. Own engines are bought by the piece, so that two
  // kinds may cross more than once.
  struct Crossing {
    double tokens;
    std::size_t from, to;
  };
  std::vector<Crossing> crossings;
  // The chosen option's bill when one thing that is not known stands at what is passed from below in 10 % and 90 % of cases, all else in
  // the middle. The widest first; those that change nothing are left out.
  struct Bar {
    std::string input;
    double low = 0, high = 0;                  // of the input, as a factor on its middle
    double low_dollars = 0, high_dollars = 0;  // a month
  };
  double central_dollars = 0;  // the chosen option's bill with everything in the middle
  std::vector<Bar> bars;
};

// The plan's options are priced.
Curves curves_of(const Plan&, const Costs&, const std::vector<double>& week, const std::vector<Draw>&);

}  // namespace ajar::plan
