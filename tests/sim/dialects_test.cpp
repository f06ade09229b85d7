// tests/sim/dialects_test.cpp - answers in each dialect, whole and streamed, as the official clients expect them.
#include <gtest/gtest.h>

#include "harness.hpp"

namespace ajar::sim::test {
namespace {

constexpr std::string_view weather =
    R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":5}},"required":["city"],"additionalProperties":false})";

std::string chat_with(std::string_view more, std::string_view text = "hi", bool stream = false) {
  return fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":{}}}],"stream":{}{}{}}})", json::quote(text), stream,
                     more.empty() ? "" : ",", more);
}
std::string chat_tools(std::string_view more = {}) {
  return fmt::format(
      R"("tools":[{{"type":"function","function":{{"name":"get_weather","parameters":{0}}}}},{{"type":"function","function":{{"name":"get_time","parameters":{0}}}}}]{1})",
      weather, more);
}
constexpr std::string_view chat = "/v1/chat/completions";

TEST(Chat, WholeAnswerHasWhatTheClientReads) {
  Simulated sim;
  const Answer answer = sim.post(chat, chat_with("", "Say hello."));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_FALSE(answer.header("x-request-id").empty());
  const json::Value v = answer.json();
  EXPECT_TRUE(v["id"].text().starts_with("chatcmpl-"));
  EXPECT_EQ(v["object"].text(), "chat.completion");
  EXPECT_EQ(v["model"].text(), "m");
  EXPECT_TRUE(v["created"].integer());
  const json::Value& choice = v["choices"].at(0);
  EXPECT_EQ(choice["finish_reason"].text(), "stop");
  EXPECT_NE(choice.object()->find("logprobs"), nullptr);
  EXPECT_NE(choice["message"].object()->find("refusal"), nullptr);
  EXPECT_NE(choice["message"]["content"].text().find("Say hello."), std::string_view::npos);
  EXPECT_EQ(v["usage"]["completion_tokens"].integer(), 64);
  EXPECT_EQ(*v["usage"]["total_tokens"].integer(), *v["usage"]["prompt_tokens"].integer() + 64);
}

TEST(Chat, OtherPathsOfProvidersWork) {
  Simulated sim;
  for (const std::string_view path :
       {"/chat/completions", "/openai/chat/completions", "/compatible-mode/v1/chat/completions", "/api/v1/chat/completions"})
    EXPECT_EQ(sim.post(path, chat_with("")).status, 200) << path;
  EXPECT_EQ(sim.post("/v1/nothing", "{}").status, 404);
  EXPECT_EQ(sim.get(chat).status, 405);
}

TEST(Chat, StreamSaysTheSameAsTheWholeAnswer) {
  Simulated sim;
  const std::string whole(sim.post(chat, chat_with("", "h\xC3\xA9llo \xE2\x82\xAC")).json()["choices"].at(0)["message"]["content"].text());
  const Answer answer = sim.post(chat, chat_with(R"("stream_options":{"include_usage":true})", "h\xC3\xA9llo \xE2\x82\xAC", true));
  EXPECT_EQ(answer.header("content-type"), "text/event-stream");
  const auto list = events(answer.body);
  ASSERT_GT(list.size(), 4u);
  EXPECT_EQ(list.front()["choices"].at(0)["delta"]["role"].text(), "assistant");
  EXPECT_EQ(list.back().text(), "[DONE]");
  const json::Value& usage = list[list.size() - 2];
  EXPECT_TRUE(usage["choices"].array()->empty());
  EXPECT_EQ(usage["usage"]["completion_tokens"].integer(), 64);
  EXPECT_EQ(list[list.size() - 3]["choices"].at(0)["finish_reason"].text(), "stop");
  std::string text;
  for (std::size_t i = 0; i + 2 < list.size(); ++i) {
    EXPECT_EQ(list[i]["id"], list[0]["id"]);
    EXPECT_NE(list[i].object()->find("usage"), nullptr);
    EXPECT_NE(list[i]["choices"].at(0).object()->find("finish_reason"), nullptr);
    text += list[i]["choices"].at(0)["delta"]["content"].text();
  }
  EXPECT_EQ(text, whole);
}

TEST(Chat, UsageOnlyWhereAskedFor) {
  Simulated sim;
  for (const json::Value& e : events(sim.post(chat, chat_with("", "hi", true)).body))
    if (e.is_object()) EXPECT_EQ(e.object()->find("usage"), nullptr);
}

TEST(Chat, NamedToolsAreCalledWithArgumentsOfTheirSchema) {
  Simulated sim;
  const json::Value v = sim.post(chat, chat_with(chat_tools(), "Use get_weather and get time please")).json();
  const json::Value& choice = v["choices"].at(0);
  EXPECT_EQ(choice["finish_reason"].text(), "tool_calls");
  EXPECT_TRUE(choice["message"]["content"].is_null());
  ASSERT_EQ(choice["message"]["tool_calls"].array()->size(), 2u);
  const json::Value& call = choice["message"]["tool_calls"].at(0);
  EXPECT_TRUE(call["id"].text().starts_with("call_"));
  EXPECT_EQ(call["function"]["name"].text(), "get_weather");
  const auto arguments = json::read(call["function"]["arguments"].text());
  ASSERT_TRUE(arguments);
  EXPECT_TRUE((*arguments)["city"].is_string());
  EXPECT_FALSE(call["id"] == choice["message"]["tool_calls"].at(1)["id"]);
}

TEST(Chat, ToolChoiceAndParallelAreHeeded) {
  Simulated sim;
  const auto calls = [&](std::string_view more, std::string_view text) {
    const json::Value v = sim.post(chat, chat_with(chat_tools(more), text)).json();
    const json::Array* list = v["choices"].at(0)["message"]["tool_calls"].array();
    std::string names;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) names += std::string((*list)[i]["function"]["name"].text()) + " ";
    return names;
  };
  EXPECT_EQ(calls("", "hi"), "");
  EXPECT_EQ(calls(R"(,"tool_choice":"required")", "hi"), "get_weather ");
  EXPECT_EQ(calls(R"(,"tool_choice":{"type":"function","function":{"name":"get_time"}})", "hi"), "get_time ");
  EXPECT_EQ(calls(R"(,"tool_choice":"none")", "get_time"), "");
  EXPECT_EQ(calls(R"(,"parallel_tool_calls":false)", "get_time, get_weather"), "get_weather ");
  EXPECT_EQ(calls("", "forget_timely things"), "");
}

