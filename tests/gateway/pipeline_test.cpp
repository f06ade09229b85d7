// tests/gateway/pipeline_test.cpp - an exchange from the caller's bytes to the ledger's line, over loopback.
#include "support.hpp"

namespace ajar::gateway {
namespace {

const std::string quick = "[retries]\nbackoff = \"1ms\"\nlongest = \"20ms\"\n";
const std::string priced = "price = { input = 2.0, output = 10.0, cache_read = 0.5 }\n";

Upstream::Answer always(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return [=](net::Call& call, std::string) { return give(call, status, body, headers); };
}

net::Task<void> stream_pieces(net::Call& call, std::vector<std::string> pieces, bool end) {
  const std::array<net::Field, 1> fields{{{"content-type", "text/event-stream"}}};
  if (!co_await call.begin(200, fields, pieces.front())) co_return;
  for (std::size_t i = 1; i < pieces.size(); ++i)
    if (!co_await call.write(pieces[i])) co_return;
  if (end) (void)co_await call.end();
}

Upstream::Answer streams(std::vector<std::string> pieces, bool end = true) {
  return [=](net::Call& call, std::string) { return stream_pieces(call, pieces, end); };
}

TEST(Pipeline, WholeAnswerIsCarriedAndWrittenDown) {
  Upstream up(always(200, chat_answer, {{"x-request-id", "up-1"}}));
  Gateway gateway(deployment("local", up.url(), priced));
  const Reply reply = gateway.chat(hello, "x-request-id: mine-1\r\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["choices"].at(0)["message"]["content"].text(), "Hello.");
  EXPECT_EQ(reply.json()["model"].text(), "m");
  EXPECT_EQ(reply.header("x-request-id"), "mine-1");
  EXPECT_EQ(reply.header("x-ajar-deployment"), "local");
  EXPECT_EQ(reply.header("x-ajar-upstream-request-id"), "up-1");
  EXPECT_EQ(reply.header("x-ajar-simulated"), "");
  EXPECT_EQ(json::read(up.last_body())->operator[]("model").text(), "up-model");
  EXPECT_EQ(up.last_head("x-request-id"), "mine-1");
  EXPECT_EQ(up.last_head("authorization"), "");
  const ledger::Entry entry = gateway.journal.entry(0);
  EXPECT_EQ(entry.id, "mine-1");
  EXPECT_EQ(entry.tenant, "acme");
  EXPECT_EQ(entry.key, "laptop");
  EXPECT_EQ(entry.model, "m");
  EXPECT_EQ(entry.deployment, "local");
  EXPECT_EQ(entry.outcome, ledger::Outcome::answered);
  EXPECT_EQ(entry.status, 200);
  EXPECT_EQ(entry.usage.input, 600);
  EXPECT_EQ(entry.usage.cache_read, 400);
  EXPECT_EQ(entry.usage.output, 200);
  ASSERT_TRUE(entry.cost);
  EXPECT_EQ(entry.cost->nanos, 600 * 2000 + 400 * 500 + 200 * 10000);
  EXPECT_EQ(entry.price_id, "own:local");
  ASSERT_EQ(entry.attempts.size(), 1U);
  EXPECT_FALSE(entry.attempts[0].fault);
}

TEST(Pipeline, StreamCostsTheSameToTheLastDigitAndIsForwarded) {
  Upstream whole(always(200, chat_answer)), streamed(streams({chunk("Hel"), chunk("lo."), chunk("", true), usage_chunk, done}));
  Gateway a(deployment("local", whole.url(), priced)), b(deployment("local", streamed.url(), priced));
  ASSERT_EQ(a.chat(hello).status, 200);
  const Reply reply = b.chat(hello_stream);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_NE(reply.body.find("\"content\":\"Hel\""), std::string::npos);
  EXPECT_NE(reply.body.find("data: [DONE]"), std::string::npos);
  EXPECT_EQ(reply.body.find("prompt_tokens"), std::string::npos) << "the caller did not ask for usage";
  EXPECT_EQ(json::read(streamed.last_body())->operator[]("stream_options")["include_usage"].boolean(), true);
  const ledger::Entry x = a.journal.entry(0), y = b.journal.entry(0);
  EXPECT_EQ(x.usage, y.usage);
  EXPECT_EQ(x.cost, y.cost);
  EXPECT_TRUE(y.first_token);
  EXPECT_TRUE(y.stream);
}

TEST(Pipeline, UnknownPriceIsUnpricedAndNeverZero) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  ASSERT_EQ(gateway.chat(hello).status, 200);
  const ledger::Entry entry = gateway.journal.entry(0);
  EXPECT_FALSE(entry.cost);
  EXPECT_EQ(entry.price_id, "");
}

TEST(Pipeline, WrongOrMissingKeyIs401WithoutDetailAndNothingIsRead) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  for (const std::string_view key : {"wrong", ""}) {
    const Reply reply = gateway.chat(hello, "", key);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.json()["error"]["code"].text(), "invalid_api_key");
    EXPECT_EQ(reply.body.find("wrong\""), std::string::npos);
  }
  EXPECT_EQ(up.connections, 0);
  EXPECT_EQ(gateway.journal.count(), 0U) << "strangers cannot make the ledger grow";
}

