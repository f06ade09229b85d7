// tests/compile_fail/control.cpp - the right way compiles: clear, choose, mint, open.
#include "policy/ticket.hpp"
#include "route/choose.hpp"
#include "upstream/open.hpp"

using namespace ajar;

net::Task<Status> right(const wire::Envelope& envelope, const route::Route& route, const route::Market& market, net::Pool& pool) {
  const auto clearance = policy::clear(envelope, {}, {}, market.zones);
  if (!clearance) co_return std::unexpected(clearance.error());
  const auto decision = route::choose(envelope, route, *clearance, market);
  if (!decision) co_return std::unexpected(decision.error());
  const catalog::Deployment& to = market.deployments[decision->chain().front().deployment];
  auto ticket = policy::mint(*clearance, market.zones, to, {});
  if (!ticket) co_return std::unexpected(ticket.error());
  auto call = co_await upstream::open(std::move(*ticket), to, pool, {}, {}, nullptr);
  if (!call) co_return std::unexpected(call.error());
  co_return ok();
}
