// tests/compile_fail/reassign_ticket.cpp - a used ticket is not filled again.
// expect: overload resolution selected deleted operator '='
#include "policy/ticket.hpp"

void refill(ajar::policy::EgressTicket& used, ajar::policy::EgressTicket&& other) { used = std::move(other); }
