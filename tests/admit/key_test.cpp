// tests/admit/key_test.cpp - who is let in, how many at once, and that a secret never shows.
#include "admit/key.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace ajar::admit {
namespace {

constexpr std::string_view canary = "ajar-canary-5d41402abc4b2a76";

Key key(std::string name, std::string_view secret, std::int64_t limit = 0, std::uint32_t tenant = 0) {
  return {.name = std::move(name), .digest = sha256(secret), .tenant = tenant, .label = 0, .models = {}, .max_in_flight = limit};
}

bool shows(const Error& error, std::string_view secret) {
  for (const SmallText* text : {&error.message, &error.code, &error.param, &error.detail})
    if (text->find(secret) != std::string::npos) return true;
  return false;
}

TEST(KeyRing, FindsEachOfManyKeysAndNoOther) {
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < 1000; ++i) keys.push_back(key("key-" + std::to_string(i), "secret-" + std::to_string(i), 0, i % 2));
  const auto ring =
      std::move(*KeyRing::make({{.name = "even", .label = 0, .models = {}}, {.name = "odd", .label = 0, .models = {}}}, std::move(keys)));
  for (int i = 0; i < 1000; ++i) {
    const auto caller = identify("secret-" + std::to_string(i), ring);
    ASSERT_TRUE(caller) << i;
    EXPECT_EQ(caller->key->name, "key-" + std::to_string(i));
    EXPECT_EQ(caller->tenant->name, i % 2 == 0 ? "even" : "odd");
    EXPECT_EQ(caller->index, static_cast<std::uint32_t>(i));
  }
  for (int i = 1000; i < 2000; ++i) EXPECT_FALSE(identify("secret-" + std::to_string(i), ring));
}

TEST(KeyRing, DigestsThatBeginAlikeAreToldApart) {
  std::vector<Key> keys;
  for (std::uint8_t i = 0; i < 40; ++i) {
    keys.push_back(key(std::to_string(i), "x"));
    keys.back().digest[31] = i;  // the first 8 bytes are the same for all
  }
  Digest asked = keys.front().digest;
  const auto ring = std::move(*KeyRing::make({{.name = "t", .label = 0, .models = {}}}, std::move(keys)));
  for (std::uint8_t i = 0; i < 40; ++i) {
    asked[31] = i;
    EXPECT_EQ(ring.find(asked)->key->name, std::to_string(i));
  }
  asked[31] = 40;
  EXPECT_FALSE(ring.find(asked));
}

TEST(KeyRing, TwoKeysWithOneSecretAreAConfigurationFault) {
  const auto ring = KeyRing::make({{.name = "t", .label = 0, .models = {}}}, {key("one", canary), key("two", canary)});
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().fault, Fault::config);
  EXPECT_NE(ring.error().message.find("\"one\" and \"two\""), std::string::npos);
  EXPECT_FALSE(shows(ring.error(), canary));
}

TEST(Identify, AnEmptyRingLetsNobodyIn) {
  EXPECT_FALSE(identify("x", KeyRing()));
  EXPECT_FALSE(identify("x", *KeyRing::make({}, {})));
}

TEST(Identify, EveryRefusalIsTheSameAndShowsNothing) {
  const auto ring = std::move(*KeyRing::make({{.name = "t", .label = 0, .models = {}}}, {key("k", canary)}));
  const Error unknown = identify("somebody", ring).error();
  EXPECT_EQ(unknown.fault, Fault::unauthenticated);
  EXPECT_EQ(unknown.code, "invalid_api_key");
  const std::string longest(canary);
  for (const std::string& credential :
       {std::string(), longest + "x", longest.substr(1), longest.substr(0, longest.size() - 1), "Bearer " + longest,
        longest + std::string(512, 'x'), std::string(1 << 20, 'x'), std::string(1, '\0'), longest + std::string(1, '\0')}) {
    const auto caller = identify(credential, ring);
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().message, unknown.message);
    EXPECT_EQ(caller.error().code, unknown.code);
    EXPECT_TRUE(caller.error().detail.empty() && caller.error().param.empty());
    EXPECT_FALSE(shows(caller.error(), canary));
  }
  EXPECT_TRUE(identify(canary, ring));
}

TEST(Identify, CredentialsOverTheBoundAreNotEvenHashed) {
  const std::string longest(512, 'k'), longer(513, 'k');
  const auto ring = std::move(*KeyRing::make({{.name = "t", .label = 0, .models = {}}}, {key("a", longest), key("b", longer)}));
  EXPECT_TRUE(identify(longest, ring));
  EXPECT_FALSE(identify(longer, ring));
}

