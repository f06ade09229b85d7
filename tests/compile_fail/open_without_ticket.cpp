// tests/compile_fail/open_without_ticket.cpp - nothing is sent without a ticket.
// expect: no viable conversion from 'const ajar::wire::Outbound' to 'policy::EgressTicket'
#include "upstream/open.hpp"

auto send(const ajar::wire::Outbound& outbound, const ajar::catalog::Deployment& to, ajar::net::Pool& pool) {
  return ajar::upstream::open(outbound, to, pool, {}, {}, nullptr);
}
