// tests/gateway/endpoints_test.cpp - models, health, metrics, reload, drain.
#include "support.hpp"

namespace ajar::gateway {
namespace {

Upstream::Answer answers() {
  return [](net::Call& call, std::string) { return give(call, 200, chat_answer); };
}

TEST(Endpoints, ModelsAreListedForTheirCallerOnly) {
  Upstream up(answers());
  Gateway gateway(deployment("local", up.url()) + "[[alias]]\nname = \"other\"\nmodel = \"m\"\n");
  EXPECT_EQ(gateway.get("/v1/models", "wrong").status, 401);
  const Reply all = gateway.get("/v1/models");
  ASSERT_EQ(all.status, 200);
  ASSERT_EQ(all.json()["data"].array()->size(), 2U);
  EXPECT_EQ(all.json()["data"].at(0)["id"].text(), "m");
  EXPECT_EQ(all.json()["data"].at(1)["id"].text(), "other");
  EXPECT_EQ(gateway.get("/v1/models/m").json()["id"].text(), "m");
  EXPECT_EQ(gateway.get("/v1/models/none").status, 404);
}

TEST(Endpoints, SimulatedModelsAreMarkedInListAnswerAndLedger) {
  Upstream up(answers());
  Gateway gateway("\n[[deployment]]\nname = \"s\"\nprovider = \"sim\"\nmodel = \"m\"\nendpoint = \"" + up.url() + "\"\n");
  EXPECT_EQ(gateway.get("/v1/models").json()["data"].at(0)["owned_by"].text(), "ajar-simulated");
  const Reply reply = gateway.chat(hello);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("x-ajar-simulated"), "true");
  EXPECT_TRUE(gateway.journal.entry(0).simulated);
}

TEST(Endpoints, WrongPathAndMethodAreTold) {
  Upstream up(answers());
  Gateway gateway(deployment("local", up.url()));
  EXPECT_EQ(gateway.get("/nothing").status, 404);
  const Reply reply = gateway.get("/v1/chat/completions");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("allow"), "POST");
}

TEST(Endpoints, MetricsCountWhatTheLedgerHolds) {
  Upstream up(answers());
  Gateway gateway(deployment("local", up.url(), "price = { input = 2.0, output = 10.0 }\n"));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(gateway.chat(hello).status, 200);
  const ledger::Entry last = gateway.journal.entry(2);
  const std::string text = gateway.get("/metrics").body;
  EXPECT_NE(text.find("ajar_exchanges_total{deployment=\"local\",outcome=\"answered\",fault=\"\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find(fmt::format("gen_ai_request_model=\"local\"}} {}\n", 3 * last.cost->nanos)), std::string::npos) << text;
  EXPECT_NE(text.find("gen_ai_server_time_to_first_token_seconds_count"), std::string::npos);
  EXPECT_NE(text.find("gen_ai_token_type=\"output\"} 600\n"), std::string::npos);
}

TEST(Endpoints, ReloadIsAtomicAndARunningRequestKeepsItsConfiguration) {
  Upstream* held = nullptr;
  Upstream slow([&](net::Call& call, std::string) { return give_later(*held, call, chat_answer); });
  held = &slow;
  Upstream fast(answers());
  Gateway gateway(deployment("before", slow.url()));
  auto running = std::async(std::launch::async, [&] { return gateway.chat(hello); });
  slow.wait_for_request();
  gateway.server->reload(Gateway::load(deployment("after", fast.url())));
  EXPECT_EQ(gateway.chat(hello).header("x-ajar-deployment"), "after");
  slow.let_go();
  const Reply old = running.get();
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(old.header("x-ajar-deployment"), "before");
  EXPECT_NE(gateway.journal.entry(0).snapshot, gateway.journal.entry(1).snapshot);
}

TEST(Endpoints, DrainLetsARunningRequestFinish) {
  Upstream* held = nullptr;
  Upstream slow([&](net::Call& call, std::string) { return give_later(*held, call, chat_answer); });
  held = &slow;
  Gateway gateway(deployment("local", slow.url()));
  auto running = std::async(std::launch::async, [&] { return gateway.chat(hello); });
  slow.wait_for_request();
  auto drained = std::async(std::launch::async, [&] { gateway.server->drain(std::chrono::seconds(20)); });
  slow.let_go();
  EXPECT_EQ(running.get().status, 200);
  drained.wait();
}

TEST(Endpoints, LimitOfRequestsInFlightIs429) {
  Upstream* held = nullptr;
  Upstream slow([&](net::Call& call, std::string) { return give_later(*held, call, chat_answer); });
  held = &slow;
  const std::string one =
      "\n[[tenant]]\nname = \"small\"\n[[key]]\nname = \"one\"\ntenant = \"small\"\nmax_in_flight = 1\nhash = \"sha256:" +
      to_hex(sha256("one-key")) + "\"\n";
  Gateway gateway(deployment("local", slow.url()) + one);
  auto running = std::async(std::launch::async, [&] { return gateway.chat(hello, "", "one-key"); });
  slow.wait_for_request();
  const Reply refused = gateway.chat(hello, "", "one-key");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1");
  // A reload does not forget who is in flight.
  gateway.server->reload(Gateway::load(deployment("local", slow.url(), "region = \"here\"\n") + one));
  EXPECT_EQ(gateway.chat(hello, "", "one-key").status, 429);
  slow.let_go();
  EXPECT_EQ(running.get().status, 200);
}

}  // namespace
}  // namespace ajar::gateway
