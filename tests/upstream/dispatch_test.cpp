// tests/upstream/dispatch_test.cpp - retries, fallback and their end, deadlines, hang-up, and that a label is never left behind.
#include "upstream/dispatch.hpp"

#include <gtest/gtest.h>

#include "upstream/support.hpp"

namespace ajar::upstream {
namespace {

using Dispatch = Upstream;

TEST_F(Dispatch, AWholeAnswerComesFromTheFirstDeployment) {
  auto first = provider(Step{answer_of(whole, "x-request-id: up-1\r\n")}), second = provider(Step{answer_of(whole)});
  const auto reply = run();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->deployment->name, "a");
  EXPECT_NE(reply->whole->body.find("\"Hello\""), std::string::npos);
  EXPECT_EQ(reply->whole->report.usage.input, 3);
  EXPECT_EQ(reply->upstream_id, "up-1");
  EXPECT_EQ(reply->call, nullptr);
  EXPECT_EQ(tried(), "a:200");
  EXPECT_EQ(second->connections, 0);
  EXPECT_NE(first->requests.front().find("\"model\":\"m-a\""), std::string::npos);
  EXPECT_EQ(rig.pool.idle(), 1u);  // given back for the next request
}

TEST_F(Dispatch, NoOtherBodyThanTheOneThatWasClearedIsSent) {
  auto first = provider(Step{answer_of(whole)});
  policy::Pseudonyms pseudonyms;
  wire::Envelope found;
  found.body = R"({"messages":[{"role":"user","content":"write to jo.doe@example.com"}]})";
  const policy::Label pii = *policy::label_named("pii", {});
  const policy::Ruleset rules{.rules = {}, .detection = {true, {}, pii, {}}, .defined = {}};
  const std::vector<policy::Zone> everywhere{policy::zone("all", policy::top_label)};
  auto made = policy::clear(found, {}, rules, everywhere, nullptr, {.memory = nullptr, .taint = nullptr, .pseudonyms = &pseudonyms});
  ASSERT_TRUE(made);
  ASSERT_NE(made->replaced(), nullptr);
  clearance = std::move(*made);
  const auto reply = run();  // with the envelope of the caller's own body
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "policy_blocked");
  EXPECT_EQ(first->connections, 0);
}

TEST_F(Dispatch, AStreamComesWithItsFirstContentAndThenTheRest) {
  ask(true);
  provider(Step{stream_of("Hello")});
  auto reply = run();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_NE(reply->first.find("Hello"), std::string::npos);
  std::string text;
  EXPECT_FALSE(rest(*reply, text));
  EXPECT_TRUE(text.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(reply->translation->report().finish_reason, "stop");
  EXPECT_EQ(rig.pool.idle(), 1u);
}

TEST_F(Dispatch, AFailureIsRepeatedWithBackoffThenTheNextIsTried) {
  auto first = provider(Step{answer_of(error_body("out of order"), "", 500)}), second = provider(Step{answer_of(whole)});
  const auto reply = run();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->deployment->name, "b");
  EXPECT_EQ(tried(), "a:500:upstream_unavailable a:500:upstream_unavailable b:200");
  EXPECT_GE(waited, patience.backoff);
  EXPECT_LT(waited, 3 * patience.backoff);
}

TEST_F(Dispatch, RetryAfterIsWaitedFor) {
  provider([](std::size_t n, const std::string&) {
    return n == 0 ? Step{answer_of(error_body("slow down"), "retry-after: 3\r\n", 429)} : Step{answer_of(whole)};
  });
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(), "a:429:rate_limited a:200");
  EXPECT_GE(waited, std::chrono::seconds(3));
  EXPECT_LT(waited, std::chrono::seconds(4));
}

TEST_F(Dispatch, ATooLongRetryAfterGoesToTheNext) {
  provider(Step{answer_of(error_body("slow down"), "retry-after: 6\r\n", 429)});
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(), "a:429:rate_limited b:200");
  EXPECT_LT(waited, std::chrono::seconds(1));
}

