// config/fitted.cpp - the fitted predictor as files: data/planner/capacity.toml and weights.csv.
#include <fmt/format.h>

#include <charconv>

#include "base/csv.hpp"
#include "config/facts_row.hpp"
#include "config/planner_facts.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view capacity_toml;
extern const std::string_view weights_csv;
}  // namespace data

namespace {

constexpr std::string_view file = "data/planner/capacity.toml";

template <class E>
std::optional<E> named(std::string_view word) {
  for (unsigned i = 0; i < static_cast<unsigned>(E::count_); ++i)
    if (name_of(static_cast<E>(i)) == word) return static_cast<E>(i);
  return std::nullopt;
}

std::vector<plan::Name> names_of(Row& row, std::string_view key) {
  std::vector<plan::Name> names;
  for (const std::string& word : row.texts(key))
    if (const auto name = named<plan::Name>(word))
      names.push_back(*name);
    else
      row.wrong(row.table(), key, "holds a name that is not known");
  return names;
}

// "in_flight 2.1": a word and its number.
template <class E>
std::vector<std::pair<E, double>> scales_of(Row& row, std::string_view key) {
  std::vector<std::pair<E, double>> out;
  for (const std::string& text : row.texts(key)) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    double value = 0;
    std::from_chars(text.data() + std::min(blank + 1, text.size()), text.data() + text.size(), value);
    const auto name = named<E>(std::string_view(text).substr(0, blank));
    if (name && value > 0)
      out.emplace_back(*name, value);
    else
      row.wrong(row.table(), key, "holds something that is no known word with a number above zero");
  }
  return out;
}

struct OwnedPart {
  plan::Target target;
  plan::Part part;
  double noise;
};

OwnedPart part_of(Row& row) {
  OwnedPart out{};
  if (const auto target = named<plan::Target>(row.needed("target")))
    out.target = *target;
  else
    row.wrong(row.table(), "target", "is not known");
  out.noise = row.real("noise");
  out.part.linear = row.flag("linear");
  out.part.sigma = row.real("sigma", 1);
  out.part.same = names_of(row, "same");
  for (const auto& [number, scale] : scales_of<plan::Number>(row, "near")) out.part.near.push_back({number, scale});
  for (const auto& [name, scale] : scales_of<plan::Name>(row, "differ")) out.part.differ.push_back({name, scale});
  return out;
}

struct OwnedSpread {
  plan::Outcome outcome;
  plan::Nearness nearness;
  plan::Spread spread;
};

OwnedSpread spread_of(Row& row) {
  const auto outcome = named<plan::Outcome>(row.needed("outcome"));
  const auto nearness = named<plan::Nearness>(row.needed("nearness"));
  if (!outcome || !nearness) row.wrong(row.table(), "outcome", "or \"nearness\" is not known");
  return {outcome.value_or(plan::Outcome::tpot), nearness.value_or(plan::Nearness::new_model), {row.real("low"), row.real("high")}};
}

std::string trust_name(unsigned target, unsigned nearness) {
  return fmt::format("{}_{}", name_of(static_cast<plan::Target>(target)), name_of(static_cast<plan::Nearness>(nearness)));
}

Status read_weights(std::string_view csv, plan::Fitted& fitted) {
  auto table = read_csv(csv);
  if (!table) return forward(std::move(table));
  const auto target = table->column("target"), weight = table->column("weight");
  if (!target || !weight) return fail(Fault::config, "data/planner/weights.csv:1: the columns are target, weight");
  for (const Csv::Row& row : table->rows) {
    const auto which = named<plan::Target>(row.fields[*target]);
    const std::string& text = row.fields[*weight];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!which || error != std::errc() || end != text.data() + text.size())
      return fail(Fault::config, fmt::format("data/planner/weights.csv:{}: no target with its weight", row.line));
    fitted.weights[static_cast<std::size_t>(*which)].push_back(value);
  }
  return ok();
}

template <class List>
std::string quoted_list(const List& list) {
  std::string out;
  for (const auto& item : list) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", item);
  return "[" + out + "]";
}

std::string text_of(const plan::Part& part) {
  std::vector<std::string> near, differ;
  std::vector<std::string_view> same;
  for (const plan::Name name : part.same) same.push_back(name_of(name));
  for (const auto& [number, scale] : part.near) near.push_back(fmt::format("{} {:.4g}", name_of(number), scale));
  for (const auto& [name, scale] : part.differ) differ.push_back(fmt::format("{} {:.4g}", name_of(name), scale));
  std::string out = part.linear ? "linear = true\n" : fmt::format("sigma = {:.5f}\n", part.sigma);
  if (!same.empty()) out += fmt::format("same = {}\n", quoted_list(same));
  if (!near.empty()) out += fmt::format("near = {}\n", quoted_list(near));
  if (!differ.empty()) out += fmt::format("differ = {}\n", quoted_list(differ));
  return out;
}

}  // namespace

