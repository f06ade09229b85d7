// tests/compile_fail/lower_clearance.cpp - the label of a clearance cannot be changed.
// expect: 'label_' is a private member of 'ajar::policy::Clearance'
#include "policy/clear.hpp"

void lower(ajar::policy::Clearance& clearance) { clearance.label_ = ajar::policy::public_label; }
