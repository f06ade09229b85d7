// tests/sim/script_test.cpp - where behaviour can be changed, and what is said of mistakes.
#include "sim/script.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace ajar::sim {
namespace {

Behaviour of_model(std::string_view name) {
  const Script script;
  auto b = script.behaviour_for(name, {}, {});
  EXPECT_TRUE(b) << name << ": " << b.error().message;
  return b ? *b : Behaviour();
}
std::string problem(std::string_view name) {
  const Script script;
  auto b = script.behaviour_for(name, {}, {});
  return b ? "" : b.error().message;
}
std::string problem_of_file(std::string_view json) {
  auto script = read_script(json, {});
  return script ? "" : script.error().message;
}

TEST(Words, ModelNamesSayWhatHappens) {
  EXPECT_EQ(of_model("sim-cut-3").cut_after, 3);
  EXPECT_EQ(of_model("sim-cut").cut_after, 0);
  EXPECT_EQ(of_model("sim-stall-2").stall_after, 2);
  EXPECT_TRUE(of_model("sim-close").close);
  const Behaviour b = of_model("sim-fail-429-retry-7-first-2");
  EXPECT_EQ(b.fail, 1);
  EXPECT_EQ(b.fail_status, 429);
  EXPECT_EQ(b.retry_after, 7);
  EXPECT_EQ(b.first, 2);
  EXPECT_DOUBLE_EQ(of_model("sim-flaky-20").fail, 0.2);
  EXPECT_EQ(of_model("sim-quota").fail_status, 429);
  EXPECT_TRUE(of_model("sim-context").context);
}

TEST(Words, NamesMayStandInFrontAndAround) {
  EXPECT_EQ(of_model("sim-chat-cut-3").cut_after, 3);
  EXPECT_EQ(of_model("models/sim-cut-3").cut_after, 3);
  EXPECT_EQ(of_model("claude-sim-cut-3").cut_after, 3);
  EXPECT_EQ(of_model("sim-cut-3:latest").cut_after, 3);
  EXPECT_EQ(of_model("sim-chat").cut_after, -1);
  EXPECT_EQ(of_model("gpt-5.5").cut_after, -1);
}

TEST(Words, MistakesAreToldWithWhatIsKnown) {
  EXPECT_NE(problem("sim-cut-3-stal-2").find("knows no word \"stal\""), std::string::npos);
  EXPECT_NE(problem("sim-cut-3-stal-2").find("stall"), std::string::npos);
  EXPECT_NE(problem("sim-latency").find("needs a number"), std::string::npos);
  EXPECT_NE(problem("sim-fail-200").find("from 400 to 599"), std::string::npos);
}

TEST(Words, HeadersAndCommandsWork) {
  const Script script;
  const net::Field fields[] = {{"X-Sim-Cut", "4"}, {"x-sim-refuse", ""}, {"accept", "x"}};
  const auto by_header = script.behaviour_for("m", fields, {});
  ASSERT_TRUE(by_header);
  EXPECT_EQ(by_header->cut_after, 4);
  EXPECT_TRUE(by_header->refuse);
  const auto by_text = script.behaviour_for("m", {}, "Tell me [sim stall 2 first-1] more.");
  ASSERT_TRUE(by_text);
  EXPECT_EQ(by_text->stall_after, 2);
  EXPECT_EQ(by_text->first, 1);
  const net::Field wrong[] = {{"x-sim-cut", "many"}};
  EXPECT_FALSE(script.behaviour_for("m", wrong, {}));
  EXPECT_FALSE(script.behaviour_for("m", {}, "[sim nonsense]"));
}

TEST(Words, PlainTakesFaultsAway) {
  Script script;
  script.behaviour.fail = 1;
  script.behaviour.cut_after = 2;
  const auto b = script.behaviour_for("sim-plain", {}, {});
  ASSERT_TRUE(b);
  EXPECT_EQ(b->fail, 0);
  EXPECT_EQ(b->cut_after, -1);
}

TEST(ScriptFile, RulesHoldForWhatTheyMatch) {
  const auto script = read_script(
      R"({"engine":"vllm","models":["a","b"],"seed":9,"key":"k","defaults":{"latency_ms":0},"rules":[{"model":"slow-*","do":{"latency_ms":900}},
      {"contains":"weather","do":{"text":"It rains.","fail":0.5,"fail_status":500}},{"model":"?","do":{"call":{"name":"look","arguments":{"x":1}}}}]})",
      {});
  ASSERT_TRUE(script) << script.error().message;
  EXPECT_EQ(script->engine, Engine::vllm);
  EXPECT_EQ(script->models.size(), 2u);
  EXPECT_EQ(script->behaviour_for("slow-one", {}, "hi")->latency_ms, 900);
  EXPECT_EQ(script->behaviour_for("other", {}, "hi")->latency_ms, 0);
  EXPECT_EQ(script->behaviour_for("other", {}, "the weather?")->text, "It rains.");
  EXPECT_EQ(script->behaviour_for("a", {}, "hi")->call["name"].text(), "look");
  EXPECT_TRUE(script->behaviour_for("ab", {}, "hi")->call.is_null());
}

TEST(ScriptFile, MistakesSayWhereAndWhatInstead) {
  EXPECT_NE(problem_of_file("{").find("invalid JSON at byte"), std::string::npos);
  EXPECT_NE(problem_of_file("[]").find("one JSON object"), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"defualts":{}})").find("did you mean \"defaults\""), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"defaults":{"latencyms":1}})").find("did you mean \"latency_ms\""), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"defaults":{"fail":3}})").find("from 0 to 1"), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"rules":[{"do":{"cut_after":"x"}}]})").find("rules[0].do"), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"rules":[{}]})").find("rules[0].do"), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"engine":"vlm"})").find("vllm"), std::string::npos);
  EXPECT_NE(problem_of_file(R"({"models":[]})").find("list of names"), std::string::npos);
}

TEST(Guide, EverySettingIsDocumented) {
  std::ifstream file(AJAR_SOURCE_DIR "/docs/guide/simulate.md");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  for (const Setting& s : settings()) {
    EXPECT_NE(text.str().find("`" + std::string(s.word)), std::string::npos) << s.word << " is missing in docs/guide/simulate.md";
    EXPECT_NE(text.str().find("`" + std::string(s.key) + "`"), std::string::npos) << s.key << " is missing in docs/guide/simulate.md";
  }
}

}  // namespace
}  // namespace ajar::sim