TEST(Chat, StreamedToolCallsAddUp) {
  Simulated sim;
  const auto list = events(sim.post(chat, chat_with(chat_tools(), "get_weather get_time", true)).body);
  std::string arguments[2], names[2];
  for (const json::Value& e : list)
    if (const json::Value& call = e["choices"].at(0)["delta"]["tool_calls"].at(0); call.is_object()) {
      const auto index = static_cast<std::size_t>(*call["index"].integer());
      names[index] += call["function"]["name"].text();
      arguments[index] += call["function"]["arguments"].text();
    }
  EXPECT_EQ(names[0], "get_weather");
  EXPECT_EQ(names[1], "get_time");
  EXPECT_TRUE((*json::read(arguments[0]))["city"].is_string());
  EXPECT_TRUE((*json::read(arguments[1]))["city"].is_string());
}

TEST(Chat, ResultsAreAnsweredWithText) {
  Simulated sim;
  const json::Value v =
      sim.post(
             chat,
             fmt::format(
                 R"({{"model":"m","messages":[{{"role":"user","content":"get_weather"}},{{"role":"assistant","content":null,"tool_calls":[{{"id":"c1","type":"function",
      "function":{{"name":"get_weather","arguments":"{{}}"}}}}]}},{{"role":"tool","tool_call_id":"c1","content":"21 degrees"}}],{}}})",
                 chat_tools()))
          .json();
  EXPECT_NE(v["choices"].at(0)["message"]["content"].text().find("21 degrees"), std::string_view::npos);
  EXPECT_EQ(v["choices"].at(0)["finish_reason"].text(), "stop");
}