TEST_F(Dispatch, WhenAllAreBusyTheCallerIsToldWhenToComeBack) {
  provider(Step{answer_of(error_body("slow down"), "retry-after: 60\r\n", 429)});
  const auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::rate_limited);
  EXPECT_EQ(reply.error().retry_after, Millis(60'000));
  EXPECT_EQ(reply.error().upstream_status, 429);
}

TEST_F(Dispatch, TheCallersMistakeIsNotRepeatedAnywhere) {
  for (const int status : {400, 413, 415, 422}) {
    attempts.clear();
    deployments.clear();
    route.order.clear();
    auto first = provider(Step{answer_of(error_body("bad temperature"), "", status)}), second = provider(Step{answer_of(whole)});
    const auto reply = run();
    ASSERT_FALSE(reply) << status;
    EXPECT_EQ(tried(), "a:" + std::to_string(status) + ":upstream_refused");
    EXPECT_EQ(first->requests.size(), 1u);
    EXPECT_EQ(second->connections, 0);
    EXPECT_EQ(health.circuit(0, rig.clock.now()), route::Circuit::closed);
  }
}

TEST_F(Dispatch, ThatADeploymentKnowsNoSuchModelOrAccountIsItsOwnMatter) {
  provider(Step{answer_of(error_body("no such model"), "", 404)});
  provider(Step{answer_of(error_body("who are you"), "", 401)});
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(), "a:404:upstream_refused b:401:upstream_auth c:200");
}

TEST_F(Dispatch, ASecondTryNeverTakesThePlaceOfAFallback) {
  for (int i = 0; i < 4; ++i) provider(Step{answer_of(error_body("x"), "", 500)});
  const auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::upstream_unavailable);
  EXPECT_EQ(tried(), "a:500:upstream_unavailable b:500:upstream_unavailable c:500:upstream_unavailable d:500:upstream_unavailable");
}

TEST_F(Dispatch, UnreachableCutAndMalformedAreFallenBackFrom) {
  std::uint16_t free_port = 0;
  {
    free_port = (*net::Listener::open(rig.loop, "127.0.0.1", 0))->port();
  }
  patience.per_deployment = 1;
  patience.total = 9;
  add(free_port);
  provider(Step{"", Then::close});
  provider(Step{"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort", Then::close});
  provider(Step{"what is this", Then::close});
  provider(Step{answer_of("{\"not\":\"a chat\"}")});
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(),
            "a:0:upstream_unavailable b:0:upstream_unavailable c:200:upstream_unavailable d:0:upstream_unavailable "
            "e:200:upstream_unavailable f:200");
}

TEST_F(Dispatch, AStreamThatFailsBeforeItsContentFallsBack) {
  ask(true);
  patience.per_deployment = 1;
  provider(Step{stream_head + chunk(": ping\n\n"), Then::close});
  provider(Step{stream_head + chunk("data: " + error_body("overloaded") + "\n\n") + last_chunk});
  provider(Step{stream_of("Hello")});
  auto reply = run();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->deployment->name, "c");
  EXPECT_EQ(attempts.size(), 3u);
  std::string text;
  EXPECT_FALSE(rest(*reply, text));
  EXPECT_EQ(text.find("error"), std::string::npos);
}

TEST_F(Dispatch, ACutAfterContentIsAnErrorAndNobodyElseIsAsked) {
  ask(true);
  auto first = provider(Step{stream_head + chunk(event("Hel")), Then::hold});
  auto second = provider(Step{stream_of("other")});
  auto reply = run();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->deployment->name, "a");
  std::optional<Result<std::string_view>> more;
  rig.loop.spawn(net::keep_result(next(*reply, *kept, next_by(*reply, *kept)), more));
  EXPECT_FALSE(more);
  first->hang_up();
  ASSERT_TRUE(net::until(rig.loop, [&] { return more.has_value(); }));
  ASSERT_FALSE(*more);
  EXPECT_EQ(more->error().fault, Fault::upstream_unavailable);
  EXPECT_EQ(more->error().code, "cut");
  EXPECT_EQ(second->connections, 0);
}