TEST(MayUse, TenantAndKeyMustBothAllowTheModel) {
  const Tenant any{.name = "any", .label = 0, .models = {}}, some{.name = "some", .label = 0, .models = {"a", "b"}};
  Key open = key("open", "x"), narrow = key("narrow", "y");
  narrow.models = {"b", "c"};
  EXPECT_TRUE(may_use({&any, &open, 0}, "z"));
  EXPECT_TRUE(may_use({&some, &open, 0}, "a"));
  EXPECT_FALSE(may_use({&some, &open, 0}, "z"));
  EXPECT_TRUE(may_use({&some, &narrow, 0}, "b"));
  EXPECT_FALSE(may_use({&some, &narrow, 0}, "a"));
  EXPECT_FALSE(may_use({&some, &narrow, 0}, "c"));
  EXPECT_FALSE(may_use({&some, &narrow, 0}, "B"));
}

struct Reserve : testing::Test {
  Reserve() : in_flight(2) {}
  Tenant tenant{.name = "t", .label = 0, .models = {}};
  Key limited = key("limited", canary, 2), free = key("free", "y");
  InFlight in_flight;
};

TEST_F(Reserve, TheLimitHoldsAndWhatIsGivenBackIsFree) {
  const Caller caller{&tenant, &limited, 1};
  auto first = reserve(caller, in_flight);
  auto second = reserve(caller, in_flight);
  ASSERT_TRUE(first && second);
  const auto third = reserve(caller, in_flight);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().fault, Fault::rate_limited);
  EXPECT_EQ(third.error().code, "concurrency_limit");
  EXPECT_EQ(third.error().retry_after, Millis(1000));
  EXPECT_FALSE(shows(third.error(), canary));
  EXPECT_EQ(in_flight.cell(1).load(), 2);  // the refused one holds nothing
  {
    const Reservation ended = std::move(*first);
  }
  EXPECT_TRUE(reserve(caller, in_flight));  // and gives back at once
  EXPECT_EQ(in_flight.cell(1).load(), 1);
}

TEST_F(Reserve, MovingAReservationGivesBackOnce) {
  const Caller caller{&tenant, &limited, 0};
  {
    Reservation held;
    {
      auto made = reserve(caller, in_flight);
      ASSERT_TRUE(made);
      held = std::move(*made);
    }
    EXPECT_EQ(in_flight.cell(0).load(), 1);
  }
  EXPECT_EQ(in_flight.cell(0).load(), 0);
}

TEST_F(Reserve, WithoutALimitNothingIsCounted) {
  std::vector<Reservation> many;
  for (int i = 0; i < 1000; ++i) {
    auto made = reserve({&tenant, &free, 0}, in_flight);
    ASSERT_TRUE(made);
    many.push_back(std::move(*made));
  }
  EXPECT_EQ(in_flight.cell(0).load(), 0);
}

TEST_F(Reserve, ANewConfigurationGoesOnCountingKeysOfTheSameName) {
  const auto old_ring = std::move(*KeyRing::make({tenant}, {limited, free}));
  const auto new_ring = std::move(*KeyRing::make({tenant}, {key("new", "z", 1), key("limited", "another secret", 2)}));
  InFlight before(2);
  auto held = reserve({&tenant, &old_ring.keys()[0], 0}, before);
  ASSERT_TRUE(held);
  InFlight now(new_ring, before, old_ring);
  const Caller same{&tenant, &new_ring.keys()[1], 1};
  auto second = reserve(same, now);
  ASSERT_TRUE(second);
  EXPECT_FALSE(reserve(same, now));  // one runs under the old configuration, one under the new
  {
    const Reservation ended = std::move(*held);
  }
  EXPECT_TRUE(reserve(same, now));
  EXPECT_TRUE(reserve({&tenant, &new_ring.keys()[0], 0}, now));
}

TEST_F(Reserve, ShardsTogetherNeverHoldMoreThanTheLimit) {
  const Caller caller{&tenant, &limited, 0};
  std::atomic<int> held{0}, most{0}, granted{0};
  std::vector<std::thread> shards;
  for (int i = 0; i < 4; ++i)
    shards.emplace_back([&] {
      for (int k = 0; k < 20'000; ++k) {
        auto made = reserve(caller, in_flight);
        if (!made) continue;
        const int now = held.fetch_add(1) + 1;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        ++granted;
        held.fetch_sub(1);
      }
    });
  for (auto& shard : shards) shard.join();
  EXPECT_LE(most.load(), 2);
  EXPECT_GT(granted.load(), 0);
  EXPECT_EQ(in_flight.cell(0).load(), 0);
}

}  // namespace
}  // namespace ajar::admit
