// tests/wire/anthropic_test.cpp - Chat to Anthropic Messages: what the golden vectors leave open.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

constexpr std::string_view tools = R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}},)"
                                   R"({"type":"function","function":{"name":"g"}}])";

TEST(ToAnthropic, LimitIsTheModelsOwnWhenNoneIsGiven) {
  EXPECT_EQ(carry(claude(), "")->request["max_tokens"].integer(), 64000);
  EXPECT_EQ(carry(claude(), R"("max_tokens":5,"max_completion_tokens":7)")->request["max_tokens"].integer(), 7);
  Profile unknown = claude();
  unknown.max_output_tokens = 0;
  EXPECT_GT(carry(unknown, "")->request["max_tokens"].integer(), 0);
}

TEST(ToAnthropic, SamplingOnlyWhereItIsTaken) {
  const auto modern = carry(claude(), R"("temperature":1,"top_p":0.5,"top_k":3)");
  EXPECT_EQ(modern->warnings(), "dropped:temperature,dropped:top_p,dropped:top_k");
  EXPECT_EQ(header(modern->outbound.headers, "anthropic-version"), "2026-10-21");
  const auto older = carry(older_claude(), R"("temperature":1.4,"top_p":0.5,"top_k":3)");
  EXPECT_EQ(older->request["temperature"].number(), 1.0);
  EXPECT_TRUE(older->request["top_p"].is_null());
  EXPECT_EQ(older->request["top_k"].integer(), 3);
  EXPECT_EQ(older->warnings(), "approximated:temperature,dropped:top_p");
  EXPECT_EQ(header(older->outbound.headers, "anthropic-version"), "2023-06-01");
  EXPECT_EQ(carry(older_claude(), R"("top_p":0.5)")->request["top_p"].number(), 0.5);
}

TEST(ToAnthropic, ThinkingByBudget) {
  const auto high = carry(older_claude(), R"("reasoning_effort":"high","temperature":0.3)");
  EXPECT_EQ(high->request["thinking"], parsed(R"({"type":"enabled","budget_tokens":24576})"));
  EXPECT_EQ(high->warnings(), "dropped:temperature");
  EXPECT_EQ(header(high->outbound.headers, "anthropic-version"), "2026-10-21");
  const auto most = carry(older_claude(), R"("reasoning_effort":"max")");
  EXPECT_EQ(most->request["thinking"]["budget_tokens"].integer(), 32000);
  EXPECT_EQ(most->warnings(), "approximated:reasoning_effort");
  const auto tight = carry(older_claude(), R"("reasoning_effort":"medium","max_tokens":4000)");
  EXPECT_EQ(tight->request["thinking"]["budget_tokens"].integer(), 2976);
  EXPECT_EQ(tight->warnings(), "approximated:reasoning_effort");
  const auto tiny = carry(older_claude(), R"("reasoning_effort":"low","max_tokens":1000)");
  EXPECT_TRUE(tiny->request["thinking"].is_null());
  EXPECT_EQ(tiny->warnings(), "dropped:reasoning_effort");
  EXPECT_TRUE(carry(older_claude(), R"("reasoning_effort":"none")")->request["thinking"].is_null());
  Profile unknown = older_claude();
  unknown.max_output_tokens = 0;
  const auto raised = carry(unknown, R"("reasoning_effort":"high")");
  EXPECT_EQ(raised->request["max_tokens"].integer(), 25600);
}

TEST(ToAnthropic, ThinkingGivesWayToAForcedCall) {
  const auto x = carry(older_claude(), std::string(tools) + R"(,"tool_choice":"required","reasoning_effort":"high")");
  EXPECT_TRUE(x->request["thinking"].is_null());
  EXPECT_EQ(x->request["tool_choice"], parsed(R"({"type":"any"})"));
  EXPECT_EQ(x->warnings(), "dropped:reasoning_effort");
}

