// tests/compile_fail/forge_clearance.cpp - nobody but clear() makes a clearance.
// expect: calling a private constructor of class 'ajar::policy::Clearance'
#include "policy/clear.hpp"

ajar::policy::Clearance forged() { return ajar::policy::Clearance(ajar::policy::public_label, {}, {}); }
