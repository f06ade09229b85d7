// tests/wire/engines_test.cpp - Chat to engines that speak Chat their own way.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

const std::string plain = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"u"}]})";
const std::string counted =
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"u"}]})";

// A chunk of an engine with one choice.
std::string chunk(std::string_view delta, std::string_view finish = "null", std::string_view more = "") {
  return R"(data: {"id":"e1","object":"chat.completion.chunk","created":7,"model":"big","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]" + std::string(more) + "}\n\n";
}
const std::string done = "data: [DONE]\n\n";

TEST(ToEngines, UnchangedFieldsKeepTheirBytes) {
  const auto x = carry_body(
      engine("vllm"),
      "{ \"messages\" : [ {\"role\":\"user\",\"content\":\"u\"} ],\n \"top_k\":20, \"model\":\"m\",\"seed\": 12345678901234567890 }",
      "big");
  EXPECT_EQ(
      x->outbound.body.text(),
      "{\"messages\" : [ {\"role\":\"user\",\"content\":\"u\"} ],\n \"top_k\":20, \"model\":\"big\",\"seed\": 12345678901234567890 }");
}

TEST(ToEngines, LimitsUnderTheNameThatIsKnown) {
  EXPECT_EQ(json::write(carry(engine("tgi"), R"("max_tokens":null,"max_completion_tokens":9)")->request["max_tokens"]), "9");
  const auto both = carry(engine("vllm"), R"("max_tokens":3,"max_completion_tokens":9)");
  EXPECT_EQ(both->request["max_tokens"].integer(), 9);
  EXPECT_TRUE(both->request["max_completion_tokens"].is_null());
  EXPECT_EQ(carry(gpt(), R"("max_tokens":3,"max_completion_tokens":null)")->request["max_completion_tokens"].integer(), 3);
}

TEST(ToEngines, EmptyToolsGoWithTheirChoice) {
  for (const Profile& p : {engine("vllm"), gpt()}) {
    const auto x = carry(p, R"("tools":[],"tool_choice":"auto","parallel_tool_calls":true)");
    EXPECT_EQ(x->request.object()->size(), 2u) << x->outbound.body.text();
  }
  EXPECT_TRUE(carry(engine("vllm"), R"("tool_choice":"none")")->request["tool_choice"].is_null());
}

TEST(ToEngines, WhatOnlyOpenAIKnows) {
  const auto x = carry(
      engine("vllm"),
      R"("store":false,"metadata":null,"user":"u","logit_bias":{"1":1},"prediction":{},"stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true})");
  EXPECT_EQ(x->warnings(), "dropped:logit_bias");
  EXPECT_EQ(x->request["stream_options"], parsed(R"({"include_usage":true})"));
  EXPECT_EQ(carry(engine("vllm"), R"("stream":true,"stream_options":null)")->request["stream_options"],
            parsed(R"({"include_usage":true})"));
  EXPECT_EQ(carry(engine("vllm"), R"("moderation":{})")->param(), "moderation");
  EXPECT_EQ(carry(engine("vllm"), R"("modalities":["text"])")->warnings(), "");
  EXPECT_EQ(
      carry(engine("vllm"), R"("messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{"file_id":"f"}}]}])")
          ->param(),
      "messages[0].content[1].file");
}

TEST(ToEngines, TgiAndOllamaTakeLess) {
  const std::string tools = R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])";
  const auto tgi =
      carry(engine("tgi"), tools + R"(,"parallel_tool_calls":false,"reasoning_effort":"low","top_k":4,"tool_choice":"required")");
  EXPECT_EQ(tgi->warnings(), "dropped:parallel_tool_calls,dropped:reasoning_effort");
  EXPECT_EQ(tgi->request["tools"], parsed(R"([{"type":"function","function":{"name":"f"}}])"));
  EXPECT_EQ(tgi->request["tool_choice"].text(), "required");
  EXPECT_EQ(carry(engine("tgi"), R"("n":2)")->param(), "n");
  EXPECT_EQ(carry(engine("ollama"), tools + R"(,"tool_choice":"required")")->param(), "tool_choice");
  EXPECT_EQ(carry(engine("ollama"), R"("n":2)")->param(), "n");
  EXPECT_EQ(carry(engine("ollama"), tools + R"(,"tool_choice":"auto")")->request["tool_choice"].text(), "auto");
  EXPECT_EQ(carry(engine("vllm"), R"("n":2)")->request["n"].integer(), 2);
}

