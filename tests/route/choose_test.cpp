// tests/route/choose_test.cpp - order, abilities, cost, health, and above all labels.
#include "route/choose.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/support.hpp"

namespace ajar::route {
namespace {

using policy::cleared;
using policy::Label;

const Label phi = *policy::label_named("phi", {}), pii = *policy::label_named("pii", {});

catalog::Price price(std::int64_t per_million) {
  catalog::Price p;
  p.id = "row-" + std::to_string(per_million);
  p.input = p.output = Money{per_million};
  return p;
}

struct ChooseTest : testing::Test {
  ChooseTest() : health(8) {
    zones = {policy::zone("own", policy::top_label), policy::zone("external", policy::public_label)};
    add("a", 0);
    add("b", 1);
    add("c", 0);
  }
  catalog::Deployment& add(std::string name, std::uint32_t zone) {
    catalog::Deployment d;
    d.index = static_cast<std::uint32_t>(deployments.size());
    d.name = std::move(name);
    d.zone = zone;
    route.order.push_back(d.index);
    deployments.push_back(std::move(d));
    return deployments.back();
  }
  Market market() const {
    return {.deployments = deployments, .zones = zones, .catalog = &catalog, .health = &health, .wall = {}, .now = clock.now()};
  }
  Result<Decision> run(Label label = policy::public_label) const { return choose(envelope, route, cleared(label), market()); }
  // "a b; c:no_tools"
  std::string text(const Result<Decision>& decision) const {
    if (!decision) return decision.error().code;
    std::string out;
    for (const Candidate& c : decision->chain()) out += (out.empty() ? "" : " ") + deployments[c.deployment].name;
    for (const Rejection& r : decision->rejected()) out += "; " + deployments[r.deployment].name + ":" + std::string(name_of(r.reason));
    return out;
  }
  void open_circuit(std::uint32_t deployment) {
    for (int i = 0; i < 5; ++i) health.failed(deployment, clock.now(), {});
  }
  FakeClock clock;
  Health health;
  catalog::Catalog catalog;
  std::vector<catalog::Deployment> deployments;
  std::vector<policy::Zone> zones;
  Route route{.name = "r", .order = {}, .cheapest_first = false, .label = {}};
  wire::Envelope envelope;
};

TEST_F(ChooseTest, TheWrittenOrderIsKept) {
  EXPECT_EQ(text(run()), "a b c");
  route.order = {2, 0};
  EXPECT_EQ(text(run()), "c a");
}

TEST_F(ChooseTest, ForbiddenZoneIsRejectedWithReason) {
  const auto decision = run(phi);
  EXPECT_EQ(text(decision), "a c; b:label_not_accepted");
  EXPECT_EQ(decision->rejected().front().detail, "zone external");
}

TEST_F(ChooseTest, AllLabelsBlockedIsForbidden) {
  route.order = {1};
  const auto decision = run(phi);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().fault, Fault::forbidden);
  EXPECT_EQ(decision.error().code, "policy_blocked");
}

TEST_F(ChooseTest, AbilitiesAreLookedAt) {
  struct Case {
    bool wire::Needs::* need;
    bool catalog::Deployment::* can;
    std::string_view reason;
  };
  for (const Case& c : {Case{&wire::Needs::tools, &catalog::Deployment::tools, "no_tools"},
                        Case{&wire::Needs::images, &catalog::Deployment::images, "no_images"},
                        Case{&wire::Needs::audio, &catalog::Deployment::audio, "no_audio"},
                        Case{&wire::Needs::files, &catalog::Deployment::files, "no_files"},
                        Case{&wire::Needs::structured, &catalog::Deployment::structured, "no_structured"},
                        Case{&wire::Needs::logprobs, &catalog::Deployment::logprobs, "no_logprobs"}}) {
    for (auto& d : deployments) d.*c.can = true;
    deployments[0].*c.can = false;
    EXPECT_EQ(text(run()), "a b c") << c.reason;  // nobody asked for it
    envelope.needs = {};
    envelope.needs.*c.need = true;
    EXPECT_EQ(text(run()), "b c; a:" + std::string(c.reason));
    for (auto& d : deployments) d.*c.can = false;
    const auto none = run();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, Fault::bad_request);
    EXPECT_EQ(none.error().code, "unsupported_by_route");
    EXPECT_NE(none.error().message.find(c.reason), std::string::npos);
    envelope.needs = {};
  }
}

TEST_F(ChooseTest, PolicyIsNamedBeforeAbility) {
  envelope.needs.images = true;  // nobody can, but that is not to be learned about a place that may not be asked
  const auto decision = run(phi);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, "policy_blocked");
}

TEST_F(ChooseTest, OnlyWhatIsFarTooLongIsTurnedAway) {
  for (auto& d : deployments) d.context_tokens = 1000;
  deployments[2].context_tokens = 0;  // unknown: not checked
  envelope.input_estimate = 1500;
  EXPECT_EQ(text(run()), "a b c");
  envelope.input_estimate = 1501;
  EXPECT_EQ(text(run()), "c; a:context_too_small; b:context_too_small");
  route.order = {0, 1};
  EXPECT_EQ(run().error().fault, Fault::context_too_long);
}

