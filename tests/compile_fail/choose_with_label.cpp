// tests/compile_fail/choose_with_label.cpp - a label is no clearance.
// expect: no viable conversion from 'const Label' to 'const policy::Clearance'
#include "route/choose.hpp"

auto early(const ajar::wire::Envelope& envelope, const ajar::route::Route& route, const ajar::route::Market& market) {
  return ajar::route::choose(envelope, route, ajar::policy::public_label, market);
}