TEST(ToEngines, WordsOfEnginesDoNotReachOpenAI) {
  const auto x = carry(gpt(), R"("top_k":4,"chat_template_kwargs":{},"x_future":1,"reasoning_effort":"low")");
  EXPECT_EQ(x->warnings(), "dropped:top_k,dropped:chat_template_kwargs");
  EXPECT_EQ(x->request["x_future"].integer(), 1);
  EXPECT_EQ(x->request["reasoning_effort"].text(), "low");
  Profile plain_model = gpt();
  plain_model.reasoning_effort = false;
  EXPECT_EQ(carry(plain_model, R"("reasoning_effort":"low")")->warnings(), "dropped:reasoning_effort");
}

TEST(ToEngines, OldGuidedWordsOfVllm) {
  EXPECT_EQ(carry(engine("vllm"), R"("guided_regex":"a+")")->request["structured_outputs"], parsed(R"({"regex":"a+"})"));
  EXPECT_EQ(carry(engine("sglang"), R"("regex":"a+")")->request["regex"].text(), "a+");
}

TEST(ToEngines, MessagesThatTemplatesTake) {
  const auto x = carry(
      engine("vllm"),
      R"("messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"system","content":"c"},)"
      R"({"role":"user","content":"u","name":"n"},{"role":"assistant","content":null,"refusal":"no","reasoning_content":"r"},{"role":"system","content":"late"},)"
      R"({"role":"user","content":[{"type":"text","text":"v","prompt_cache_breakpoint":{"mode":"explicit"}}]}])");
  EXPECT_EQ(
      x->request["messages"],
      parsed(
          R"([{"role":"system","content":"ab\n\nc"},{"role":"user","content":"u","name":"n"},{"role":"assistant","content":"no","reasoning_content":"r"},)"
          R"({"role":"user","content":"<system-reminder>late</system-reminder>"},{"role":"user","content":[{"type":"text","text":"v"}]}])"));
  EXPECT_EQ(x->warnings(), "approximated:system_position");
}

TEST(ToEngines, FunctionsAndCustomToolsBecomeTools) {
  const auto old = carry(
      engine("vllm"),
      R"("functions":[{"name":"f"}],"function_call":"auto","messages":[{"role":"user","content":"u"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}])");
  EXPECT_EQ(old->request["tools"], parsed(R"([{"type":"function","function":{"name":"f"}}])"));
  EXPECT_EQ(old->request["tool_choice"].text(), "auto");
  EXPECT_EQ(old->request["messages"].at(2), parsed(R"({"role":"tool","content":"r","tool_call_id":"call_1_0"})"));
  const auto custom = carry(
      engine("vllm"),
      R"("tools":[{"type":"custom","custom":{"name":"sh"}}],"tool_choice":{"type":"custom","custom":{"name":"sh"}},"messages":[{"role":"user","content":"u"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"sh","input":"ls"}}]},{"role":"tool","tool_call_id":"c","content":"r"}])");
  EXPECT_EQ(custom->warnings(), "emulated:tools");
  EXPECT_EQ(custom->request["tool_choice"], parsed(R"({"type":"function","function":{"name":"sh"}})"));
  EXPECT_EQ(custom->request["messages"].at(1)["tool_calls"],
            parsed(R"([{"id":"c","type":"function","function":{"name":"sh","arguments":"{\"input\":\"ls\"}"}}])"));
  const json::Value answer = answered(
      *custom,
      R"({"id":"e","choices":[{"index":0,"message":{"content":null,"tool_calls":[{"id":"d","type":"function","function":{"name":"sh","arguments":"{\"input\":\"pwd\"}"}}]},"finish_reason":"stop"}]})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["tool_calls"].at(0),
            parsed(R"({"id":"d","type":"custom","custom":{"name":"sh","input":"pwd"}})"));
  EXPECT_EQ(answer["choices"].at(0)["finish_reason"].text(), "tool_calls");
}

TEST(ToEngines, AllowedToolsFilterTheList) {
  const auto x = carry(
      engine("vllm"),
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})");
  EXPECT_EQ(x->request["tools"], parsed(R"([{"type":"function","function":{"name":"g"}}])"));
  EXPECT_EQ(x->request["tool_choice"].text(), "required");
}