TEST_F(Dispatch, SilenceAfterContentIsTimedOut) {
  ask(true);
  provider(Step{stream_head + chunk(event("Hel")), Then::hold});
  auto reply = run();
  ASSERT_TRUE(reply);
  std::string text;
  const auto error = rest(*reply, text);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->fault, Fault::timed_out);
  EXPECT_EQ(error->code, "idle_timeout");
  EXPECT_GE(waited, patience.idle);
  EXPECT_LT(waited, patience.idle + std::chrono::seconds(1));
}

TEST_F(Dispatch, AnAnswerThatIsCompleteIsNotSpoiledByItsConnection) {
  ask(true);
  for (const Then then : {Then::close, Then::hold}) {
    attempts.clear();
    deployments.clear();
    route.order.clear();
    provider(Step{stream_head + chunk(event("Hello")) + chunk(last_events), then});  // the last chunk never comes
    auto reply = run();
    ASSERT_TRUE(reply);
    std::string text;
    EXPECT_FALSE(rest(*reply, text));
    EXPECT_TRUE(text.ends_with("data: [DONE]\n\n"));
    EXPECT_LT(waited, std::chrono::seconds(2));
  }
}

TEST_F(Dispatch, DeadlinesOfFirstByteIdleAndTotalHold) {
  provider(Step{"", Then::hold});
  auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "first_byte_timeout");
  EXPECT_GE(waited, patience.first_byte);
  EXPECT_LT(waited, patience.first_byte + std::chrono::seconds(1));
  EXPECT_EQ(tried(), "a:0:timed_out");  // the same place is not asked again

  attempts.clear();
  deployments.clear();
  route.order.clear();
  provider(Step{"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", Then::hold});
  reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "idle_timeout");
  EXPECT_LT(waited, patience.idle + std::chrono::seconds(1));

  attempts.clear();
  auto never_asked = provider(Step{answer_of(whole)});
  deadline = rig.clock.now() + std::chrono::seconds(7);
  reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::timed_out);
  EXPECT_LT(waited, std::chrono::seconds(8));
  EXPECT_EQ(never_asked->connections, 0);  // no time is left to ask anybody else
}

TEST_F(Dispatch, TheCallersHangUpCancelsTheAttemptAndThePause) {
  for (const Step& step : {Step{"", Then::hold}, Step{answer_of(error_body("x"), "retry-after: 4\r\n", 503)}}) {
    attempts.clear();
    deployments.clear();
    route.order.clear();
    auto peer = provider(step);
    auto [near, client] = net::pair_of(rig.loop);
    caller = &near->source();
    decide();
    kept.emplace(order());
    std::optional<Result<Reply>> reply;
    rig.loop.spawn(net::keep_result(dispatch(*kept, attempts), reply));
    ASSERT_TRUE(net::until(rig.loop, [&] { return !peer->requests.empty(); }));
    while (rig.loop.poll(Millis(2))) {
    }
    EXPECT_FALSE(reply);
    client.reset();
    ASSERT_TRUE(net::until(rig.loop, [&] { return reply.has_value(); }));
    EXPECT_EQ(reply->error().fault, Fault::cancelled);
    EXPECT_EQ(peer->requests.size(), 1u);
    EXPECT_EQ(attempts.size(), 1u);
    EXPECT_EQ(health.in_flight(0).load(), 0);
    caller = nullptr;
  }
}

TEST_F(Dispatch, TheBreakerIsTold) {
  patience.per_deployment = 1;
  provider(Step{answer_of(error_body("x"), "", 500)});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(health.circuit(0, rig.clock.now()), route::Circuit::closed);
    ASSERT_FALSE(run());
  }
  EXPECT_EQ(health.circuit(0, rig.clock.now()), route::Circuit::open);
}

