// gateway/stages.hpp - the stages that belong to the gateway, and what joins the other rooms' stages to an exchange.
#pragma once

#include <string_view>

#include "gateway/exchange.hpp"

namespace ajar::gateway {

// Stage 1: the secret that the head carries, as Authorization: Bearer, x-api-key or x-goog-api-key; "" = none.
std::string_view credential_of(const net::RequestHead&) noexcept;
void note_caller(Exchange&, const admit::Caller&);

// Stage 2: reads the body and gives the route that its model names. Faults: too_large, bad_request, not_found (saying which models exist).
net::Task<Result<const route::Route*>> decode(Exchange&, const admit::Caller&);

// Stage 4.
policy::Origin origin_of(const Exchange&, const admit::Caller&, const route::Route&);
void note_label(Exchange&);                                // as far as it was found: of refused requests too
void note_clearance(Exchange&, const policy::Clearance&);  // what the label is, and from where
// The body with tokens takes the place of the caller's, which is not sent anywhere.
Status take_replaced(Exchange&, const policy::Clearance&);  // outlives the exchange's use of it

// Stage 5.
route::Market market_of(const Exchange&);
Status note_decision(Exchange&, const route::Decision&, const route::Market&);  // writes the intent; faults: storage

// Stage 6.
upstream::Order order_of(Exchange&, const policy::Clearance&, const route::Decision&, const route::Market&);

// Stage 7: a failure after the first content becomes an error event in the caller's dialect.
net::Task<Status> relay(Exchange&, upstream::Reply&, const upstream::Order&);

void note_usage(Exchange&, const wire::Report&);  // usage, cost and the price row that was used

// Answers with an error in the caller's dialect.
net::Task<void> refuse(Exchange&, const Error&);

// Stage 8: never suspends; runs on every path.
void settle(Exchange&, const Status& outcome) noexcept;

}  // namespace ajar::gateway
