// config/workload_file.cpp - the keys of a workload file, each with its reader and its line.
#include "config/workload_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "base/text.hpp"
#include "config/reader.hpp"

namespace ajar::config {
namespace {

using plan::Workload;

std::unexpected<Error> wrong(std::string message) { return fail(Fault::config, std::move(message)); }

std::optional<double> number_in(const Node& node) noexcept {
  if (const std::string* text = node.string()) {
    double value = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    return error == std::errc() && stop == end && std::isfinite(value) ? std::optional(value) : std::nullopt;
  }
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return static_cast<double>(*whole);
  if (const auto* broken = std::get_if<double>(&node.value)) return *broken;
  return std::nullopt;
}

// A number, or the text that a flag would take.
std::string text_in(const Node& node) {
  if (const std::string* text = node.string()) return *text;
  const auto number = number_in(node);
  return number ? fmt::format("{}", *number) : std::string(node.kind());
}

Status set_share(const Node& node, double& share) {
  const auto value = plan::share_of(text_in(node), "a share");
  if (!value) return std::unexpected(value.error());
  share = *value;
  return ok();
}

Status set_number(const Node& node, double& to, double unit = 1) {
  const auto value = number_in(node);
  if (!value)
    return wrong(node.string() != nullptr ? fmt::format("\"{}\" is no number", *node.string())
                                          : fmt::format("{} stands where a number is needed", node.kind()));
  to = *value * unit;
  return ok();
}

Status set_flag(const Node& node, bool& to) {
  const bool* value = std::get_if<bool>(&node.value);
  if (const std::string* text = node.string(); text != nullptr && (*text == "true" || *text == "false")) {
    to = *text == "true";
    return ok();
  }
  if (value == nullptr) return wrong(fmt::format("{} stands where true or false is needed", node.kind()));
  to = *value;
  return ok();
}

Status set_mix(const Node& node, const std::vector<std::string_view>& tasks, Workload& w) {
  std::string text;
  if (const auto* table = node.table())
    for (const Node::Entry& part : *table) text += fmt::format("{}{}={}", text.empty() ? "" : ",", part.key, text_in(part.node));
  else
    text = text_in(node);
  auto mix = plan::mix_of(text, tasks);
  if (!mix) return forward(std::move(mix));
  w.mix = std::move(*mix);
  return ok();
}

struct Key {
  std::string_view name, doc;
  std::function<Status(const Node&, Workload&)> read;
  std::function<std::string(const Workload&)> write;  // nothing: the line is left out
  bool flag = false;
};

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }
std::string plain(double value) { return fmt::format("{}", value); }

std::string written_mix(const Workload& w) {
  std::string text;
  for (const Workload::Part& part : w.mix) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", part.task, part.share);
  return fmt::format("{{ {} }}", text);
}

Status set_team(const Node& node, Workload& w) {
  const auto team = plan::team_of(text_in(node));
  if (!team) return std::unexpected(team.error());
  w.team = *team;
  return ok();
}

Status set_tenure(const Node& node, Workload& w) {
  const auto tenure = plan::tenure_of(text_in(node));
  if (!tenure) return std::unexpected(tenure.error());
  w.gpus = *tenure;
  return ok();
}

std::vector<Key> keys_of(const plan::Words& words) {
  const auto share = [](std::string_view name, std::string_view doc, double Workload::* field) {
    return Key{name, doc, [field](const Node& n, Workload& w) { return set_share(n, w.*field); },
               [field](const Workload& w) { return plain(w.*field); }};
  };
  const auto number = [](std::string_view name, std::string_view doc, double Workload::* field, double unit) {
    return Key{name, doc, [field, unit](const Node& n, Workload& w) { return set_number(n, w.*field, unit); },
               [field, unit](const Workload& w) { return plain(w.*field / unit); }};
  };
  const auto flag = [](std::string_view name, std::string_view doc, bool Workload::* field) {
    return Key{name, doc, [field](const Node& n, Workload& w) { return set_flag(n, w.*field); },
               [field](const Workload& w) { return std::string(w.*field ? "true" : "false"); }, true};
  };
  return {
      {"tokens", "input and output: a number a month, or \"50M/month\", \"300K/day\"",
       [](const Node& n, Workload& w) -> Status {
         const auto tokens = plan::tokens_of(text_in(n));
         if (!tokens) return std::unexpected(tokens.error());
         w.tokens = *tokens;
         return ok();
       },
       [](const Workload& w) { return fmt::format("{:.0f}", w.tokens); }},
      {"mix", "tasks and their shares", [words](const Node& n, Workload& w) { return set_mix(n, words.tasks, w); }, written_mix},
      share("sensitive", "share that may not leave without a contract", &Workload::sensitive),
      flag("contract", "all providers have signed for sensitive data (a BAA, say)", &Workload::contract),
      {"contracts", "or these have: \"anthropic, google\"",
       [words](const Node& n, Workload& w) -> Status {
         auto contracts = plan::contracts_of(text_in(n), words.providers);
         if (!contracts) return std::unexpected(contracts.error());
         w.contracts = std::move(*contracts);
         return ok();
       },
       [](const Workload& w) { return quoted(join(w.contracts, ", ")); }},
      {"quality", "needed at every task: any, basic, good, high",
       [](const Node& n, Workload& w) -> Status {
         const std::string text = text_in(n);
         const auto level = catalog::level_named(text);
         if (!level && text != "any") return wrong(fmt::format("the quality \"{}\" is not known; write any, basic, good or high", text));
         w.quality = level.value_or(catalog::Level::unknown);
         return ok();
       },
       [](const Workload& w) { return quoted(w.quality == catalog::Level::unknown ? "any" : name_of(w.quality)); }},
      {"team", "experience with models on GPUs: none, some, strong", set_team, [](const Workload& w) { return quoted(name_of(w.team)); }},
      share("input_share", "input's share of the tokens", &Workload::input_share),
      number("request_input", "mean input tokens of a request", &Workload::request_input, 1),
      {"region", "where APIs have to process it, e.g. eu; any",
       [words](const Node& n, Workload& w) -> Status {
         auto region = plan::region_of(text_in(n), words);
         if (!region) return std::unexpected(region.error());
         w.region = std::move(*region);
         return ok();
       },
       [](const Workload& w) { return quoted(w.region.empty() ? "any" : w.region); }},
      share("cached", "share of the input that prompt caches answer", &Workload::cached),
      {"written", "share of the input written to prompt caches, where that has a price (else a quarter of `cached`)",
       [](const Node& n, Workload& w) {
         w.written = 0;
         return set_share(n, *w.written);
       },
       [](const Workload& w) { return w.written ? plain(*w.written) : std::string(); }},
      share("reasoning", "share of the output that is hidden reasoning", &Workload::hidden),
      share("batch", "share that may wait a day", &Workload::batch),
      number("peak", "busiest hour over the mean", &Workload::peak, 1),
      number("ttft", "target in the busiest hour: seconds to the first token", &Workload::ttft, 1),
      number("tpot_ms", "target: milliseconds between tokens", &Workload::tpot, 1e-3),
      flag("portable", "a model that can be had in one place only will not do", &Workload::portable),
      flag("own_weights", "weights or adapters of your own have to be served", &Workload::own_weights),
      {"gpus", "of own engines: rented or owned", set_tenure, [](const Workload& w) { return quoted(name_of(w.gpus)); }},
      {"gpu_prices", "GPUs that you buy, with their share of a server, dollars each: \"h100=28000\"; only these count then",
       [words](const Node& n, Workload& w) -> Status {
         auto prices = plan::gpu_prices_of(text_in(n), words);
         if (!prices) return std::unexpected(prices.error());
         w.gpu_prices = std::move(*prices);
         return ok();
       },
       [](const Workload& w) {
         std::string text;
         for (const Workload::GpuPrice& p : w.gpu_prices) text += fmt::format("{}{}={}", text.empty() ? "" : ", ", p.gpu, p.dollars);
         return text.empty() ? text : quoted(text);
       }},
      number("gpu_years", "years for which these are used", &Workload::gpu_years, 1),
      number("interest", "on their price, a year", &Workload::interest, 1),
      number("power_price", "dollars per kWh, for these", &Workload::power_price, 1),
      number("space_price", "dollars per kW and month of rack and cooling, for these", &Workload::space_price, 1),
      number("horizon_months", "over which set-up is spread and prices are looked at", &Workload::horizon, 1),
      {"api_trend", "expected change of API prices in a year, e.g. \"-20%\" (else as they fell before)",
       [](const Node& n, Workload& w) -> Status {
         const auto trend = plan::trend_of(text_in(n));
         if (!trend) return std::unexpected(trend.error());
         w.api_trend = *trend;
         return ok();
       },
       [](const Workload& w) { return w.api_trend ? plain(*w.api_trend) : std::string(); }},
      {"rent_trend", "expected change of GPU rents in a year",
       [](const Node& n, Workload& w) -> Status {
         const auto trend = plan::trend_of(text_in(n));
         if (!trend) return std::unexpected(trend.error());
         w.rent_trend = *trend;
         return ok();
       },
       [](const Workload& w) { return plain(w.rent_trend); }},
      flag("spare", "a further replica, so that one may fail", &Workload::spare),
  };
}

}  // namespace

