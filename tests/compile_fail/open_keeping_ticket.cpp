// tests/compile_fail/open_keeping_ticket.cpp - a ticket is handed over when it is used.
// expect: cannot bind to lvalue of type 'ajar::policy::EgressTicket'
#include "upstream/open.hpp"

auto send(ajar::policy::EgressTicket& ticket, const ajar::catalog::Deployment& to, ajar::net::Pool& pool) {
  return ajar::upstream::open(ticket, to, pool, {}, {}, nullptr);
}