TEST(Pipeline, UnknownModelSaysWhichExist) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  const Reply reply = gateway.chat(R"({"model":"nope","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.json()["error"]["code"].text(), "model_not_found");
  EXPECT_NE(reply.json()["error"]["message"].text().find("there are: m"), std::string::npos) << reply.body;
  EXPECT_EQ(gateway.journal.entry(0).fault, Fault::not_found);
}

TEST(Pipeline, BadBodiesAre400AndLeaveNothingOut) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  const std::string bad[] = {"",
                             "{",
                             "[]",
                             R"({"model":"m"})",
                             R"({"model":5,"messages":[]})",
                             R"({"model":"m","model":"m","messages":[{"role":"user","content":"x"}]})",
                             R"({"model":"m","messages":"x"})",
                             R"({"model":"m","stream":"yes","messages":[{"role":"user","content":"x"}]})",
                             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}"};
  std::size_t n = 0;
  for (const std::string& body : bad) {
    const Reply reply = gateway.chat(body);
    EXPECT_EQ(reply.status, 400) << body << reply.body;
    EXPECT_EQ(reply.json()["error"]["type"].text(), "invalid_request_error") << reply.body;
    EXPECT_EQ(gateway.journal.entry(n++).fault, Fault::bad_request);
  }
  EXPECT_EQ(up.connections, 0);
}

TEST(Pipeline, TooLargeBodyIs413) {
  Upstream up(always(200, chat_answer));
  Gateway gateway("[limits]\nbody = \"1KiB\"\n" + deployment("local", up.url()));
  const Reply reply = gateway.chat(std::string(5000, 'x'));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(gateway.journal.entry(0).fault, Fault::too_large);
}

TEST(Pipeline, LabelThatNoZoneAcceptsIs403BeforeASocketIsOpened) {
  Upstream out(always(200, chat_answer));
  Gateway gateway(deployment("cloud", out.url(), "hosting = \"closed\"\n"));
  const Reply reply = gateway.chat(hello, "ajar-label: phi\r\n");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.json()["error"]["code"].text(), "policy_blocked");
  EXPECT_EQ(reply.body.find("Hi\""), std::string::npos) << "no content in errors";
  EXPECT_EQ(out.connections, 0);
  const ledger::Entry entry = gateway.journal.entry(0);
  EXPECT_EQ(entry.fault, Fault::forbidden);
  EXPECT_NE(entry.label, 0U);
  EXPECT_TRUE(entry.attempts.empty());
}

TEST(Pipeline, LabelledRequestStaysHomeThroughEveryFailure) {
  Upstream home(always(503, R"({"error":{"message":"down"}})")), out(always(200, chat_answer));
  Gateway gateway(quick + deployment("engine", home.url(), "hosting = \"own\"\n") +
                  deployment("cloud", out.url(), "hosting = \"closed\"\n"));
  const Reply labelled = gateway.chat(hello, "Ajar-Label: confidential\r\n");
  EXPECT_EQ(labelled.status, 503);
  EXPECT_EQ(out.connections, 0) << "a fallback to a zone that does not accept the label";
  EXPECT_NE(gateway.journal.entry(0).reason.find("not cloud: label_not_accepted"), std::string::npos);
  const Reply open = gateway.chat(hello);
  EXPECT_EQ(open.status, 200) << "without a label the fallback is tried";
  EXPECT_EQ(open.header("x-ajar-deployment"), "cloud");
  EXPECT_EQ(gateway.journal.entry(1).attempts.size(), 3U);
}

