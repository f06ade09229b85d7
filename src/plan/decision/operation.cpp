// plan/decision/operation.cpp - the simulator asked at several loads.
#include "plan/decision/operation.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "plan/decision/cost.hpp"

namespace ajar::plan {
namespace {

constexpr int most_replicas = 4;  // more of them behave as four do, at the same load of each
constexpr std::size_t requests_each = 1500;
constexpr std::uint64_t seed = 1;
constexpr double least_load = 0.001;
constexpr std::array loads{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2};

double output_of_request(const Workload& w) noexcept { return w.request_output() / (1 - w.hidden); }

StepTimes times_of(const Own& own, const Predictor& predictor, const Workload& w) {
  return step_times_of(own.setup, predictor, w.request_input + output_of_request(w));
}

}  // namespace

Latency latency_at(double load, const Own& own, int replicas, const StepTimes& times, const Workload& w) {
  const int few = std::clamp(replicas, 1, most_replicas);
  const double output = output_of_request(w), per_second = load * own.capacity * few / output;
  const Trace trace = synthetic_trace(requests_each * static_cast<std::size_t>(few), per_second, w.request_input, output, seed);
  const Simulated s = simulate(trace, {.times = times, .replicas = few});
  return {.load = load, .ttft = s.ttft, .tpot = s.tpot};
}

std::vector<Operation> operate(Plan& plan, const Predictor& predictor, const std::vector<double>& week) {
  std::vector<Operation> operations;
  for (const Kind kind : {Kind::own, Kind::hybrid}) {
    std::optional<std::size_t> cheapest;
    for (std::size_t i = 0; i < plan.options.size(); ++i) {
      Option& o = plan.options[i];
      if (o.kind != kind || o.replicas < 1) continue;
      const Hours hours = hours_of(o, plan.workload, week);
      const double busiest = *std::ranges::max_element(hours.home) / hours.room;
      o.busiest = latency_at(std::max(busiest, least_load), *o.own, o.replicas, times_of(*o.own, predictor, plan.workload), plan.workload);
      if (o.lacks.empty() && (!cheapest || o.month.p50 < plan.options[*cheapest].month.p50)) cheapest = i;
    }
    if (!cheapest) continue;
    const Option& o = plan.options[*cheapest];
    Operation operation{.option = *cheapest, .hours = hours_of(o, plan.workload, week), .latency = {}};
    const StepTimes times = times_of(*o.own, predictor, plan.workload);
    for (const double load : loads) operation.latency.push_back(latency_at(load, *o.own, o.replicas, times, plan.workload));
    operations.push_back(std::move(operation));
  }
  return operations;
}

}  // namespace ajar::plan
