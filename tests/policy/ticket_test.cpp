// tests/policy/ticket_test.cpp - the last check before a body may leave.
#include "policy/ticket.hpp"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

#include "policy/support.hpp"

namespace ajar::policy {
namespace {

const Label phi = *label_named("phi", {}), pii = *label_named("pii", {});

catalog::Deployment in_zone(std::uint32_t zone, std::uint32_t index = 0) {
  catalog::Deployment d;
  d.zone = zone;
  d.index = index;
  return d;
}

wire::Outbound outbound(std::string body) {
  wire::Outbound out;
  out.body.spans.push_back({.from_inbound = false, .at = 0, .length = body.size()});
  out.body.owned = std::move(body);
  return out;
}

TEST(Ticket, IsMintedForAZoneThatAcceptsAndOwnsItsBody) {
  const std::vector<Zone> zones{zone("external", public_label), zone("own", top_label)};
  const auto ticket = mint(cleared(phi), zones, in_zone(1, 7), outbound("body"));
  ASSERT_TRUE(ticket);
  EXPECT_TRUE(ticket->valid());
  EXPECT_EQ(ticket->deployment(), 7u);
  EXPECT_EQ(ticket->outbound().body.text(), "body");
}

TEST(Ticket, WhatChooseShouldNeverHaveChosenIsRefused) {
  const std::vector<Zone> zones{zone("external", public_label), zone("half", pii)};
  for (const std::uint32_t at : {0u, 1u, 2u, UINT32_MAX}) {  // the last two stand in no zone at all
    const auto ticket = mint(cleared(pii | phi), zones, in_zone(at), outbound("body"));
    ASSERT_FALSE(ticket) << at;
    EXPECT_EQ(ticket.error().fault, Fault::forbidden);
    EXPECT_EQ(ticket.error().code, "policy_blocked");
    EXPECT_EQ(ticket.error().message.find("body"), std::string::npos);
  }
}

TEST(Ticket, IsUsedUpByMovingIt) {
  const std::vector<Zone> zones{zone("own", top_label)};
  auto ticket = mint(cleared(phi), zones, in_zone(0), outbound("body"));
  ASSERT_TRUE(ticket);
  const EgressTicket taken = std::move(*ticket);
  EXPECT_TRUE(taken.valid());
  EXPECT_FALSE(ticket->valid());
  EXPECT_EQ(taken.outbound().body.text(), "body");
  static_assert(!std::is_copy_constructible_v<EgressTicket> && !std::is_copy_assignable_v<EgressTicket> &&
                !std::is_default_constructible_v<EgressTicket>);
}

TEST(Ticket, IsNeverMintedAcrossALabel) {
  std::mt19937_64 random(5);
  int minted = 0;
  for (int round = 0; round < 5000; ++round) {
    const Label label{random() & random() & random()};
    const std::vector<Zone> zones{zone("a", {random() | random()}), zone("b", {random() | random() | random()})};
    const auto at = static_cast<std::uint32_t>(random() % 2);
    const auto ticket = mint(cleared(label), zones, in_zone(at), outbound("x"));
    EXPECT_EQ(ticket.has_value(), (label.bits & ~zones[at].accepts.bits) == 0);
    minted += ticket ? 1 : 0;
  }
  EXPECT_GT(minted, 50);
}

}  // namespace
}  // namespace ajar::policy
