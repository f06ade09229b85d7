// upstream/open.hpp - the last gate: the only place that sends a caller's content outward, and only against a ticket.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "catalog/deployment.hpp"
#include "net/client.hpp"
#include "policy/ticket.hpp"

namespace ajar::upstream {

// Bounds of one attempt.
struct Bounds {
  Instant connect_by = net::never;
  Instant answer_by = net::never;  // first byte of the answer
};

// Sends exactly the ticket's body to exactly the ticket's destination and reads the answer's head. The ticket is used up.
// `trace` is sent as x-request-id and, when it holds one, traceparent.
// Faults: forbidden when the ticket is used already or is for another deployment; else those of net::Pool::take and net::ClientCall::send.
struct Trace {
  std::string_view request_id, traceparent;
};
net::Task<Result<std::unique_ptr<net::ClientCall>>> open(policy::EgressTicket&& ticket, const catalog::Deployment&, net::Pool&, Bounds,
                                                         Trace, net::Source* watch);

}  // namespace ajar::upstream