TEST(Chat, WhatOpenAiRefusesIsRefused) {
  Simulated sim;
  EXPECT_EQ(sim.post(chat, "{").status, 400);
  EXPECT_EQ(sim.post(chat, "[]").status, 400);
  EXPECT_EQ(sim.post(chat, R"({"messages":[{"role":"user","content":"x"}]})").json()["error"]["param"].text(), "model");
  EXPECT_EQ(sim.post(chat, R"({"model":"m","messages":[]})").json()["error"]["param"].text(), "messages");
  EXPECT_EQ(sim.post(chat, chat_with(R"("max_tokens":0)")).json()["error"]["param"].text(), "max_tokens");
  EXPECT_EQ(sim.post(chat, chat_with(R"("tools":[])")).status, 400);
  EXPECT_EQ(sim.post(chat, R"({"model":"m","messages":[{"role":"tool","tool_call_id":"x","content":"y"}]})").status, 400);
  EXPECT_EQ(
      sim.post(
             chat,
             R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"y"}]})")
          .status,
      400);
  EXPECT_EQ(sim.post(chat, chat_with(R"("stream_options":{"include_usage":true})")).status, 400);
}

TEST(Chat, StructuredOutputIsAnInstance) {
  Simulated sim;
  const json::Value v =
      sim.post(chat,
               chat_with(fmt::format(R"("response_format":{{"type":"json_schema","json_schema":{{"name":"w","schema":{}}}}})", weather)))
          .json();
  const auto instance = json::read(v["choices"].at(0)["message"]["content"].text());
  ASSERT_TRUE(instance);
  EXPECT_TRUE((*instance)["city"].is_string());
  EXPECT_TRUE(json::read(
      sim.post(chat, chat_with(R"("response_format":{"type":"json_object"})")).json()["choices"].at(0)["message"]["content"].text()));
}

TEST(Chat, LimitStopAndChoices) {
  Simulated sim;
  const json::Value cut = sim.post(chat, chat_with(R"("max_completion_tokens":5)")).json();
  EXPECT_EQ(cut["choices"].at(0)["finish_reason"].text(), "length");
  EXPECT_EQ(cut["usage"]["completion_tokens"].integer(), 5);
  const json::Value stopped = sim.post(chat, chat_with(R"("stop":["simulated"])")).json();
  EXPECT_EQ(stopped["choices"].at(0)["message"]["content"].text(), "This is a ");
  const json::Value three = sim.post(chat, chat_with(R"("n":3)")).json();
  ASSERT_EQ(three["choices"].array()->size(), 3u);
  EXPECT_EQ(three["choices"].at(2)["index"].integer(), 2);
  EXPECT_FALSE(three["choices"].at(0)["message"]["content"] == three["choices"].at(1)["message"]["content"]);
  std::string second;
  for (const json::Value& e : events(sim.post(chat, chat_with(R"("n":3)", "hi", true)).body))
    if (e["choices"].at(0)["index"].integer() == 1) second += e["choices"].at(0)["delta"]["content"].text();
  EXPECT_EQ(second, three["choices"].at(1)["message"]["content"].text());
}

TEST(Chat, ReasoningLogprobsAndRefusal) {
  Simulated sim;
  const json::Value thought = sim.post(chat, chat_with(R"("reasoning_effort":"low")")).json();
  EXPECT_FALSE(thought["choices"].at(0)["message"]["reasoning_content"].text().empty());
  EXPECT_EQ(thought["usage"]["completion_tokens_details"]["reasoning_tokens"].integer(), 16);
  EXPECT_EQ(thought["usage"]["completion_tokens"].integer(), 16 + 64);
  const json::Value probs =
      sim.post(chat, chat_with(R"("logprobs":true,"top_logprobs":2,"max_tokens":4)")).json()["choices"].at(0)["logprobs"];
  ASSERT_EQ(probs["content"].array()->size(), 4u);
  EXPECT_EQ(probs["content"].at(0)["top_logprobs"].array()->size(), 2u);
  EXPECT_LT(*probs["content"].at(0)["logprob"].number(), 0);
  const json::Value refused = sim.post(chat, chat_with("", "Do it. [sim refuse]")).json()["choices"].at(0);
  EXPECT_FALSE(refused["message"]["refusal"].text().empty());
  EXPECT_TRUE(refused["message"]["content"].is_null());
  EXPECT_EQ(sim.post(chat, chat_with("", "[sim filter]")).json()["choices"].at(0)["finish_reason"].text(), "content_filter");
}

