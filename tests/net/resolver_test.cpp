// tests/net/resolver_test.cpp - literals, localhost and names that do not exist, without any network.
#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/support.hpp"

namespace ajar::net {
namespace {

std::uint16_t port_of(const SocketAddress& address) {
  return ntohs(address.storage.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port
                                                     : reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

struct ResolverTest : testing::Test {
  auto resolve(const std::string& host, Instant deadline = never, Source* watch = nullptr) {
    return await(rig.loop, rig.resolver.resolve(rig.loop, host, 8443, deadline, watch));
  }
  Rig rig;
  const std::string localhost = "localhost", nowhere = "other-host.invalid";  // outlive the tasks that refer to them
};

TEST_F(ResolverTest, LiteralAddressesAreAnsweredAtOnce) {
  for (const auto& [host, family] : {std::pair("127.0.0.1", AF_INET), std::pair("::1", AF_INET6)}) {
    const auto found = resolve(host);
    ASSERT_TRUE(found) << host;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().storage.ss_family, family);
    EXPECT_EQ(port_of(found->front()), 8443);
  }
}

TEST_F(ResolverTest, LocalhostIsLoopbackAndIsRemembered) {
  const auto found = resolve("localhost");
  ASSERT_TRUE(found);
  ASSERT_FALSE(found->empty());
  EXPECT_EQ(port_of(found->front()), 8443);
  // Known now: answered without a wait even when it has to be asked anew.
  rig.clock.advance(Resolver::fresh + Millis(1));
  std::optional<Result<std::vector<SocketAddress>>> again;
  rig.loop.spawn(keep_result(rig.resolver.resolve(rig.loop, localhost, 1, never, nullptr), again));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->value().size(), found->size());
}

TEST_F(ResolverTest, ManyThatAskAtOnceAreAllAnswered) {
  std::vector<std::optional<Result<std::vector<SocketAddress>>>> answers(20);
  for (auto& answer : answers) rig.loop.spawn(keep_result(rig.resolver.resolve(rig.loop, localhost, 1, never, nullptr), answer));
  EXPECT_TRUE(until(rig.loop, [&] { return std::ranges::all_of(answers, [](const auto& a) { return a.has_value() && a->has_value(); }); }));
}

TEST_F(ResolverTest, AnUnknownNameIsUnavailable) {
  const auto found = resolve("no-such-host.invalid");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::upstream_unavailable);
  EXPECT_EQ(found.error().code, "unresolved");
  EXPECT_EQ(found.error().message.find("no-such-host"), std::string::npos);  // the caller is not told where its request goes
  EXPECT_NE(found.error().detail.find("no-such-host"), std::string::npos);
}

TEST_F(ResolverTest, AWaitThatIsCancelledMayBeAnsweredLater) {
  std::optional<Result<std::vector<SocketAddress>>> answer;
  rig.loop.spawn(keep_result(rig.resolver.resolve(rig.loop, nowhere, 1, never, nullptr), answer));
  rig.loop.cancel_waits();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace ajar::net
