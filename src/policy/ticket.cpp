// policy/ticket.cpp - the last check before a body may leave.
#include "policy/ticket.hpp"

namespace ajar::policy {

Result<EgressTicket> mint(const Clearance& clearance, const Zone& zone, std::uint32_t deployment, wire::Outbound body) {
  if (!allows(zone, clearance.label())) return fail(Fault::forbidden, "the zone of this deployment does not accept the request's label", "policy_blocked");
  return EgressTicket(deployment, std::move(body));
}

}  // namespace ajar::policy