TEST(Usage, LongBeginningsAreReadFromTheCache) {
  Simulated sim;
  const std::string prompt(8192, 'x');
  const auto cached = [&](std::string_view text) {
    return *sim.post(chat, chat_with("", text)).json()["usage"]["prompt_tokens_details"]["cached_tokens"].integer();
  };
  EXPECT_EQ(cached(prompt), 0);
  EXPECT_GE(cached(prompt + "another end"), 1920);
  EXPECT_EQ(cached(std::string("short")), 0);
  EXPECT_EQ(cached(std::string("short")), 0);
}

TEST(Usage, AnthropicCachesWhereItIsAsked) {
  Simulated sim;
  const auto usage = [&](std::string_view mark) {
    return sim
        .post(
            "/v1/messages",
            fmt::format(
                R"({{"model":"m","max_tokens":9,"system":[{{"type":"text","text":"{}"{}}}],"messages":[{{"role":"user","content":"hi"}}]}})",
                std::string(8192, 'y'), mark),
            version)
        .json()["usage"];
  };
  EXPECT_EQ(usage("")["cache_creation_input_tokens"].integer(), 0);
  const json::Value written = usage(R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})");
  EXPECT_EQ(written["cache_creation"]["ephemeral_1h_input_tokens"].integer(), 2048);
  const json::Value read = usage(R"(,"cache_control":{"type":"ephemeral"})");
  EXPECT_EQ(read["cache_read_input_tokens"].integer(), 2048);
  EXPECT_LT(*read["input_tokens"].integer(), 10);
}

TEST(Anthropic, StreamFollowsTheProtocol) {
  Simulated sim;
  const Answer answer =
      sim.post("/v1/messages", R"({"model":"m","max_tokens":4000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"},
      "messages":[{"role":"user","content":"use get_weather"}],"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})",
               version);
  std::string types, input;
  int open = -1;
  for (const json::Value& e : events(answer.body)) {
    const std::string_view type = e["type"].text();
    EXPECT_NE(answer.body.find(fmt::format("event: {}\n", type)), std::string::npos);
    if (type == "content_block_start") {
      EXPECT_EQ(*e["index"].integer(), open + 1);
      open = static_cast<int>(*e["index"].integer());
      types += std::string(e["content_block"]["type"].text()) + " ";
    }
    if (type == "content_block_delta") {
      EXPECT_EQ(*e["index"].integer(), open);
      input += e["delta"]["partial_json"].text();
    }
    if (type == "message_delta") EXPECT_EQ(e["delta"]["stop_reason"].text(), "tool_use");
  }
  EXPECT_EQ(types, "thinking tool_use ");
  EXPECT_TRUE((*json::read(input))["city"].is_string());
  EXPECT_EQ(events(answer.body).back()["type"].text(), "message_stop");
  EXPECT_NE(answer.body.find("signature_delta"), std::string::npos);
}

TEST(Anthropic, WholeAnswersAndStopReasons) {
  Simulated sim;
  const auto ask = [&](std::string_view more, std::string_view text = "hi") {
    return sim
        .post("/v1/messages",
              fmt::format(R"({{"model":"m","max_tokens":100,"messages":[{{"role":"user","content":"{}"}}]{}}})", text, more), version)
        .json();
  };
  const json::Value plain = ask("");
  EXPECT_TRUE(plain["id"].text().starts_with("msg_"));
  EXPECT_EQ(plain["stop_reason"].text(), "end_turn");
  EXPECT_EQ(plain["content"].at(0)["type"].text(), "text");
  EXPECT_EQ(plain["usage"]["output_tokens"].integer(), 64);
  const json::Value stopped = ask(R"(,"stop_sequences":["model"])");
  EXPECT_EQ(stopped["stop_reason"].text(), "stop_sequence");
  EXPECT_EQ(stopped["stop_sequence"].text(), "model");
  EXPECT_EQ(ask("", "[sim tokens 500]")["stop_reason"].text(), "max_tokens");
  const json::Value refused = ask("", "[sim refuse]");
  EXPECT_EQ(refused["stop_reason"].text(), "refusal");
  EXPECT_TRUE(refused["stop_details"]["explanation"].is_string());
  const json::Value hidden = ask(R"(,"thinking":{"type":"adaptive"})");
  EXPECT_EQ(hidden["content"].at(0)["thinking"].text("?"), "");
  EXPECT_FALSE(hidden["content"].at(0)["signature"].text().empty());
}

