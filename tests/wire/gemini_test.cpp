// tests/wire/gemini_test.cpp - Chat to Gemini generateContent: what the golden vectors leave open.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

const std::string streamed =
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"u"}]})";

TEST(ToGemini, EffortsAsLevelsOrBudgets) {
  const auto thinking = [](const Profile& p, std::string_view effort, std::string model = "gemini-3-flash") {
    const auto x = carry(p, R"("reasoning_effort":")" + std::string(effort) + "\"", std::move(model));
    return json::write(x->request["generationConfig"]["thinkingConfig"]) + x->warnings();
  };
  EXPECT_EQ(thinking(gemini3(), "medium"), R"({"thinkingLevel":"MEDIUM","includeThoughts":true})");
  EXPECT_EQ(thinking(gemini3(), "minimal"), R"({"thinkingLevel":"MINIMAL","includeThoughts":true})");
  EXPECT_EQ(thinking(gemini3(), "minimal", "gemini-3-pro"),
            R"({"thinkingLevel":"LOW","includeThoughts":true}approximated:reasoning_effort)");
  EXPECT_EQ(thinking(gemini3(), "xhigh"), R"({"thinkingLevel":"HIGH","includeThoughts":true}approximated:reasoning_effort)");
  EXPECT_EQ(thinking(gemini2(), "none", "gemini-2.5-flash"), R"({"thinkingBudget":0})");
  EXPECT_EQ(thinking(gemini2(), "none", "gemini-2.5-pro"), R"({"thinkingBudget":128}approximated:reasoning_effort)");
  EXPECT_EQ(thinking(gemini2(), "low"), R"({"thinkingBudget":1024,"includeThoughts":true})");
  EXPECT_EQ(thinking(gemini2(), "high"), R"({"thinkingBudget":24576,"includeThoughts":true})");
  EXPECT_EQ(thinking(gemini2(), "max"), R"({"thinkingBudget":32768,"includeThoughts":true})");
  Profile plain = gemini2();
  plain.thinking = Thinking::none;
  EXPECT_EQ(thinking(plain, "low"), "nulldropped:reasoning_effort");
}

TEST(ToGemini, ToolChoices) {
  const auto calling = [](std::string_view choice) {
    return carry(gemini3(), R"("tools":[{"type":"function","function":{"name":"f","strict":true}}],"tool_choice":)" + std::string(choice))
        ->request["toolConfig"]["functionCallingConfig"];
  };
  EXPECT_EQ(calling(R"("none")"), parsed(R"({"mode":"NONE"})"));
  EXPECT_EQ(calling(R"("required")"), parsed(R"({"mode":"ANY"})"));
  EXPECT_EQ(calling(R"({"type":"function","function":{"name":"f"}})"), parsed(R"({"mode":"ANY","allowedFunctionNames":["f"]})"));
  EXPECT_EQ(calling(R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}})"),
            parsed(R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})"));
  const auto none = carry(gemini3(), R"("tools":[],"tool_choice":"auto")");
  EXPECT_TRUE(none->request["tools"].is_null());
  EXPECT_TRUE(none->request["toolConfig"].is_null());
  EXPECT_EQ(carry(gemini3(), R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false)")->warnings(),
            "dropped:parallel_tool_calls");
}

TEST(ToGemini, FormatsAndTiers) {
  EXPECT_EQ(carry(gemini3(), R"("response_format":{"type":"json_object"})")->request["generationConfig"],
            parsed(R"({"responseMimeType":"application/json"})"));
  EXPECT_TRUE(carry(gemini3(), R"("response_format":{"type":"text"})")->request["generationConfig"].is_null());
  EXPECT_EQ(carry(gemini3(), R"("service_tier":"flex")")->request["serviceTier"].text(), "flex");
  EXPECT_EQ(carry(gemini3(), R"("service_tier":"default")")->request["serviceTier"].text(), "standard");
  EXPECT_TRUE(carry(gemini3(), R"("service_tier":"auto")")->request["serviceTier"].is_null());
  EXPECT_EQ(carry(gemini3(), R"("service_tier":"scale")")->warnings(), "dropped:service_tier");
}

