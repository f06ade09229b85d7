// plan/decision/offers.cpp - prices averaged, capacities found.
#include "plan/decision/offers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace ajar::plan {
namespace {

constexpr double per_token(Money amount) noexcept { return static_cast<double>(amount.nanos) * 1e-9 / 1e6; }
constexpr int week_hours = 168;
constexpr double written_per_cached = 0.25;  // what is written to a cache is read four times
constexpr double allin = 2.2;          // all that a GPU's server draws for it, over its own limit: 2.1 to 2.5 in SemiAnalysis' constants
constexpr double bought_spread = 1.1;  // of one's own prices: what it will have cost in the end

// An annuity over the years of use, and power and space by the hour.
Rent bought(double dollars, const catalog::Gpu& g, const Workload& w) noexcept {
  const double months = w.gpu_years * 12, rate = w.interest / 12;
  const double capital = rate > 0 ? dollars * rate / (1 - std::pow(1 + rate, -months)) : dollars / months;
  const double kilowatt = (g.allin_power > 0 ? g.allin_power : allin * g.power) / 1000;
  const double hour = (capital + kilowatt * w.space_price) / 730 + kilowatt * w.power_price;
  return {hour / bought_spread, hour, hour * bought_spread};
}

// The mean over the hours of a week; nothing when there is an hour without a price.
std::optional<Api> api_of(const catalog::Catalog& catalog, const std::string& provider, const catalog::Model& model, const Workload& w) {
  Api api{.provider = provider, .model = model.id, .price_id = {}, .open_weights = model.open_weights, .tokenizer = model.tokenizer};
  const auto tokens = static_cast<std::int64_t>(w.request_input);
  for (int hour = 0; hour < week_hours; ++hour) {
    const catalog::Price* row = catalog.price(provider, model.id, w.at + std::chrono::hours(hour), tokens, "standard", w.region);
    if (row == nullptr) return std::nullopt;
    if (hour == 0) api.price_id = row->id;
    api.in_region = api.in_region && row->region == w.region;
    api.input += per_token(row->input) / week_hours;
    api.cached += per_token(row->cache_read.value_or(row->input)) / week_hours;
    api.written += per_token(row->cache_write_5m.value_or(row->input)) / week_hours;
    api.output += per_token(row->output) / week_hours;
  }
  const catalog::Price* batch = catalog.price(provider, model.id, w.at, tokens, "batch", w.region);
  if (batch != nullptr && api.output > 0) api.batch = std::min(1.0, per_token(batch->output) / api.output);
  return api;
}

}  // namespace

double most_within_targets(const Setup& s, const Predictor& predictor, const Workload& w) {
  const double most = std::clamp(std::floor(most_sequences(s, w.request_input + w.request_output())), 1.0, 512.0);
  const auto meets = [&](double in_flight) {
    const Estimate e = predictor.central(s, {.input = w.request_input, .output = w.request_output(), .in_flight = in_flight});
    return e.ttft <= w.ttft && e.tpot <= w.tpot;
  };
  if (!meets(1)) return 0;
  if (meets(most)) return most;
  double good = 1, bad = most;
  while (bad - good > std::max(1.0, 0.05 * good)) {
    const double middle = std::floor(std::sqrt(good * bad));
    const double next = middle <= good ? good + 1 : middle;
    (meets(next) ? good : bad) = next;
    if (bad - good <= 1) break;
  }
  return good;
}

std::optional<Rent> rent_of(const catalog::Gpu& g, const Workload& w) {
  if (!w.gpu_prices.empty()) {
    const auto own = std::ranges::find(w.gpu_prices, g.id, &Workload::GpuPrice::gpu);
    if (own == w.gpu_prices.end()) return std::nullopt;
    return bought(own->dollars, g, w);
  }
  if (w.gpus == Tenure::owned) {
    if (!g.owned_low) return std::nullopt;
    const double high = g.owned_high.value_or(*g.owned_low * 1.25);
    return Rent{*g.owned_low, std::sqrt(*g.owned_low * high), high};
  }
  const auto low = g.reserved ? g.reserved : g.on_demand_low;
  if (!low) return std::nullopt;
  const double high = g.on_demand_high.value_or(*low * 1.5);
  // A year's rent lies between the longest contract and the dearest list price, nearer to the former.
  return Rent{*low, std::pow(*low, 0.6) * std::pow(high, 0.4), high};
}

