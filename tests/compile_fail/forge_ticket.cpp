// tests/compile_fail/forge_ticket.cpp - nobody but mint() makes a ticket.
// expect: calling a private constructor of class 'ajar::policy::EgressTicket'
#include "policy/ticket.hpp"

ajar::policy::EgressTicket forged() { return ajar::policy::EgressTicket(0, {}); }
