// cli/plan_replay.cpp - `ajar plan replay`: own engines under a trace of requests, and what they cost.
#include <fmt/format.h>

#include <charconv>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/plan_json.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/capacity/memory.hpp"
#include "plan/decision/offers.hpp"
#include "plan/simulate/base_load.hpp"

namespace ajar::cli {
namespace {

constexpr int most_replicas = 256;
constexpr double month_hours = 730;
constexpr double load_speed = 2e9;  // bytes/s at which weights are read: a network disk

// What the API that takes the overflow asks for a token.
struct ApiPrice {
  std::string name;
  double input = 0, output = 0;  // dollars per token
  double of(double in, double out) const noexcept { return in * input + out * output; }
};

// All that a replay is about, and what came of it.
struct Replay {
  const PlanReplayOptions& options;
  plan::Setup setup;
  plan::Trace trace;
  plan::Fleet fleet;
  std::optional<ApiPrice> api;
  double gpu_hour = 0;  // dollars; 0 = not known
  std::vector<plan::BaseLoad> base_loads{};
  plan::Simulated result{};

  double gpu_hours() const noexcept { return result.replica_seconds / 3600 * setup.gpus; }
  // Dollars of the trace's time to dollars of a month.
  double month(double dollars) const noexcept { return result.seconds > 0 ? dollars * month_hours * 3600 / result.seconds : 0; }
  double own_month() const noexcept { return month(gpu_hours() * gpu_hour); }
  double api_month() const noexcept {
    return api ? month(api->of(static_cast<double>(result.overflow_input), static_cast<double>(result.overflow_output))) : 0;
  }
};

Result<plan::Trace> trace_for(const PlanReplayOptions& o) {
  if (o.trace.empty()) return plan::synthetic_trace(static_cast<std::size_t>(o.requests), o.per_second, o.input, o.output, o.seed);
  auto trace = read_trace(o.trace);
  if (!trace) return trace;
  return plan::faster(std::move(*trace), o.faster);
}

Result<ApiPrice> price_of(const std::string& name, double input) {
  const auto catalog = catalog_in(home_folder({}));
  if (!catalog) return std::unexpected(catalog.error());
  const std::size_t slash = name.find('/');
  const std::string provider = name.substr(0, slash), model = slash == std::string::npos ? "" : name.substr(slash + 1);
  const catalog::Price* row = catalog->price(provider, model, SystemClock().wall(), static_cast<std::int64_t>(input), "standard", "");
  if (row != nullptr) return ApiPrice{name, static_cast<double>(row->input.nanos) * 1e-15, static_cast<double>(row->output.nanos) * 1e-15};
  std::vector<std::string> offers;
  for (const catalog::Price& p : catalog->prices())
    if (offers.empty() || offers.back() != p.provider + "/" + p.model) offers.push_back(p.provider + "/" + p.model);
  const std::vector<std::string_view> names(offers.begin(), offers.end());
  const auto near = nearest(name, names);
  return fail(Fault::config, fmt::format("--api: \"{}\" has no price now; write PROVIDER/MODEL{}", name,
                                         near ? fmt::format("; did you mean \"{}\"?", *near) : ", as `ajar catalog list` shows them"));
}

Result<plan::Scaling> scaling_of(const PlanReplayOptions& o, const plan::Setup& setup, const plan::Predictor& predictor, double input,
                                 double output) {
  plan::Scaling s{.in_flight = o.in_flight.value_or(0), .cooldown = o.cooldown};
  const char* const end = o.scale.data() + o.scale.size();
  const auto first = std::from_chars(o.scale.data(), end, s.least);
  const bool dots = first.ec == std::errc() && std::string_view(first.ptr, end).starts_with("..");
  const auto last = dots ? std::from_chars(first.ptr + 2, end, s.most) : first;
  if (!dots || last.ec != std::errc() || last.ptr != end || s.least < 0 || s.most < std::max(s.least, 1) || s.most > most_replicas)
    return fail(Fault::config,
                fmt::format("--scale: \"{}\": write the least and the most replicas, e.g. 1..8; at most {}", o.scale, most_replicas));
  if (s.in_flight == 0) {
    plan::Workload w;
    w.request_input = input;
    w.input_share = input / (input + output);
    w.ttft = o.ttft;
    w.tpot = o.tpot_ms / 1e3;
    s.in_flight = std::max(1.0, plan::most_within_targets(setup, predictor, w));
  }
  return s;
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
  if (!plan::balance_named(o.balance))
    return fail(Fault::config, fmt::format("--balance: \"{}\" is not known; write least, prefix, turns or two", o.balance));
  if (!(o.reload.value_or(0) >= 0 && o.reload.value_or(0) <= 86'400 && o.cooldown >= 0 && o.cooldown <= 86'400))
    return fail(Fault::config, "--reload and --cooldown: 0 to 86400 seconds");
  if (!(o.in_flight.value_or(1) >= 1 && o.in_flight.value_or(1) <= 1e5)) return fail(Fault::config, "--in-flight: 1 to 100,000 requests");
  if (o.fails_every != 0 && !(o.fails_every >= 0.1 && o.fails_every <= 1e6))
    return fail(Fault::config, "--fails-every: 0.1 to 1,000,000 hours, or 0 for never");
  if (o.spot && o.fails_every == 0)
    return fail(Fault::config, "--spot: say with --fails-every after how many hours a machine is taken away on average, e.g. 24");
  if (!o.scale.empty() && o.replicas > 0) return fail(Fault::config, "--scale and --replicas both say how many; give one of them");
  if (!o.api.empty() && o.overflow_after <= 0)
    return fail(Fault::config, "--api: say with --overflow-after from which wait on requests go there, e.g. 1");
  return ok();
}

Result<double> gpu_hour_of(const catalog::Gpu& gpu, bool spot) {
  if (!spot) {
    const auto rent = plan::rent_of(gpu, plan::Workload());
    return rent ? rent->middle : 0;
  }
  if (gpu.spot) return *gpu.spot;
  return fail(Fault::config, fmt::format("--spot: no spot price of the {} is known", gpu.name));
}

// Fills in how many replicas there are, and what came of them.
Status run(Replay& r) {
  const PlanReplayOptions& o = r.options;
  if (r.fleet.scaling || o.replicas > 0) {
    r.fleet.replicas = o.replicas;
    r.result = plan::simulate(r.trace, r.fleet);
    return ok();
  }
  if (r.api && r.gpu_hour > 0) {
    r.base_loads = plan::base_loads(
        r.trace, r.fleet, r.gpu_hour * r.setup.gpus, [&r](double input, double output) { return r.api->of(input, output); }, most_replicas);
    const plan::BaseLoad& best = r.base_loads[plan::cheapest(r.base_loads)];
    r.fleet.replicas = best.replicas;
    r.result = best.simulated;
    return ok();
  }
  r.fleet.replicas = plan::smallest_fleet(r.trace, r.fleet, o.ttft, o.tpot_ms / 1e3, most_replicas);
  if (r.fleet.replicas == 0)
    return fail(Fault::config, fmt::format("not even {} replicas keep the 99th percentile to the first token within {:g} s and the 95th "
                                           "between tokens within {:g} ms; relax the targets or take more GPUs a replica (--count)",
                                           most_replicas, o.ttft, o.tpot_ms));
  r.result = plan::simulate(r.trace, r.fleet);
  return ok();
}

json::Value dollars_of(const Replay& r) {
  if (r.gpu_hour == 0) return {};
  return json::Value{{"usd_per_gpu_hour", r.gpu_hour}, {"own_usd_month", r.own_month()}, {"api_usd_month", r.api_month()}};
}

void print_json(const Replay& r) {
  const plan::Simulated& s = r.result;
  json::Array warnings, loads;
  for (const std::string& w : r.trace.warnings) warnings.emplace_back(w);
  for (const plan::BaseLoad& b : r.base_loads)
    loads.push_back(json::Value{{"replicas", b.replicas},
                                {"own_usd_month", r.month(b.own)},
                                {"api_usd_month", r.month(b.api)},
                                {"overflowed", b.simulated.overflowed},
                                {"ttft_s", seconds_of(b.simulated.ttft)}});
  fmt::print("{}\n", json::write_pretty(json::Value{{"model", r.setup.shape->id},
                                                    {"gpu", r.setup.gpu->id},
                                                    {"gpus", r.setup.gpus},
                                                    {"precision", name_of(r.setup.precision)},
                                                    {"replicas", r.fleet.scaling ? s.most_replicas : r.fleet.replicas},
                                                    {"requests", s.requests},
                                                    {"seconds", s.seconds},
                                                    {"ttft_s", seconds_of(s.ttft)},
                                                    {"tpot_s", seconds_of(s.tpot)},
                                                    {"whole_s", seconds_of(s.whole)},
                                                    {"busy", s.busy},
                                                    {"kv_peak", s.kv_peak},
                                                    {"input_tokens", s.input},
                                                    {"cached_input_tokens", s.cached_input},
                                                    {"output_tokens", s.output},
                                                    {"most_waiting", s.most_waiting},
                                                    {"overflowed", s.overflowed},
                                                    {"overflow_input_tokens", s.overflow_input},
                                                    {"overflow_output_tokens", s.overflow_output},
                                                    {"gpu_hours", r.gpu_hours()},
                                                    {"starts", s.starts},
                                                    {"failures", s.failures},
                                                    {"sent_again", s.again},
                                                    {"cut", s.cut},
                                                    {"cost", dollars_of(r)},
                                                    {"base_loads", std::move(loads)},
                                                    {"digest", fmt::format("{:016x}", s.digest)},
                                                    {"warnings", std::move(warnings)}}));
}

// A row per number of replicas around the cheapest, and the first and the last.
void print_base_loads(const Replay& r) {
  const std::size_t best = plan::cheapest(r.base_loads);
  fmt::print("\nown as a base, the rest to {} when it would wait longer than {:g} s; dollars a month\n", r.api->name,
             r.fleet.overflow_after);
  fmt::print("{:>9} {:>11} {:>11} {:>11} {:>10}\n", "replicas", "own", "API", "together", "to the API");
  for (std::size_t i = 0; i < r.base_loads.size(); ++i) {
    const plan::BaseLoad& b = r.base_loads[i];
    if (i != 0 && i + 1 != r.base_loads.size() && (i + 3 < best || i > best + 3)) continue;
    fmt::print("{:>9} {:>11.0f} {:>11.0f} {:>11.0f} {:>8.1f} %{}\n", b.replicas, r.month(b.own), r.month(b.api), r.month(b.dollars()),
               100.0 * static_cast<double>(b.simulated.overflowed) / static_cast<double>(std::max<std::int64_t>(b.simulated.requests, 1)),
               i == best ? "  cheapest" : "");
  }
}

void print(const Replay& r) {
  const plan::Simulated& s = r.result;
  const std::string replicas =
      r.fleet.scaling ? fmt::format("{} to {}", r.fleet.scaling->least, s.most_replicas) : fmt::format("{}", r.fleet.replicas);
  fmt::print("{} in {} on {} replica(s) of {} x {}: {} requests in {:.0f} s ({:.2f} a second)\n\n", r.setup.shape->id,
             name_of(r.setup.precision), replicas, r.setup.gpus, r.setup.gpu->name, s.requests, s.seconds,
             static_cast<double>(s.requests) / std::max(r.trace.seconds(), 1e-9));
  fmt::print("{:<18} {:>9} {:>9} {:>9} {:>9}\n", "", "p50", "p90", "p95", "p99");
  const auto line = [](std::string_view what, const plan::Quantiles& q, double scale) {
    fmt::print("{:<18} {:>9.3g} {:>9.3g} {:>9.3g} {:>9.3g}\n", what, q.p50 * scale, q.p90 * scale, q.p95 * scale, q.p99 * scale);
  };
  line("first token, s", s.ttft, 1);
  line("per token, ms", s.tpot, 1e3);
  line("whole answer, s", s.whole, 1);
  fmt::print("\nbusy {:.0f} % of the time; KV memory at most {:.0f} % reserved; at most {} waiting\n", 100 * s.busy, 100 * s.kv_peak,
             s.most_waiting);
  if (!r.trace.block_ends.empty())
    fmt::print("{:.1f} % of the input was found in KV memory\n",
               s.input > 0 ? 100.0 * static_cast<double>(s.cached_input) / static_cast<double>(s.input) : 0.0);
  if (r.fleet.scaling)
    fmt::print("{} starts, {:.0f} s each; {:.0f} requests to a replica\n", s.starts, r.fleet.reload, r.fleet.scaling->in_flight);
  if (r.fleet.fails_every > 0) fmt::print("{} failures: {} requests sent to another replica, {} answers cut\n", s.failures, s.again, s.cut);
  if (s.overflowed > 0)
    fmt::print("to an API: {} requests ({:.1f} %), {} input and {} output tokens\n", s.overflowed,
               100.0 * static_cast<double>(s.overflowed) / static_cast<double>(s.requests), s.overflow_input, s.overflow_output);
  fmt::print("{:.1f} GPU-hours", r.gpu_hours());
  if (r.gpu_hour > 0)
    fmt::print(" at ${:.2f}: ${:.0f} a month at this load{}", r.gpu_hour, r.own_month(),
               r.api ? fmt::format(", and ${:.0f} to {}", r.api_month(), r.api->name) : "");
  fmt::print("\n");
  if (!r.base_loads.empty()) print_base_loads(r);
  for (const std::string& w : r.trace.warnings) fmt::print("note: {}\n", w);
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
  auto trace = trace_for(o);
  if (!trace) return complain(trace.error());
  double input = 0, output = 0;
  for (const plan::Arrival& a : trace->arrivals) input += a.input, output += a.output;
  input /= static_cast<double>(trace->arrivals.size()), output /= static_cast<double>(trace->arrivals.size());
  const double context = std::max(input + output / 2, 2.0);
  const plan::Precision precision = plan::usual_precision(**shape, **gpu);
  const auto setup = o.count > 0 ? plan::usual_setup(**shape, **gpu, o.count, precision, plan::Engine::vllm)
                                 : plan::smallest_setup(**shape, **gpu, precision, plan::Engine::vllm, 4 * context);
  if (!setup || plan::most_sequences(*setup, context) < 1)
    return complain(
        fail(Fault::config, fmt::format("{} in {} does not fit there with {:.0f} tokens a request; `ajar plan fit` says what would",
                                        (*shape)->id, name_of(precision), context))
            .error());
  const auto gpu_hour = gpu_hour_of(**gpu, o.spot);
  if (!gpu_hour) return complain(gpu_hour.error());
  Replay r{.options = o,
           .setup = *setup,
           .trace = std::move(*trace),
           .fleet = {.times = plan::step_times_of(*setup, *(*known)->predictor, context),
                     .overflow_after = o.overflow_after,
                     .balance = plan::balance_named(o.balance).value_or(plan::Balance::least),
                     .reload = o.reload.value_or(plan::memory_of(*setup).weights / load_speed),
                     .fails_every = o.fails_every * 3600,
                     .seed = o.seed},
           .api = {},
           .gpu_hour = *gpu_hour};
  if (!o.api.empty()) {
    auto price = price_of(o.api, input);
    if (!price) return complain(price.error());
    r.api = std::move(*price);
  }
  if (!o.scale.empty()) {
    const auto scaling = scaling_of(o, *setup, *(*known)->predictor, input, output);
    if (!scaling) return complain(scaling.error());
    r.fleet.scaling = *scaling;
  }
  if (auto ran = run(r); !ran) return complain(ran.error());
  o.json ? print_json(r) : print(r);
  return 0;
}

}  // namespace ajar::cli
