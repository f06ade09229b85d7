// tests/wire/ollama_test.cpp - Chat to Ollama's own chat: what the golden vectors leave open.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

const std::string streamed =
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"u"}]})";

TEST(ToOllama, ThinkFormatAndLogprobs) {
  EXPECT_EQ(carry(ollama(), R"("reasoning_effort":"high")")->request["think"].text(), "high");
  const auto most = carry(ollama(), R"("reasoning_effort":"xhigh")");
  EXPECT_EQ(most->request["think"].text(), "max");
  EXPECT_EQ(most->warnings(), "approximated:reasoning_effort");
  EXPECT_EQ(carry(ollama(), R"("reasoning_effort":"minimal")")->request["think"].text(), "low");
  EXPECT_EQ(carry(ollama(), R"("response_format":{"type":"json_object"})")->request["format"].text(), "json");
  EXPECT_EQ(carry(ollama(), R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})")
                ->request["format"],
            parsed(R"({"type":"object"})"));
  const auto probs = carry(ollama(), R"("logprobs":true,"top_logprobs":2)");
  EXPECT_EQ(probs->request["top_logprobs"].integer(), 2);
  EXPECT_TRUE(carry(ollama(), R"("logprobs":false,"top_logprobs":2)")->request["top_logprobs"].is_null());
  EXPECT_EQ(probs->request["stream"].boolean(), false);
  EXPECT_TRUE(probs->request["options"].is_null());
}

TEST(ToOllama, ForcedCallsAreRefused) {
  const std::string tools = R"("tools":[{"type":"function","function":{"name":"f","strict":true}}],)";
  EXPECT_EQ(carry(ollama(), tools + R"("tool_choice":"required")")->param(), "tool_choice");
  EXPECT_EQ(carry(ollama(), tools + R"("tool_choice":{"type":"function","function":{"name":"f"}})")->param(), "tool_choice");
  EXPECT_TRUE(carry(ollama(), tools + R"("tool_choice":"none")")->request["tools"].is_null());
  EXPECT_EQ(carry(ollama(), tools + R"("tool_choice":"auto")")->request["tools"],
            parsed(R"([{"type":"function","function":{"name":"f"}}])"));
  EXPECT_EQ(carry(ollama(), R"("n":2)")->param(), "n");
}

TEST(ToOllama, ImagesByAddressAreFetched) {
  const std::string message =
      R"("messages":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://img.example.com/a"}}]}])";
  EXPECT_EQ(carry(ollama(), message)->param(), "messages[1].content[0].image_url");
  const auto x = carry(ollama(), message, {}, {{"https://img.example.com/a", "image/png", "QUJD"}});
  EXPECT_EQ(x->request["messages"], parsed(R"([{"role":"system","content":"d"},{"role":"user","content":"","images":["QUJD"]}])"));
}

TEST(FromOllama, NullContentBesideCallsAndEmptyTextAlone) {
  const auto message = [](std::string_view inner) {
    return answered(*carry(ollama(), ""), R"({"created_at":"2026-01-01T00:00:05Z","message":{"role":"assistant",)" + std::string(inner) +
                                              R"(},"done":true,"done_reason":"length","eval_count":3})");
  };
  const json::Value text = message(R"("content":"","thinking":"hm")");
  EXPECT_EQ(text["choices"].at(0)["message"]["content"].string() != nullptr, true);
  EXPECT_EQ(text["choices"].at(0)["message"]["reasoning_content"].text(), "hm");
  EXPECT_EQ(text["choices"].at(0)["finish_reason"].text(), "length");
  EXPECT_EQ(text["usage"], parsed(R"({"prompt_tokens":0,"completion_tokens":3,"total_tokens":3})"));
  const json::Value calls = message(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}])");
  EXPECT_TRUE(calls["choices"].at(0)["message"]["content"].is_null());
  EXPECT_EQ(calls["choices"].at(0)["message"]["tool_calls"].at(0)["function"]["arguments"].text(), R"({"a":1})");
}

TEST(FromOllama, LinesStream) {
  const std::string upstream =
      "{\"created_at\":\"2026-01-01T00:00:05Z\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n"
      "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi \"},\"done\":false}\r\n\n"
      "{\"message\":{\"role\":\"assistant\",\"content\":\"\xE4\xBA\xAC\"},\"done\":false}\n"
      "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":4,\"eval_"
      "count\":2}";
  const auto got = events(stream_everywhere(ollama(), streamed, upstream, true));
  ASSERT_EQ(got.size(), 7u);
  EXPECT_EQ(got[0]["created"].integer(), 1767225605);
  EXPECT_EQ(got[1]["choices"].at(0)["delta"], parsed(R"({"reasoning_content":"hm"})"));
  EXPECT_EQ(got[3]["choices"].at(0)["delta"]["content"].text(), "\xE4\xBA\xAC");
  EXPECT_EQ(got[4]["choices"].at(0)["finish_reason"].text(), "stop");
  EXPECT_EQ(got[5]["usage"]["total_tokens"].integer(), 6);
}

TEST(FromOllama, ErrorsAreLinesToo) {
  EXPECT_EQ(stream_everywhere(ollama(), streamed, "{\"error\":\"out of memory\"}\n", true), "error upstream_unavailable : out of memory");
  const auto got = events(
      stream_everywhere(ollama(), streamed, "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"error\":\"out of memory\"}\n", true));
  EXPECT_EQ(got.back(), parsed(R"({"error":{"message":"out of memory","type":"server_error","param":null,"code":"upstream_error"}})"));
  EXPECT_EQ(events(stream_everywhere(ollama(), streamed, "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n", true))
                .back()["error"]["code"]
                .text(),
            "upstream_error");
}

}  // namespace
}  // namespace ajar::wire::test