TEST(ToGemini, MoreStopsThanItTakesAreLookedForHere) {
  const auto x = carry(gemini3(), R"("stop":["a","b","c","d","e","f"])");
  EXPECT_EQ(x->request["generationConfig"]["stopSequences"].array()->size(), 5u);
  EXPECT_EQ(x->warnings(), "emulated:stop");
  const json::Value answer =
      answered(*x, R"({"candidates":[{"content":{"parts":[{"text":"x of y"}]},"finishReason":"STOP"}],"responseId":"r"})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["content"].text(), "x o");
}

TEST(ToGemini, MessagesInItsWords) {
  const auto x = carry(
      gemini3(),
      R"("messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"u","name":"n"},)"
      R"({"role":"assistant","content":"","refusal":"no"},{"role":"user","content":"v"},{"role":"system","content":"late"}])");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(x->request["systemInstruction"], parsed(R"({"parts":[{"text":"a"},{"text":"b"}]})"));
  EXPECT_EQ(x->request["contents"],
            parsed(R"([{"role":"user","parts":[{"text":"u"}]},{"role":"model","parts":[{"text":"no"}]},)"
                   R"({"role":"user","parts":[{"text":"v"},{"text":"<system-reminder>late</system-reminder>"}]}])"));
  EXPECT_EQ(x->warnings(), "approximated:system_position");
}

TEST(ToGemini, SignaturesGoBackOrAreDeclaredMissing) {
  const std::string history =
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}},)"
      R"({"id":"d","type":"function","function":{"name":"g","arguments":"[1]"}}]},{"role":"tool","tool_call_id":"d","content":"[1]"},)"
      R"({"role":"tool","tool_call_id":"c","content":""},{"role":"assistant","content":null,"extra_content":{"google":{"thought_signature":"U2ln"}}}])";
  const auto x = carry(gemini3(), history);
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(x->request["contents"].at(1)["parts"],
            parsed(R"([{"functionCall":{"id":"c","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},)"
                   R"({"functionCall":{"id":"d","name":"g","args":{"_raw":"[1]"}}}])"));
  EXPECT_EQ(x->request["contents"].at(2)["parts"], parsed(R"([{"functionResponse":{"id":"c","name":"f","response":{"output":""}}},)"
                                                          R"({"functionResponse":{"id":"d","name":"g","response":{"output":"[1]"}}}])"));
  EXPECT_EQ(x->request["contents"].at(3)["parts"], parsed(R"([{"text":"","thoughtSignature":"U2ln"}])"));
  EXPECT_EQ(x->warnings(), "approximated:tool_arguments");
  EXPECT_TRUE(carry(gemini2(), history)->request["contents"].at(1)["parts"].at(0)["thoughtSignature"].is_null());
}

TEST(ToGemini, FilesAndWhatIsRefused) {
  const auto x = carry(
      gemini3(),
      R"("messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}},)"
      R"({"type":"input_audio","input_audio":{"data":"BBBB","format":"mp3"}}]}])");
  EXPECT_EQ(
      x->request["contents"].at(0)["parts"],
      parsed(R"([{"inlineData":{"mimeType":"application/pdf","data":"AAAA"}},{"inlineData":{"mimeType":"audio/mp3","data":"BBBB"}}])"));
  EXPECT_EQ(carry(gemini3(), R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}])")->param(),
            "messages[0].content[0].file.file_id");
  EXPECT_EQ(carry(gemini3(), R"("modalities":["audio"])")->param(), "modalities");
  EXPECT_EQ(carry(gemini3(), R"("web_search_options":{})")->param(), "web_search_options");
  EXPECT_EQ(
      carry(
          gemini2(),
          R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"high"}}]}])")
          ->warnings(),
      "dropped:image_url.detail");
  EXPECT_EQ(
      carry(gemini2(), R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://img.example.com/x"}}]}])")
          ->param(),
      "messages[0].content[0].image_url");
}

