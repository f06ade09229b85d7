// config/found.cpp - what was found, as a configuration file.
#include "config/found.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "config/facts.hpp"
#include "config/providers.hpp"

namespace ajar::config {
namespace {

constexpr std::size_t most_in_default = 4;

std::string in_quotes(std::string_view text) { return json::quote(text); }  // what JSON escapes, TOML reads the same way

bool can_be_named(std::string_view text) {
  return !text.empty() && text.size() <= 120 && trim(text).size() == text.size() &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// The catalogue's id of a model that an engine calls by a repository, a file or a tag: "Qwen/Qwen3.6-27B" is qwen3.6-27b.
const catalog::Model* known_as(const catalog::Catalog& catalog, std::string_view engines_name) {
  std::string name = to_lower(engines_name.substr(engines_name.find_last_of("/\\") + 1));
  for (const std::string_view ending : {".gguf", "-gguf", "-fp8", "-awq", "-int4"})
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  std::ranges::replace(name, ':', '-');
  return catalog.model(name);
}

class Writer {
 public:
  Writer(const Found& found, const catalog::Catalog& catalog) : found_(found), catalog_(catalog) {}

  std::string write(std::string_view listen, const std::string& key_hash, std::string_view state) {
    out_ = fmt::format(
        "# found.toml - what `ajar up` found on this machine, written anew at each start. To change something, copy it and start the "
        "copy:\n"
        "#   ajar check mine.toml && ajar serve --config mine.toml\n\nstate = {}\n{}\n[listen]\naddress = {}\n",
        in_quotes(state), found_.prices.empty() ? "" : fmt::format("prices = {}\n", in_quotes(found_.prices)), in_quotes(listen));
    for (const FoundEngine& engine : found_.engines) engine_models(engine);
    for (const std::string& provider : found_.provider_keys) provider_models(provider);
    if (!found_.simulator.empty()) simulated_models();
    default_route();
    out_ += fmt::format(
        "\n# Who may ask. `ajar key new` makes further keys.\n[[tenant]]\nname = \"me\"\n\n[[key]]\nname = \"first\"\ntenant = "
        "\"me\"\nhash = {}\n",
        in_quotes(key_hash));
    return std::move(out_);
  }

 private:
  void deployment(std::string_view stem, std::string_view provider, const std::string& model, const std::string& more) {
    std::string name(stem);
    for (int number = 2; !names_.insert(name).second; ++number) name = fmt::format("{}-{}", stem, number);
    in_order_.push_back(name);
    fmt::format_to(std::back_inserter(out_), "\n[[deployment]]\nname = {}\nprovider = {}\nmodel = {}\n{}", in_quotes(name),
                   in_quotes(provider), in_quotes(model), more);
  }

  void engine_models(const FoundEngine& engine) {
    fmt::format_to(std::back_inserter(out_), "\n# An engine on this machine: {} at {}. Its zone is `own`: every label may go there.\n",
                   engine.provider, engine.endpoint);
    for (const std::string& model : engine.models) {
      if (!can_be_named(model)) continue;
      std::string more;
      const catalog::Model* known = known_as(catalog_, model);
      if (known != nullptr) more = fmt::format("upstream_model = {}\npublic_model = {}\n", in_quotes(model), in_quotes(model));
      more += fmt::format("endpoint = {}\n", in_quotes(engine.endpoint));
      if (engine.context > 0 && engine.context <= 100'000'000) more += fmt::format("context = {}\n", engine.context);
      public_.insert(model);
      deployment(fmt::format("{}/{}", engine.provider, model), engine.provider, known != nullptr ? known->id : model, more);
    }
  }

  void provider_models(const std::string& name) {
    const Provider* provider = provider_named(name);
    if (provider == nullptr) return;
    std::string variables(provider->key_variables[0]);
    if (!provider->key_variables[1].empty()) variables += fmt::format(" or {}", provider->key_variables[1]);
    fmt::format_to(std::back_inserter(out_),
                   "\n# {}: its key is taken from {}. Its zone is `external`: only what has no label goes there.\n", name, variables);
    std::vector<const catalog::Model*> models;
    for (const catalog::Model& m : catalog_.models())
      if (std::ranges::find(m.offers, name, &catalog::Offer::provider) != m.offers.end()) models.push_back(&m);
    std::ranges::sort(models, [](const auto* a, const auto* b) { return std::tie(b->released, a->id) < std::tie(a->released, b->id); });
    for (const catalog::Model* m : models) {
      public_.insert(m->id);
      deployment(fmt::format("{}/{}", name, m->id), name, m->id, "");
    }
  }

  void simulated_models() {
    struct Simulated {
      std::string_view name, dialect;
    };
    constexpr std::array all{Simulated{"sim-chat", "openai_chat"}, Simulated{"sim-claude-like", "anthropic_messages"},
                             Simulated{"sim-gemini-like", "gemini_generate"}};
    out_ += "\n# SIMULATED: no real model answers. Each speaks the dialect of another kind of provider.\n";
    for (const auto& [name, dialect] : all) {
      public_.emplace(name);
      deployment(name, "sim", std::string(name),
                 fmt::format("endpoint = {}\ndialect = {}\n", in_quotes(found_.simulator), in_quotes(dialect)));
    }
  }

  void default_route() {
    if (in_order_.empty() || public_.contains("default")) return;
    if (in_order_.size() > most_in_default) in_order_.resize(most_in_default);
    std::string order;
    for (const std::string& name : in_order_) order += (order.empty() ? "" : ", ") + in_quotes(name);
    fmt::format_to(
        std::back_inserter(out_),
        "\n# The model name `default`: the first of these that may and can answer.\n[[route]]\nname = \"default\"\norder = [{}]\n", order);
  }

  const Found& found_;
  const catalog::Catalog& catalog_;
  std::string out_;
  std::set<std::string> names_, public_;
  std::vector<std::string> in_order_;
};

}  // namespace

std::vector<std::string> keys_in(const Environment& environment) {
  std::vector<std::string> found;
  for (const Provider& provider : providers())
    if (std::ranges::any_of(provider.key_variables, [&](std::string_view variable) {
          const auto value = variable.empty() ? std::nullopt : environment(std::string(variable));
          return value && !trim(*value).empty();
        }))
      found.emplace_back(provider.name);
  return found;
}

std::string configuration_of(const Found& found, std::string_view listen, const std::string& key_hash, std::string_view state) {
  const auto catalog = built_in_catalog();
  return Writer(found, catalog ? *catalog : catalog::Catalog()).write(listen, key_hash, state);
}

}  // namespace ajar::config