TEST(FromEngines, AWholeAnswerInOpenAIsShapeIsForwarded) {
  const auto x = carry(engine("compatible"), "", "big");
  const std::string body =
      "{ \"id\":\"chatcmpl-1\", "
      "\"object\":\"chat.completion\",\"created\":1,\"model\":\"big\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
      "\"content\":\"hi\",\"refusal\":null},"
      "\"logprobs\":null,\"finish_reason\":\"stop\",\"token_ids\":null}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_"
      "tokens\":5}}";
  const auto answer = x->lane->answer(body);
  ASSERT_TRUE(answer);
  std::string expected = body;
  expected.replace(expected.find("\"big\""), 5, "\"m\"");
  EXPECT_EQ(answer->body, expected);
  EXPECT_EQ(answer->report.usage.input, 3);
  EXPECT_EQ(answer->report.usage.output, 2);
  EXPECT_TRUE(answer->report.finished && answer->report.content);
  EXPECT_EQ(answer->report.upstream_id, "chatcmpl-1");
}

TEST(FromEngines, AnOddAnswerIsPutInOrder) {
  const json::Value answer = answered(
      *carry(engine("tgi"), "", "big"),
      R"({"id":"","object":"chat.completion","created":7,"model":"big","system_fingerprint":"x","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[)"
      R"({"id":"0","type":"function","function":{"description":null,"name":"f","arguments":{"a":1}}}]},"logprobs":null,"finish_reason":"eos_token"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})");
  EXPECT_TRUE(answer["id"].text().starts_with("chatcmpl-") && answer["id"].text().size() > 12);
  const json::Value& choice = answer["choices"].at(0);
  EXPECT_EQ(
      choice["message"],
      parsed(
          R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"0","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]})"));
  EXPECT_EQ(choice["finish_reason"].text(), "tool_calls");
  EXPECT_NE(choice.object()->find("logprobs"), nullptr);
}

TEST(FromEngines, ReasoningUnderItsOtherName) {
  for (const std::string_view message : {R"({"content":"4","reasoning":"sum"})", R"({"content":"4","reasoning_content":"sum"})",
                                         R"({"content":"4","reasoning_content":"sum","reasoning":"sum"})"}) {
    const json::Value answer = answered(*carry(engine("vllm"), ""), R"({"id":"e","choices":[{"index":0,"message":)" + std::string(message) +
                                                                        R"(,"finish_reason":"stop"}]})");
    EXPECT_EQ(answer["choices"].at(0)["message"]["reasoning_content"].text(), "sum");
    EXPECT_TRUE(answer["choices"].at(0)["message"]["reasoning"].is_null());
  }
  const json::Value none = answered(
      *carry(engine("sglang"), ""),
      R"({"id":"e","choices":[{"index":0,"message":{"content":"4","reasoning_content":"","tool_calls":[]},"finish_reason":"stop","matched_stop":5}]})");
  EXPECT_EQ(none["choices"].at(0)["message"].object()->size(), 3u) << json::write(none);
}

TEST(FromEngines, ErrorsInsideOfASuccess) {
  EXPECT_EQ(
      answered(*carry(engine("vllm"), ""), R"({"error":{"message":"m","type":"InternalServerError","code":500}})")["status"].integer(),
      502);
  EXPECT_EQ(answered(*carry(engine("sglang"), ""),
                     R"({"object":"error","message":"m","type":"BadRequestError","param":null,"code":400})")["status"]
                .integer(),
            400);
  EXPECT_EQ(answered(*carry(engine("vllm"), ""), R"({"choices":[]})")["status"].integer(), 502);
  EXPECT_EQ(
      answered(*carry(engine("vllm"), ""), R"({"choices":[{"message":{"content":"x"},"finish_reason":"abort"}]})")["status"].integer(),
      502);
}