TEST(ToAnthropic, AdaptiveEffortsThatAModelLacksAreTheNearest) {
  Profile p = claude();
  p.efforts = {"low", "medium", "high"};
  const auto x = carry(p, R"("reasoning_effort":"max")");
  EXPECT_EQ(x->request["output_config"]["effort"].text(), "high");
  EXPECT_EQ(x->warnings(), "approximated:reasoning_effort");
  EXPECT_EQ(carry(claude(), R"("reasoning_effort":"none")")->request["thinking"], parsed(R"({"type":"disabled"})"));
  EXPECT_EQ(carry(claude(), R"("reasoning_effort":"max")")->warnings(), "");
}

TEST(ToAnthropic, ToolChoices) {
  const auto chosen = [&](std::string_view choice) { return carry(claude(), std::string(tools) + "," + std::string(choice)); };
  EXPECT_EQ(chosen(R"("tool_choice":"none")")->request["tool_choice"], parsed(R"({"type":"none"})"));
  EXPECT_EQ(chosen(R"("tool_choice":{"type":"function","function":{"name":"g"}})")->request["tool_choice"],
            parsed(R"({"type":"tool","name":"g"})"));
  EXPECT_EQ(chosen(R"("parallel_tool_calls":false)")->request["tool_choice"],
            parsed(R"({"type":"auto","disable_parallel_tool_use":true})"));
  EXPECT_EQ(chosen(R"("parallel_tool_calls":false,"tool_choice":"none")")->request["tool_choice"], parsed(R"({"type":"none"})"));
  const auto allowed = chosen(
      R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})");
  EXPECT_EQ(allowed->request["tool_choice"], parsed(R"({"type":"any"})"));
  ASSERT_EQ(allowed->request["tools"].array()->size(), 1u);
  EXPECT_EQ(allowed->request["tools"].at(0), parsed(R"({"name":"g","input_schema":{"type":"object","properties":{}}})"));
}

TEST(ToAnthropic, AnEmptyListOfToolsIsNoList) {
  const auto x = carry(claude(), R"("tools":[],"tool_choice":"auto","parallel_tool_calls":false)");
  EXPECT_TRUE(x->request["tools"].is_null());
  EXPECT_TRUE(x->request["tool_choice"].is_null());
  EXPECT_EQ(x->warnings(), "");
}

TEST(ToAnthropic, WhatCannotBeHadIsRefusedByName) {
  const auto param = [](std::string_view fields) { return carry(claude(), fields)->param(); };
  EXPECT_EQ(param(R"("n":2)"), "n");
  EXPECT_EQ(param(R"("top_logprobs":2,"logprobs":true)"), "logprobs");
  EXPECT_EQ(param(R"("modalities":["text","audio"],"audio":{"voice":"x","format":"wav"})"), "modalities");
  EXPECT_EQ(param(R"("web_search_options":{})"), "web_search_options");
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}])"),
            "messages[0].content[0].input_audio");
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f-1"}}]}])"),
            "messages[0].content[0].file.file_id");
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,AA=="}}]}])"),
            "messages[0].content[0].image_url");
  EXPECT_EQ(carry(claude(), R"("n":2)")->error->code, "unsupported_by_route");
  EXPECT_EQ(carry(claude(), R"("n":1,"logprobs":false,"modalities":["text"],"audio":null)")->warnings(), "");
}

TEST(ToAnthropic, BookkeepingIsDroppedOrMapped) {
  const auto x =
      carry(claude(), R"("store":true,"metadata":{"a":"b"},"safety_identifier":"s","user":"u","service_tier":"default","seed":1,)"
                      R"("logit_bias":{"1":1},"verbosity":"low","prediction":{"type":"content","content":"x"},"prompt_cache_key":"k",)"
                      R"("x_unknown":1,"frequency_penalty":0.5)");
  EXPECT_EQ(x->request["metadata"], parsed(R"({"user_id":"s"})"));
  EXPECT_EQ(x->request["service_tier"].text(), "standard_only");
  EXPECT_EQ(x->warnings(),
            "dropped:store,dropped:metadata,dropped:seed,dropped:logit_bias,dropped:verbosity,dropped:x_unknown,dropped:frequency_penalty");
  EXPECT_EQ(carry(claude(), R"("service_tier":"flex")")->warnings(), "dropped:service_tier");
  EXPECT_EQ(carry(claude(), R"("store":false,"metadata":{},"seed":null)")->warnings(), "");
}

