// tests/compile_fail/mint_without_clearance.cpp - a ticket needs the clearance; a label is not enough.
// expect: no viable conversion from 'const Label' to 'const Clearance'
#include "policy/ticket.hpp"

auto forged(std::span<const ajar::policy::Zone> zones, const ajar::catalog::Deployment& to) {
  return ajar::policy::mint(ajar::policy::public_label, zones, to, {});
}
