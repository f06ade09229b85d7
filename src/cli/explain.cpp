// cli/explain.cpp - `ajar explain`: where a request would go and why, by the code of the live path, without sending anything.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"
#include "policy/clear.hpp"
#include "route/choose.hpp"
#include "wire/translation.hpp"

namespace ajar::cli {
namespace {

// Who asks: by key name, else by tenant, else nobody in particular.
Result<policy::Origin> origin_of(const ExplainOptions& options, const config::Snapshot& s, std::string_view model,
                                 const route::Route& route) {
  policy::Origin origin{.tenant = {},
                        .key = {},
                        .route = route.name,
                        .tenant_label = {},
                        .key_label = {},
                        .route_label = route.label,
                        .header = options.label};
  const auto names = [](const auto& list) {
    std::vector<std::string> all;
    for (const auto& item : list) all.push_back(item.name);
    return join(all, ", ");
  };
  const admit::Tenant* tenant = nullptr;
  if (!options.key.empty()) {
    const auto key = std::ranges::find(s.keys.keys(), options.key, &admit::Key::name);
    if (key == s.keys.keys().end())
      return fail(Fault::not_found, fmt::format("there is no key named \"{}\"; there are: {}", options.key, names(s.keys.keys())));
    origin.key = key->name;
    origin.key_label = {key->label};
    tenant = &s.keys.tenants()[key->tenant];
    const admit::Caller caller{tenant, &*key, 0};
    if (!admit::may_use(caller, model))
      return fail(Fault::not_found, fmt::format("the key \"{}\" may not use the model \"{}\"", key->name, model));
  } else if (!options.tenant.empty()) {
    const auto found = std::ranges::find(s.keys.tenants(), options.tenant, &admit::Tenant::name);
    if (found == s.keys.tenants().end())
      return fail(Fault::not_found, fmt::format("there is no tenant named \"{}\"; there are: {}", options.tenant, names(s.keys.tenants())));
    tenant = &*found;
  }
  if (tenant != nullptr) {
    origin.tenant = tenant->name;
    origin.tenant_label = {tenant->label};
  }
  return origin;
}

// What would be lost on the way to a deployment, or why the request cannot be carried there.
struct Carried {
  std::vector<std::string> warnings;
  std::string refused;
};

Carried carried_to(const wire::Envelope& envelope, const catalog::Deployment& d) {
  const wire::Target target{
      .profile = &d.profile, .model = d.upstream_model, .public_model = envelope.model, .now = SystemClock().wall(), .fetched = {}};
  auto translation = wire::Translation::make(wire::Dialect::openai_chat, envelope, target);
  if (!translation) return {{}, translation.error().message};
  return {(*translation)->take_request().warnings, {}};
}

class Explanation {
 public:
  Explanation(const config::Snapshot& s, const wire::Envelope& e, const route::Route& r) : s_(s), envelope_(e), route_(r) {
    result_ = json::Value{{"model", e.model}, {"route", r.name}, {"snapshot", s.id}, {"input_tokens_estimate", e.input_estimate}};
  }

  void clearance(const policy::Clearance& clearance) {
    names_ = policy::names_of(clearance.label(), s_.ruleset.defined);
    reasons_ = clearance.reasons();
    origin_ = policy::why_labelled(join(names_, "+"), clearance);
    result_.set("label", list(names_));
    result_.set("label_reasons", list(reasons_));
  }

  void decision(const route::Decision& decision, const route::Market& market) {
    json::Array chain, rejected;
    for (const route::Candidate& c : decision.chain()) chain.push_back(candidate(c));
    for (const route::Rejection& r : decision.rejected()) rejected.push_back(rejection(r));
    result_.set("chain", std::move(chain));
    result_.set("rejected", std::move(rejected));
    result_.set("reason", origin_ + decision.why(market));
  }

  void refusal(const Error& error) {
    result_.set("refused", json::Value{{"fault", name_of(error.fault)}, {"code", error.code.str()}, {"message", error.message.str()}});
  }

  void print(bool as_json) const {
    if (as_json) {
      fmt::print("{}\n", json::write_pretty(result_));
      return;
    }
    fmt::print("model      {} (route {})\nestimate   about {} input tokens\n", envelope_.model, route_.name, envelope_.input_estimate);
    if (!names_.empty())
      fmt::print("label      {}{}\n", join(names_, ", "), reasons_.empty() ? "" : " (from " + join(reasons_, ", ") + ")");
    print_chain();
    if (const json::Array* rejected = result_["rejected"].array())
      for (const json::Value& r : *rejected)
        fmt::print("not        {:<20} {} {}\n", r["deployment"].text(), r["reason"].text(), r["detail"].text());
    if (!result_["reason"].is_null()) fmt::print("reason     {}\n", result_["reason"].text());
    if (!result_["refused"].is_null())
      fmt::print("REFUSED    {}: {}\n", result_["refused"]["code"].text(), result_["refused"]["message"].text());
  }

