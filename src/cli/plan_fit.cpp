// cli/plan_fit.cpp - `ajar plan fit`: does a model fit on a GPU, how to start it, how fast it will be and what a token costs.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "plan/capacity/fit.hpp"

namespace ajar::cli {
namespace {

constexpr std::array<double, 7> in_flights{1, 4, 8, 16, 64, 128, 256};

struct Row {
  double in_flight;
  plan::Prediction p;
  std::optional<double> low, high;  // dollars per million tokens, input and output, when always so busy
};

struct Answer {
  plan::Setup setup;
  plan::Memory memory;
  double context, sequences;
  std::vector<Row> rows;
  std::vector<std::string> commands;
};

Result<plan::Setup> setup_for(const PlanFitOptions& o, const Planner& known, double context) {
  const auto shape = shape_for(known, o.model);
  if (!shape) return forward(Result<const catalog::Shape*>(shape));
  const auto gpu = gpu_for(known, o.gpu);
  if (!gpu) return forward(Result<const catalog::Gpu*>(gpu));
  const auto precision = o.precision.empty() ? plan::usual_precision(**shape, **gpu) : plan::precision_named(o.precision);
  if (!precision) return fail(Fault::config, fmt::format("the precision \"{}\" is not known; there are bf16, fp8, fp4, int4", o.precision));
  const plan::Engine engine = plan::engine_named(o.engine);
  const auto smallest = plan::smallest_setup(**shape, **gpu, *precision, engine, context);
  const std::string instead = smallest ? fmt::format("the smallest that fits is --count {}", smallest->gpus)
                                       : "not even 64 of them do; take a smaller precision or another GPU";
  if (o.count == 0) {
    if (smallest) return *smallest;
    return fail(Fault::config,
                fmt::format("{} in {} fits on no number of {}: {}", (*shape)->id, name_of(*precision), (*gpu)->name, instead));
  }
  const auto setup = plan::usual_setup(**shape, **gpu, o.count, *precision, engine);
  if (!setup) return fail(Fault::config, fmt::format("{} GPUs cannot share {} layers", o.count, (*shape)->layers));
  const plan::Memory memory = plan::memory_of(*setup);
  if (plan::most_sequences(*setup, context) < 1)
    return fail(
        Fault::config,
        fmt::format(
            "{} in {} does not fit on {} x {}: weights take {:.0f} GB of {:.0f} GB usable, and a sequence of {:.0f} tokens {:.1f} GB; {}",
            (*shape)->id, name_of(*precision), o.count, (*gpu)->name, memory.weights / 1e9, memory.have / 1e9, context,
            memory.per_token * context / 1e9, instead));
  return *setup;
}

Row row_of(const Answer& a, const PlanFitOptions& o, const plan::Predictor& predictor, double in_flight) {
  Row row{in_flight, predictor.predict(a.setup, {.input = o.input, .output = o.output, .in_flight = in_flight}), {}, {}};
  const double per_hour = row.p.rate.p50 * (1 + o.input / o.output) * 3600 / 1e6;  // million tokens of one GPU
  const catalog::Gpu& g = *a.setup.gpu;
  const auto cost = [per_hour](std::optional<double> rent) { return rent ? std::optional(*rent / per_hour) : std::nullopt; };
  row.low = cost(g.reserved ? g.reserved : g.on_demand_low);
  row.high = cost(g.on_demand_high);
  return row;
}

json::Value value_of(const plan::Band& band, double scale) {
  return json::Value{{"p10", band.p10 * scale}, {"p50", band.p50 * scale}, {"p90", band.p90 * scale}};
}

json::Value value_of(std::optional<double> number) { return number ? json::Value(*number) : json::Value(); }

void print_json(const Answer& a, const PlanFitOptions& o) {
  json::Array rows, commands;
  for (const Row& r : a.rows)
    rows.push_back(json::Value{{"in_flight", r.in_flight},
                               {"ttft_ms", value_of(r.p.ttft, 1e3)},
                               {"tpot_ms", value_of(r.p.tpot, 1e3)},
                               {"out_tps_per_gpu", value_of(r.p.rate, 1)},
                               {"usd_per_million_low", value_of(r.low)},
                               {"usd_per_million_high", value_of(r.high)}});
  for (const std::string& c : a.commands) commands.emplace_back(c);
  fmt::print("{}\n",
             json::write_pretty(json::Value{{"model", a.setup.shape->id},
                                            {"gpu", a.setup.gpu->id},
                                            {"gpus", a.setup.gpus},
                                            {"parallelism", plan::name_of(a.setup.parallel)},
                                            {"precision", plan::name_of(a.setup.precision)},
                                            {"engine", plan::name_of(a.setup.engine)},
                                            {"weights_bytes", a.memory.weights},
                                            {"usable_bytes", a.memory.have},
                                            {"kv_bytes_per_token", a.memory.per_token},
                                            {"kv_tokens", a.memory.tokens()},
                                            {"context", a.context},
                                            {"sequences", a.sequences},
                                            {"input", o.input},
                                            {"output", o.output},
                                            {"nearness", a.rows.empty() ? std::string_view() : plan::name_of(a.rows.front().p.nearness)},
                                            {"commands", std::move(commands)},
                                            {"rows", std::move(rows)}}));
}

std::string cents(std::optional<double> dollars) { return dollars ? fmt::format("{:.2f}", *dollars) : "?"; }

void print(const Answer& a, const PlanFitOptions& o) {
  const plan::Setup& s = a.setup;
  fmt::print("{} in {} on {} x {} ({}, {}): fits\n\n", s.shape->id, name_of(s.precision), s.gpus, s.gpu->name, name_of(s.parallel),
             name_of(s.engine));
  fmt::print("weights    {:.1f} GB of {:.0f} GB that may be used\n", a.memory.weights / 1e9, a.memory.have / 1e9);
  fmt::print("KV room    {:.0f} thousand tokens at {:.1f} KB each: {:.0f} sequences of {:.0f} tokens at once\n", a.memory.tokens() / 1e3,
             a.memory.per_token / 1e3, a.sequences, a.context);
  fmt::print("requests   {:.0f} tokens in, {:.0f} out; in brackets the band that holds 80 % of cases ({})\n\n", o.input, o.output,
             name_of(a.rows.front().p.nearness));
  fmt::print("{:>9}  {:>26}  {:>26}  {:>24}  {:>20}\n", "in flight", "first token, ms", "per token, ms", "out tokens/s and GPU",
             "$ per million");
  const auto cell = [](const plan::Band& b, double scale) {
    return fmt::format("{:.3g} ({:.3g} to {:.3g})", b.p50 * scale, b.p10 * scale, b.p90 * scale);
  };
  for (const Row& r : a.rows)
    fmt::print("{:>9.0f}  {:>26}  {:>26}  {:>24}  {:>20}\n", r.in_flight, cell(r.p.ttft, 1e3), cell(r.p.tpot, 1e3), cell(r.p.rate, 1),
               cents(r.low) + " to " + cents(r.high));
  fmt::print("\n$ per million: of input and output tokens together, at this load in every hour; twice that at half the load. Rents: {}\n",
             s.gpu->source.note);
  fmt::print("\nTo start it:\n");
  for (const std::string& command : a.commands) fmt::print("  {}\n", command);
}

}  // namespace

int plan_fit(const PlanFitOptions& options) {
  if (!(options.input >= 1 && options.output >= 1 && options.input <= 1e7 && options.output <= 1e6 && options.count >= 0 &&
        options.count <= 4096))
    return complain(fail(Fault::config, "--input, --output and --count: tokens from 1 on, GPUs from 1 to 4096").error());
  const auto known = planner(options.measured);
  if (!known) return complain(known.error());
  const double context = options.context > 0 ? options.context : options.input + options.output;
  const auto setup = setup_for(options, **known, context);
  if (!setup) return complain(setup.error());
  Answer answer{*setup, plan::memory_of(*setup), context, std::floor(plan::most_sequences(*setup, context)), {}, {}};
  for (const double in_flight : in_flights)
    if (in_flight <= std::max(answer.sequences, 1.0)) answer.rows.push_back(row_of(answer, options, *(*known)->predictor, in_flight));
  answer.commands = plan::start_commands(*setup, context, answer.sequences);
  options.json ? print_json(answer, options) : print(answer, options);
  return 0;
}

}  // namespace ajar::cli
