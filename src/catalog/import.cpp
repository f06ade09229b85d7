// catalog/import.cpp - the two public lists read, and each price held against the row in force.
#include "catalog/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::catalog {
namespace {

constexpr double same = 0.01, jump = 3, per_million = 1e6;

// Providers by the lists' names for them.
std::string provider_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> names{{{"gemini", "google"},
                                                                                 {"google-vertex", "google"},
                                                                                 {"fireworks-ai", "fireworks"},
                                                                                 {"fireworks_ai", "fireworks"},
                                                                                 {"togetherai", "together"},
                                                                                 {"together_ai", "together"},
                                                                                 {"moonshotai", "moonshot"},
                                                                                 {"dashscope", "alibaba"},
                                                                                 {"zhipuai", "zai"},
                                                                                 {"deepinfra", "deepinfra"}}};
  for (const auto& [theirs, ours] : names)
    if (theirs == name) return std::string(ours);
  return std::string(name);
}

std::string model_of(const Catalog& catalog, const std::string& provider, std::string_view id) {
  if (const Model* sold = catalog.model_sold_as(provider, id)) return sold->id;
  if (const std::size_t slash = id.rfind('/'); slash != std::string_view::npos) id.remove_prefix(slash + 1);
  const std::string lowered = to_lower(id);
  if (const Model* known = catalog.model(lowered)) return known->id;
  return lowered;
}

class Judge {
 public:
  Judge(const Catalog& catalog, WallTime at) : catalog_(catalog), at_(at) {}

  void operator()(Proposal& p) const {
    const auto bar = [&p](std::string why) {
      p.standing = Standing::quarantined;
      p.why += (p.why.empty() ? "" : "; ") + std::move(why);
    };
    if (p.input <= 0 || p.output <= 0) return bar("a price of zero");
    if (p.output < p.input) bar("output is cheaper than input");
    if (p.cache_read && *p.cache_read > p.input) bar("cached input is dearer than fresh");
    const Price* now = catalog_.price(p.provider, p.model, at_, 1000, "standard", "");
    if (now == nullptr) return;
    const auto dollars = [](Money m) { return static_cast<double>(m.nanos) * 1e-9; };
    bool equal = true;
    const auto compare = [&](std::string_view what, double theirs, double ours) {
      if (ours <= 0) return;
      const double ratio = theirs / ours;
      if (std::abs(ratio - 1) <= same) return;
      equal = false;
      for (const double unit : {10.0, 100.0, 1000.0, 1e6})
        if (std::abs(ratio / unit - 1) <= same || std::abs(ratio * unit - 1) <= same)
          return bar(fmt::format("{} {:g} is {:g} times off ours of {:g}: a unit error", what, theirs, unit, ours));
      if (ratio > jump || ratio < 1 / jump) return bar(fmt::format("{} {:g} jumps over 3 times from {:g}", what, theirs, ours));
      p.why += fmt::format("{}{} {:g} instead of {:g}", p.why.empty() ? "" : "; ", what, theirs, ours);
    };
    compare("input", p.input, dollars(now->input));
    compare("output", p.output, dollars(now->output));
    if (now->cache_read && p.cache_read)
      compare("cached input", *p.cache_read, dollars(*now->cache_read));
    else if (now->cache_read)
      bar("no price for cached input, the row in force has one");
    if (equal && p.standing == Standing::proposed) p.standing = Standing::agrees;
  }

 private:
  const Catalog& catalog_;
  WallTime at_;
};

std::optional<double> scaled(const json::Value& value, double by) {
  const auto number = value.number();
  return number ? std::optional(*number * by) : std::nullopt;
}

Result<std::vector<Proposal>> models_dev(const json::Value& document, const Catalog& catalog) {
  std::vector<Proposal> out;
  for (const json::Member& provider : document.object()->members) {
    const json::Value& models = provider.value["models"];
    if (models.object() == nullptr) continue;
    for (const json::Member& model : models.object()->members) {
      const json::Value& cost = model.value["cost"];
      const auto input = cost["input"].number(), output = cost["output"].number();
      if (!input || !output) continue;
      Proposal p{.provider = provider_of(provider.key),
                 .model = {},
                 .input = *input,
                 .output = *output,
                 .cache_read = cost["cache_read"].number(),
                 .cache_write = cost["cache_write"].number(),
                 .why = {}};
      p.model = model_of(catalog, p.provider, model.key);
      out.push_back(std::move(p));
    }
  }
  if (out.empty()) return fail(Fault::bad_request, "this is no api.json of models.dev: no provider has models with a cost");
  return out;
}