TEST(Pipeline, UnknownLabelWordIsRefused) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  const Reply reply = gateway.chat(hello, "Ajar-Label: phy\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.json()["error"]["code"].text(), "unknown_label");
  EXPECT_EQ(up.connections, 0);
}

TEST(Pipeline, UpstreamErrorsKeepTheirMeaning) {
  struct Case {
    int up;
    int caller;
    Fault fault;
  };
  for (const Case& c : {Case{400, 400, Fault::upstream_refused},
                        {401, 502, Fault::upstream_auth},
                        {403, 502, Fault::upstream_auth},
                        {429, 429, Fault::rate_limited},
                        {500, 502, Fault::upstream_unavailable}}) {
    Upstream up(always(c.up, R"({"error":{"message":"a reason","type":"some_type","code":null}})"));
    Gateway gateway(quick + deployment("local", up.url()));
    const Reply reply = gateway.chat(hello);
    EXPECT_EQ(gateway.journal.entry(0).fault, c.fault) << c.up << reply.body;
    EXPECT_NE(reply.status, 401) << "only Ajar's own key is answered with 401";
    EXPECT_EQ(gateway.journal.entry(0).status, reply.status);
    if (c.up == 400 || c.up == 429) EXPECT_EQ(reply.status, c.caller) << c.up;
  }
}

TEST(Pipeline, UnreachableUpstreamIsToldAndTriedElsewhere) {
  Upstream up(always(200, chat_answer));
  std::string nowhere;
  {
    Upstream gone(always(200, chat_answer));
    nowhere = gone.url();
  }
  Gateway gateway(quick + deployment("gone", nowhere) + deployment("local", up.url()));
  const Reply reply = gateway.chat(hello);
  EXPECT_EQ(reply.status, 200);
  const ledger::Entry entry = gateway.journal.entry(0);
  ASSERT_GE(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts.front().deployment, "gone");
  EXPECT_EQ(entry.attempts.front().fault, Fault::upstream_unavailable);
  EXPECT_EQ(entry.deployment, "local");
}

TEST(Pipeline, StreamCutAfterContentEndsWithAnErrorEventAndNoFallback) {
  Upstream first(streams({chunk("Hel")}, false)), second(streams({chunk("other"), chunk("", true), done}));
  Gateway gateway(quick + deployment("a", first.url()) + deployment("b", second.url()));
  const Reply reply = gateway.chat(hello_stream);
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("Hel"), std::string::npos);
  EXPECT_NE(reply.body.find("\"error\""), std::string::npos) << reply.body;
  EXPECT_EQ(second.requests, 0) << "never silently after the first content";
  const ledger::Entry entry = gateway.journal.entry(0);
  EXPECT_EQ(entry.outcome, ledger::Outcome::cut);
  EXPECT_EQ(entry.fault, Fault::upstream_unavailable);
}

TEST(Pipeline, StreamCutBeforeContentFallsBack) {
  Upstream first(streams({": ping\n\n"}, false)), second(streams({chunk("other"), chunk("", true), usage_chunk, done}));
  Gateway gateway(quick + deployment("a", first.url()) + deployment("b", second.url()));
  const Reply reply = gateway.chat(hello_stream);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("x-ajar-deployment"), "b");
  EXPECT_EQ(gateway.journal.entry(0).outcome, ledger::Outcome::answered);
}

TEST(Pipeline, SilentUpstreamIsTimedOut) {
  Upstream silent([](net::Call& call, std::string) -> net::Task<void> {
    (void)co_await Upstream::hung_up(call);
    call.abort();
  });
  Gateway gateway("[deadlines]\nfirst_byte = \"100ms\"\n" + quick + deployment("local", silent.url()));
  const Reply reply = gateway.chat(hello);
  EXPECT_EQ(reply.status, 504);
  EXPECT_EQ(gateway.journal.entry(0).fault, Fault::timed_out);
}

TEST(Pipeline, SilenceInTheMiddleOfAStreamIsAnErrorEvent) {
  Upstream stalling([](net::Call& call, std::string) -> net::Task<void> {
    if (!co_await call.begin(200, {}, chunk("Hel"))) co_return;
    (void)co_await Upstream::hung_up(call);
  });
  Gateway gateway("[deadlines]\nidle = \"150ms\"\n" + quick + deployment("local", stalling.url()));
  const Reply reply = gateway.chat(hello_stream);
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("\"error\""), std::string::npos);
  EXPECT_EQ(gateway.journal.entry(0).outcome, ledger::Outcome::cut);
  EXPECT_EQ(gateway.journal.entry(0).fault, Fault::timed_out);
}

