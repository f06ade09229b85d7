// policy/ticket.cpp - the last check before a body may leave.
#include "policy/ticket.hpp"

namespace ajar::policy {

Result<EgressTicket> mint(const Clearance& clearance, std::span<const Zone> zones, const catalog::Deployment& to, wire::Outbound body) {
  if (to.zone >= zones.size() || !allows(zones[to.zone], clearance.label()))
    return fail(Fault::forbidden, "the zone of this deployment does not accept the request's label", "policy_blocked");
  return EgressTicket(to.index, std::move(body));
}

}  // namespace ajar::policy