TEST(ToAnthropic, JsonObjectIsAnInstruction) {
  const auto x = carry(claude(), R"("response_format":{"type":"json_object"})");
  EXPECT_EQ(x->request["system"].text(), "Respond with a single JSON object.");
  EXPECT_EQ(x->warnings(), "emulated:response_format");
  const auto y = carry(
      claude(), R"("response_format":{"type":"json_object"},"messages":[{"role":"system","content":"S"},{"role":"user","content":"u"}])");
  EXPECT_EQ(y->request["system"], parsed(R"([{"type":"text","text":"S"},{"type":"text","text":"Respond with a single JSON object."}])"));
}

TEST(ToAnthropic, SchemasLoseBoundsIntoTheDescription) {
  const auto x =
      carry(claude(), R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":)"
                      R"({"n":{"type":"integer","description":"count","minimum":1,"maximum":5},"e":{"enum":["minimum"]}}}}})");
  const json::Value& schema = x->request["output_config"]["format"]["schema"];
  EXPECT_EQ(schema["properties"]["n"], parsed(R"({"type":"integer","description":"count\n\n{minimum: 1, maximum: 5}"})"));
  EXPECT_EQ(schema["properties"]["e"], parsed(R"({"enum":["minimum"]})"));
  EXPECT_EQ(schema["additionalProperties"].boolean(), false);
  EXPECT_EQ(x->warnings(), "approximated:response_format");
  const auto recursive =
      carry(claude(), R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":)"
                      R"({"child":{"$ref":"#"}}}}})");
  EXPECT_EQ(recursive->param(), "response_format");
}

TEST(ToAnthropic, StopsThatAreBlankAreLookedForHere) {
  const auto x = carry(claude(), R"("stop":["\n\n","END"])");
  EXPECT_EQ(x->request["stop_sequences"], parsed(R"(["END"])"));
  EXPECT_EQ(x->warnings(), "emulated:stop");
  const json::Value answer = answered(
      *x,
      R"({"id":"msg_1","type":"message","content":[{"type":"text","text":"one\n\ntwo"}],"stop_reason":"max_tokens","usage":{"input_tokens":1,"output_tokens":4}})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["content"].text(), "one");
  EXPECT_EQ(answer["choices"].at(0)["finish_reason"].text(), "stop");
}

TEST(ToAnthropic, ResultsStandFirstAndInTheOrderOfTheCalls) {
  const auto x =
      carry(claude(), R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":"","tool_calls":[)"
                      R"({"id":"a.1","type":"function","function":{"name":"f","arguments":"not json"}},)"
                      R"({"id":"a_1","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
                      R"({"role":"tool","tool_call_id":"a_1","content":"two"},{"role":"tool","tool_call_id":"a.1","content":"one"},)"
                      R"({"role":"user","content":"go on"}])");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(
      x->request["messages"].at(1)["content"],
      parsed(
          R"([{"type":"tool_use","id":"a_1","name":"f","input":{"_raw":"not json"}},{"type":"tool_use","id":"a_1_","name":"g","input":{}}])"));
  EXPECT_EQ(
      x->request["messages"].at(2)["content"],
      parsed(
          R"([{"type":"tool_result","tool_use_id":"a_1","content":"one"},{"type":"tool_result","tool_use_id":"a_1_","content":"two"},{"type":"text","text":"go on"}])"));
  EXPECT_EQ(x->warnings(), "approximated:tool_arguments");
}

TEST(ToAnthropic, CallsAndResultsMustPair) {
  EXPECT_EQ(
      carry(
          claude(),
          R"("messages":[{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]},{"role":"user","content":"x"}])")
          ->param(),
      "messages[1].tool_calls");
  EXPECT_EQ(carry(claude(), R"("messages":[{"role":"user","content":"u"},{"role":"tool","tool_call_id":"z","content":"x"}])")->param(),
            "messages[1].tool_call_id");
}

TEST(ToAnthropic, OldFunctionsAreToolsAndComeBackAsAFunctionCall) {
  const auto x = carry(
      claude(),
      R"("functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"},"messages":[{"role":"user","content":"u"},)"
      R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}},{"role":"function","name":"f","content":"r"}])");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(x->request["tools"].at(0)["name"].text(), "f");
  EXPECT_EQ(x->request["tool_choice"], parsed(R"({"type":"tool","name":"f"})"));
  EXPECT_EQ(x->request["messages"].at(2)["content"].at(0)["content"].text(), "r");
  const json::Value answer = answered(
      *x, R"({"id":"msg_1","content":[{"type":"tool_use","id":"t","name":"f","input":{"b":2}}],"stop_reason":"tool_use","usage":{}})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["function_call"], parsed(R"({"name":"f","arguments":"{\"b\":2}"})"));
  EXPECT_EQ(answer["choices"].at(0)["finish_reason"].text(), "function_call");
}

