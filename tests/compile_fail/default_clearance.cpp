// tests/compile_fail/default_clearance.cpp - a clearance cannot come from nothing.
// expect: no matching constructor for initialization of 'ajar::policy::Clearance'
#include "policy/clear.hpp"

ajar::policy::Clearance forged() { return ajar::policy::Clearance{}; }