TEST_F(ChooseTest, CheapestFirstSortsByEstimateAndKeepsTheOrderOfEquals) {
  route.cheapest_first = true;
  envelope.input_estimate = 1000;
  deployments[0].own_price = price(5'000'000'000);
  deployments[1].own_price = price(1'000'000'000);
  deployments[2].own_price = price(1'000'000'000);
  const auto decision = run();
  EXPECT_EQ(text(decision), "b c a");
  EXPECT_EQ(decision->chain().front().price_id, "row-1000000000");
  EXPECT_EQ(decision->chain().front().estimate, Money{1'512'000});
  EXPECT_EQ(text(run(phi)), "c a; b:label_not_accepted");  // cost never beats a label
}

TEST_F(ChooseTest, UnpricedGoesLastUnlessItIsAnOwnEngine) {
  route.cheapest_first = true;
  deployments[1].own_price = price(1'000'000);
  EXPECT_EQ(text(run()), "b a c");
  deployments[2].hosting = catalog::Hosting::own;
  EXPECT_EQ(text(run()), "c b a");
}

TEST_F(ChooseTest, AnAbsurdLimitOfOutputIsNoOverflow) {
  deployments[0].own_price = price(INT64_MAX / 2);
  envelope.max_output_tokens = INT64_MAX;
  envelope.choices = INT64_MAX;
  ASSERT_TRUE(run());
}

TEST_F(ChooseTest, AnOpenCircuitIsPassedOver) {
  open_circuit(0);
  EXPECT_EQ(text(run()), "b c; a:circuit_open");
  clock.advance(std::chrono::seconds(6));  // half-open: may be probed
  EXPECT_EQ(text(run()), "a b c");
}

TEST_F(ChooseTest, TheLastOnesAreNeverEjected) {
  for (std::uint32_t i = 0; i < 3; ++i) open_circuit(i);
  const auto decision = run();
  EXPECT_EQ(text(decision), "a b c");
  EXPECT_TRUE(std::ranges::all_of(decision->chain(), &Candidate::circuit_open));
  EXPECT_EQ(text(run(phi)), "a c; b:label_not_accepted");
}

TEST_F(ChooseTest, AHealthyOneInAForbiddenZoneDoesNotReplaceASickOneAtHome) {
  open_circuit(0);
  open_circuit(2);
  EXPECT_EQ(text(run(phi)), "a c; b:label_not_accepted");
}

TEST_F(ChooseTest, WhySaysItInOneLine) {
  EXPECT_EQ(run()->why(market()), "first of 3");
  EXPECT_EQ(run(phi)->why(market()), "first of 2; not b: label_not_accepted");
  route.order = {0, 1};
  EXPECT_EQ(run(phi)->why(market()), "only of 1; not b: label_not_accepted");
  route.order = {0, 1, 2};
  route.cheapest_first = true;
  EXPECT_EQ(run()->why(market()), "cheapest of 3");
}

TEST_F(ChooseTest, AnEmptyRouteIsRefused) {
  route.order.clear();
  EXPECT_FALSE(run());
}

// Whatever catalogue, health, needs and label: nothing in a chain stands where the label may not go, and no deployment is forgotten.
TEST_F(ChooseTest, NoDecisionHoldsADeploymentInAForbiddenZone) {
  std::mt19937_64 random(42);
  int decided = 0, refused = 0;
  for (int round = 0; round < 4000; ++round) {
    zones.clear();
    deployments.clear();
    route.order.clear();
    for (std::uint64_t i = 1 + random() % 4; i > 0; --i)
      zones.push_back(policy::zone("z", {random() % 5 == 0 ? ~0ull : random() | random()}));
    for (std::uint64_t i = 1 + random() % 7; i > 0; --i) {
      catalog::Deployment& d = add("d", static_cast<std::uint32_t>(random() % zones.size()));
      d.tools = random() % 4 != 0;
      d.images = random() % 2 == 0;
      if (random() % 2 == 0) d.own_price = price(static_cast<std::int64_t>(random() % 1000));
      d.hosting = random() % 3 == 0 ? catalog::Hosting::own : catalog::Hosting::closed;
      if (random() % 3 == 0)
        open_circuit(d.index);
      else
        health.succeeded(d.index, Millis(1));
    }
    std::ranges::shuffle(route.order, random);
    route.cheapest_first = random() % 2 == 0;
    envelope.needs.tools = random() % 3 == 0;
    envelope.needs.images = random() % 3 == 0;
    const Label label{random() & random() & random() & random()};
    const auto decision = run(label);
    ++(decision ? decided : refused);
    if (!decision) continue;
    ASSERT_FALSE(decision->chain().empty());
    for (const Candidate& c : decision->chain()) ASSERT_EQ(label.bits & ~zones[deployments[c.deployment].zone].accepts.bits, 0u);
    ASSERT_EQ(decision->chain().size() + decision->rejected().size(), route.order.size());
  }
  EXPECT_GT(decided, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace ajar::route
