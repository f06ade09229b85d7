// config/dead_ends.cpp - what is well written and cannot be meant: routes, keys and places that lead nowhere, bounds that never bind.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/loader.hpp"

namespace ajar::config {
namespace {

using policy::Label;

std::string words_of(Label label, const policy::Ruleset& ruleset) { return join(policy::names_of(label, ruleset.defined), ", "); }

bool lists(const std::vector<std::string>& models, std::string_view name) {
  return models.empty() || std::ranges::find(models, name) != models.end();
}

}  // namespace

void Loader::check_models() {
  std::vector<std::string> names;
  for (const auto& [name, route] : s_.route_by_model) names.push_back(name);
  std::ranges::sort(names);
  for (const auto& [model, at] : mentions_)
    if (!s_.route_by_model.contains(model) && !aliases_.contains(model))
      report_.problem(at, fmt::format("there is no model \"{}\"", model), remedy_for(model, names));
}

void Loader::dead_ends() {
  dead_routes();
  dead_callers();
  dead_places();
  doubtful_bounds();
}

void Loader::dead_routes() {
  std::vector<bool> reachable(s_.deployments.size());
  for (const route::Route& route : s_.routes) {
    std::vector<std::string> closed, simulated;
    for (const std::uint32_t index : route.order) {
      const catalog::Deployment& d = s_.deployments[index];
      reachable[index] = true;
      if (!policy::allows(s_.zones[d.zone], route.label)) closed.push_back(d.name);
      if (d.simulated) simulated.push_back(d.name);
    }
    const auto at = routes_.find(route.name);
    if (at == routes_.end()) continue;
    if (closed.size() == route.order.size())
      report_.problem(
          at->second,
          fmt::format("no deployment of the route \"{}\" stands in a zone that accepts its label ({}): every request would be refused",
                      route.name, words_of(route.label, s_.ruleset)),
          "name a deployment in another zone, or let a zone accept it");
    else if (!closed.empty())
      report_.warning(at->second,
                      fmt::format("the route \"{}\" never uses {}: the zone does not accept the route's label ({})", route.name,
                                  join(closed, ", "), words_of(route.label, s_.ruleset)),
                      "leave it out of the order, or let its zone accept the label");
    if (!simulated.empty() && simulated.size() != route.order.size())
      report_.warning(at->second,
                      fmt::format("the route \"{}\" falls back to a simulated deployment: {}", route.name, join(simulated, ", ")),
                      "leave it out, or callers get invented answers");
  }
  for (const catalog::Deployment& d : s_.deployments)
    if (!reachable[d.index])
      report_.warning(
          deployments_.find(d.name)->second,
          fmt::format("nobody can ask for the deployment \"{}\": a route is called \"{}\" and does not name it", d.name, d.public_model),
          "add it to a route, or give it another public_model");
}

void Loader::dead_callers() {
  if (keys_.empty())
    report_.warning({}, "there is no [[key]]: every request will be refused", "run `ajar key new` and write the lines that it prints");
  for (const admit::Key& key : keys_) {
    const admit::Tenant& tenant = tenants_[key.tenant];
    bool any = false, answered = false;
    for (const auto& [name, index] : s_.route_by_model) {
      if (!lists(tenant.models, name) || !lists(key.models, name)) continue;
      any = true;
      const route::Route& route = s_.routes[index];
      const Label label = Label{tenant.label | key.label} | route.label;
      answered = answered ||
                 std::ranges::any_of(route.order, [&](std::uint32_t d) { return policy::allows(s_.zones[s_.deployments[d].zone], label); });
    }
    const Place at = key_places_.find(key.name)->second;
    if (!any)
      report_.warning(at, fmt::format("the key \"{}\" may use no model: its own list and its tenant's have none in common", key.name),
                      "add to one of the lists");
    else if (!answered)
      report_.warning(
          at,
          fmt::format(
              "no deployment that the key \"{}\" may use stands in a zone that accepts its label ({}): every request will be refused",
              key.name, words_of({tenant.label | key.label}, s_.ruleset)),
          "give it a model in such a zone");
  }
}

void Loader::dead_places() {
  for (std::uint32_t i = 0; i < s_.zones.size(); ++i) {
    const policy::Zone& zone = s_.zones[i];
    const auto at = zones_.find(zone.name);
    const auto here = [i](const catalog::Deployment& d) { return d.zone == i; };
    if (at != zones_.end() && std::ranges::none_of(s_.deployments, here))
      report_.warning(at->second, fmt::format("no deployment stands in the zone \"{}\"", zone.name), "give it one, or leave the zone out");
    const auto away = [&](const catalog::Deployment& d) { return here(d) && d.hosting != catalog::Hosting::own; };
    const auto phi = policy::label_named("phi", {});
    if (at != zones_.end() && zone.accepts != policy::top_label && zone.accepts.covers(*phi) && zone.contract != policy::Contract::baa &&
        std::ranges::any_of(s_.deployments, away))
      report_.warning(at->second, fmt::format("the zone \"{}\" accepts phi, others run it, and it has no BAA", zone.name),
                      "write contract = \"baa\" once it is signed, or take phi out");
  }
  for (const catalog::Deployment& d : s_.deployments) {
    const Place at = deployments_.find(d.name)->second;
    if (d.hosting != catalog::Hosting::own && s_.zones[d.zone].accepts == policy::top_label)
      report_.warning(at,
                      fmt::format("the deployment \"{}\" is run by others and stands in the zone \"{}\", which accepts every label", d.name,
                                  s_.zones[d.zone].name),
                      "give it a zone that accepts what may leave, or say hosting = \"own\"");
    const bool priced =
        d.own_price || d.hosting == catalog::Hosting::own || std::ranges::any_of(s_.catalog.prices(), [&](const catalog::Price& p) {
          return p.provider == d.provider && p.model == d.model && p.service == d.service && (p.region.empty() || p.region == d.region);
        });
    if (priced) continue;
    std::vector<std::string> models;
    for (const catalog::Price& p : s_.catalog.prices())
      if (p.provider == d.provider) models.push_back(p.model);
    const std::vector<std::string_view> views(models.begin(), models.end());
    const auto near = s_.catalog.model(d.model) == nullptr ? nearest(d.model, views) : std::nullopt;
    report_.warning(
        at, fmt::format("the catalogue has no price for \"{}\": what the deployment \"{}\" costs will not be known", d.model, d.name),
        near ? fmt::format("did you mean \"{}\"? Or write [deployment.price]", *near) : "write [deployment.price] below it");
  }
}

void Loader::doubtful_bounds() {
  const Deadlines& d = s_.deadlines;
  for (const auto& [name, value] : {std::pair("connect", d.connect), std::pair("first_byte", d.first_byte), std::pair("idle", d.idle)})
    if (value > d.total)
      report_.warning(deadlines_at_, fmt::format("the deadline \"{}\" is longer than \"total\" and is never reached", name),
                      "make total longer, or this one shorter");
  if (s_.retries.per_deployment > s_.retries.total)
    report_.warning(retries_at_, "\"per_deployment\" is larger than \"total\" and is never reached",
                    "make total larger, or this one smaller");
  if (s_.retries.backoff > s_.retries.longest)
    report_.warning(retries_at_, "\"backoff\" is longer than \"longest\"", "make longest longer, or backoff shorter");
  if (!is_this_machine(s_.listen.address) && s_.listen.tls_certificate.empty())
    report_.warning(listen_at_, "callers on other machines send their keys and requests without encryption",
                    "write tls_certificate and tls_key, or listen on 127.0.0.1 behind something that has TLS");
}

}  // namespace ajar::config