TEST(ToAnthropic, CustomToolsAreFunctionsWithOneString) {
  const std::string fields = R"("tools":[{"type":"custom","custom":{"name":"sh","description":"d"}}])";
  const auto x = carry(claude(), fields);
  EXPECT_EQ(x->warnings(), "emulated:tools");
  EXPECT_EQ(x->request["tools"].at(0)["input_schema"]["properties"]["input"]["type"].text(), "string");
  const json::Value answer = answered(
      *x,
      R"({"id":"msg_1","content":[{"type":"tool_use","id":"t","name":"sh","input":{"input":"ls"}}],"stop_reason":"tool_use","usage":{}})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["tool_calls"].at(0),
            parsed(R"({"id":"t","type":"custom","custom":{"name":"sh","input":"ls"}})"));
}

TEST(ToAnthropic, FilesAndOddMediaTypes) {
  const auto x = carry(
      claude(),
      R"("messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}},)"
      R"({"type":"image_url","image_url":{"url":"data:Image/JPG;charset=x;base64,BBBB"}},{"type":"text","text":" "}]}])");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(x->request["messages"].at(0)["content"],
            parsed(R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"a.pdf"},)"
                   R"({"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"BBBB"}}])"));
}

TEST(ToAnthropic, LaterSystemIsAReminderWhereTheModelTakesNone) {
  const auto x = carry(older_claude(), R"("messages":[{"role":"user","content":"u"},{"role":"system","content":"short"}])");
  EXPECT_EQ(
      x->request["messages"],
      parsed(
          R"([{"role":"user","content":[{"type":"text","text":"u"},{"type":"text","text":"<system-reminder>short</system-reminder>"}]}])"));
  EXPECT_EQ(x->warnings(), "approximated:system_position");
}

TEST(FromAnthropic, RefusalsAndEmptyAnswers) {
  const auto answer = [](std::string_view rest) {
    return answered(*carry(claude(), ""), std::string(R"({"id":"msg_1","type":"message",)") + std::string(rest) +
                                              R"(,"usage":{"input_tokens":3,"output_tokens":0}})")["choices"]
        .at(0);
  };
  const json::Value refusal =
      answer(R"("content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"No."})");
  EXPECT_EQ(refusal["finish_reason"].text(), "content_filter");
  EXPECT_EQ(refusal["message"]["refusal"].text(), "No.");
  EXPECT_TRUE(refusal["message"]["content"].is_null());
  const json::Value partial = answer(R"("content":[{"type":"text","text":"Well"}],"stop_reason":"refusal","stop_details":null)");
  EXPECT_EQ(partial["message"]["content"].text(), "Well");
  EXPECT_TRUE(partial["message"]["refusal"].is_null());
  EXPECT_EQ(answer(R"("content":[{"type":"text","text":"x"}],"stop_reason":"model_context_window_exceeded")")["finish_reason"].text(),
            "length");
  EXPECT_EQ(answer(R"("content":[{"type":"text","text":"x"}],"stop_reason":"stop_sequence","stop_sequence":"END")")["finish_reason"].text(),
            "stop");
  EXPECT_EQ(answer(R"("content":[{"type":"text","text":"x"}],"stop_reason":"pause_turn")")["finish_reason"].text(), "stop");
}