TEST(Anthropic, WhatItRefusesIsRefused) {
  Simulated sim;
  const auto status = [&](std::string_view body, std::string_view headers = version) {
    return sim.post("/v1/messages", body, headers).status;
  };
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})", ""), 400);
  EXPECT_EQ(status(R"({"model":"m","messages":[{"role":"user","content":"x"}]})"), 400);
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"seed":1})"), 400);
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":""}]}]})"), 400);
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":"x"}]})"), 400);
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"temperature":1,"messages":[{"role":"user","content":"x"}]})",
                   "anthropic-version: 2026-10-21\r\n"),
            400);
  EXPECT_EQ(status(R"({"model":"m","max_tokens":9,"temperature":1,"messages":[{"role":"user","content":"x"}]})"), 200);
  EXPECT_EQ(
      status(
          R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":"y"}]})"),
      400);
  EXPECT_EQ(
      status(
          R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]}]})"),
      200);
}

TEST(Gemini, AnswersStreamsAndSignatures) {
  Simulated sim;
  const std::string body =
      R"({"contents":[{"parts":[{"text":"use get_weather and get_time"}]}],"generation_config":{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"LOW"}},
      "tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}},{"name":"get_time","parametersJsonSchema":{"type":"object"}}]}]})";
  const json::Value v = sim.post("/v1beta/models/g:generateContent", body).json();
  const json::Value& parts = v["candidates"].at(0)["content"]["parts"];
  ASSERT_EQ(parts.array()->size(), 3u);
  EXPECT_EQ(parts.at(0)["thought"].boolean(), true);
  EXPECT_TRUE(parts.at(1)["functionCall"]["args"]["city"].is_string());
  EXPECT_TRUE(parts.at(1)["thoughtSignature"].is_string());
  EXPECT_TRUE(parts.at(2)["thoughtSignature"].is_null());
  EXPECT_EQ(v["candidates"].at(0)["finishReason"].text(), "STOP");
  const json::Value& usage = v["usageMetadata"];
  EXPECT_EQ(usage["thoughtsTokenCount"].integer(), 16);
  EXPECT_EQ(*usage["totalTokenCount"].integer(), *usage["promptTokenCount"].integer() + *usage["candidatesTokenCount"].integer() + 16);
  const Answer streamed = sim.post("/v1beta/models/g:streamGenerateContent?alt=sse", body);
  EXPECT_TRUE(streamed.body.ends_with("\r\n\r\n"));
  EXPECT_EQ(events(streamed.body).back()["candidates"].at(0)["finishReason"].text(), "STOP");
  const Answer array = sim.post("/v1beta/models/g:streamGenerateContent", body);
  EXPECT_EQ(array.json().array()->size(), events(streamed.body).size());
}