TEST(FromGemini, FinishReasons) {
  const auto finish = [](std::string_view reason, std::string_view content = R"("content":{"parts":[{"text":"x"}]},)") {
    return answered(*carry(gemini3(), ""), R"({"candidates":[{)" + std::string(content) + R"("finishReason":")" + std::string(reason) +
                                               R"("}],"responseId":"r"})");
  };
  EXPECT_EQ(finish("MAX_TOKENS", "")["choices"].at(0)["finish_reason"].text(), "length");
  EXPECT_TRUE(finish("MAX_TOKENS", "")["choices"].at(0)["message"]["content"].is_null());
  for (const std::string_view reason : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"})
    EXPECT_EQ(finish(reason)["choices"].at(0)["finish_reason"].text(), "content_filter") << reason;
  EXPECT_EQ(finish("SAFETY", "")["choices"].at(0)["finish_reason"].text(), "content_filter");
  EXPECT_EQ(finish("CONTINUATION")["choices"].at(0)["finish_reason"].text(), "length");
  EXPECT_EQ(finish("SOMETHING_NEW")["choices"].at(0)["finish_reason"].text(), "stop");
  for (const std::string_view reason : {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "OTHER"}) {
    EXPECT_EQ(finish(reason)["status"].integer(), 502) << reason;
    EXPECT_EQ(finish(reason)["error"]["code"].text(), "upstream_error") << reason;
  }
}

TEST(FromGemini, CallsWithoutIdsGetThem) {
  const json::Value answer = answered(
      *carry(gemini2(), ""),
      R"({"candidates":[{"content":{"parts":[{"text":"Two."},{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"g"}}]},)"
      R"("finishReason":"STOP"}],"responseId":"rid","usageMetadata":{"promptTokenCount":5,"toolUsePromptTokenCount":2,"candidatesTokenCount":3,"cachedContentTokenCount":4}})");
  const json::Value& message = answer["choices"].at(0)["message"];
  EXPECT_EQ(message["content"].text(), "Two.");
  EXPECT_EQ(message["tool_calls"].at(0)["id"].text(), "call_rid_0");
  EXPECT_EQ(message["tool_calls"].at(1)["id"].text(), "call_rid_1");
  EXPECT_EQ(message["tool_calls"].at(1)["function"]["arguments"].text(), "{}");
  EXPECT_EQ(answer["choices"].at(0)["finish_reason"].text(), "tool_calls");
  EXPECT_EQ(answer["usage"],
            parsed(R"({"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":4}})"));
}

TEST(FromGemini, CallsStreamWholeAndTheEndOfTheBodyEnds) {
  const auto got = events(stream_everywhere(gemini3(), streamed,
                                            "data: "
                                            "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"id\":\"a\",\"name\":\"f\","
                                            "\"args\":{\"x\":1}},\"thoughtSignature\":\"c2ln\"}]}}],\"responseId\":\"r\"}\r\n\r\n"
                                            "data: "
                                            "{\"candidates\":[{\"finishReason\":\"STOP\"}],\"responseId\":\"r\",\"usageMetadata\":{"
                                            "\"promptTokenCount\":1,\"candidatesTokenCount\":2}}"));
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(
      got[1]["choices"].at(0)["delta"],
      parsed(
          R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]})"));
  EXPECT_EQ(got[2]["choices"].at(0)["finish_reason"].text(), "tool_calls");
  EXPECT_EQ(got[3]["usage"]["total_tokens"].integer(), 3);
  EXPECT_EQ(got[4].text(), "[DONE]");
}

TEST(FromGemini, ErrorsInAStreamInEitherForm) {
  const std::string first = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]}}],\"responseId\":\"r\"}\n\n";
  const std::string error = R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})";
  const auto expected = parsed(R"({"error":{"message":"overloaded","type":"server_error","param":null,"code":"overloaded"}})");
  EXPECT_EQ(events(stream_everywhere(gemini3(), streamed, first + "data: " + error + "\n\n")).back(), expected);
  EXPECT_EQ(events(stream_everywhere(gemini3(), streamed, first + error)).back(), expected);
  EXPECT_EQ(stream_everywhere(gemini3(), streamed, "[" + error + "]").substr(0, 18), "error overloaded :");
  EXPECT_EQ(events(stream_everywhere(gemini3(), streamed, first)).back()["error"]["code"].text(), "upstream_error");
  EXPECT_EQ(stream_everywhere(gemini3(), streamed, "").substr(0, 30), "error upstream_unavailable cut");
}

TEST(FromGemini, ABlockedPromptStreamsAsARefusal) {
  const auto got =
      events(stream_everywhere(gemini3(), streamed, "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"},\"responseId\":\"r\"}\n\n"));
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"refusal":"Prompt blocked: SAFETY"})"));
  EXPECT_EQ(got[2]["choices"].at(0)["finish_reason"].text(), "content_filter");
}

}  // namespace
}  // namespace ajar::wire::test
