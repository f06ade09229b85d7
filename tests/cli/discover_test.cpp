// tests/cli/discover_test.cpp - engines are recognised by what they answer, not by where they listen.
#include "cli/discover.hpp"

#include <map>

#include "gateway/support.hpp"

namespace ajar::cli {
namespace {

using Answers = std::map<std::string, std::string>;

const std::string two_models = R"({"object":"list","data":[{"id":"one","max_model_len":4096},{"id":"two","max_model_len":2048}]})";

net::Task<void> by_path(net::Call& call, const Answers& answers, int otherwise) {
  const auto found = answers.find(std::string(call.head().path()));
  const bool known = found != answers.end();
  co_await gateway::give(call, known ? 200 : otherwise, known ? found->second : R"({"detail":"Not Found"})");
}

// What is found of a server that answers these paths, and all others with a status.
Discovery found_of(const Answers& answers, int otherwise = 404) {
  gateway::Upstream server([&](net::Call& call, std::string) { return by_path(call, answers, otherwise); });
  const auto address = *net::split_address(server.url().substr(7));
  return discover({{address.first, address.second}}, SystemClock(), std::chrono::seconds(20));
}

struct Known {
  std::string provider;
  Answers answers;
  std::int64_t context;
};

class Engines : public testing::TestWithParam<Known> {};

TEST_P(Engines, AreKnownByTheirAnswers) {
  const Discovery found = found_of(GetParam().answers);
  ASSERT_EQ(found.engines.size(), 1u);
  EXPECT_EQ(found.engines[0].provider, GetParam().provider);
  EXPECT_EQ(found.engines[0].models, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(found.engines[0].context, GetParam().context);
  EXPECT_TRUE(found.engines[0].endpoint.starts_with("http://127.0.0.1:"));
  EXPECT_TRUE(found.remarks.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Engines,
    testing::Values(
        Known{"vllm", {{"/version", R"({"version":"0.19.0"})"}, {"/v1/models", two_models}}, 2048},
        Known{"vllm", {{"/v1/models", R"({"data":[{"id":"one","owned_by":"vllm"},{"id":"two","owned_by":"vllm"}]})"}}, 0},
        Known{"sglang", {{"/server_info", R"({"model_path":"/models/one"})"}, {"/v1/models", two_models}}, 2048},
        Known{"sglang", {{"/get_model_info", R"({"model_path":"/models/one","is_generation":true})"}, {"/v1/models", two_models}}, 2048},
        Known{
            "llamacpp", {{"/props", R"({"default_generation_settings":{"n_ctx":512},"total_slots":1})"}, {"/v1/models", two_models}}, 512},
        Known{"ollama", {{"/api/version", R"({"version":"0.9.0"})"}, {"/v1/models", R"({"data":[{"id":"one"},{"id":"two"}]})"}}, 0},
        Known{
            "lmstudio",
            {{"/api/v0/models",
              R"({"data":[{"id":"one","type":"llm","max_context_length":8192},{"id":"embed","type":"embeddings"},{"id":"two","type":"vlm"}]})"}},
            8192},
        Known{"tgi", {{"/info", R"({"model_id":"one","docker_label":"sha-1"})"}, {"/v1/models", two_models}}, 2048}),
    [](const auto& named) { return named.param.provider + std::to_string(named.index); });

TEST(Discover, WhatIsNoEngineIsPassedOver) {
  EXPECT_TRUE(found_of({}).engines.empty());
  // A server that answers everything with the same JSON is no engine, whatever it is.
  const std::string polite = R"({"error":"Unexpected endpoint or method."})";
  EXPECT_TRUE(found_of({{"/version", polite}, {"/props", polite}, {"/info", polite}, {"/api/version", polite}, {"/server_info", polite}})
                  .engines.empty());
}

TEST(Discover, NobodyThereIsNobody) {
  std::string gone;
  {
    gateway::Upstream server([](net::Call& call, std::string) { return gateway::give(call, 200, "{}"); });
    gone = server.url().substr(7);
  }
  const auto address = *net::split_address(gone);
  const Discovery found = discover({{address.first, address.second}}, SystemClock(), std::chrono::seconds(20));
  EXPECT_TRUE(found.engines.empty());
  EXPECT_TRUE(found.remarks.empty());
}

TEST(Discover, AnEngineThatWantsAKeyIsToldApart) {
  const Discovery found = found_of({{"/version", R"({"version":"0.19.0"})"}}, 401);
  EXPECT_TRUE(found.engines.empty());
  ASSERT_EQ(found.remarks.size(), 1u);
  EXPECT_NE(found.remarks[0].find("asks for a key"), std::string::npos);
}

TEST(Discover, AnEngineWithoutAModelIsTold) {
  const Discovery found = found_of({{"/api/version", R"({"version":"0.9.0"})"}, {"/v1/models", R"({"data":null})"}});
  EXPECT_TRUE(found.engines.empty());
  ASSERT_EQ(found.remarks.size(), 1u);
  EXPECT_NE(found.remarks[0].find("serves no model yet"), std::string::npos);
}

TEST(Discover, PlacesOfTheOperatorAreAdded) {
  const std::size_t usual = places_to_look("")->size();
  const auto places = places_to_look(" 127.0.0.1:5001 , localhost:5002,127.0.0.1:8000,");
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), usual + 2);  // 8000 is usual
  EXPECT_EQ(places->back().host, "localhost");
  EXPECT_EQ(places->back().port, 5002);
  const auto wrong = places_to_look("127.0.0.1:http");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, Fault::config);
  EXPECT_NE(wrong.error().message.find("AJAR_ENGINES"), std::string::npos);
}

}  // namespace
}  // namespace ajar::cli
