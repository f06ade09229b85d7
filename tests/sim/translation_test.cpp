// tests/sim/translation_test.cpp - the gateway's own translators understand what is answered here, in each dialect.
#include "wire/translation.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"
#include "wire/quirks.hpp"

namespace ajar::sim::test {
namespace {

struct Lane {
  std::string name;
  wire::Profile profile;
  Engine engine = Engine::none;
};

std::vector<Lane> lanes() {
  std::vector<Lane> all;
  wire::Profile claude;
  claude.max_output_tokens = 64'000;
  claude.thinking = wire::Thinking::adaptive;
  claude.efforts = {"low", "medium", "high"};
  all.push_back({"anthropic", wire::profile_for("anthropic", claude)});
  wire::Profile gemini;
  gemini.thinking = wire::Thinking::level;
  gemini.efforts = {"low", "medium", "high"};
  all.push_back({"gemini", wire::profile_for("google", gemini)});
  wire::Profile responses = wire::profile_for("openai", {});
  responses.dialect = wire::Dialect::openai_responses;
  all.push_back({"responses", responses});
  wire::Profile ollama = wire::profile_for("ollama", {});
  ollama.dialect = wire::Dialect::ollama_chat;
  all.push_back({"ollama native", ollama, Engine::ollama});
  all.push_back({"openai", wire::profile_for("openai", {}), Engine::openai});
  all.push_back({"sim", wire::profile_for("sim", {})});
  for (const Engine engine : {Engine::vllm, Engine::sglang, Engine::llamacpp, Engine::ollama, Engine::lmstudio, Engine::tgi}) {
    wire::Profile profile = wire::profile_for(name_of(engine), {});
    profile.reasoning_effort = true;
    all.push_back({std::string(name_of(engine)), profile, engine});
  }
  return all;
}

// What the caller of a gateway gets.
struct Told {
  int status = 0;                   // the upstream's
  std::optional<Error> error;       // before the first content
  json::Value body;                 // a whole answer ...
  std::vector<json::Value> events;  // ... or its events
  wire::Report report;
  std::string text, tools;  // text; the calls' names, with their arguments checked
};

void take_calls(const json::Value& calls, Told& told) {
  if (const json::Array* list = calls.array())
    for (const json::Value& call : *list) {
      const auto arguments = json::read(call["function"]["arguments"].text());
      EXPECT_TRUE(arguments && (*arguments)["city"].is_string()) << json::write(call);
      told.tools += std::string(call["function"]["name"].text()) + " ";
    }
}

// The Chat stream put together again.
void add_up(Told& told) {
  std::vector<std::pair<std::string, std::string>> calls;
  for (const json::Value& e : told.events) {
    const json::Value& delta = e["choices"].at(0)["delta"];
    told.text += delta["content"].text();
    if (const json::Array* list = delta["tool_calls"].array())
      for (const json::Value& call : *list) {
        const auto index = static_cast<std::size_t>(call["index"].integer().value_or(0));
        if (calls.size() <= index) calls.resize(index + 1);
        calls[index].first += call["function"]["name"].text();
        calls[index].second += call["function"]["arguments"].text();
      }
  }
  json::Array whole;
  for (const auto& [name, arguments] : calls)
    whole.push_back(json::Value{{"function", json::Value{{"name", name}, {"arguments", arguments}}}});
  take_calls(json::Value(std::move(whole)), told);
}

// A Chat request with `fields`, through the lane to a simulated upstream and back. `model` is the upstream's name for it.
Told ask(const Lane& lane, std::string_view fields, std::string_view model, bool stream, Simulated* at = nullptr) {
  Told told;
  const std::string body =
      fmt::format(R"({{"model":"public","stream":{}{},{}}})", stream, stream ? R"(,"stream_options":{"include_usage":true})" : "", fields);
  const auto envelope = wire::inspect(wire::Dialect::openai_chat, body);
  EXPECT_TRUE(envelope) << body << "\n" << (envelope ? "" : envelope.error().message);
  if (!envelope) return told;
  const wire::Target target{.profile = &lane.profile,
                            .model = model,
                            .public_model = "public",
                            .now = WallTime(std::chrono::seconds(1'767'225'600)),
                            .fetched = {}};
  auto translation = wire::Translation::make(wire::Dialect::openai_chat, *envelope, target);
  EXPECT_TRUE(translation) << lane.name << ": " << (translation ? "" : translation.error().message);
  if (!translation) return told;
  const wire::Outbound out = (*translation)->take_request();
  Script script = quick();
  script.engine = lane.engine;
  Simulated own(script);
  Simulated& sim = at != nullptr ? *at : own;
  std::string headers;
  for (const auto& [name, value] : out.headers) headers += fmt::format("{}: {}\r\n", name, value);
  const Answer answer = sim.post(out.path, out.body.text(), headers);
  told.status = answer.status;
  if (answer.status != 200) {
    wire::Headers all;
    if (const std::string retry = answer.header("retry-after"); !retry.empty()) all.emplace_back("retry-after", retry);
    told.error = wire::upstream_failure(lane.profile, answer.status, all, answer.body);
    return told;
  }
  if (!stream) {
    auto back = (*translation)->answer(answer.body);
    if (!back) {
      told.error = back.error();
      return told;
    }
    told.report = back->report;
    told.body = *json::read(back->body);
    told.text = told.body["choices"].at(0)["message"]["content"].text();
    take_calls(told.body["choices"].at(0)["message"]["tool_calls"], told);
    return told;
  }
  std::string all;
  for (std::size_t i = 0; i < answer.body.size(); i += 7) {  // in odd pieces, as networks cut
    auto bytes = (*translation)->feed(std::string_view(answer.body).substr(i, 7));
    if (!bytes) {
      told.error = bytes.error();
      return told;
    }
    all.append(*bytes);
  }
  auto rest = (*translation)->finish();
  if (!rest) {
    told.error = rest.error();
    return told;
  }
  all.append(*rest);
  told.report = (*translation)->report();
  told.events = events(all);
  add_up(told);
  return told;
}

constexpr std::string_view hello = R"("messages":[{"role":"user","content":"h\u00e9llo"}])";
constexpr std::string_view tools =
    R"("tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
    {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}])";

TEST(Translation, TextUsageAndEndArrive) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true}) {
      const Told told = ask(lane, hello, "sim-chat", stream);
      EXPECT_EQ(told.status, 200) << lane.name;
      EXPECT_FALSE(told.error) << lane.name << ": " << told.error->message;
      EXPECT_NE(told.text.find("h\xC3\xA9llo"), std::string::npos) << lane.name << " " << stream << " " << told.text;
      EXPECT_EQ(told.report.finish_reason, "stop") << lane.name << stream;
      EXPECT_TRUE(told.report.finished) << lane.name << stream;
      EXPECT_FALSE(told.report.failure) << lane.name << stream;
      EXPECT_TRUE(told.report.usage.reported) << lane.name << stream;
      EXPECT_EQ(told.report.usage.output, 64) << lane.name << stream;
      EXPECT_GT(told.report.usage.input, 0) << lane.name << stream;
    }
}

