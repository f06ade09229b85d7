// gateway/stages.cpp - stages 1 to 6 as far as they are the gateway's: reading, noting, joining.
#include "gateway/stages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ajar::gateway {
namespace {

constexpr std::size_t names_shown = 20;  // of models in a "not found"

std::string known_models(const config::Snapshot& snapshot, const admit::Caller& caller) {
  std::vector<std::string> names;
  for (const auto& [name, route] : snapshot.route_by_model)
    if (admit::may_use(caller, name)) names.push_back(name);
  std::ranges::sort(names);
  const std::size_t all = names.size();
  if (all > names_shown) names.resize(names_shown);
  std::string list = join(names, ", ");
  if (all > names_shown) list += fmt::format(" and {} more (GET /v1/models)", all - names_shown);
  return list;
}

}  // namespace

std::string_view credential_of(const net::RequestHead& head) noexcept {
  std::string_view value = head.find("authorization");
  if (value.size() > 7 && iequal(value.substr(0, 7), "bearer ")) return trim(value.substr(7));
  if (value = head.find("x-api-key"); !value.empty()) return value;
  return head.find("x-goog-api-key");
}

void note_caller(Exchange& x, const admit::Caller& caller) {
  x.entry.tenant = caller.tenant->name;
  x.entry.key = caller.key->name;
}

net::Task<Result<const route::Route*>> decode(Exchange& x, const admit::Caller& caller) {
  auto body = co_await x.call.body();
  if (!body) co_return forward(std::move(body));
  auto envelope = wire::inspect(x.dialect, *body);
  if (!envelope) co_return forward(std::move(envelope));
  x.envelope = std::move(*envelope);
  x.entry.model = x.envelope.model;
  x.entry.stream = x.envelope.stream;
  const route::Route* route = x.snapshot().route(x.envelope.model);
  if (route == nullptr || !admit::may_use(caller, x.envelope.model))
    co_return fail(Fault::not_found,
                   fmt::format("the model \"{}\" does not exist here or may not be used with this key; there are: {}",
                               clipped(x.envelope.model, 100), known_models(x.snapshot(), caller)),
                   "model_not_found", "model");
  co_return route;
}

policy::Origin origin_of(const Exchange& x, const admit::Caller& caller, const route::Route& route) {
  return {.tenant = caller.tenant->name,
          .key = caller.key->name,
          .route = route.name,
          .tenant_label = {caller.tenant->label},
          .key_label = {caller.key->label},
          .route_label = route.label,
          .header = x.asked_label};
}

void note_label(Exchange& x) {
  x.entry.label = x.label.bits;
  if (x.label != policy::public_label && x.entry.label_words.empty())
    x.entry.label_words = join(policy::names_of(x.label, x.snapshot().ruleset.defined), "+");
}

void note_clearance(Exchange& x, const policy::Clearance& clearance) {
  note_label(x);
  x.entry.reason = policy::why_labelled(x.entry.label_words, clearance);
}

Status take_replaced(Exchange& x, const policy::Clearance& clearance) {
  if (clearance.replaced() == nullptr) return ok();
  auto envelope = wire::inspect(x.dialect, clearance.replaced()->body);
  if (!envelope) return std::unexpected(envelope.error());
  x.envelope = std::move(*envelope);
  return ok();
}

route::Market market_of(const Exchange& x) {
  return {.deployments = x.snapshot().deployments,
          .zones = x.snapshot().zones,
          .catalog = &x.snapshot().catalog,
          .health = &x.runtime->health,
          .wall = x.entry.began,
          .now = x.services.clock.now()};
}

Status note_decision(Exchange& x, const route::Decision& decision, const route::Market& market) {
  const catalog::Deployment& first = market.deployments[decision.chain().front().deployment];
  x.entry.deployment = first.name;
  x.entry.reason += decision.why(market);
  note_label(x);
  auto intended = x.services.lane.intend(x.entry);
  x.intended = intended.has_value();
  return intended;
}

upstream::Order order_of(Exchange& x, const policy::Clearance& clearance, const route::Decision& decision, const route::Market& market) {
  return {.dialect = x.dialect,
          .envelope = x.envelope,
          .clearance = clearance,
          .decision = decision,
          .market = market,
          .health = x.runtime->health,
          .pool = x.services.pool,
          .patience = x.runtime->patience,
          .deadline = x.deadline,
          .trace = {x.entry.id, x.traceparent},
          .caller = &x.call.peer(),
          .strict = x.call.head().find("x-ajar-strict") == "1"};
}

}  // namespace ajar::gateway