TEST_F(Dispatch, ASuccessClosesTheBreaker) {
  for (int i = 0; i < 5; ++i) health.failed(0, rig.clock.now(), {});
  rig.clock.advance(std::chrono::seconds(6));
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(health.circuit(0, rig.clock.now()), route::Circuit::closed);
}

TEST_F(Dispatch, WhileOneProbesAnotherDeploymentIsAsked) {
  for (int i = 0; i < 5; ++i) health.failed(0, rig.clock.now(), {});
  rig.clock.advance(std::chrono::seconds(6));
  ASSERT_TRUE(health.take_probe(0, rig.clock.now()));
  auto probed = provider(Step{answer_of(whole)});
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(), "b:200");
  EXPECT_EQ(probed->connections, 0);
}

TEST_F(Dispatch, WhenAllAreBeingProbedSomebodyIsAskedAllTheSame) {
  for (std::uint32_t d = 0; d < 2; ++d)
    for (int i = 0; i < 5; ++i) health.failed(d, rig.clock.now(), {});
  rig.clock.advance(std::chrono::seconds(6));
  for (std::uint32_t d = 0; d < 2; ++d) ASSERT_TRUE(health.take_probe(d, rig.clock.now()));
  provider(Step{answer_of(whole)});
  provider(Step{answer_of(whole)});
  ASSERT_TRUE(run());
  EXPECT_EQ(tried(), "a:200");
}

// The decision was made for a public request; the clearance says otherwise. However the two came apart, the zone is not reached.
TEST_F(Dispatch, ADecisionThatDoesNotFitTheClearanceSendsNothing) {
  auto forbidden = provider(Step{answer_of(whole)}, 1);
  clearance = policy::cleared(*policy::label_named("phi", {}));
  const auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::forbidden);
  EXPECT_EQ(reply.error().code, "policy_blocked");
  EXPECT_EQ(forbidden->connections, 0);
}

TEST_F(Dispatch, FallbacksAndRetriesNeverReachAForbiddenZone) {
  auto home = provider(Step{answer_of(error_body("out of order"), "", 500)}, 0);
  auto forbidden = provider(Step{answer_of(whole)}, 1);
  auto other_home = provider(Step{answer_of(error_body("out of order"), "", 503)}, 0);
  clearance = policy::cleared(*policy::label_named("phi", {}));
  patience.total = 10;
  const auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(home->requests.size(), 2u);
  EXPECT_EQ(other_home->requests.size(), 2u);
  EXPECT_EQ(forbidden->connections, 0);
}

TEST_F(Dispatch, CredentialsAndContentAreInNoError) {
  patience.per_deployment = 1;
  for (const int status : {400, 401, 403, 404, 429, 500}) {
    attempts.clear();
    deployments.clear();
    route.order.clear();
    provider(Step{answer_of(R"({"error":{"message":"bad key )" + credential + R"( and )" + credential + R"(","code":")" + credential +
                                R"(","param":")" + credential + R"("}})",
                            "", status)});
    const auto reply = run();
    ASSERT_FALSE(reply) << status;
    for (const SmallText* text : {&reply.error().message, &reply.error().detail, &reply.error().code, &reply.error().param}) {
      EXPECT_EQ(text->find(credential), std::string::npos) << status << ": " << *text;
      EXPECT_EQ(text->find("secret question"), std::string::npos) << status;
    }
  }
}

TEST_F(Dispatch, AnEndlessStreamWithoutContentIsGivenUp) {
  ask(true);
  patience.per_deployment = 1;
  std::string role =
      R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]})";
  std::string much = stream_head;
  for (int i = 0; i < 20'000; ++i) much += chunk(role + "\n\n");
  provider(Step{much, Then::hold});
  const auto reply = run();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::upstream_unavailable);
}

}  // namespace
}  // namespace ajar::upstream
