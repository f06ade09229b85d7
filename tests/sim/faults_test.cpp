// tests/sim/faults_test.cpp - each scripted fault, in each dialect, on a fake clock.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"

namespace ajar::sim::test {
namespace {

// The message of an error in whichever dialect's shape.
std::string message_of(const Answer& answer) {
  const json::Value v = answer.json();
  return std::string(v["error"].is_string() ? v["error"].text() : v["error"]["message"].text());
}

TEST(Faults, EveryStatusComesInTheDialectsShape) {
  Simulated sim;
  for (const int status : {400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 529})
    for (const Spoken& s : spoken(fmt::format("sim-fail-{}", status), "hi", true)) {
      const Answer answer = sim.post(s.target, s.body, s.headers);
      EXPECT_EQ(answer.status, status) << s.name;
      EXPECT_EQ(answer.header("x-ajar-simulated"), "true");
      EXPECT_NE(message_of(answer).find("simulated"), std::string::npos) << s.name;
    }
  EXPECT_EQ(sim.post("/v1/messages", spoken("sim-fail-529", "hi", false)[2].body, version).json()["error"]["type"].text(),
            "overloaded_error");
  EXPECT_EQ(sim.post("/v1beta/models/sim-fail-429:generateContent", spoken("m", "hi", false)[3].body).json()["error"]["status"].text(),
            "RESOURCE_EXHAUSTED");
  EXPECT_EQ(sim.post("/v1/responses", spoken("sim-fail-401", "hi", false)[1].body).json()["error"]["code"].text(), "invalid_api_key");
}

TEST(Faults, RetryAfterIsTold) {
  Simulated sim;
  for (const Spoken& s : spoken("sim-fail-429-retry-7", "hi", false))
    EXPECT_EQ(sim.post(s.target, s.body, s.headers).header("retry-after"), "7") << s.name;
  const Answer gemini = sim.post("/v1beta/models/sim-fail-429-retry-7:generateContent", spoken("m", "hi", false)[3].body);
  EXPECT_EQ(gemini.json()["error"]["details"].at(0)["retryDelay"].text(), "7s");
  EXPECT_EQ(sim.post("/v1/responses", spoken("sim-fail-429", "hi", false)[1].body).header("retry-after"), "");
}

TEST(Faults, SpentQuotaAndLongPromptAreTold) {
  Simulated sim;
  const auto quota = spoken("sim-quota", "hi", false), context = spoken("sim-context", "hi", false);
  EXPECT_EQ(sim.post(quota[0].target, quota[0].body).json()["error"]["code"].text(), "insufficient_quota");
  EXPECT_EQ(sim.post(quota[2].target, quota[2].body, version).json()["error"]["details"]["error_code"].text(),
            "enforced_spend_limit_reached");
  EXPECT_EQ(sim.post(context[0].target, context[0].body).json()["error"]["code"].text(), "context_length_exceeded");
  for (const Spoken& s : context) EXPECT_EQ(sim.post(s.target, s.body, s.headers).status, 400) << s.name;
}

TEST(Faults, FailuresComeByShareAndTheSameAgain) {
  const auto run = [](std::uint64_t seed) {
    Script script = quick();
    script.behaviour.fail = 0.3;
    script.seed = seed;
    Simulated sim(script);
    std::string seen;
    for (int i = 0; i < 200; ++i) seen.push_back(sim.post("/v1/responses", spoken("m", "hi", false)[1].body).status == 503 ? 'x' : '.');
    return seen;
  };
  const std::string once = run(1);
  EXPECT_EQ(run(1), once);
  EXPECT_NE(run(2), once);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(once, 'x')), 60, 25);
}

