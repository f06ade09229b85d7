// plan/decision/offers.hpp - what can be bought: models over an API, and open models on own GPUs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "plan/capacity/fit.hpp"
#include "plan/capacity/predictor.hpp"
#include "plan/decision/workload.hpp"

namespace ajar::plan {

// A model over an API: dollars per token, the mean over the hours of a week, of a request as long as the workload's.
struct Api {
  std::string provider, model, price_id;
  bool open_weights = false;
  double input = 0, cached = 0, output = 0;
  double written = 0;     // per input token written to the cache; `input` where that has no price of its own
  double batch = 1;       // factor for what may wait; 1 = no such service known
  double tokenizer = 1;   // tokens that this model counts for one of the workload's
  bool in_region = true;  // has prices for the workload's region; without, those for everywhere are taken
  // Dollars a month for so many tokens in all; `cached_share` of the input comes from the provider's cache. Where writing to the cache
  // costs more than reading saves, it is not used.
  double month(const Workload&, double tokens, double cached_share) const noexcept;
};

// Every priced model of the catalogue at the workload's time, standard service, everywhere; one per provider and model.
std::vector<Api> apis_of(const catalog::Catalog&, const Workload&);

// Dollars per GPU-hour: the least and the most that are known, and what lies between.
struct Rent {
  double low = 0, middle = 0, high = 0;
};

// An open model on own GPUs: one replica, and what it carries within the latency targets.
struct Own {
  std::string model;
  Setup setup;
  double in_flight = 0;  // requests that one replica serves at once within the targets
  double capacity = 0;   // output tokens per second of one replica then
  Spread spread;         // of the capacity, as logs
  Nearness nearness = Nearness::new_model;
  Rent rent;  // of owned GPUs what they cost by the hour
};

// The set-ups of a model that meet the targets, one per GPU type whose price is known (of its smallest and its next larger set-up the one
// with more tokens per dollar). `why_not`: what each other GPU lacks.
std::vector<Own> owns_of(const catalog::Shape&, const std::vector<catalog::Gpu>&, const Predictor&, const Workload&,
                         std::vector<std::string>& why_not);

std::optional<Rent> rent_of(const catalog::Gpu&, const Workload&);

// Requests in flight up to which one replica meets both targets by the predictor's middle; 0 when not even one does.
double most_within_targets(const Setup&, const Predictor&, const Workload&);

// Load over the 168 hours of a week, mean 1, the busiest as the workload says: working days with a peak in the afternoon.
std::vector<double> week_of(double peak);

}  // namespace ajar::plan
