// plan/capacity/lint.hpp - measurements that cannot be, or that are labelled as something else than they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/capacity/predictor.hpp"

namespace ajar::plan {

enum class Rule : std::uint8_t {
  unreadable,   // a name or number that means nothing
  parallelism,  // ranks that are not the GPUs, or that do not divide the model's heads
  multi_node,   // tensor ranks beyond the GPUs that the link joins
  memory,       // weights larger than the memory
  bandwidth,    // faster than the memory can be read
  compute,      // more products than the chip's peak
  little,       // rate, latency and requests in flight contradict each other
  falling,      // faster with more requests in flight
  duplicate,    // a row that stands twice
  speculation,  // about half the time of its like: speculative decoding that is not labelled
  unit,         // off by a thousand: seconds and milliseconds
  unlike        // far from what near points and the formula say: probably a wrong label
};
std::string_view name_of(Rule) noexcept;

struct Finding {
  int line = 0;
  std::string id;
  Rule rule = Rule::unreadable;
  bool certain = false;  // physically impossible; else suspected
  std::string why;       // with the numbers
};

// In the order of the rows.
std::vector<Finding> lint(const std::vector<Point>&, const Predictor&);

}  // namespace ajar::plan