TEST(FromAnthropic, AnErrorInASuccessIsAnError) {
  const auto failed = [](std::string_view kind) {
    return answered(*carry(claude(), ""), std::string(R"({"type":"error","error":{"type":")") + std::string(kind) + R"(","message":"m"}})");
  };
  EXPECT_EQ(failed("overloaded_error")["status"].integer(), 503);
  EXPECT_EQ(failed("rate_limit_error")["error"]["code"].text(), "rate_limit_exceeded");
  EXPECT_EQ(failed("api_error")["status"].integer(), 502);
  EXPECT_EQ(failed("authentication_error")["error"]["code"].text(), "upstream_auth");
  EXPECT_EQ(answered(*carry(claude(), ""), "<html>")["status"].integer(), 502);
}

std::string event(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + std::string(rest) + "}\n\n";
}
const std::string start = event("message_start", R"(,"message":{"id":"msg_1","usage":{"input_tokens":5,"output_tokens":1}})");
const std::string request = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"u"}]})";

TEST(FromAnthropic, ThinkingStreamsAsTextAndThenAsASignedBlock) {
  const std::string upstream =
      start + event("content_block_start", R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})") +
      event("content_block_delta", R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"hm"})") +
      event("content_block_delta", R"(,"index":0,"delta":{"type":"signature_delta","signature":"S="})") +
      event("content_block_stop", R"(,"index":0)") +
      event("content_block_start", R"(,"index":1,"content_block":{"type":"redacted_thinking","data":"D"})") +
      event("content_block_stop", R"(,"index":1)") +
      event("content_block_start", R"(,"index":2,"content_block":{"type":"tool_use","id":"t","name":"now","input":{}})") +
      event("content_block_stop", R"(,"index":2)") +
      event("message_delta", R"(,"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9})") + event("message_stop", "");
  const auto got = events(stream_everywhere(claude(), request, upstream));
  ASSERT_EQ(got.size(), 8u);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"reasoning_content":"hm"})"));
  EXPECT_EQ(got[2]["choices"].at(0)["delta"],
            parsed(R"({"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"S=","index":0}]})"));
  EXPECT_EQ(got[3]["choices"].at(0)["delta"], parsed(R"({"thinking_blocks":[{"type":"redacted_thinking","data":"D","index":1}]})"));
  EXPECT_EQ(got[5]["choices"].at(0)["delta"], parsed(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"));
  EXPECT_EQ(got[6]["choices"].at(0)["finish_reason"].text(), "tool_calls");
}

TEST(FromAnthropic, AnErrorInMidStreamEndsItHonestly) {
  const std::string upstream = start + event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
                               event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"Once"})") +
                               event("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})") + event("message_stop", "");
  const auto got = events(stream_everywhere(claude(), request, upstream));
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[2], parsed(R"({"error":{"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"}})"));
}

TEST(FromAnthropic, ACutStreamIsAnErrorBeforeAndAfterContent) {
  EXPECT_EQ(stream_everywhere(claude(), request, start).substr(0, 31), "error upstream_unavailable cut:");
  const auto got = events(stream_everywhere(
      claude(), request, start + event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":"Hi"})")));
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got.back()["error"]["code"].text(), "upstream_error");
}

}  // namespace
}  // namespace ajar::wire::test
