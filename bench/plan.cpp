// bench/plan.cpp - how long the planner takes: a replay of a million requests over eight replicas, and a whole plan.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "config/benchmarks.hpp"
#include "config/facts.hpp"
#include "config/planner_facts.hpp"
#include "plan/decision/decide.hpp"
#include "plan/simulate/simulate.hpp"

namespace {

using namespace ajar;

constexpr std::size_t requests = 1'000'000;
constexpr int replicas = 8, rounds = 5, draws = 10'000;

template <class F>
std::vector<double> seconds_of(F&& f) {
  std::vector<double> taken;
  for (int i = 0; i < rounds; ++i) {
    const auto began = std::chrono::steady_clock::now();
    f();
    taken.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  std::ranges::sort(taken);
  return taken;
}

}  // namespace

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  const auto gpus = *config::built_in_gpus();
  const auto shapes = *config::built_in_shapes();
  const auto points = *plan::points_of(config::built_in_points(), gpus, shapes);
  const auto catalog = *config::built_in_catalog();
  const auto benchmarks = *config::built_in_benchmarks();
  const plan::Predictor predictor(*config::built_in_fitted(), points.rows);
  const auto setup = *plan::usual_setup(*catalog::shape_named(shapes, "llama-3.3-70b"), *catalog::gpu_named(gpus, "h100"), 2,
                                        plan::Precision::fp8, plan::Engine::vllm);
  const plan::StepTimes times = plan::step_times_of(setup, predictor, 1200);
  const plan::Trace trace = plan::synthetic_trace(requests, 24, 1155, 211, 1);
  plan::Simulated simulated;
  const auto replay = seconds_of([&] { simulated = plan::simulate(trace, {.times = times, .replicas = replicas}); });
  const plan::Market market{catalog, benchmarks, gpus, shapes, predictor};
  plan::Workload workload;
  workload.tokens = 3e9;
  workload.at = WallTime(std::chrono::seconds(1'764'000'000));
  const auto whole = seconds_of([&] { return plan::decide(workload, market, draws).options.size(); });
  if (json)
    fmt::print(
        "{{\"bench\":\"plan\",\"replay\":{{\"requests\":{},\"replicas\":{},\"seconds\":{:.4f},\"most\":{:.4f},\"busy\":{:.3f},\"ttft_p99_"
        "s\":{:.3f},\"digest\":\"{:016x}\"}},\"decide\":{{\"draws\":{},\"seconds\":{:.4f},\"most\":{:.4f}}}}}\n",
        requests, replicas, replay[rounds / 2], replay.back(), simulated.busy, simulated.ttft.p99, simulated.digest, draws,
        whole[rounds / 2], whole.back());
  else
    fmt::print(
        "replay of {} requests over {} replicas: {:.3f} s (at most {:.3f}); busy {:.0f} %, p99 to the first token {:.2f} s, digest "
        "{:016x}\na whole plan with {} draws: {:.3f} s (at most {:.3f})\n",
        requests, replicas, replay[rounds / 2], replay.back(), 100 * simulated.busy, simulated.ttft.p99, simulated.digest, draws,
        whole[rounds / 2], whole.back());
  return 0;
}
