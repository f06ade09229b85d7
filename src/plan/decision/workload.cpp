// plan/decision/workload.cpp - words and numbers of a workload.
#include "plan/decision/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace ajar::plan {
namespace {

constexpr double days = 30.4;
constexpr double cache_lifetime = 300;  // s: what Anthropic's cheaper cache write keeps, and OpenAI's automatic cache at the least

std::optional<double> leading_number(std::string_view& text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::unexpected<Error> wrong(std::string message) { return fail(Fault::config, std::move(message)); }

}  // namespace

std::string_view name_of(Team team) noexcept {
  switch (team) {
    case Team::none:
      return "none";
    case Team::some:
      return "some";
    case Team::strong:
      return "strong";
  }
  return "";
}

Result<std::vector<std::string>> measure(const Trace& trace, Workload& w) {
  constexpr double hour = 3600, day = 24 * hour;
  const double seconds = trace.seconds();
  if (seconds < 60)
    return wrong(fmt::format("{:.0f} s of requests say nothing of a month; give at least a minute, better a week", seconds));
  double input = 0, output = 0, most = 0;
  std::vector<double> hours(static_cast<std::size_t>(seconds / hour) + 1);
  for (const Arrival& a : trace.arrivals) {
    input += a.input;
    output += a.output;
    hours[static_cast<std::size_t>(static_cast<double>(a.at) * 1e-9 / hour)] += a.input + a.output;
  }
  w.tokens = (input + output) / seconds * days * day;
  w.input_share = input / (input + output);
  w.request_input = input / static_cast<double>(trace.arrivals.size());
  std::vector<std::string> notes;
  if (!trace.block_ends.empty()) {
    const PrefixShares shares = prefix_shares(trace, cache_lifetime);
    w.cached = shares.read;
    w.written = shares.written;
    notes.push_back(
        fmt::format("a prompt cache that keeps {:.0f} minutes would answer {:.1f} % of the input, and {:.1f} % would be written to it",
                    cache_lifetime / 60, 100 * shares.read, 100 * shares.written));
  }
  if (seconds >= day) {
    for (const double tokens : hours) most = std::max(most, tokens);
    w.peak = std::max(1.0, most / ((input + output) / seconds * hour));
  } else {
    notes.push_back(
        fmt::format("{:.1f} hours: taken as what comes at all hours of a month; the busiest hour stays {:g} times the mean, "
                    "as a trace of at least a day would show",
                    seconds / hour, w.peak));
  }
  return notes;
}

Result<double> tokens_of(std::string_view text) {
  std::string_view rest = trim(text);
  const auto refuse = [text] { return wrong(fmt::format("\"{}\" is no number of tokens; write e.g. 50M/month, 2B, 300K/day", text)); };
  auto value = leading_number(rest);
  if (!value) return refuse();
  double unit = 1;
  if (!rest.empty() && rest.front() != '/') {
    const char letter = lower(rest.front());
    unit = letter == 'k' ? 1e3 : letter == 'm' ? 1e6 : letter == 'b' || letter == 'g' ? 1e9 : letter == 't' ? 1e12 : 0;
    if (unit == 0) return refuse();
    rest.remove_prefix(1);
  }
  if (rest == "/day")
    unit *= days;
  else if (rest == "/hour")
    unit *= days * 24;
  else if (!rest.empty() && rest != "/month")
    return refuse();
  const double tokens = *value * unit;
  if (!(tokens >= 1000 && tokens <= 1e15))
    return wrong(fmt::format("{} tokens a month are beyond what can be planned: 1,000 to 10^15", *value * unit));
  return tokens;
}

Result<double> share_of(std::string_view text, std::string_view what) {
  std::string_view rest = trim(text);
  auto value = leading_number(rest);
  if (value && rest == "%") {
    *value /= 100;
    rest = {};
  }
  if (!value || !rest.empty() || *value < 0 || *value > 1)
    return wrong(fmt::format("{}: \"{}\" is no share; write a number from 0 to 1 or a percentage, e.g. 0.2 or 20%", what, text));
  return *value;
}

Result<std::vector<Workload::Part>> mix_of(std::string_view text, const std::vector<std::string_view>& tasks) {
  std::vector<std::string> names(tasks.begin(), tasks.end());
  std::vector<Workload::Part> mix;
  double sum = 0;
  for (const std::string_view piece : split(text, ',')) {
    const std::size_t equals = piece.find('=');
    const std::string_view task = trim(piece.substr(0, equals));
    if (std::ranges::find(tasks, task) == tasks.end()) {
      const auto near = nearest(task, tasks);
      return wrong(fmt::format("the task \"{}\" is not known{}; there are: {}", task,
                               near ? fmt::format("; did you mean \"{}\"?", *near) : "", join(names, ", ")));
    }
    const auto share = equals == std::string_view::npos ? Result<double>(1.0) : share_of(piece.substr(equals + 1), "the mix");
    if (!share) return std::unexpected(share.error());
    mix.push_back({std::string(task), *share});
    sum += *share;
  }
  if (std::abs(sum - 1) > 0.01) return wrong(fmt::format("the shares of the mix add up to {:.3g}, not 1", sum));
  return mix;
}

std::string_view name_of(Tenure tenure) noexcept { return tenure == Tenure::owned ? "owned" : "rented"; }

Result<Tenure> tenure_of(std::string_view text) {
  for (const Tenure tenure : {Tenure::rented, Tenure::owned})
    if (name_of(tenure) == text) return tenure;
  return wrong(fmt::format("GPUs that are \"{}\" are not known; write rented or owned", text));
}

bool Workload::has_contract_with(std::string_view provider) const noexcept {
  return contract || std::ranges::find(contracts, provider) != contracts.end();
}

Result<std::vector<std::string>> contracts_of(std::string_view text, const std::vector<std::string_view>& providers) {
  std::vector<std::string> all;
  for (const std::string_view piece : split(text, ',')) {
    const std::string name = to_lower(trim(piece));
    if (name.empty()) continue;
    if (std::ranges::find(providers, name) == providers.end()) {
      const auto near = nearest(name, providers);
      return fail(Fault::config, fmt::format("no provider \"{}\" has prices in the catalogue; {}", name,
                                             near ? fmt::format("did you mean \"{}\"?", *near)
                                                  : fmt::format("there are: {}", fmt::join(providers, ", "))));
    }
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  return all;
}

Result<std::vector<Workload::GpuPrice>> gpu_prices_of(std::string_view text, const Words& words) {
  std::vector<Workload::GpuPrice> all;
  for (const std::string_view piece : split(text, ',')) {
    if (trim(piece).empty()) continue;
    const std::size_t equals = piece.find('=');
    const std::string_view name = trim(piece.substr(0, equals));
    const catalog::Gpu* gpu = words.gpus == nullptr ? nullptr : catalog::gpu_named(*words.gpus, name);
    if (gpu == nullptr) {
      std::vector<std::string_view> names;
      if (words.gpus != nullptr)
        for (const catalog::Gpu& known : *words.gpus) names.push_back(known.id);
      const auto near = nearest(to_lower(name), names);
      return wrong(
          fmt::format("the GPU \"{}\" is not known{}", name,
                      near ? fmt::format("; did you mean \"{}\"?", *near) : fmt::format("; there are: {}", fmt::join(names, ", "))));
    }
    std::string_view rest = equals == std::string_view::npos ? std::string_view() : trim(piece.substr(equals + 1));
    const auto dollars = leading_number(rest);
    if (!dollars || !rest.empty() || !(*dollars >= 1 && *dollars <= 1e7))
      return wrong(fmt::format("\"{}\": write GPU=DOLLARS, 1 to 10,000,000 a piece, e.g. h100=28000", trim(piece)));
    all.push_back({gpu->id, *dollars});
  }
  return all;
}

Result<double> trend_of(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.starts_with('+')) rest.remove_prefix(1);
  auto value = leading_number(rest);
  if (value && rest == "%") {
    *value /= 100;
    rest = {};
  }
  if (!value || !rest.empty() || !(*value > -0.99 && *value <= 10))
    return wrong(fmt::format("\"{}\" is no change in a year; write e.g. -20% or 0.1", text));
  return *value;
}

Result<std::string> region_of(std::string_view text, const Words& words) {
  const std::string name = to_lower(trim(text));
  if (name.empty() || name == "any") return std::string();
  if (std::ranges::find(words.regions, name) != words.regions.end()) return name;
  return wrong(fmt::format("no provider has prices for the region \"{}\"; there are: {}", name, fmt::join(words.regions, ", ")));
}

Result<Team> team_of(std::string_view text) {
  for (const Team team : {Team::none, Team::some, Team::strong})
    if (name_of(team) == text) return team;
  return wrong(fmt::format("the team \"{}\" is not known; write none, some or strong: its experience with running models on GPUs", text));
}

Status check(const Workload& w) {
  if (!(w.input_share > 0 && w.input_share < 1))
    return wrong(fmt::format("the input's share of the tokens is {:.3g}; it has to lie between 0 and 1, e.g. 0.75", w.input_share));
  if (w.hidden > 0.98) return wrong(fmt::format("{:.3g} of the output hidden reasoning: at most 0.98 can be", w.hidden));
  if (!(w.request_input >= 1 && w.request_input <= 2e6))
    return wrong(fmt::format("a request of {:.0f} input tokens: write 1 to 2,000,000", w.request_input));
  if (!(w.ttft > 0 && w.ttft <= 3600 && w.tpot > 0 && w.tpot <= 60))
    return wrong("the latency targets have to be above zero: seconds to the first token up to 3600, milliseconds per token up to 60000");
  if (!(w.peak >= 1 && w.peak <= 100))
    return wrong(fmt::format("the busiest hour is {:.3g} times the mean; it is from 1 to 100 times", w.peak));
  if (!(w.gpu_years >= 0.5 && w.gpu_years <= 20 && w.interest >= 0 && w.interest <= 1))
    return wrong("GPUs are used for 0.5 to 20 years, at an interest of 0 to 1 a year");
  if (!(w.power_price >= 0 && w.power_price <= 10 && w.space_price >= 0 && w.space_price <= 10'000))
    return wrong("power costs 0 to 10 dollars per kWh, space 0 to 10,000 dollars per kW and month");
  if (!(w.horizon >= 1 && w.horizon <= 120)) return wrong(fmt::format("a horizon of {:g} months: write 1 to 120", w.horizon));
  if (w.cached + w.written.value_or(0) > 1)
    return wrong(fmt::format("{:.3g} of the input is read from caches and {:.3g} written to them: more than all of it", w.cached,
                             w.written.value_or(0)));
  if (w.requests() < 1) return wrong("less than one request a month: more tokens, or shorter requests");
  return ok();
}

}  // namespace ajar::plan
