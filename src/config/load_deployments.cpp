// config/load_deployments.cpp - zones and deployments: what there is, where it stands, what it costs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/loader.hpp"
#include "wire/quirks.hpp"

namespace ajar::config {
namespace {

// How a key travels to an endpoint that speaks another dialect than its provider usually does.
catalog::Auth auth_of(wire::Dialect dialect) {
  switch (dialect) {
    case wire::Dialect::anthropic_messages:
      return catalog::Auth::x_api_key;
    case wire::Dialect::gemini_generate:
      return catalog::Auth::x_goog_api_key;
    case wire::Dialect::openai_chat:
    case wire::Dialect::openai_responses:
    case wire::Dialect::ollama_chat:
      return catalog::Auth::bearer;
  }
  return catalog::Auth::bearer;
}

}  // namespace

void Loader::zone(const Reader& r) {
  policy::Zone zone{.name = r.string("name"), .accepts = {}, .region = r.string("region"), .contract = policy::Contract::none};
  const auto accepts = r.strings("accepts");
  zone.accepts = accepts == std::vector<std::string>{"all"} ? policy::top_label : labels(r, "accepts");
  const std::string contract = r.string("contract");
  zone.contract = contract == "dpa" ? policy::Contract::dpa : contract == "baa" ? policy::Contract::baa : policy::Contract::none;
  if (take_name(r, "zone", zone.name, zones_)) s_.zones.push_back(std::move(zone));
}

void Loader::default_zones() {
  const auto add = [this](std::string name, policy::Label accepts) {
    if (!zones_.contains(name))
      s_.zones.push_back({.name = std::move(name), .accepts = accepts, .region = {}, .contract = policy::Contract::none});
  };
  add("own", policy::top_label);
  add("external", policy::public_label);
}

void Loader::deployment(const Reader& r) {
  catalog::Deployment d;
  d.name = r.string("name");
  d.provider = r.string("provider");
  const Provider* provider = provider_named(d.provider);
  if (provider == nullptr) {  // told by the reader; kept so that what names it is not told too
    d.model = r.string("model");
    d.public_model = r.string("public_model", d.model);
    if (take_name(r, "deployment", d.name, deployments_)) keep(std::move(d));
    return;
  }
  d.hosting = provider->hosting;
  d.auth = provider->auth;
  d.service = r.string("service");
  d.region = r.string("region");
  d.simulated = d.provider == "sim";
  facts(r, d, *provider);
  place(r, d);
  endpoint(r, d, *provider);
  price(r, d);
  if (take_name(r, "deployment", d.name, deployments_)) keep(std::move(d));
}

void Loader::keep(catalog::Deployment d) {
  d.index = static_cast<std::uint32_t>(s_.deployments.size());
  s_.deployments.push_back(std::move(d));
}

// What the model can do: what is written, else the catalogue's row, else what any chat model can.
void Loader::facts(const Reader& r, catalog::Deployment& d, const Provider& provider) {
  const std::string written = r.string("model");
  const catalog::Model* m = s_.catalog.model(written);
  if (m == nullptr) m = s_.catalog.model_sold_as(d.provider, written);
  d.model = m != nullptr ? m->id : written;
  d.public_model = r.string("public_model", written);
  d.upstream_model = written;
  wire::Profile profile;
  if (m != nullptr) {
    const auto offer = std::ranges::find(m->offers, d.provider, &catalog::Offer::provider);
    if (offer != m->offers.end()) d.upstream_model = offer->id;
    profile = m->profile;
    d.context_tokens = m->context_tokens;
    d.images = m->images, d.audio = m->audio, d.files = m->files, d.tools = m->tools, d.structured = m->structured,
    d.logprobs = m->logprobs;
  } else {
    d.images = d.files = d.audio = d.hosting != catalog::Hosting::own || d.simulated;  // unknown to us, not to the provider
  }
  d.upstream_model = r.string("upstream_model", d.upstream_model);
  abilities(r, d);
  if (const std::int64_t context = r.integer("context"); context != 0) d.context_tokens = context;
  d.profile = wire::profile_for(d.provider, profile);
  if (m != nullptr && d.provider == "openai") d.profile.dialect = profile.dialect;  // some are asked by Responses only
  if (const auto dialect = wire::dialect_named(r.string("dialect")); dialect && *dialect != d.profile.dialect) {
    d.profile.dialect = *dialect;
    if (provider.auth == catalog::Auth::bearer) d.auth = auth_of(*dialect);
  }
  if (d.profile.dialect == wire::Dialect::gemini_generate && d.profile.thinking == wire::Thinking::none)
    d.profile.thinking = wire::Thinking::level;
  if (!r.good("sold_by")) return;
  std::set<std::string> sellers;
  for (const catalog::Price& p : s_.catalog.prices()) sellers.insert(p.provider);
  const std::string seller = r.string("sold_by");
  if (d.provider != "compatible")
    r.problem("sold_by", "\"sold_by\" goes with the provider compatible only", "leave it out: the provider sells it");
  else if (!sellers.contains(seller))
    r.problem("sold_by", fmt::format("the catalogue has no prices of \"{}\"", seller),
              remedy_for(seller, {sellers.begin(), sellers.end()}));
  else
    d.provider = seller;
}

void Loader::abilities(const Reader& r, catalog::Deployment& d) {
  if (!r.has("abilities")) return;
  const std::map<std::string, bool*, std::less<>> known{{"tools", &d.tools}, {"images", &d.images},         {"audio", &d.audio},
                                                        {"files", &d.files}, {"structured", &d.structured}, {"logprobs", &d.logprobs}};
  for (const auto& [word, flag] : known) *flag = false;
  for (const auto& [word, at] : r.items("abilities")) {
    if (const auto found = known.find(word); found != known.end())
      *found->second = true;
    else
      report_.problem(at, fmt::format("the ability \"{}\" is not known", word),
                      remedy_for(word, {"tools", "images", "audio", "files", "structured", "logprobs"}));
  }
}

void Loader::place(const Reader& r, catalog::Deployment& d) {
  const std::string hosting = r.string("hosting");
  if (hosting == "own")
    d.hosting = catalog::Hosting::own;
  else if (hosting == "hosted")
    d.hosting = catalog::Hosting::hosted;
  else if (hosting == "closed")
    d.hosting = catalog::Hosting::closed;
  const std::string zone = r.string("zone", d.hosting == catalog::Hosting::own ? "own" : "external");
  const auto found = std::ranges::find(s_.zones, zone, &policy::Zone::name);
  if (found == s_.zones.end()) return r.problem("zone", fmt::format("there is no zone \"{}\"", zone), remedy_for(zone, names_in(s_.zones)));
  d.zone = static_cast<std::uint32_t>(found - s_.zones.begin());
}

void Loader::endpoint(const Reader& r, catalog::Deployment& d, const Provider& provider) {
  if (r.has("endpoint") && !r.good("endpoint")) return;
  const std::string url = r.string("endpoint", provider.endpoint);
  if (url.empty())
    return r.problem("endpoint", fmt::format("the deployment \"{}\" needs an endpoint", d.name), "write endpoint = \"http://HOST:PORT\"");
  auto parsed = parse_endpoint(url);
  if (!parsed) return r.problem("endpoint", parsed.error().message, "write for instance \"http://127.0.0.1:8000\"");
  d.endpoint = std::move(*parsed);
  credential(r, d, provider);
  if (d.credential.empty())
    d.auth = catalog::Auth::none;
  else if (d.auth == catalog::Auth::none)
    d.auth = catalog::Auth::bearer;
  if (!d.endpoint.tls && !d.credential.empty() && !is_this_machine(d.endpoint.host) && !r.boolean("insecure"))
    r.problem("endpoint", "the key would travel over plain http to another machine",
              "write https://, or insecure = true when the way there is private");
}

void Loader::credential(const Reader& r, catalog::Deployment& d, const Provider& provider) {
  if (r.has("key")) {
    if (!r.good("key")) return;
    if (auto value = secret(r, "key")) d.credential = std::move(*value);
  } else if (provider.key_variables[0].empty() || is_this_machine(d.endpoint.host)) {
    return;  // nobody asks for one
  } else if (r.has("endpoint")) {
    // A provider's key goes nowhere but to the provider unless it is said.
    return r.problem({}, fmt::format("the deployment \"{}\" has no key", d.name),
                     fmt::format("write key = \"env:{}\"", provider.key_variables[0]));
  } else {
    for (const std::string_view variable : provider.key_variables)
      if (const auto value = variable.empty() ? std::nullopt : environment_(std::string(variable)); value && d.credential.empty())
        d.credential = trim(*value);
    if (d.credential.empty())
      return r.problem({}, fmt::format("the deployment \"{}\" has no key: the variable {} is not set", d.name, provider.key_variables[0]),
                       fmt::format("set it before the start: export {}=..., or write key = \"env:NAME\"", provider.key_variables[0]));
    references_ += to_hex(sha256(d.credential));
  }
  if (std::ranges::any_of(d.credential, [](char c) { return c <= 0x20 || c >= 0x7f; }))
    r.problem("key", "the key holds a blank or a letter that no header can carry", "look for a line end or a quotation mark inside it");
}

void Loader::price(const Reader& r, catalog::Deployment& d) {
  const Node* node = r.table("price");
  if (node == nullptr) return;
  const Reader p(*node, "deployment.price", report_);
  catalog::Price price;
  price.id = "own:" + d.name;
  price.provider = d.provider;
  price.model = d.model;
  const auto money = [&](std::string_view key) -> std::optional<Money> {
    const auto value = p.number(key);
    if (!value) return std::nullopt;
    if (*value >= 0 && *value <= 1e5) return Money{std::llround(*value * 1e9)};
    p.problem(key, fmt::format("\"{}\" is out of range", key), "write US dollars per million tokens, from 0 to 100000");
    return std::nullopt;
  };
  price.input = money("input").value_or(Money{});
  price.output = money("output").value_or(Money{});
  price.cache_read = money("cache_read");
  price.cache_write_5m = money("cache_write");
  price.source = {.url = "configuration", .date = {}, .party = catalog::Party::operator_, .note = {}};
  d.own_price = std::move(price);
}

}  // namespace ajar::config