TEST(Pipeline, LyingUpstreamIsNotBelieved) {
  for (const std::string& body : {std::string("not json"), std::string("{}"), std::string(R"({"choices":"x"})"), std::string()}) {
    Upstream up(always(200, body));
    Gateway gateway(quick + deployment("local", up.url()));
    const Reply reply = gateway.chat(hello);
    EXPECT_EQ(reply.status, 502) << body << " -> " << reply.body;
    EXPECT_EQ(gateway.journal.entry(0).fault, Fault::upstream_unavailable);
  }
}

TEST(Pipeline, NothingIsSentWhenTheJournalCannotRecord) {
  Upstream up(always(200, chat_answer));
  Gateway gateway(deployment("local", up.url()));
  gateway.journal.full = true;
  const Reply reply = gateway.chat(hello);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(up.connections, 0);
  EXPECT_EQ(gateway.get("/readyz").status, 503);
  gateway.journal.full = false;
  EXPECT_EQ(gateway.chat(hello).status, 200);
  EXPECT_EQ(gateway.get("/readyz").status, 200);
}

TEST(Pipeline, IntentIsWrittenBeforeTheUpstreamIsCalled) {
  Gateway* watched = nullptr;
  std::size_t intents_at_call = 0;
  Upstream up([&](net::Call& call, std::string) {
    intents_at_call = watched->journal.intents().size();
    return give(call, 200, chat_answer);
  });
  Gateway gateway(deployment("local", up.url()));
  watched = &gateway;
  ASSERT_EQ(gateway.chat(hello).status, 200);
  EXPECT_EQ(intents_at_call, 1U);
}

TEST(Pipeline, CredentialsAndKeysAppearNowhere) {
  Upstream up(always(500, R"({"error":{"message":"the key upstream-credential is bad"}})"));
  Gateway gateway(quick + deployment("local", up.url(), "key = \"env:UP_KEY\"\ninsecure = true\n"));
  const Reply reply = gateway.chat(hello);
  EXPECT_EQ(up.last_head("authorization"), "Bearer upstream-credential");
  const ledger::Entry entry = gateway.journal.entry(0);
  const std::string metrics = gateway.get("/metrics").body;
  for (const std::string_view secret : {"upstream-credential", "test-key"}) {
    EXPECT_EQ(reply.body.find(secret), std::string::npos) << reply.body;
    EXPECT_EQ(metrics.find(secret), std::string::npos);
    EXPECT_EQ((entry.reason + entry.key + entry.tenant + entry.deployment).find(secret), std::string::npos);
    for (const auto& [name, value] : reply.headers) EXPECT_EQ(value.find(secret), std::string::npos) << name;
  }
}

TEST(Pipeline, CallerThatHangsUpCancelsTheUpstream) {
  std::promise<void> gone;
  Upstream up([&](net::Call& call, std::string) -> net::Task<void> {
    (void)co_await call.begin(200, {}, chunk("Hel"));
    if (co_await Upstream::hung_up(call)) gone.set_value();
  });
  Gateway gateway(deployment("local", up.url()));
  {
    SystemClock clock;
    net::Loop loop(clock);
    net::Resolver resolver(clock);
    net::Pool pool(loop, resolver, nullptr);
    const auto address = *net::split_address(gateway.server->address());
    const net::Site site{false, address.first, address.second};
    const auto run = [](net::Pool& from, net::Site to) -> net::Task<void> {
      const Instant by = from.loop().now() + std::chrono::seconds(10);
      auto taken = co_await from.take(to, true, by, nullptr);
      net::ClientCall call(from, to, std::move(*taken));
      const iovec piece{const_cast<char*>(hello_stream.data()), hello_stream.size()};
      EXPECT_TRUE(co_await call.send(
          fmt::format("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer test-key\r\ncontent-length: {}\r\n\r\n",
                      hello_stream.size()),
          {&piece, 1}, by, by, nullptr));
      EXPECT_TRUE(co_await call.read(by, nullptr));
      from.loop().stop();
    };
    loop.spawn(run(pool, site));
    loop.run();
  }
  EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(gateway.journal.entry(0).outcome, ledger::Outcome::cancelled);
}

}  // namespace
}  // namespace ajar::gateway
