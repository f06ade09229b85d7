// tests/policy/support.hpp - envelopes, zones and clearances for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/clear.hpp"

namespace ajar::policy {

inline Zone zone(std::string name, Label accepts) {
  return {.name = std::move(name), .accepts = accepts, .region = {}, .contract = Contract::none};
}

// A clearance with exactly this label, the way that a gateway gets one.
inline Clearance cleared(Label label) {
  wire::Envelope envelope;
  Origin origin;
  origin.tenant_label = label;
  const std::vector<Zone> zones{zone("all", top_label)};
  auto made = clear(envelope, origin, {}, zones);
  EXPECT_TRUE(made);
  return *made;
}

}  // namespace ajar::policy