TEST(Translation, ParallelToolCallsArrive) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true}) {
      const Told told = ask(lane, fmt::format(R"({},"messages":[{{"role":"user","content":"get_weather and get_time in Paris"}}])", tools),
                            "sim-chat", stream);
      EXPECT_FALSE(told.error) << lane.name << ": " << told.error->message;
      EXPECT_EQ(told.tools, "get_weather get_time ") << lane.name << " " << stream;
      EXPECT_EQ(told.report.finish_reason, "tool_calls") << lane.name << stream;
    }
}

TEST(Translation, ResultsOfToolsAreAnswered) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true}) {
      const Told told = ask(
          lane,
          fmt::format(
              R"({},"messages":[{{"role":"user","content":"get_weather and get_time"}},{{"role":"assistant","content":null,"tool_calls":[
          {{"id":"call_1","type":"function","function":{{"name":"get_weather","arguments":"{{\"city\":\"Paris\"}}"}}}},{{"id":"call_2","type":"function","function":{{"name":"get_time","arguments":"{{}}"}}}}]}},
          {{"role":"tool","tool_call_id":"call_2","content":"noon"}},{{"role":"tool","tool_call_id":"call_1","content":"21 degrees"}}])",
              tools),
          "sim-chat", stream);
      EXPECT_EQ(told.status, 200) << lane.name << ": " << (told.error ? told.error->message : "");
      EXPECT_NE(told.text.find("21 degrees"), std::string::npos) << lane.name << " " << told.text;
      EXPECT_EQ(told.report.finish_reason, "stop") << lane.name;
    }
}