TEST(Faults, OnlyTheFirstRequestsFail) {
  Simulated sim;
  const Spoken s = spoken("sim-fail-500-first-2", "hi", false)[0];
  EXPECT_EQ(sim.post(s.target, s.body).status, 500);
  EXPECT_EQ(sim.post(s.target, s.body).status, 500);
  EXPECT_EQ(sim.post(s.target, s.body).status, 200);
  for (const std::string_view text : {"one [sim fail 500 first 1]", "two [sim fail 500 first 1]"}) {  // a command counts for its own text
    const Spoken t = spoken("m", text, false)[0];
    EXPECT_EQ(sim.post(t.target, t.body).status, 500) << text;
    EXPECT_EQ(sim.post(t.target, t.body).status, 200) << text;
  }
}

TEST(Faults, StreamIsCutAfterItsPieces) {
  for (const int after : {0, 1, 5}) {
    Simulated sim;
    for (const Spoken& s : spoken(fmt::format("sim-cut-{}", after), "hi", true)) {
      const Answer answer = sim.post(s.target, s.body, s.headers);
      EXPECT_EQ(answer.status, 200) << s.name;
      EXPECT_FALSE(answer.complete) << s.name;
      EXPECT_TRUE(answer.closed) << s.name;
      std::size_t pieces = 0;
      for (const json::Value& e : events(answer.body)) {
        const std::string_view type = e["type"].text();
        const bool piece = s.name == "chat" ? !e["choices"].at(0)["delta"]["content"].text().empty()
                           : type.empty()   ? true
                                            : type.ends_with("delta");
        pieces += piece ? 1 : 0;
      }
      EXPECT_EQ(pieces, static_cast<std::size_t>(after)) << s.name << "\n" << answer.body;
    }
  }
}

TEST(Faults, StreamStallsUntilTheCallerGoes) {
  for (const Spoken& s : spoken("sim-stall-2", "hi", true)) {
    Simulated sim;
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_EQ(answer.status, 200) << s.name;
    EXPECT_FALSE(answer.complete);
    EXPECT_FALSE(answer.closed);
    sim.pass(std::chrono::hours(10));
    EXPECT_EQ(sim.receive(), "") << s.name;
    EXPECT_FALSE(sim.closed);
    sim.peer.reset();
    sim.connect();
    EXPECT_EQ(sim.get("/sim/stats").json()["hung_up"].integer(), 1) << s.name;
    EXPECT_EQ(sim.get("/sim/stats").json()["open"].integer(), 0) << s.name;
  }
}

TEST(Faults, BrokenFrameIsNoJson) {
  Simulated sim;
  for (const Spoken& s : spoken("sim-malformed-2", "hi", true)) {
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_TRUE(answer.complete) << s.name;
    EXPECT_TRUE(events(answer.body).back().is_string()) << s.name << "\n" << answer.body;
  }
  for (const Spoken& s : spoken("sim-malformed", "hi", false)) {
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.complete);
    EXPECT_FALSE(json::read(answer.body)) << s.name;
  }
}

TEST(Faults, ErrorEventEndsTheStream) {
  Simulated sim;
  for (const Spoken& s : spoken("sim-error-2", "hi", true)) {
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_EQ(answer.status, 200) << s.name;
    EXPECT_TRUE(answer.complete) << s.name;
    const json::Value last = events(answer.body).back();
    EXPECT_TRUE(!last["error"].is_null() || last["type"].text() == "error") << s.name << "\n" << answer.body;
  }
}

TEST(Faults, ConnectionClosesInsteadOfAnAnswer) {
  Simulated sim;
  for (const Spoken& s : spoken("sim-close", "hi", true)) {
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_EQ(answer.status, 0) << s.name;
    EXPECT_TRUE(answer.closed) << s.name;
  }
}

TEST(Faults, GarbageIsNotHttp) {
  Simulated sim;
  const Spoken s = spoken("sim-garbage", "hi", false)[0];
  sim.send(fmt::format("POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{}", s.target, s.body.size(), s.body));
  const std::string raw = sim.receive();
  net::ResponseHead head;
  ASSERT_TRUE(net::head_length(raw));
  EXPECT_FALSE(net::parse(raw.substr(0, *net::head_length(raw)), head));
  EXPECT_TRUE(sim.closed);
}