TEST(FromEngines, PlainChunksAreForwardedWithNamesChanged) {
  const auto got = events(stream_everywhere(
      engine("vllm"), counted,
      chunk(R"({"role":"assistant","content":""})") + chunk(R"({"reasoning":"hm"})") + chunk(R"({"content":"a\"b","tool_calls":null})") +
          chunk("{}", "\"stop\"",
                R"(,"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1}})") +
          done));
  ASSERT_EQ(got.size(), 6u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(got[i]["id"].text(), "chatcmpl-e1");
    EXPECT_EQ(got[i]["model"].text(), "m");
    EXPECT_NE(got[i].object()->find("usage"), nullptr) << i;
    EXPECT_TRUE(got[i]["usage"].is_null()) << i;
  }
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"reasoning_content":"hm"})"));
  EXPECT_EQ(got[2]["choices"].at(0)["delta"]["content"].text(), "a\"b");
  EXPECT_EQ(got[4]["usage"]["prompt_tokens_details"]["cached_tokens"].integer(), 1);
  EXPECT_TRUE(got[4]["choices"].array()->empty());
}

TEST(FromEngines, UsageInOddPlacesComesOnceAtTheEndOrNotAtAll) {
  const std::string usage = R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})";
  const std::string everywhere = chunk(R"({"role":"assistant","content":"a"})", "null", ",\"usage\":" + usage) +
                                 chunk(R"({"content":"b"})", "null", ",\"usage\":" + usage) + chunk("{}", "\"stop\"") + done;
  auto got = events(stream_everywhere(engine("sglang"), counted, everywhere));
  ASSERT_EQ(got.size(), 6u);
  EXPECT_EQ(got[4]["usage"], parsed(usage));
  got = events(stream_everywhere(engine("sglang"), plain, everywhere));
  ASSERT_EQ(got.size(), 5u);
  for (const json::Value& event : got) EXPECT_TRUE(event["usage"].is_null());
  const std::string moonshot =
      R"(data: {"id":"e1","created":7,"model":"big","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":)" + usage + "}]}\n\n" +
      done;
  got = events(stream_everywhere(engine("moonshot"), counted, chunk(R"({"role":"assistant","content":"a"})") + moonshot));
  EXPECT_EQ(got[3]["usage"], parsed(usage));
}

TEST(FromEngines, RoleEveryTimeAndTextInTheLastChunkAreTolerated) {
  const auto got = events(stream_everywhere(
      engine("ollama"), plain,
      chunk(R"({"role":"assistant","content":"a"})") + chunk(R"({"role":"assistant","content":"b"})", "\"length\"") + done));
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[0]["choices"].at(0)["delta"], parsed(R"({"role":"assistant","content":""})"));
  EXPECT_EQ(got[2]["choices"].at(0)["delta"], parsed(R"({"content":"b"})"));
  EXPECT_EQ(got[3]["choices"].at(0)["finish_reason"].text(), "length");
}

TEST(FromEngines, CallsWithoutIndexOrAllWithTheSame) {
  const auto calls = [](std::string_view first, std::string_view second) {
    return events(stream_everywhere(
        engine("vllm"), plain,
        chunk(R"({"role":"assistant","tool_calls":[{)" + std::string(first) + R"("id":"a","function":{"name":"f","arguments":"{}"}}]})") +
            chunk(R"({"tool_calls":[{)" + std::string(second) + R"("id":"b","function":{"name":"g","arguments":"{\"x\":"}}]})") +
            chunk(R"({"tool_calls":[{)" + std::string(second) + R"("function":{"arguments":"1}"}}]})") + chunk("{}", "\"stop\"") + done));
  };
  for (const auto& got : {calls("", ""), calls(R"("index":0,)", R"("index":0,)"), calls(R"("index":0,)", R"("index":1,)")}) {
    ASSERT_EQ(got.size(), 6u);
    EXPECT_EQ(got[1]["choices"].at(0)["delta"],
              parsed(R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]})"));
    EXPECT_EQ(got[2]["choices"].at(0)["delta"],
              parsed(R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{\"x\":"}}]})"));
    EXPECT_EQ(got[3]["choices"].at(0)["delta"], parsed(R"({"tool_calls":[{"index":1,"function":{"arguments":"1}"}}]})"));
    EXPECT_EQ(got[4]["choices"].at(0)["finish_reason"].text(), "tool_calls");
  }
}

TEST(FromEngines, EmptyListsOfCallsAreNoCalls) {
  const auto got =
      events(stream_everywhere(engine("vllm"), plain,
                               chunk(R"({"role":"assistant","content":"","tool_calls":[]})") + chunk(R"({"content":"x","tool_calls":[]})") +
                                   chunk(R"({"content":""})", "\"stop\"") + done));
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"content":"x"})"));
  EXPECT_EQ(got[2]["choices"].at(0)["delta"], parsed("{}"));
}