TEST(Translation, StructuredOutputArrives) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true}) {
      const Told told = ask(
          lane,
          fmt::format(
              R"({},"response_format":{{"type":"json_schema","json_schema":{{"name":"w","strict":true,"schema":{{"type":"object","properties":{{"city":{{"type":"string"}},
          "days":{{"type":"integer"}}}},"required":["city","days"],"additionalProperties":false}}}}}})",
              hello),
          "sim-chat", stream);
      EXPECT_FALSE(told.error) << lane.name << ": " << told.error->message;
      const auto instance = json::read(told.text);
      ASSERT_TRUE(instance) << lane.name << " " << told.text;
      EXPECT_TRUE((*instance)["city"].is_string() && (*instance)["days"].integer()) << lane.name << " " << told.text;
    }
}

TEST(Translation, ReasoningIsCounted) {
  for (const Lane& lane : lanes()) {
    if (lane.engine == Engine::ollama || lane.engine == Engine::tgi) continue;  // they do not tell
    for (const bool stream : {false, true}) {
      const Told told = ask(lane, fmt::format(R"({},"reasoning_effort":"low")", hello), "sim-chat", stream);
      EXPECT_FALSE(told.error) << lane.name << ": " << told.error->message;
      EXPECT_EQ(told.report.usage.reasoning, 16) << lane.name << " " << stream;
      EXPECT_EQ(told.report.usage.output, 64) << lane.name << " " << stream;
    }
  }
}

TEST(Translation, LimitGivesLength) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true})
      EXPECT_EQ(ask(lane, fmt::format(R"({},"max_completion_tokens":5)", hello), "sim-chat", stream).report.finish_reason, "length")
          << lane.name << stream;
}

TEST(Translation, RefusalsAreNoErrors) {
  for (const Lane& lane : lanes())
    for (const bool stream : {false, true}) {
      const Told told = ask(lane, hello, "sim-refuse", stream);
      EXPECT_FALSE(told.error) << lane.name << ": " << told.error->message;
      EXPECT_TRUE(told.report.content) << lane.name << stream;
      EXPECT_TRUE(told.report.finished) << lane.name << stream;
    }
}

TEST(Translation, CachedTokensArrive) {
  for (const Lane& lane : lanes()) {
    if (lane.name == "anthropic" || lane.engine == Engine::ollama || lane.engine == Engine::tgi) continue;  // not unasked, or not told
    Script script = quick();
    script.engine = lane.engine;
    Simulated sim(script);
    const std::string long_prompt = fmt::format(R"("messages":[{{"role":"user","content":"{}"}}])", std::string(8192, 'x'));
    EXPECT_EQ(ask(lane, long_prompt, "sim-chat", false, &sim).report.usage.cache_read, 0) << lane.name;
    EXPECT_GE(ask(lane, long_prompt, "sim-chat", true, &sim).report.usage.cache_read, 1920) << lane.name;
  }
}

TEST(Translation, FailuresKeepTheirMeaning) {
  struct Case {
    std::string_view model;
    Fault fault;
  };
  constexpr Case cases[] = {{"sim-fail-401", Fault::upstream_auth},   {"sim-fail-403", Fault::upstream_auth},
                            {"sim-fail-429", Fault::rate_limited},    {"sim-fail-500", Fault::upstream_unavailable},
                            {"sim-fail-503", Fault::overloaded},      {"sim-fail-529", Fault::overloaded},
                            {"sim-fail-400", Fault::upstream_refused}};
  for (const Lane& lane : lanes()) {
    for (const Case& c : cases) {
      const Told told = ask(lane, hello, c.model, true);
      ASSERT_TRUE(told.error) << lane.name << c.model;
      EXPECT_EQ(told.error->fault, c.fault) << lane.name << " " << c.model << " is " << name_of(told.error->fault);
    }
    EXPECT_EQ(ask(lane, hello, "sim-fail-429-retry-3", false).error->retry_after, Millis(3000)) << lane.name;
  }
}

TEST(Translation, FaultsInStreamsAreSeen) {
  for (const Lane& lane : lanes())
    for (const std::string_view fault : {"cut", "error", "malformed"}) {
      const Told early = ask(lane, hello, fmt::format("sim-{}-0", fault), true);
      EXPECT_TRUE(early.error || early.report.failure) << lane.name << " " << fault;
      EXPECT_FALSE(early.report.content) << lane.name << " " << fault;
      const Told late = ask(lane, hello, fmt::format("sim-{}-3", fault), true);
      EXPECT_FALSE(late.error) << lane.name << " " << fault;
      EXPECT_TRUE(late.report.failure) << lane.name << " " << fault;
      EXPECT_TRUE(late.report.content) << lane.name << " " << fault;
    }
}

}  // namespace
}  // namespace ajar::sim::test