TEST(Faults, SilenceSendsNothing) {
  Simulated sim;
  const Answer answer = sim.post("/v1/responses", spoken("sim-silent", "hi", false)[1].body);
  EXPECT_EQ(answer.status, 0);
  sim.pass(std::chrono::hours(1));
  EXPECT_EQ(sim.receive(), "");
  EXPECT_FALSE(sim.closed);
}

TEST(Faults, WholeAnswersAreCutToo) {
  Simulated sim;
  for (const Spoken& s : spoken("sim-cut", "hi", false)) {
    const Answer answer = sim.post(s.target, s.body, s.headers);
    EXPECT_EQ(answer.status, 200) << s.name;
    EXPECT_FALSE(answer.complete) << s.name;
    EXPECT_TRUE(answer.closed) << s.name;
  }
}

TEST(Faults, HugeAnswersComeWhole) {
  Simulated sim;
  const Answer answer = sim.post("/v1/chat/completions", spoken("sim-huge-2", "hi", false)[0].body);
  EXPECT_EQ(answer.json()["choices"].at(0)["message"]["content"].text().size(), 2u << 20);
  const Answer streamed = sim.post("/v1/chat/completions", spoken("sim-huge-1", "hi", true)[0].body);
  EXPECT_TRUE(streamed.complete);
  EXPECT_TRUE(streamed.body.ends_with("data: [DONE]\n\n"));
}

TEST(Faults, DripGivesTheSameStream) {
  Simulated sim;
  const Answer plain = sim.post("/v1/messages", spoken("sim-tokens-9", "hi", true)[2].body, version);
  Simulated again;
  const Answer drip = again.post("/v1/messages", spoken("sim-tokens-9", "hi", true)[2].body, fmt::format("{}x-sim-drip: 3\r\n", version));
  EXPECT_EQ(drip.body, plain.body);
}

TEST(Pace, LatencyAndSpeedHold) {
  Script script = quick();
  script.behaviour.latency_ms = 200;
  script.behaviour.tokens_per_second = 10;
  Simulated sim(script);
  const Spoken s = spoken("m", "hi", true)[4];  // Ollama: one line a token
  sim.send(fmt::format("POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{}", s.target, s.body.size(), s.body));
  sim.pass(Millis(199));
  EXPECT_EQ(sim.receive(), "");
  sim.pass(Millis(1));
  EXPECT_EQ(std::ranges::count(parse_answer(sim.receive(), false).body, '\n'), 1);
  sim.pass(Millis(450));
  std::string later = sim.receive();
  EXPECT_EQ(std::ranges::count(later, '{'), 2 * 4) << later;  // at 100, ... 400 ms
}

TEST(Pace, WholeAnswersTakeTheirTime) {
  Script script = quick();
  script.behaviour.tokens = 20;
  script.behaviour.tokens_per_second = 10;
  Simulated sim(script);
  EXPECT_EQ(sim.post("/v1/responses", spoken("m", "hi", false)[1].body).status, 0);
  sim.pass(Millis(1999));
  EXPECT_EQ(sim.receive(), "");
  sim.pass(Millis(1));
  EXPECT_NE(sim.receive().find("200 OK"), std::string::npos);
}

TEST(Pace, JitterIsDrawnFromTheSeed) {
  const auto first_byte = [](std::uint64_t seed) {
    Script script = quick();
    script.behaviour.jitter_ms = 1000;
    script.seed = seed;
    Simulated sim(script);
    (void)sim.post("/v1/responses", spoken("m", "hi", false)[1].body);
    int ms = 0;
    while (sim.receive().empty() && ms < 2000) sim.pass(Millis(1)), ++ms;
    return ms;
  };
  EXPECT_EQ(first_byte(3), first_byte(3));
  EXPECT_NE(first_byte(3), first_byte(4));
  EXPECT_LE(first_byte(3), 1000);
}

}  // namespace
}  // namespace ajar::sim::test
