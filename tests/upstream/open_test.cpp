// tests/upstream/open_test.cpp - the last gate: what is sent, where to, how often, and that nothing is sent without a valid ticket.
#include "upstream/open.hpp"

#include <gtest/gtest.h>

#include "upstream/support.hpp"

namespace ajar::upstream {
namespace {

struct Open : Upstream {
  wire::Outbound outbound() const {
    wire::Outbound out;
    out.path = "/v1/chat/completions";
    out.headers = {{"content-type", "application/json"}};
    out.body.inbound = body;
    out.body.owned = "\"m\"";
    out.body.spans = {{true, 0, 9}, {false, 0, 3}, {true, 20, body.size() - 20}};
    return out;
  }
  policy::EgressTicket ticket(std::uint32_t deployment = 0) {
    auto minted = policy::mint(clearance, zones, deployments[deployment], outbound());
    EXPECT_TRUE(minted);
    return std::move(*minted);
  }
  // Sends and takes the whole answer, so that the connection can be used again.
  static net::Task<Status> exchange(policy::EgressTicket&& with, const catalog::Deployment& to, net::Pool& pool, Trace trace) {
    auto call = co_await open(std::move(with), to, pool, {}, trace, nullptr);
    if (!call) co_return forward(std::move(call));
    auto answer = co_await (*call)->read_all(1000, net::never, nullptr);
    co_return answer ? ok() : Status(forward(std::move(answer)));
  }
  Status send(policy::EgressTicket&& with, const catalog::Deployment& to, Trace trace = {"req-1", ""}) {
    return drive(exchange(std::move(with), to, rig.pool, trace));
  }
};

TEST_F(Open, ExactlyTheTicketsBodyIsSentWithExactlyTheDeploymentsCredential) {
  auto peer = provider(Step{answer_of("{}")});
  const auto call = send(ticket(), deployments[0], {"req-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  ASSERT_TRUE(call);
  const std::string text = outbound().body.text();
  EXPECT_EQ(peer->requests,
            std::vector<std::string>{
                "POST /base/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(peer->port()) +
                "\r\ncontent-length: " + std::to_string(text.size()) + "\r\nauthorization: Bearer " + credential +
                "\r\ncontent-type: application/json\r\nx-request-id: req-7\r\n"
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nuser-agent: ajar/" AJAR_VERSION "\r\n\r\n" +
                text});
}

TEST_F(Open, CredentialsTravelAsTheProviderWantsThem) {
  auto peer = provider(Step{answer_of("{}")});
  for (const auto& [auth, line] : {std::pair(catalog::Auth::x_api_key, "\r\nx-api-key: " + credential + "\r\n"),
                                   std::pair(catalog::Auth::x_goog_api_key, "\r\nx-goog-api-key: " + credential + "\r\n")}) {
    deployments[0].auth = auth;
    ASSERT_TRUE(send(ticket(), deployments[0]));
    EXPECT_NE(peer->requests.back().find(line), std::string::npos);
    EXPECT_EQ(peer->requests.back().find("authorization"), std::string::npos);
  }
  deployments[0].auth = catalog::Auth::none;
  ASSERT_TRUE(send(ticket(), deployments[0]));
  EXPECT_EQ(peer->requests.back().find(credential), std::string::npos);
}

TEST_F(Open, AUsedTicketSendsNothing) {
  auto peer = provider(Step{answer_of("{}")});
  policy::EgressTicket once = ticket();
  ASSERT_TRUE(send(std::move(once), deployments[0]));
  const auto again = send(std::move(once), deployments[0]);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::forbidden);
  EXPECT_EQ(again.error().code, "policy_blocked");
  EXPECT_EQ(peer->requests.size(), 1u);
}

TEST_F(Open, ATicketForAnotherDeploymentSendsNothing) {
  auto first = provider(Step{answer_of("{}")}), second = provider(Step{answer_of("{}")});
  const auto call = send(ticket(0), deployments[1]);
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().fault, Fault::forbidden);
  EXPECT_EQ(first->connections + second->connections, 0);
}

TEST_F(Open, AStaleConnectionIsRepeatedOnAFreshOneOnce) {
  auto peer = provider([](std::size_t n, const std::string&) { return n == 1 ? Step{"", Then::close} : Step{answer_of("{}")}; });
  ASSERT_TRUE(send(ticket(), deployments[0]));
  ASSERT_TRUE(send(ticket(), deployments[0]));  // kept, closed under it, sent again
  EXPECT_EQ(peer->requests.size(), 3u);
  EXPECT_EQ(peer->connections, 2);
  EXPECT_EQ(peer->requests[1], peer->requests[2]);
}

TEST_F(Open, AFreshConnectionThatIsCutIsNotRepeatedHere) {
  auto peer = provider(Step{"", Then::close});
  const auto call = send(ticket(), deployments[0]);
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().code, "cut");
  EXPECT_EQ(peer->requests.size(), 1u);
}

}  // namespace
}  // namespace ajar::upstream
