// tests/compile_fail/copy_ticket.cpp - a ticket is for one use.
// expect: call to deleted constructor of 'ajar::policy::EgressTicket'
#include "policy/ticket.hpp"

ajar::policy::EgressTicket twice(const ajar::policy::EgressTicket& ticket) { return ticket; }
