// cli/plan_json.cpp - everything that a plan says, as JSON.
#include "cli/plan_json.hpp"

#include "base/text.hpp"

namespace ajar::cli {

json::Value seconds_of(const plan::Quantiles& q) { return json::Value{{"p50", q.p50}, {"p90", q.p90}, {"p95", q.p95}, {"p99", q.p99}}; }

namespace {

json::Value value_of(const plan::Band& b) { return json::Value{{"p10", b.p10}, {"p50", b.p50}, {"p90", b.p90}}; }

json::Value value_of(const std::optional<plan::BreakEven>& b) {
  if (!b) return {};
  return json::Value{{"own", b->own->name},
                     {"api", b->api->name},
                     {"tokens", b->tokens ? json::Value(*b->tokens) : json::Value()},
                     {"band", b->never < 1 ? value_of(b->band) : json::Value()},
                     {"never", b->never}};
}

json::Value value_of(const plan::Latency& l) {
  return json::Value{{"load", l.load}, {"ttft_s", seconds_of(l.ttft)}, {"tpot_s", seconds_of(l.tpot)}};
}

json::Array value_of(const std::vector<plan::Judged>& judged) {
  json::Array quality;
  for (const plan::Judged& j : judged)
    quality.push_back(json::Value{{"task", j.task},
                                  {"level", name_of(j.quality.level)},
                                  {"benchmark", j.quality.by ? json::Value(j.quality.by->benchmark) : json::Value()},
                                  {"score", j.quality.by ? json::Value(j.quality.by->score) : json::Value()},
                                  {"source", j.quality.by ? json::Value(j.quality.by->source.url) : json::Value()}});
  return quality;
}

json::Value value_of(const plan::Option& o) {
  json::Array lacks;
  for (const std::string& lack : o.lacks) lacks.emplace_back(lack);
  json::Value out{{"kind", name_of(o.kind)},          {"name", o.name},
                  {"month_usd", value_of(o.month)},   {"setup_hours", o.setup_hours},
                  {"share_that_leaves", o.out_share}, {"possible", o.lacks.empty()},
                  {"lacks", std::move(lacks)},        {"quality", value_of(o.quality)}};
  if (o.api)
    out.set("api", json::Value{{"provider", o.api->provider},
                               {"model", o.api->model},
                               {"price", o.api->price_id},
                               {"usd_per_million_input", o.api->input * 1e6},
                               {"usd_per_million_cached", o.api->cached * 1e6},
                               {"usd_per_million_written", o.api->written * 1e6},
                               {"usd_per_million_output", o.api->output * 1e6},
                               {"tokenizer", o.api->tokenizer}});
  if (o.own)
    out.set("own", json::Value{{"model", o.own->model},
                               {"gpu", o.own->setup.gpu->id},
                               {"gpus", o.own->setup.gpus},
                               {"precision", name_of(o.own->setup.precision)},
                               {"replicas", o.replicas},
                               {"utilisation", o.utilisation},
                               {"in_flight", o.own->in_flight},
                               {"out_tps", o.own->capacity},
                               {"usd_per_gpu_hour", o.own->rent.middle},
                               {"nearness", name_of(o.own->nearness)}});
  out.set("usd_per_solved_request", o.per_solved ? json::Value(*o.per_solved) : json::Value());
  if (o.busiest) out.set("busiest_hour", value_of(*o.busiest));
  return out;
}

json::Value value_of(const plan::Workload& w) {
  json::Array contracts;
  for (const std::string& provider : w.contracts) contracts.emplace_back(provider);
  json::Value mix{}, gpu_prices{};
  for (const plan::Workload::GpuPrice& p : w.gpu_prices) gpu_prices.set(p.gpu, p.dollars);
  for (const plan::Workload::Part& part : w.mix) mix.set(part.task, part.share);
  return json::Value{{"tokens", w.tokens},
                     {"input_share", w.input_share},
                     {"request_input", w.request_input},
                     {"requests", w.requests()},
                     {"mix", std::move(mix)},
                     {"sensitive", w.sensitive},
                     {"contract", w.contract},
                     {"contracts", std::move(contracts)},
                     {"region", w.region},
                     {"cached", w.cached},
                     {"written", w.written ? json::Value(*w.written) : json::Value()},
                     {"reasoning", w.hidden},
                     {"batch", w.batch},
                     {"peak", w.peak},
                     {"ttft_s", w.ttft},
                     {"tpot_ms", w.tpot * 1e3},
                     {"quality", w.quality == catalog::Level::unknown ? "any" : name_of(w.quality)},
                     {"team", name_of(w.team)},
                     {"portable", w.portable},
                     {"own_weights", w.own_weights},
                     {"gpus", name_of(w.gpus)},
                     {"gpu_prices", std::move(gpu_prices)},
                     {"gpu_years", w.gpu_years},
                     {"interest", w.interest},
                     {"power_price", w.power_price},
                     {"space_price", w.space_price},
                     {"horizon_months", w.horizon},
                     {"api_trend", w.api_trend ? json::Value(*w.api_trend) : json::Value()},
                     {"rent_trend", w.rent_trend},
                     {"spare", w.spare}};
}

json::Value value_of(const plan::Curves& c, const std::vector<plan::Option>& options) {
  json::Array volumes, lines, crossings, bars;
  for (const double tokens : c.volumes) volumes.emplace_back(tokens);
  for (const plan::Curves::Line& line : c.lines) {
    json::Array month;
    for (const plan::Band& band : line.month) month.push_back(value_of(band));
    lines.push_back(
        json::Value{{"kind", name_of(options[line.option].kind)}, {"name", options[line.option].name}, {"month_usd", std::move(month)}});
  }
  for (const plan::Curves::Crossing& x : c.crossings)
    crossings.push_back(json::Value{{"tokens", x.tokens}, {"from", options[x.from].name}, {"to", options[x.to].name}});
  for (const plan::Curves::Bar& b : c.bars)
    bars.push_back(
        json::Value{{"input", b.input}, {"low", b.low}, {"high", b.high}, {"low_usd", b.low_dollars}, {"high_usd", b.high_dollars}});
  return json::Value{
      {"cost", json::Value{{"volumes", std::move(volumes)}, {"lines", std::move(lines)}, {"crossings", std::move(crossings)}}},
      {"central_usd", c.central_dollars},
      {"bars", std::move(bars)}};
}

json::Array value_of(const std::vector<double>& numbers) {
  json::Array all;
  for (const double number : numbers) all.emplace_back(number);
  return all;
}

json::Value value_of(const plan::Operation& op, const std::vector<plan::Option>& options) {
  json::Array latency;
  for (const plan::Latency& l : op.latency) latency.push_back(value_of(l));
  return json::Value{{"kind", name_of(options[op.option].kind)},
                     {"name", options[op.option].name},
                     {"hours", json::Value{{"load", value_of(op.hours.load)}, {"home", value_of(op.hours.home)}, {"room", op.hours.room}}},
                     {"latency", std::move(latency)}};
}

json::Value value_of(const plan::Candidate& c) {
  return json::Value{
      {"kind", name_of(c.kind)}, {"name", c.name}, {"month_usd", c.month}, {"possible", c.possible}, {"quality", value_of(c.quality)}};
}

}  // namespace

json::Value value_of(const plan::Plan& p) {
  json::Array options, reasons, flips;
  for (const plan::Option& o : p.options) options.push_back(value_of(o));
  for (const std::string& r : p.reasons) reasons.emplace_back(r);
  for (const plan::Flip& f : p.flips)
    flips.push_back(json::Value{{"input", f.input}, {"now", f.now}, {"then", f.then}, {"to", name_of(f.to)}});
  json::Array operations, field;
  for (const plan::Operation& op : p.operations) operations.push_back(value_of(op, p.options));
  for (const plan::Candidate& c : p.field) field.push_back(value_of(c));
  return json::Value{
      {"tokens", p.workload.tokens},
      {"workload", value_of(p.workload)},
      {"at", rfc3339(p.workload.at)},
      {"recommended", p.best ? json::Value{{"kind", name_of(p.options[*p.best].kind)}, {"name", p.options[*p.best].name}} : json::Value()},
      {"reasons", std::move(reasons)},
      {"options", std::move(options)},
      {"break_even", json::Value{{"closed", value_of(p.against_closed)}, {"hosted", value_of(p.against_hosted)}}},
      {"flips", std::move(flips)},
      {"curves", value_of(p.curves, p.options)},
      {"operations", std::move(operations)},
      {"field", std::move(field)}};
}

json::Value value_of(const std::vector<NamedPlan>& plans) {
  json::Array list;
  for (const NamedPlan& one : plans) list.push_back(json::Value{{"name", one.name}, {"plan", value_of(one.plan)}});
  return json::Value{{"plans", std::move(list)}};
}

}  // namespace ajar::cli
