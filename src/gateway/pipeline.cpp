// gateway/pipeline.cpp - THE STORY: the eight stages of an exchange. Read this file to know what happens to a request.
#include "gateway/pipeline.hpp"

#include "admit/key.hpp"
#include "gateway/stages.hpp"
#include "policy/clear.hpp"
#include "route/choose.hpp"
#include "upstream/dispatch.hpp"

namespace ajar::gateway {
namespace {

// Stages 1 to 7. The order is the promise: nothing is chosen without a clearance, nothing is sent without a ticket minted from it.
net::Task<Status> run(Exchange& x) {
  // 1 identify: from the head alone, before the body is read.
  auto caller = admit::identify(credential_of(x.call.head()), x.snapshot().keys);
  if (!caller) co_return forward(std::move(caller));
  note_caller(x, *caller);

  // 2 decode: the whole body, strictly; and the route that its model names.
  auto route = co_await decode(x, *caller);
  if (!route) co_return forward(std::move(route));

  // 3 reserve: given back when this frame ends.
  auto reservation = admit::reserve(*caller, x.runtime->in_flight);
  if (!reservation) co_return forward(std::move(reservation));

  // 4 clear: the label, and the proof that policy ran.
  const auto clearance = policy::clear(x.envelope, origin_of(x, *caller, **route), x.snapshot().ruleset, x.snapshot().reachable, &x.label,
                                       {&x.services.memory, x.services.taint, x.services.pseudonyms});
  if (!clearance) co_return std::unexpected(clearance.error());
  note_clearance(x, *clearance);
  if (auto taken = take_replaced(x, *clearance); !taken) co_return taken;  // from here on tokens stand for what was found

  // 5 choose: the order of deployments, and why.
  const route::Market market = market_of(x);
  const auto decision = route::choose(x.envelope, **route, *clearance, market);
  if (!decision) co_return std::unexpected(decision.error());
  if (auto noted = note_decision(x, *decision, market); !noted) co_return noted;  // the intent is in the journal before anything leaves

  // 6 dispatch: attempts, retries, fallback until the first content.
  const upstream::Order order = order_of(x, *clearance, *decision, market);
  auto reply = co_await upstream::dispatch(order, x.entry.attempts);
  if (!reply) co_return forward(std::move(reply));

  // 7 relay: the answer to the caller, event by event.
  co_return co_await relay(x, *reply, order);
}

}  // namespace

net::Task<void> carry(Exchange& x) {
  Status outcome = co_await run(x);
  if (!outcome && !x.call.answered()) co_await refuse(x, outcome.error());
  // 8 settle: ledger and metrics, whatever happened.
  settle(x, outcome);
}

}  // namespace ajar::gateway