Result<std::vector<Proposal>> litellm(const json::Value& document, const Catalog& catalog) {
  std::vector<Proposal> out;
  std::set<std::pair<std::string, std::string>> seen;
  for (const json::Member& entry : document.object()->members) {
    const json::Value& row = entry.value;
    const auto input = scaled(row["input_cost_per_token"], per_million), output = scaled(row["output_cost_per_token"], per_million);
    const std::string_view mode = row["mode"].text("chat");
    if (!input || !output || (mode != "chat" && mode != "responses") || entry.key == "sample_spec") continue;
    Proposal p{.provider = provider_of(row["litellm_provider"].text()),
               .model = {},
               .input = *input,
               .output = *output,
               .cache_read = scaled(row["cache_read_input_token_cost"], per_million),
               .cache_write = scaled(row["cache_creation_input_token_cost"], per_million),
               .why = {}};
    p.model = model_of(catalog, p.provider, entry.key);
    if (seen.emplace(p.provider, p.model).second) out.push_back(std::move(p));
  }
  if (out.empty())
    return fail(Fault::bad_request, "this is no model_prices_and_context_window.json of LiteLLM: no entry has costs per token");
  return out;
}

}  // namespace

std::string_view address_of(PriceList list) noexcept {
  switch (list) {
    case PriceList::models_dev:
      return "https://models.dev/api.json";
    case PriceList::litellm:
      return "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json";
  }
  return {};
}

std::optional<PriceList> price_list_named(std::string_view word) noexcept {
  if (word == "models.dev") return PriceList::models_dev;
  return word == "litellm" ? std::optional(PriceList::litellm) : std::nullopt;
}

std::string_view name_of(Standing s) noexcept {
  switch (s) {
    case Standing::agrees:
      return "agrees";
    case Standing::proposed:
      return "proposed";
    case Standing::quarantined:
      return "quarantined";
  }
  return "";
}

Result<std::vector<Proposal>> proposals_of(PriceList list, std::string_view text, const Catalog& catalog, WallTime at) {
  const auto document = json::read(text, {.depth = 64, .refuse_duplicates = false});
  if (!document) return fail(Fault::bad_request, fmt::format("the list is no JSON: {}", document.error().message));
  if (document->object() == nullptr) return fail(Fault::bad_request, "the list is no JSON object");
  auto found = list == PriceList::models_dev ? models_dev(*document, catalog) : litellm(*document, catalog);
  if (!found) return found;
  const Judge judge(catalog, at);
  for (Proposal& p : *found) judge(p);
  std::ranges::sort(*found, {}, [](const Proposal& p) { return std::tie(p.provider, p.model); });
  return found;
}

std::string toml_of(const std::vector<Proposal>& all, WallTime at, std::string_view source) {
  const std::string date = rfc3339(at).substr(0, 10);
  std::string out =
      fmt::format("# Proposed price rows of {}: to be looked at before they are taken over; nothing reads them as they are.\n", date);
  for (const Proposal& p : all) {
    if (p.standing != Standing::proposed) continue;
    out += fmt::format(
        "\n[[price]]\nid = \"{0}/{1}/standard/{2}\"\nprovider = \"{0}\"\nmodel = \"{1}\"\nfrom = \"{2}\"\ninput = {3:.10g}\noutput = "
        "{4:.10g}\n",
        p.provider, p.model, date, p.input, p.output);
    if (p.cache_read) out += fmt::format("cache_read = {:.10g}\n", *p.cache_read);
    if (p.cache_write) out += fmt::format("cache_write = {:.10g}\n", *p.cache_write);
    out += fmt::format("source = \"{}\"\ndate = \"{}\"\nparty = \"independent\"\n", source, date);
    if (!p.why.empty()) out += fmt::format("note = \"proposed: {}\"\n", p.why);
  }
  return out;
}

}  // namespace ajar::catalog
