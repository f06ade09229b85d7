// plan/decision/cost.cpp - draws, and the bill under one of them.
#include "plan/decision/cost.hpp"

#include <algorithm>
#include <cmath>

#include "plan/random.hpp"

namespace ajar::plan {
namespace {

constexpr double month_hours = 730, seconds = month_hours * 3600;
constexpr double widest = 2.563;  // standard deviations from the 10th to the 90th percentile

double people_of(Team team, const Costs& c) noexcept {
  return team == Team::strong ? c.people_strong : team == Team::some ? c.people_some : c.people_none;
}

// Mean output tokens per second.
double output_of(const Workload& w, double tokens) noexcept { return tokens * (1 - w.input_share) / (1 - w.hidden) / seconds; }

// What has to be carried by own engines, whatever comes.
double kept_of(const Option& o) noexcept { return o.api ? o.home : 1; }

// Of so many output tokens per second, those that own engines carry which can make `room` of them.
double at_home(const Option& o, double load, double room) noexcept {
  return std::min(load * (o.overflow ? 1 : kept_of(o)), std::max(room, load * kept_of(o)));
}

struct Rates {
  double capacity, replica;  // output tokens per second; dollars a month
  double fixed;              // people and tools
};

// What is bought keeps its price.
double rents_over_time(const Workload& w) noexcept {
  return w.gpus == Tenure::rented && w.gpu_prices.empty() ? mean_of_path(w.rent_trend, w.horizon) : 1;
}

Rates fleet_of(const Own& own, const Workload& w, const Costs& c, const Draw& d) noexcept {
  const double setup = (w.team == Team::strong ? c.setup_strong
                        : w.team == Team::some ? c.setup_some
                                               : c.setup_none) /
                       w.horizon * c.year_of_an_engineer / 2000;
  return {capacity_of(own, d), rent_of(own, d) * rents_over_time(w) * own.setup.gpus * month_hours * c.overhead * d.overhead,
          people_of(w.team, c) * c.year_of_an_engineer / 12 * d.people + c.tools * d.people + setup * d.people};
}

}  // namespace

double rent_of(const Own& own, const Draw& d) noexcept {
  return own.rent.middle * std::exp(d.rent * std::log(std::max(own.rent.high / own.rent.low, 1.0)) / widest);
}

double capacity_of(const Own& own, const Draw& d) noexcept {
  const double middle = (own.spread.high + own.spread.low) / 2, sigma = (own.spread.high - own.spread.low) / widest;
  return own.capacity * std::exp(middle + d.capacity * sigma);
}

double mean_of_path(double trend, double months) noexcept {
  const double log = std::log1p(trend) * months / 12;
  return std::abs(log) < 1e-9 ? 1 : std::expm1(log) / log;
}

std::vector<Draw> draws_of(int count, std::uint64_t seed, const Workload& w) {
  // Prices fell more often than they rose; what the workload expects goes before that.
  const double years = w.horizon / 12, drift = w.api_trend ? 0 : -0.1 * years, wide = 0.2 * std::sqrt(years);
  std::vector<Draw> draws(static_cast<std::size_t>(count));
  Random random(seed);
  for (Draw& d : draws) {
    d.cached = random.between(0.4, 1.6);
    d.api_prices = std::exp(drift + wide * random.normal());
    d.rent = random.normal();
    d.capacity = random.normal();
    d.people = random.between(0.6, 1.5);
    d.overhead = random.between(0.85, 1.2);
    d.peak = random.between(0.8, 1.25);
  }
  return draws;
}

Month month_of(const Option& o, const Workload& w, const Costs& c, const std::vector<double>& week, double tokens, const Draw& d) {
  Month m;
  const double path = w.api_trend ? mean_of_path(*w.api_trend, w.horizon) : 1;
  const auto api = [&](double some) { return o.api->month(w, some, std::min(0.95, w.cached * d.cached)) * d.api_prices * path; };
  const double api_setup = c.setup_api / w.horizon * c.year_of_an_engineer / 2000;
  if (!o.own) {
    m.dollars = api(tokens) + api_setup;
    m.out_share = 1;
    return m;
  }
  const Rates fleet = fleet_of(*o.own, w, c, d);
  const double output = output_of(w, tokens);
  const double busiest = w.peak * d.peak;
  const double kept = kept_of(o);
  const double spare = w.spare && (kept > 0) ? 1 : 0;
  const auto replicas_for = [&](double share) { return std::ceil(share * output * busiest / fleet.capacity); };
  const double least = std::max(replicas_for(kept), 1.0) + spare;
  const auto cost = [&](double replicas) {
    // What the replicas do not carry in an hour goes to the API, never what has to stay.
    double carried = 0;
    const double room = replicas * fleet.capacity;
    for (const double hour : week) carried += at_home(o, hour * output, room);
    const double share = output > 0 ? carried / (output * static_cast<double>(week.size())) : 0;
    const double out = o.api ? std::max(1 - share, 0.0) : 0;
    return std::pair(replicas * fleet.replica + fleet.fixed + (o.api ? api(tokens * out) + api_setup : 0), out);
  };
  double best = least;
  auto [dollars, out] = cost(least);
  if (o.overflow) {
    const double most = replicas_for(1);
    const double step = std::max(1.0, std::floor((most - least) / 24));
    for (double r = least + step; r <= most; r += step)
      if (const auto [more, rest] = cost(r); more < dollars) dollars = more, out = rest, best = r;
  }
  m.dollars = dollars;
  m.out_share = out;
  m.replicas = static_cast<int>(std::min(best, 1e6));
  m.utilisation = best > 0 ? std::min(1.0, output * (1 - out) / (best * fleet.capacity)) : 0;
  return m;
}

Hours hours_of(const Option& o, const Workload& w, const std::vector<double>& week) {
  Hours hours;
  const double output = output_of(w, w.tokens);
  hours.room = o.own ? o.replicas * capacity_of(*o.own, Draw{}) : 0;
  for (const double hour : week) {
    hours.load.push_back(hour * output);
    hours.home.push_back(o.own ? at_home(o, hour * output, hours.room) : 0);
  }
  return hours;
}

}  // namespace ajar::plan