Result<plan::Fitted> fitted_of(std::string_view capacity_toml, std::string_view weights_csv) {
  auto document = document_of(capacity_toml, file, {"constants", "trust", "part", "spread"});
  if (!document) return forward(std::move(document));
  plan::Fitted fitted;
  const Node* constants = document->find("constants");
  if (constants == nullptr || constants->table() == nullptr)
    return fail(Fault::config, fmt::format("{}: there is no table [constants]", file));
  Row row(*constants, file);
  for (unsigned i = 0; i < plan::terms; ++i) {
    const auto value = row.maybe_real(name_of(static_cast<plan::Term>(i)));
    if (!value) row.wrong(*constants, name_of(static_cast<plan::Term>(i)), "is missing");
    fitted.constants[i] = value.value_or(0);
  }
  if (auto good = row.verdict(); !good) return forward(std::move(good));
  if (const Node* trust = document->find("trust"); trust != nullptr && trust->table() != nullptr) {
    Row rows(*trust, file);
    for (unsigned t = 0; t < plan::targets; ++t)
      for (unsigned n = 0; n < plan::nearnesses; ++n) fitted.trust[t][n] = rows.real(trust_name(t, n), 1);
    if (auto good = rows.verdict(); !good) return forward(std::move(good));
  }
  auto parts = rows_of(*document, "part", file, part_of);
  if (!parts) return forward(std::move(parts));
  for (OwnedPart& owned : *parts) {
    plan::Kernel& kernel = fitted.kernels[static_cast<std::size_t>(owned.target)];
    kernel.parts.push_back(std::move(owned.part));
    kernel.noise = owned.noise;
  }
  auto spreads = rows_of(*document, "spread", file, spread_of);
  if (!spreads) return forward(std::move(spreads));
  for (const OwnedSpread& owned : *spreads)
    fitted.spreads[static_cast<std::size_t>(owned.outcome)][static_cast<std::size_t>(owned.nearness)] = owned.spread;
  if (auto read = read_weights(weights_csv, fitted); !read) return forward(std::move(read));
  return fitted;
}

Result<plan::Fitted> built_in_fitted() { return fitted_of(data::capacity_toml, data::weights_csv); }

std::string capacity_toml_of(const plan::Fitted& fitted) {
  std::string out =
      "# data/planner/capacity.toml - what was fitted on the points of points.csv; written by `./dev eval plan --refit`, not by hand.\n"
      "# constants: what each term of the formula is multiplied by. part: how alike two set-ups are, per target; scales of numbers.\n"
      "# trust: the share of what points say beyond the formula that is taken, by how near they are.\n"
      "# spread: log of measured over predicted in 10 % and 90 % of cases that were left out of the fit, by how near the known points "
      "are.\n\n"
      "[constants]\n";
  for (unsigned i = 0; i < plan::terms; ++i) out += fmt::format("{} = {:.6f}\n", name_of(static_cast<plan::Term>(i)), fitted.constants[i]);
  out += "\n[trust]\n";
  for (unsigned t = 0; t < plan::targets; ++t)
    for (unsigned n = 0; n < plan::nearnesses; ++n) out += fmt::format("{} = {}\n", trust_name(t, n), fitted.trust[t][n]);
  for (unsigned t = 0; t < plan::targets; ++t)
    for (const plan::Part& part : fitted.kernels[t].parts)
      out += fmt::format("\n[[part]]\ntarget = \"{}\"\nnoise = {:.5f}\n{}", name_of(static_cast<plan::Target>(t)), fitted.kernels[t].noise,
                         text_of(part));
  for (unsigned o = 0; o < plan::outcomes; ++o)
    for (unsigned n = 0; n < plan::nearnesses; ++n)
      out += fmt::format("\n[[spread]]\noutcome = \"{}\"\nnearness = \"{}\"\nlow = {:.4f}\nhigh = {:.4f}\n",
                         name_of(static_cast<plan::Outcome>(o)), name_of(static_cast<plan::Nearness>(n)), fitted.spreads[o][n].low,
                         fitted.spreads[o][n].high);
  return out;
}

std::string weights_csv_of(const plan::Fitted& fitted) {
  std::string out = "target,weight\n";
  for (unsigned t = 0; t < plan::targets; ++t)
    for (const double weight : fitted.weights[t]) out += fmt::format("{},{:.7g}\n", name_of(static_cast<plan::Target>(t)), weight);
  return out;
}

}  // namespace ajar::config
