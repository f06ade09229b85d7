// tests/compile_fail/change_ticket_body.cpp - what a ticket permits is what policy saw.
// expect: no viable overloaded '='
#include "policy/ticket.hpp"

void swap_in(ajar::policy::EgressTicket& ticket) { ticket.outbound() = ajar::wire::Outbound{}; }