double Api::month(const Workload& w, double tokens, double cached_share) const noexcept {
  const double in = tokens * w.input_share, out = tokens * (1 - w.input_share) / (1 - w.hidden);
  const double writes = std::min(w.written.value_or(written_per_cached * cached_share), 1 - cached_share);
  const double with_cache = (1 - cached_share - writes) * input + cached_share * cached + writes * written;
  const double all = (in * std::min(with_cache, input) + out * output) * tokenizer;
  return all * (1 - w.batch + w.batch * batch);
}

std::vector<Api> apis_of(const catalog::Catalog& catalog, const Workload& w) {
  std::vector<Api> apis;
  std::set<std::pair<std::string, std::string>> seen;
  for (const catalog::Price& price : catalog.prices()) {
    const catalog::Model* model = catalog.model(price.model);
    if (model == nullptr || !price.region.empty() || price.service != "standard" || !seen.emplace(price.provider, price.model).second)
      continue;
    if (auto api = api_of(catalog, price.provider, *model, w)) apis.push_back(std::move(*api));
  }
  return apis;
}

std::vector<Own> owns_of(const catalog::Shape& shape, const std::vector<catalog::Gpu>& gpus, const Predictor& predictor, const Workload& w,
                         std::vector<std::string>& why_not) {
  std::vector<Own> owns;
  const double context = w.request_input + w.request_output();
  for (const catalog::Gpu& gpu : gpus) {
    const std::optional<Rent> rent = rent_of(gpu, w);
    if (!rent) continue;
    const Precision precision = usual_precision(shape, gpu);
    const auto smallest = smallest_setup(shape, gpu, precision, Engine::vllm, context);
    if (!smallest || smallest->gpus > 16) {
      why_not.push_back(fmt::format("{}: does not fit", gpu.name));
      continue;
    }
    Own best;
    for (const int times : {1, 2}) {
      const auto setup = usual_setup(shape, gpu, smallest->gpus * times, precision, Engine::vllm);
      if (!setup || setup->gpus > 16) continue;
      Own own{.model = shape.id, .setup = *setup, .spread = {}, .nearness = predictor.nearness(*setup), .rent = *rent};
      own.in_flight = most_within_targets(*setup, predictor, w);
      if (own.in_flight < 1) continue;
      own.capacity = predictor.central(*setup, {.input = w.request_input, .output = w.request_output(), .in_flight = own.in_flight}).rate *
                     setup->gpus;
      own.spread = predictor.spread(Outcome::loop_rate, *setup);
      if (best.setup.shape == nullptr || own.capacity / own.setup.gpus > 1.1 * best.capacity / best.setup.gpus) best = own;
    }
    if (best.setup.shape != nullptr)
      owns.push_back(std::move(best));
    else
      why_not.push_back(
          fmt::format("{}: too slow for {:.3g} s to the first token and {:.3g} ms per token", gpu.name, w.ttft, w.tpot * 1e3));
  }
  return owns;
}

std::vector<double> week_of(double peak) {
  std::vector<double> shape(week_hours);
  // Steeper until the busiest hour is so much above the mean.
  for (double steep = 0; steep < 60; steep += 0.05) {
    double sum = 0, most = 0;
    for (int h = 0; h < week_hours; ++h) {
      const bool weekend = h / 24 >= 5;
      const double day = (1 + std::cos(2 * 3.14159265358979323846 * (h % 24 - 14) / 24)) / 2;
      shape[static_cast<std::size_t>(h)] = std::pow(0.05 + 0.95 * day, steep) * (weekend ? std::pow(0.6, std::min(steep, 1.5)) : 1);
      sum += shape[static_cast<std::size_t>(h)];
      most = std::max(most, shape[static_cast<std::size_t>(h)]);
    }
    if (most * week_hours / sum >= peak || steep > 59) {
      for (double& hour : shape) hour *= week_hours / sum;
      return shape;
    }
  }
  return shape;
}

}  // namespace ajar::plan
