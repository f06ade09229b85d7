// plan/capacity/fit.hpp - which set-up of a model fits on a GPU, and the flags to start it with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/capacity/memory.hpp"
#include "plan/capacity/setup.hpp"

namespace ajar::plan {

// The usual set-up of so many GPUs: tensor parallel as far as heads and links allow, pipeline stages beyond. nullopt when the heads
// cannot be split so.
std::optional<Setup> usual_setup(const catalog::Shape&, const catalog::Gpu&, int gpus, Precision, Engine);

// The precision that a model is usually run in on a GPU: that of its weights, or 8 bit where the chip has it and they are 16 bit.
Precision usual_precision(const catalog::Shape&, const catalog::Gpu&);

// The smallest number of GPUs, 1, 2, 4, 8, 16 ..., whose memory holds the weights and at least one sequence of so many tokens; nullopt
// when not even 64 do.
std::optional<Setup> smallest_setup(const catalog::Shape&, const catalog::Gpu&, Precision, Engine, double context);

// Command lines that start it, one per engine that can: "vllm serve ...".
std::vector<std::string> start_commands(const Setup&, double context, double in_flight);

}  // namespace ajar::plan
