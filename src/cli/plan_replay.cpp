// cli/plan_replay.cpp - `ajar plan replay`: own engines under a trace of requests.
#include <fmt/format.h>

#include "base/json.hpp"
#include "cli/plan_json.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/simulate/simulate.hpp"

namespace ajar::cli {
namespace {

Result<plan::Trace> trace_for(const PlanReplayOptions& o) {
  if (o.trace.empty()) return plan::synthetic_trace(static_cast<std::size_t>(o.requests), o.per_second, o.input, o.output, o.seed);
  auto trace = read_trace(o.trace);
  if (!trace) return trace;
  return plan::faster(std::move(*trace), o.faster);
}

void print_json(const plan::Setup& s, const plan::Trace& trace, const plan::Simulated& r, int replicas) {
  json::Array warnings;
  for (const std::string& w : trace.warnings) warnings.emplace_back(w);
  fmt::print("{}\n", json::write_pretty(json::Value{{"model", s.shape->id},
                                                    {"gpu", s.gpu->id},
                                                    {"gpus", s.gpus},
                                                    {"precision", name_of(s.precision)},
                                                    {"replicas", replicas},
                                                    {"requests", r.requests},
                                                    {"seconds", r.seconds},
                                                    {"ttft_s", seconds_of(r.ttft)},
                                                    {"tpot_s", seconds_of(r.tpot)},
                                                    {"whole_s", seconds_of(r.whole)},
                                                    {"busy", r.busy},

                                                    {"kv_peak", r.kv_peak},
                                                    {"most_waiting", r.most_waiting},
                                                    {"overflowed", r.overflowed},
                                                    {"overflow_input_tokens", r.overflow_input},
                                                    {"overflow_output_tokens", r.overflow_output},
                                                    {"digest", fmt::format("{:016x}", r.digest)},
                                                    {"warnings", std::move(warnings)}}));
}

void print(const plan::Setup& s, const plan::Trace& trace, const plan::Simulated& r, int replicas) {
  fmt::print("{} in {} on {} replica(s) of {} x {}: {} requests in {:.0f} s ({:.2f} a second)\n\n", s.shape->id, name_of(s.precision),
             replicas, s.gpus, s.gpu->name, r.requests, r.seconds, static_cast<double>(r.requests) / std::max(trace.seconds(), 1e-9));
  fmt::print("{:<18} {:>9} {:>9} {:>9} {:>9}\n", "", "p50", "p90", "p95", "p99");
  const auto line = [](std::string_view what, const plan::Quantiles& q, double scale) {
    fmt::print("{:<18} {:>9.3g} {:>9.3g} {:>9.3g} {:>9.3g}\n", what, q.p50 * scale, q.p90 * scale, q.p95 * scale, q.p99 * scale);
  };
  line("first token, s", r.ttft, 1);
  line("per token, ms", r.tpot, 1e3);
  line("whole answer, s", r.whole, 1);
  fmt::print(
      "\nbusy {:.0f} % of the time; KV memory at most {:.0f} % reserved; at most "
      "{} waiting\n",
      100 * r.busy, 100 * r.kv_peak, r.most_waiting);
  if (r.overflowed > 0)
    fmt::print("to an API: {} requests ({:.1f} %), {} input and {} output tokens\n", r.overflowed,
               100.0 * static_cast<double>(r.overflowed) / static_cast<double>(r.requests), r.overflow_input, r.overflow_output);
  for (const std::string& w : trace.warnings) fmt::print("note: {}\n", w);
}

Status check(const PlanReplayOptions& o) {
  if (o.replicas < 0 || o.replicas > 1024)
    return fail(Fault::config, "--replicas: 1 to 1024, or 0 for the smallest number that meets the targets");
  if (!(o.faster > 0 && o.faster <= 1e6)) return fail(Fault::config, "--faster: a factor above zero");
  if (!(o.requests >= 1 && o.requests <= 20'000'000 && o.per_second > 0 && o.per_second <= 1e6))
    return fail(Fault::config, "--requests: 1 to 20,000,000; --per-second above zero");
  if (!(o.input >= 1 && o.output >= 1 && o.input <= 1e6 && o.output <= 1e6))
    return fail(Fault::config, "--input and --output: 1 to 1,000,000 tokens");
  if (!(o.ttft > 0 && o.tpot_ms > 0)) return fail(Fault::config, "--ttft and --tpot have to be above zero");
  return ok();
}

}  // namespace

int plan_replay(const PlanReplayOptions& o) {
  if (auto good = check(o); !good) return complain(good.error());
  const auto known = planner(o.measured);
  if (!known) return complain(known.error());
  const auto shape = shape_for(**known, o.model);
  if (!shape) return complain(shape.error());
  const auto gpu = gpu_for(**known, o.gpu);
  if (!gpu) return complain(gpu.error());
  const auto trace = trace_for(o);
  if (!trace) return complain(trace.error());
  double context = 0;
  for (const plan::Arrival& a : trace->arrivals) context += a.input + a.output / 2.0;
  context = std::max(context / static_cast<double>(trace->arrivals.size()), 2.0);
  const plan::Precision precision = plan::usual_precision(**shape, **gpu);
  const auto setup = o.count > 0 ? plan::usual_setup(**shape, **gpu, o.count, precision, plan::Engine::vllm)
                                 : plan::smallest_setup(**shape, **gpu, precision, plan::Engine::vllm, 4 * context);
  if (!setup || plan::most_sequences(*setup, context) < 1)
    return complain(
        fail(Fault::config, fmt::format("{} in {} does not fit there with {:.0f} tokens a request; `ajar plan fit` says what would",
                                        (*shape)->id, name_of(precision), context))
            .error());
  const plan::StepTimes times = plan::step_times_of(*setup, *(*known)->predictor, context);
  int replicas = o.replicas;
  if (replicas == 0) {
    replicas = plan::smallest_fleet(*trace, times, o.ttft, o.tpot_ms / 1e3, 256);
    if (replicas == 0)
      return complain(
          fail(Fault::config, fmt::format("not even 256 replicas keep the 99th percentile to the first token within {:g} s and the 95th "
                                          "between tokens within {:g} ms; relax the targets or take more GPUs a replica (--count)",
                                          o.ttft, o.tpot_ms))
              .error());
  }
  const plan::Simulated result = plan::simulate(*trace, {.times = times, .replicas = replicas, .overflow_after = o.overflow_after});
  o.json ? print_json(*setup, *trace, result, replicas) : print(*setup, *trace, result, replicas);
  return 0;
}

}  // namespace ajar::cli
