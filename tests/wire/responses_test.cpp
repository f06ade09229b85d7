// tests/wire/responses_test.cpp - Chat to OpenAI Responses: what the golden vectors leave open.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

const std::string streamed =
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"u"}]})";

TEST(ToResponses, MessagesAsItems) {
  const auto x = carry(
      responses(),
      R"("messages":[{"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"u","name":"n"},)"
      R"({"role":"assistant","refusal":"no"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"sh","input":"ls"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"r"}]}])");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_TRUE(x->request["instructions"].is_null());
  EXPECT_EQ(
      x->request["input"],
      parsed(
          R"([{"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"u"},)"
          R"({"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},)"
          R"({"type":"custom_tool_call","call_id":"c","name":"sh","input":"ls"},{"type":"custom_tool_call_output","call_id":"c","output":"r"}])"));
  EXPECT_EQ(x->request["store"].boolean(), false);
}

TEST(ToResponses, FieldsWithoutTheirInnerLevel) {
  const auto x = carry(
      responses(),
      R"("tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{}}},{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"d"}}}}],)"
      R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}},)"
      R"("logprobs":true,"top_logprobs":3,"verbosity":"low","store":true,"metadata":{"a":"b"},"seed":4,"response_format":{"type":"json_object"},)"
      R"("parallel_tool_calls":false,"prompt_cache_key":"k","web_search_options":{"search_context_size":"low"})");
  ASSERT_FALSE(x->error) << x->error->message;
  EXPECT_EQ(
      x->request["tools"],
      parsed(
          R"([{"type":"function","name":"f","strict":true,"parameters":{}},)"
          R"({"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"d"}},{"type":"web_search","search_context_size":"low"}])"));
  EXPECT_EQ(x->request["tool_choice"], parsed(R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]})"));
  EXPECT_EQ(x->request["include"], parsed(R"(["message.output_text.logprobs"])"));
  EXPECT_EQ(x->request["top_logprobs"].integer(), 3);
  EXPECT_EQ(x->request["text"], parsed(R"({"format":{"type":"json_object"},"verbosity":"low"})"));
  EXPECT_EQ(x->request["store"].boolean(), true);
  EXPECT_EQ(x->request["parallel_tool_calls"].boolean(), false);
  EXPECT_EQ(x->warnings(), "dropped:seed");
  EXPECT_EQ(carry(responses(), R"("n":3)")->param(), "n");
}

TEST(ToResponses, StopsAreLookedForHere) {
  const auto x = carry(responses(), R"("stop":"END")");
  EXPECT_EQ(x->warnings(), "emulated:stop");
  EXPECT_TRUE(x->request["stop"].is_null());
  const json::Value answer = answered(
      *x,
      R"({"id":"resp_1","created_at":5,"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a END b"}]}]})");
  EXPECT_EQ(answer["choices"].at(0)["message"]["content"].text(), "a ");
}

TEST(FromResponses, TextReasoningRefusalAndLimits) {
  const auto answer = [](std::string_view rest) {
    return answered(*carry(responses(), ""), R"({"id":"resp_1","created_at":5,)" + std::string(rest) + "}");
  };
  const json::Value text = answer(
      R"("status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"why"}]},)"
      R"({"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"https://a.example.com","title":"t","start_index":0,"end_index":1}]}]}])");
  EXPECT_EQ(text["choices"].at(0)["message"]["reasoning_content"].text(), "why");
  EXPECT_EQ(text["choices"].at(0)["message"]["annotations"].at(0)["url_citation"]["title"].text(), "t");
  EXPECT_TRUE(text["usage"].is_null());
  const json::Value refusal =
      answer(R"("status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}])");
  EXPECT_EQ(refusal["choices"].at(0)["message"]["refusal"].text(), "No.");
  EXPECT_EQ(refusal["choices"].at(0)["finish_reason"].text(), "stop");
  EXPECT_EQ(answer(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[])")["choices"]
                .at(0)["finish_reason"]
                .text(),
            "length");
  EXPECT_EQ(answer(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[])")["choices"]
                .at(0)["finish_reason"]
                .text(),
            "content_filter");
  EXPECT_EQ(answer(R"("status":"failed","error":{"code":"rate_limit_exceeded","message":"m"},"output":[])")["status"].integer(), 429);
  EXPECT_EQ(answer(R"("status":"failed","error":{"code":"server_error","message":"m"},"output":[])")["status"].integer(), 502);
}

std::string event(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + std::string(rest) + "}\n\n";
}
const std::string created = event("response.created", R"(,"response":{"id":"resp_1","created_at":5,"error":null})");

TEST(FromResponses, StreamOfTextAndCalls) {
  const std::string upstream =
      created + event("response.output_item.added", R"(,"output_index":0,"item":{"type":"reasoning","id":"rs"})") +
      event("response.reasoning_summary_text.delta", R"(,"output_index":0,"delta":"why")") +
      event("response.output_text.delta", R"(,"output_index":1,"delta":"Hi","logprobs":[])") +
      event("response.output_item.added",
            R"(,"output_index":2,"item":{"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":""})") +
      event("response.output_item.added",
            R"(,"output_index":3,"item":{"type":"function_call","id":"fd","call_id":"c2","name":"g","arguments":""})") +
      event("response.function_call_arguments.delta", R"(,"output_index":2,"delta":"{\"a\":1}")") +
      event("response.output_item.done", R"(,"output_index":2,"item":{"type":"function_call","arguments":"{\"a\":1}"})") +
      event("response.output_item.done", R"(,"output_index":3,"item":{"type":"function_call","arguments":"{}"})") +
      event(
          "response.completed",
          R"(,"response":{"id":"resp_1","status":"completed","error":null,"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":1},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":2}}})");
  const auto got = events(stream_everywhere(responses(), streamed, upstream));
  ASSERT_EQ(got.size(), 10u);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"reasoning_content":"why"})"));
  EXPECT_EQ(got[4]["choices"].at(0)["delta"]["tool_calls"].at(0)["index"].integer(), 1);
  EXPECT_EQ(got[6]["choices"].at(0)["delta"], parsed(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"));
  EXPECT_EQ(got[7]["choices"].at(0)["finish_reason"].text(), "tool_calls");
  EXPECT_EQ(got[8]["usage"]["completion_tokens_details"]["reasoning_tokens"].integer(), 2);
}

TEST(FromResponses, FailuresInAStream) {
  EXPECT_EQ(
      stream_everywhere(responses(), streamed,
                        created + event("response.failed", R"(,"response":{"error":{"code":"rate_limit_exceeded","message":"slow"}})")),
      "error rate_limited : slow");
  EXPECT_EQ(stream_everywhere(responses(), streamed, created + event("error", R"(,"code":"server_error","message":"m","param":null)")),
            "error upstream_unavailable : m");
  const auto got = events(stream_everywhere(responses(), streamed, created + event("response.output_text.delta", R"(,"delta":"Hi")")));
  EXPECT_EQ(got.back()["error"]["code"].text(), "upstream_error");
}

}  // namespace
}  // namespace ajar::wire::test