 private:
  static json::Value list(const std::vector<std::string>& words) {
    json::Array array;
    for (const std::string& word : words) array.emplace_back(word);
    return json::Value(std::move(array));
  }

  json::Value place(std::uint32_t index) const {
    const catalog::Deployment& d = s_.deployments[index];
    return json::Value{{"deployment", d.name},
                       {"provider", d.provider},
                       {"model", d.upstream_model},
                       {"zone", s_.zones[d.zone].name},
                       {"hosting", catalog::name_of(d.hosting)}};
  }

  json::Value candidate(const route::Candidate& c) const {
    json::Value out = place(c.deployment);
    out.set("estimate_usd", c.estimate ? json::Value(to_string(*c.estimate)) : json::Value(nullptr));
    out.set("price_row", c.price_id.empty() ? json::Value(nullptr) : json::Value(c.price_id));
    const Carried carried = carried_to(envelope_, s_.deployments[c.deployment]);
    out.set("warnings", list(carried.warnings));
    if (!carried.refused.empty()) out.set("cannot_carry", carried.refused);
    return out;
  }

  json::Value rejection(const route::Rejection& r) const {
    json::Value out = place(r.deployment);
    out.set("reason", route::name_of(r.reason));
    out.set("detail", r.detail);
    return out;
  }

  void print_chain() const {
    const json::Array* chain = result_["chain"].array();
    for (std::size_t i = 0; chain != nullptr && i < chain->size(); ++i) {
      const json::Value& c = (*chain)[i];
      const std::string cost =
          c["estimate_usd"].is_null() ? "unpriced" : fmt::format("about {} USD by {}", c["estimate_usd"].text(), c["price_row"].text());
      fmt::print("try {:<6} {:<20} {} in zone {}, {}\n", i + 1, c["deployment"].text(), c["model"].text(), c["zone"].text(), cost);
      for (const json::Value& warning : *c["warnings"].array()) fmt::print("             {}\n", warning.text());
      if (!c["cannot_carry"].is_null()) fmt::print("             cannot be carried there: {}\n", c["cannot_carry"].text());
    }
  }

  const config::Snapshot& s_;
  const wire::Envelope& envelope_;
  const route::Route& route_;
  json::Value result_;
  std::vector<std::string> names_, reasons_;
  std::string origin_;
};

// Gives whether the request would be tried anywhere.
Result<bool> explain_on(const config::Snapshot& s, std::string_view body, const ExplainOptions& options) {
  const auto envelope = wire::inspect(wire::Dialect::openai_chat, body);
  if (!envelope) return std::unexpected(envelope.error());
  const route::Route* route = s.route(envelope->model);
  if (route == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, index] : s.route_by_model) names.push_back(name);
    std::ranges::sort(names);
    return fail(Fault::not_found, fmt::format("the model \"{}\" does not exist here; there are: {}", envelope->model, join(names, ", ")));
  }
  const auto origin = origin_of(options, s, envelope->model, *route);
  if (!origin) return std::unexpected(origin.error());
  Explanation explanation(s, *envelope, *route);
  const auto tell = [&](const Error* refused) {
    if (refused != nullptr) explanation.refusal(*refused);
    explanation.print(options.json);
    return refused == nullptr;
  };
  policy::Pseudonyms pseudonyms;
  const auto clearance =
      policy::clear(*envelope, *origin, s.ruleset, s.reachable, nullptr, {.memory = nullptr, .taint = nullptr, .pseudonyms = &pseudonyms});
  if (!clearance) return tell(&clearance.error());
  explanation.clearance(*clearance);
  const route::Market market{
      .deployments = s.deployments, .zones = s.zones, .catalog = &s.catalog, .health = nullptr, .wall = SystemClock().wall(), .now = {}};
  const auto decision = route::choose(*envelope, *route, *clearance, market);
  if (!decision) return tell(&decision.error());
  explanation.decision(*decision, market);
  return tell(nullptr);
}

}  // namespace

int explain(const ExplainOptions& options) {
  const std::filesystem::path file =
      options.config.empty() ? home_folder(options.home) / "found.toml" : std::filesystem::path(options.config);
  const config::Loaded loaded = config::load_file(file, config::system_environment());
  if (!loaded.snapshot) {
    for (const config::Problem& problem : loaded.problems) fmt::print(stderr, "{}\n", config::text_of(problem));
    return 2;
  }
  const auto body = read_input(options.request);
  if (!body) return complain(body.error());
  const auto tried = explain_on(*loaded.snapshot, *body, options);
  if (!tried) return complain(tried.error());
  return *tried ? 0 : 1;
}

}  // namespace ajar::cli