TEST(Gemini, RefusalFilterCandidatesAndSchema) {
  Simulated sim;
  const auto ask = [&](std::string_view text, std::string_view more = "") {
    return sim.post("/v1beta/models/g:generateContent", fmt::format(R"({{"contents":[{{"parts":[{{"text":"{}"}}]}}]{}}})", text, more));
  };
  const json::Value refused = ask("[sim refuse]").json();
  EXPECT_EQ(refused["promptFeedback"]["blockReason"].text(), "SAFETY");
  EXPECT_TRUE(refused["candidates"].is_null());
  EXPECT_EQ(ask("[sim filter]").json()["candidates"].at(0)["finishReason"].text(), "SAFETY");
  EXPECT_EQ(ask("x", R"(,"generationConfig":{"candidateCount":2})").json()["candidates"].array()->size(), 2u);
  EXPECT_EQ(ask("x", R"(,"generationConfig":{"maxOutputTokens":3})").json()["candidates"].at(0)["finishReason"].text(), "MAX_TOKENS");
  const json::Value made =
      ask("x", fmt::format(R"(,"generationConfig":{{"responseMimeType":"application/json","responseJsonSchema":{}}})", weather)).json();
  EXPECT_TRUE((*json::read(made["candidates"].at(0)["content"]["parts"].at(0)["text"].text()))["city"].is_string());
  const Answer unknown = ask("x", fmt::format(R"(,"tools":[{{"functionDeclarations":[{{"name":"f","parameters":{}}}]}}])", weather));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("additionalProperties"), std::string::npos);
  EXPECT_EQ(sim.post("/v1beta/models/g:generateContent",
                     R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"text":"x"}]}]})")
                .status,
            400);
}

TEST(Responses, StreamFollowsTheProtocol) {
  Simulated sim;
  const Answer answer = sim.post(
      "/v1/responses", fmt::format(R"({{"model":"m","input":"use get_weather","stream":true,"reasoning":{{"effort":"low","summary":"auto"}},
      "tools":[{{"type":"function","name":"get_weather","parameters":{},"strict":false}}]}})",
                                   weather));
  const auto list = events(answer.body);
  EXPECT_EQ(list.front()["type"].text(), "response.created");
  EXPECT_EQ(list.back()["type"].text(), "response.completed");
  std::string arguments, types;
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(*list[i]["sequence_number"].integer(), static_cast<std::int64_t>(i));
    if (list[i]["type"].text() == "response.output_item.added") types += std::string(list[i]["item"]["type"].text()) + " ";
    if (list[i]["type"].text() == "response.function_call_arguments.delta") arguments += list[i]["delta"].text();
  }
  EXPECT_EQ(types, "reasoning function_call ");
  EXPECT_TRUE((*json::read(arguments))["city"].is_string());
  const json::Value& last = list.back()["response"];
  EXPECT_EQ(last["output"].at(1)["arguments"].text(), arguments);
  EXPECT_EQ(last["usage"]["output_tokens_details"]["reasoning_tokens"].integer(), 16);
}

TEST(Responses, WholeAnswersAndState) {
  Simulated sim;
  const json::Value v = sim.post("/v1/responses", R"({"model":"m","input":"hi","max_output_tokens":4})").json();
  EXPECT_EQ(v["status"].text(), "incomplete");
  EXPECT_EQ(v["incomplete_details"]["reason"].text(), "max_output_tokens");
  EXPECT_EQ(v["output"].at(0)["content"].at(0)["type"].text(), "output_text");
  EXPECT_EQ(sim.post("/v1/responses", R"({"model":"m","input":"hi","previous_response_id":"x"})").status, 400);
  EXPECT_EQ(sim.post("/v1/responses", R"({"model":"m","input":[{"type":"function_call_output","call_id":"x","output":"y"}]})").status, 400);
}

TEST(Ollama, LinesEndWithCounts) {
  Simulated sim;
  const Answer answer = sim.post("/api/chat", R"({"model":"m","messages":[{"role":"user","content":"hi"}],"think":true})");
  EXPECT_EQ(answer.header("content-type"), "application/x-ndjson");
  const auto list = events(answer.body);
  EXPECT_EQ(list.back()["done"].boolean(), true);
  EXPECT_EQ(list.back()["done_reason"].text(), "stop");
  EXPECT_EQ(list.back()["eval_count"].integer(), 64 + 32);
  EXPECT_FALSE(list.front()["message"]["thinking"].text().empty());
  const json::Value call =
      sim.post(
             "/api/chat",
             R"({"model":"m","stream":false,"messages":[{"role":"user","content":"get_weather"}],"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]})")
          .json();
  EXPECT_TRUE(call["message"]["tool_calls"].at(0)["function"]["arguments"]["city"].is_string());
}