std::vector<WorkloadKey> workload_keys() {
  std::vector<WorkloadKey> keys;
  for (const Key& key : keys_of({})) keys.push_back({key.name, key.doc, key.flag, key.write(Workload())});
  return keys;
}

Status set_workload(std::string_view name, std::string_view text, const plan::Words& words, plan::Workload& w) {
  const std::vector<Key> keys = keys_of(words);
  return std::ranges::find(keys, name, &Key::name)->read({.value = std::string(text), .place = {}}, w);
}

std::vector<Problem> read_workload(std::string_view toml, std::string_view file, const plan::Words& words, plan::Workload& workload) {
  Report report{.file = std::string(file), .problems = {}, .warnings = {}};
  const Node root = parse_toml(toml, file, report.problems);
  const std::vector<Key> keys = keys_of(words);
  std::vector<std::string> names;
  for (const Key& key : keys) names.emplace_back(key.name);
  if (!report.problems.empty() || root.table() == nullptr) return report.problems;
  for (const Node::Entry& entry : *root.table()) {
    const auto key = std::ranges::find(keys, entry.key, &Key::name);
    if (key == keys.end())
      report.problem(entry.place, fmt::format("\"{}\" is no part of a workload", entry.key), remedy_for(entry.key, names));
    else if (const Status read = key->read(entry.node, workload); !read)
      report.problem(entry.node.place, fmt::format("{}: {}", entry.key, read.error().message), std::string(key->doc));
  }
  if (report.problems.empty())
    if (const Status good = plan::check(workload); !good) report.problem(root.place, good.error().message, "change the number");
  return report.problems;
}

std::string workload_toml(const plan::Workload& workload) {
  std::string text = "# A workload for `ajar plan --workload FILE`.\n";
  for (const Key& key : keys_of({}))
    if (const std::string value = key.write(workload); !value.empty()) text += fmt::format("{} = {}  # {}\n", key.name, value, key.doc);
  return text;
}

}  // namespace ajar::config