TEST(FromEngines, TheEndMarkMayBeMissingButNotTheEnd) {
  const std::string text = chunk(R"({"role":"assistant","content":"a"})");
  EXPECT_EQ(events(stream_everywhere(engine("vllm"), plain, text + chunk("{}", "\"stop\""))).back().text(), "[DONE]");
  EXPECT_EQ(events(stream_everywhere(engine("vllm"), plain, text)).back()["error"]["code"].text(), "upstream_error");
  EXPECT_EQ(events(stream_everywhere(engine("vllm"), plain, text + done)).back()["error"]["code"].text(), "upstream_error");
  EXPECT_EQ(stream_everywhere(engine("vllm"), plain, done).substr(0, 30), "error upstream_unavailable cut");
}

TEST(FromEngines, ErrorsInAStreamInEveryShape) {
  const std::string text = chunk(R"({"role":"assistant","content":"a"})");
  for (const std::string_view error : {R"(data: {"error":{"message":"m","type":"InternalServerError","code":500}})",
                                       R"(data: {"object":"error","message":"m","code":500})", R"({"error":{"message":"m","code":500}})"}) {
    const auto got = events(stream_everywhere(engine("vllm"), plain, text + std::string(error) + "\n\n"));
    EXPECT_EQ(got.back(), parsed(R"({"error":{"message":"m","type":"server_error","param":null,"code":"upstream_error"}})")) << error;
  }
  EXPECT_EQ(stream_everywhere(engine("vllm"), plain, "data: {\"error\":{\"message\":\"full\",\"code\":503}}\n\n"),
            "error overloaded : full");
  EXPECT_EQ(stream_everywhere(engine("vllm"), plain, "data: {nonsense\n\n").substr(0, 26), "error upstream_unavailable");
}

TEST(FromEngines, CommentsCrLfAndSplitJsonAreTolerated) {
  const auto got = events(stream_everywhere(engine("vllm"), plain,
                                            ": ping\r\n\r\nid: 1\r\nretry: "
                                            "5\r\ndata:{\"id\":\"e1\",\"created\":7,\"model\":\"big\",\r\ndata:\"choices\":[{\"index\":0,"
                                            "\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\r\n\r\n"
                                            "data: {\"id\":\"e1\",\"created\":7,\"model\":\"big\",\r\ndata: "
                                            "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":null}]}\r\n\r\n"
                                            "data: "
                                            "{\"id\":\"e1\",\"created\":7,\"model\":\"big\",\"choices\":[{\"index\":0,\"delta\":{},"
                                            "\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n"));
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[2]["choices"].at(0)["delta"]["content"].text(), "b");
}

TEST(FromEngines, SeveralChoicesEndTogether) {
  const auto piece = [](int index, std::string_view text, std::string_view finish) {
    return "data: {\"id\":\"e\",\"created\":7,\"model\":\"big\",\"choices\":[{\"index\":" + std::to_string(index) +
           ",\"delta\":{\"content\":\"" + std::string(text) + "\"},\"finish_reason\":" + std::string(finish) + "}]}\n\n";
  };
  const std::string two = piece(0, "a", "null") + piece(1, "b", "null") + piece(0, "", "\"stop\"");
  EXPECT_EQ(events(stream_everywhere(engine("vllm"), plain, two)).back()["error"]["code"].text(), "upstream_error");
  EXPECT_EQ(events(stream_everywhere(engine("vllm"), plain, two + piece(1, "", "\"stop\""))).back().text(), "[DONE]");
}

TEST(FromEngines, AnswersThatAreStreamedOrNotAgainstTheRequest) {
  const std::string whole =
      R"({"id":"e","created":7,"model":"big","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]})";
  const auto got = events(stream_everywhere(engine("vllm"), plain, whole));
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"]["content"].text(), "hi");
  const json::Value answer = answered(*carry(engine("vllm"), ""), chunk(R"({"role":"assistant","content":"h"})") +
                                                                      chunk(R"({"content":"i"})") + chunk("{}", "\"stop\"") + done);
  EXPECT_EQ(answer["choices"].at(0)["message"]["content"].text(), "hi");
}

}  // namespace
}  // namespace ajar::wire::test