TEST(Counting, PromptsAreCounted) {
  Simulated sim;
  EXPECT_GT(*sim.post("/v1/messages/count_tokens", R"({"model":"m","messages":[{"role":"user","content":"hello there"}]})")
                 .json()["input_tokens"]
                 .integer(),
            2);
  EXPECT_GT(
      *sim.post("/v1beta/models/g:countTokens", R"({"contents":[{"parts":[{"text":"hello there"}]}]})").json()["totalTokens"].integer(), 1);
}

TEST(Lists, ModelsComeInEachShape) {
  Simulated sim;
  EXPECT_EQ(sim.get("/v1/models").json()["data"].at(0)["id"].text(), "sim-chat");
  EXPECT_EQ(sim.get("/v1/models", version).json()["data"].at(0)["type"].text(), "model");
  EXPECT_EQ(sim.get("/v1beta/models").json()["models"].at(0)["name"].text(), "models/sim-chat");
  EXPECT_EQ(sim.get("/api/tags").json()["models"].at(0)["name"].text(), "sim-chat");
  EXPECT_EQ(sim.get("/v1/models/sim-small").json()["id"].text(), "sim-small");
  EXPECT_EQ(sim.get("/v1/models/other").status, 404);
  EXPECT_EQ(sim.get("/v1/models").header("x-ajar-simulated"), "true");
}

TEST(Lists, EnginesAreRecognisedByTheirOwnSignsOnly) {
  struct Sign {
    Engine engine;
    std::string_view path, key;
  };
  constexpr Sign signs[] = {{Engine::vllm, "/version", "version"},
                            {Engine::sglang, "/server_info", "model_path"},
                            {Engine::llamacpp, "/props", "default_generation_settings"},
                            {Engine::ollama, "/api/version", "version"},
                            {Engine::lmstudio, "/api/v0/models", "data"},
                            {Engine::tgi, "/info", "docker_label"}};
  for (const Sign& own : signs) {
    Script script = quick();
    script.engine = own.engine;
    Simulated sim(script);
    for (const Sign& s : signs)
      EXPECT_EQ(sim.get(s.path).status, s.engine == own.engine ? 200 : 404) << name_of(own.engine) << " " << s.path;
    EXPECT_FALSE(sim.get(own.path).json()[own.key].is_null()) << own.path;
    EXPECT_EQ(sim.get("/health").status, 200);
  }
}

TEST(Engines, ChatHasTheirWays) {
  const auto ask = [](Engine engine, std::string_view model) {
    Script script = quick();
    script.engine = engine;
    Simulated sim(script);
    return sim.post(chat, fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"hi"}}],"reasoning_effort":"low"}})", model))
        .json();
  };
  EXPECT_TRUE(ask(Engine::vllm, "m")["choices"].at(0)["message"]["reasoning"].is_string());
  EXPECT_TRUE(ask(Engine::sglang, "m")["choices"].at(0)["message"]["reasoning_content"].is_string());
  EXPECT_TRUE(ask(Engine::openai, "m")["choices"].at(0)["message"]["reasoning_content"].is_null());
  EXPECT_EQ(ask(Engine::vllm, "sim-fail-500")["error"]["code"].integer(), 500);
  EXPECT_EQ(ask(Engine::sglang, "sim-fail-500")["object"].text(), "error");
  EXPECT_EQ(ask(Engine::tgi, "sim-fail-503")["error_type"].text(), "overloaded");
}

TEST(Keys, AreAskedForAndNotKept) {
  Script script = quick();
  script.key = "simulated-key";
  Simulated sim(script);
  for (const Spoken& s : spoken("m", "hi", false)) EXPECT_EQ(sim.post(s.target, s.body, s.headers).status, 401) << s.name;
  for (const std::string_view header :
       {"authorization: Bearer simulated-key\r\n", "x-api-key: simulated-key\r\n", "x-goog-api-key: simulated-key\r\n"}) {
    EXPECT_EQ(sim.post(chat, chat_with(""), header).status, 200);
    const Answer last = sim.get("/sim/last", header);
    EXPECT_EQ(last.body.find("simulated-key"), std::string::npos);
    EXPECT_EQ(last.json()["path"].text(), chat);
    EXPECT_EQ(last.json()["body"].text(), chat_with(""));
  }
}

}  // namespace
}  // namespace ajar::sim::test
