// plan/decision/workload.hpp - Workload: what has to be done in a month, how well, how fast, and what may not leave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "catalog/benchmark.hpp"
#include "catalog/gpu.hpp"
#include "plan/simulate/trace.hpp"

namespace ajar::plan {

enum class Team : std::uint8_t { none, some, strong };  // experience with running models on GPUs
std::string_view name_of(Team) noexcept;

// How own engines get their GPUs: rented by contract or on demand, or owned: capital, power and space of a large operator by the hour.
enum class Tenure : std::uint8_t { rented, owned };
std::string_view name_of(Tenure) noexcept;

// Input and output together unless it is said. Shares are from 0 to 1.
struct Workload {
  double tokens = 10e6;         // a month
  double input_share = 0.75;    // of the tokens: 3 in, 1 out
  double request_input = 1500;  // mean input tokens of a request
  struct Part {
    std::string task;
    double share;
  };
  std::vector<Part> mix{{"chat", 1.0}};
  double sensitive = 0;                           // share that may not go to a provider without a contract for it
  bool contract = false;                          // such a contract (a BAA, say) exists with all providers
  std::vector<std::string> contracts{};           // or with these, as the catalogue names them
  std::string region{};                           // where APIs have to process it, as price rows name it; "" = anywhere
  double cached = 0.2;                            // share of input that a provider's prompt cache answers
  std::optional<double> written{};                // share of input written to it, where that has a price; none = a quarter of `cached`
  double hidden = 0;                              // share of the output that is reasoning nobody sees
  double batch = 0;                               // share that may wait for a day, at batch prices
  double peak = 2.5;                              // busiest hour over the mean: 2 to 3 in the traces of ServeGen
  double ttft = 2, tpot = 0.05;                   // s: to the first token, and between tokens, in the busiest hour
  catalog::Level quality = catalog::Level::good;  // needed at each task of the mix
  Team team = Team::some;
  bool portable = false;     // a model that can be had in one place only will not do
  bool own_weights = false;  // weights or adapters of your own, fine-tuned, have to be served
  Tenure gpus = Tenure::rented;
  // Your own prices of GPUs that you buy, with their share of a server; only these GPUs are considered then.
  struct GpuPrice {
    std::string gpu;  // its id
    double dollars = 0;
  };
  std::vector<GpuPrice> gpu_prices{};
  double gpu_years = 4;               // of use, nothing is left of the price then
  double interest = 0.08;             // a year, on the price
  double power_price = 0.10;          // dollars per kWh
  double space_price = 150;           // dollars per kW and month: rack and cooling of a data centre
  double horizon = 12;                // months over which set-up is spread and prices are looked at
  std::optional<double> api_trend{};  // expected change of API prices in a year, -0.2 = a fifth less; none = as they fell before
  double rent_trend = 0;              // of GPU rents
  bool spare = true;                  // a further replica, so that one may fail
  WallTime at{};                      // prices of this time
  double request_output() const noexcept { return request_input * (1 - input_share) / input_share; }
  double requests() const noexcept { return tokens * input_share / request_input; }
  bool has_contract_with(std::string_view provider) const noexcept;
};

// Takes from a trace what it shows: tokens a month, the input's share, a request's length and, when it covers a day, the busiest hour
// over the mean. Gives notes on what it is too short for. Faults: config: shorter than a minute.
Result<std::vector<std::string>> measure(const Trace&, Workload&);

// "50M/month", "2B", "1.5M/day", "300000": tokens a month. Faults: config.
Result<double> tokens_of(std::string_view text);
// "10%", "0.1". Faults: config.
Result<double> share_of(std::string_view text, std::string_view what);
// "coding=0.6,chat=0.4"; shares that add up to 1 (within 1 %). Faults: config, naming the tasks that there are.
Result<std::vector<Workload::Part>> mix_of(std::string_view text, const std::vector<std::string_view>& tasks);
// Names that a workload may use: tasks of a mix, providers with prices, regions that some of these have, GPUs.
struct Words {
  std::vector<std::string_view> tasks{}, providers{}, regions{};
  const std::vector<catalog::Gpu>* gpus = nullptr;
};
// "h100=28000, l40s=9000": dollars a piece. Faults: config, with the nearest name.
Result<std::vector<Workload::GpuPrice>> gpu_prices_of(std::string_view text, const Words&);
// "-20%", "0.1": change in a year, above -1. Faults: config.
Result<double> trend_of(std::string_view text);
// "eu"; "" and "any" are anywhere. Faults: config, with the regions that there are.
Result<std::string> region_of(std::string_view text, const Words&);
// "anthropic, google": of these providers. Faults: config, with the nearest name.
Result<std::vector<std::string>> contracts_of(std::string_view text, const std::vector<std::string_view>& providers);
Result<Team> team_of(std::string_view text);
Result<Tenure> tenure_of(std::string_view text);
// Everything that makes no sense together. Faults: config, saying what to write.
Status check(const Workload&);

}  // namespace ajar::plan
