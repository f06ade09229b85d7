// tests/wire/openai_test.cpp - Chat to OpenAI itself: bytes forwarded, usage hidden, errors and cuts noticed.
#include "exchange.hpp"
#include "wire/openai/look.hpp"
#include "wire/openai/usage.hpp"

namespace ajar::wire::test {
namespace {

const std::string plain = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"u"}]})";
const std::string first =
    "data: "
    "{\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_"
    "reason\":null}],\"usage\":null,\"obfuscation\":\"x\"}\n\n";
const std::string text =
    "data: "
    "{\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}],\"usage\":"
    "null}\n\n";
const std::string end =
    "data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
const std::string usage =
    "data: "
    "{\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n";
const std::string done = "data: [DONE]\n\n";

TEST(OpenAI, AStreamGoesThroughAsItIsWithoutTheUsageThatNobodyAskedFor) {
  EXPECT_EQ(stream_everywhere(gpt(), plain, first + text + end + usage + done), first + text + end + done);
  const std::string asked =
      R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"u"}]})";
  EXPECT_EQ(stream_everywhere(gpt(), asked, first + text + end + usage + done), first + text + end + usage + done);
  auto x = carry_body(gpt(), plain);
  EXPECT_EQ(x->request["stream_options"], parsed(R"({"include_usage":true})"));
  const std::string all = first + text + end + usage + done;
  const std::vector<std::string_view> whole{all};
  ASSERT_TRUE(stream(*x, whole));
  EXPECT_EQ(x->lane->report().usage.input, 3);
  EXPECT_EQ(x->lane->report().finish_reason, "stop");
}

TEST(OpenAI, TheModelThatWasAskedForIsShown) {
  const auto x = carry(gpt(), "", "other");
  EXPECT_EQ(x->request["model"].text(), "other");
  const auto answer = x->lane->answer(
      R"({"id":"chatcmpl-1","model":"other","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],"x":[1, 2]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body,
            R"({"id":"chatcmpl-1","model":"m","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],"x":[1, 2]})");
}

TEST(OpenAI, UsageBesideTextIsHiddenThere) {
  const std::string odd =
      "data: "
      "{\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}],\"usage\":{"
      "\"prompt_tokens\":3}}\n\n";
  EXPECT_EQ(stream_everywhere(gpt(), plain, first + odd + end + done), first + text + end + done);
}

TEST(OpenAI, ErrorsAndCuts) {
  const std::string error = R"(data: {"error":{"message":"broken","type":"server_error","param":null,"code":null}})";
  EXPECT_EQ(stream_everywhere(gpt(), plain, first + error + "\n\n"), "error upstream_unavailable : broken");
  EXPECT_EQ(events(stream_everywhere(gpt(), plain, first + text + error + "\n\n" + text)).size(), 3u);
  EXPECT_EQ(events(stream_everywhere(gpt(), plain, first + text)).back()["error"]["code"].text(), "upstream_error");
  EXPECT_EQ(stream_everywhere(gpt(), plain, first + text + end), first + text + end + done);
  EXPECT_EQ(stream_everywhere(gpt(), plain, R"({"error":{"message":"busy","code":503}})"), "error overloaded : busy");
  EXPECT_EQ(answered(*carry(gpt(), ""), R"({"error":{"message":"m","type":"server_error"}})")["status"].integer(), 502);
  EXPECT_EQ(answered(*carry(gpt(), ""), R"({"choices":[]})")["status"].integer(), 502);
  EXPECT_EQ(answered(*carry(gpt(), ""), R"({"choices":[{"index":0)")["status"].integer(), 502);
}

TEST(OpenAI, BreakingOffSaysWhy) {
  auto x = carry_body(gpt(), plain);
  ASSERT_TRUE(x->lane->feed(first + text));
  const std::string_view bytes = x->lane->break_off(Error{
      .fault = Fault::timed_out, .message = "too slow", .code = {}, .param = {}, .detail = {}, .upstream_status = 0, .retry_after = {}});
  EXPECT_EQ(events(bytes).at(0), parsed(R"({"error":{"message":"too slow","type":"server_error","param":null,"code":"timeout"}})"));
  EXPECT_TRUE(x->lane->report().failure);
}

TEST(Look, SaysWhatMustChange) {
  const ChatLook look = look_at_chat(
      R"({"id":"i","model":"m","choices":[{"index":1,"delta":{"reasoning":"x","role":null},"finish_reason":null,"stop_reason":null}]})");
  EXPECT_TRUE(look.valid && look.content && look.plain_chunk);
  EXPECT_EQ(look.text_key, "\"reasoning\"");
  EXPECT_EQ(look.choice, 1u);
  EXPECT_FALSE(look.usage_key);
  for (const std::string_view odd : {R"({"choices":[{"index":0,"delta":{"content":"x","role":"assistant"},"finish_reason":null}]})",
                                     R"({"choices":[{"index":0,"delta":{"content":"x"}}]})",
                                     R"({"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]})",
                                     R"({"choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]})",
                                     R"({"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"timings":{}})",
                                     R"({"choices":[{"index":0,"delta":{"tool_calls":[]},"finish_reason":null}]})"})
    EXPECT_FALSE(look_at_chat(odd).plain_chunk) << odd;
  for (const std::string_view broken : {"", "[]", "{", "{\"a\":}", "{\"choices\":[{]}", "{} x"})
    EXPECT_FALSE(look_at_chat(broken).valid) << broken;
}

TEST(Usage, TotalsAreTakenApartIntoDisjointClasses) {
  const UsageReport all = usage_of_chat(
      R"({"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":40,"cache_write_tokens":10,"audio_tokens":5},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":3}})");
  EXPECT_EQ(all.usage.input, 45);
  EXPECT_EQ(all.usage.cache_read, 40);
  EXPECT_EQ(all.usage.cache_write_5m, 10);
  EXPECT_EQ(all.usage.audio_input, 5);
  EXPECT_EQ(all.usage.output, 27);
  EXPECT_EQ(all.usage.reasoning, 20);
  EXPECT_EQ(all.usage.audio_output, 3);
  EXPECT_EQ(usage_of_chat(R"({"prompt_tokens":9,"prompt_cache_hit_tokens":4})").usage.cache_read, 4);
  EXPECT_EQ(usage_of_chat(R"({"prompt_tokens":9})", R"({"prompt_n":1,"cache_n":8})").usage.cache_read, 8);
  const UsageReport lying =
      usage_of_chat(R"({"prompt_tokens":-5,"completion_tokens":3,"reasoning_tokens":9,"prompt_tokens_details":{"cached_tokens":7}})");
  EXPECT_EQ(lying.usage.total_input(), 0);
  EXPECT_EQ(lying.usage.total_output(), 3);
  EXPECT_FALSE(usage_of_chat("null").usage.reported);
}

}  // namespace
}  // namespace ajar::wire::test
