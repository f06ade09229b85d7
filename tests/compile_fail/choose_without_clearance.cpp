// tests/compile_fail/choose_without_clearance.cpp - nothing is chosen before policy ran.
// expect: too few arguments to function call, expected 4, have 3
#include "route/choose.hpp"

auto early(const ajar::wire::Envelope& envelope, const ajar::route::Route& route, const ajar::route::Market& market) {
  return ajar::route::choose(envelope, route, market);
}
