// tests/compile_fail/forge_decision.cpp - nobody but choose() makes a decision.
// expect: calling a private constructor of class 'ajar::route::Decision'
#include "route/choose.hpp"

ajar::route::Decision forged() { return ajar::route::Decision(); }
