// tests/wire/inspect_test.cpp - the one strict pass over a caller's body.
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

constexpr std::string_view hi = R"("messages":[{"role":"user","content":"hi"}])";

Result<Envelope> look(std::string_view body) { return inspect(Dialect::openai_chat, body); }

// "" when the body is taken, else the code and what is wrong with it.
std::string fault(std::string_view body) {
  const auto e = look(body);
  return e ? "" : e.error().code + " " + (e.error().param.empty() ? e.error().message : e.error().param);
}
std::string with(std::string_view fields) { return R"({"model":"m",)" + std::string(hi) + "," + std::string(fields) + "}"; }

TEST(Inspect, FindsWhatRoutingNeeds) {
  const std::string body =
      R"({ "model" : "smart", "stream":true,"stream_options":{"include_usage":true},"n":3,"max_tokens":9,"max_completion_tokens":7,)"
      R"("tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_schema","json_schema":{}},"logprobs":true,"reasoning_effort":"low",)"
      R"("messages":[{"role":"developer","content":"d"},{"role":"system","content":"s"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}},)"
      R"({"type":"input_audio","input_audio":{}},{"type":"file","file":{}}]}]})";
  const auto e = look(body);
  ASSERT_TRUE(e) << e.error().message;
  EXPECT_EQ(e->model, "smart");
  EXPECT_EQ(body.substr(e->model_at, e->model_length), "\"smart\"");
  EXPECT_TRUE(e->stream && e->wants_usage && e->developer && e->several_system);
  EXPECT_EQ(e->choices, 3);
  EXPECT_EQ(e->max_output_tokens, 7);
  EXPECT_TRUE(e->needs.tools && e->needs.images && e->needs.audio && e->needs.files && e->needs.structured && e->needs.logprobs &&
              e->needs.reasoning);
  EXPECT_EQ(e->fields.size(), 11u);
  EXPECT_EQ(body.substr(e->fields[0].key_at, e->fields[0].end - e->fields[0].key_at), "\"model\" : \"smart\"");
}

TEST(Inspect, NullsAreAbsent) {
  const auto e = look(with(
      R"("stream":null,"stream_options":null,"n":null,"max_tokens":null,"tools":null,"response_format":null,"logprobs":null,"reasoning_effort":null,"temperature":null,"stop":null)"));
  ASSERT_TRUE(e) << e.error().message;
  EXPECT_FALSE(e->stream || e->needs.tools || e->needs.structured || e->needs.reasoning);
  EXPECT_EQ(e->choices, 1);
}

TEST(Inspect, NotJson) {
  EXPECT_EQ(fault(""), "invalid_json the body must be a JSON object");
  EXPECT_EQ(fault("[]"), "invalid_json the body must be a JSON object");
  for (const std::string_view broken : {"{",
                                        "{}x",
                                        R"({"a":1,})",
                                        R"({"a" 1})",
                                        R"({'a':1})",
                                        R"({"a":01})",
                                        R"({"a":1.})",
                                        R"({"a":+1})",
                                        R"({"a":1e})",
                                        R"({"a":nul})",
                                        R"({"a":"x)",
                                        "{\"a\":\"\n\"}",
                                        R"({"a":"\x"})",
                                        R"({"a":"\ud800"})",
                                        R"({"a":"\ud800\u0041"})",
                                        R"({"a":"\u12"})",
                                        R"({"a":[1,]})",
                                        R"({"a":NaN})",
                                        "{\"a\":\"\xFF\"}",
                                        "{\"a\":\"\xC3\"}",
                                        "{\"a\":\"\xED\xA0\x80\"}",
                                        "\xEF\xBB\xBF{}",
                                        R"({"a":/**/1})",
                                        R"({a:1})"})
    EXPECT_EQ(fault(broken).substr(0, 12), "invalid_json") << broken;
}

TEST(Inspect, NoKeyTwiceInOneObject) {
  EXPECT_EQ(fault(with(R"("model":"other")")).substr(0, 12), "invalid_json");
  EXPECT_EQ(fault(with(R"("x":{"a":1,"b":2,"a":3})")).substr(0, 12), "invalid_json");
  EXPECT_EQ(fault(with(R"("x":{"a":1,"\u0061":3})")).substr(0, 12), "invalid_json");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"user","content":"a","content":"b"}]})").substr(0, 12), "invalid_json");
  EXPECT_EQ(fault(R"({"m\u006fdel":"m",)" + std::string(hi) + "}").substr(0, 12), "invalid_json");  // two readers could disagree
  EXPECT_EQ(fault(with(R"("x":[{"a":1},{"a":1}],"X":{"a":{"a":{"a":1}}},"y":{"a":1,"A":2})")), "");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_EQ(fault(with("\"x\":{" + many + "\"last\":1}")), "");
  EXPECT_EQ(fault(with("\"x\":{" + many + "\"k7\":1}")).substr(0, 12), "invalid_json");
}

TEST(Inspect, CaseMatters) {
  EXPECT_EQ(fault(R"({"Model":"m",)" + std::string(hi) + "}"), "invalid_value model");
  EXPECT_EQ(fault(R"({"model":"m","Messages":[]})"), "invalid_value messages");
}

TEST(Inspect, DepthIsBounded) {
  const auto nested = [](std::size_t n) { return with("\"x\":" + std::string(n, '[') + std::string(n, ']')); };
  EXPECT_EQ(fault(nested(63)), "");
  EXPECT_EQ(fault(nested(64)).substr(0, 12), "invalid_json");
  EXPECT_EQ(fault(nested(1000000)).substr(0, 12), "invalid_json");
  std::string objects;
  for (int i = 0; i < 5000; ++i) objects += "{\"a\":";
  EXPECT_EQ(fault(with("\"x\":" + objects)).substr(0, 12), "invalid_json");
}

TEST(Inspect, WrongTypesAreNamed) {
  EXPECT_EQ(fault(R"({"messages":[{"role":"user","content":"x"}]})"), "invalid_value model");
  EXPECT_EQ(fault(R"({"model":"",)" + std::string(hi) + "}"), "invalid_value model");
  EXPECT_EQ(fault(R"({"model":5,)" + std::string(hi) + "}"), "invalid_value model");
  EXPECT_EQ(fault(R"({"model":"m"})"), "invalid_value messages");
  EXPECT_EQ(fault(R"({"model":"m","messages":[ ]})"), "invalid_value messages");
  EXPECT_EQ(fault(R"({"model":"m","messages":"x"})"), "invalid_value messages");
  EXPECT_EQ(fault(R"({"model":"m","messages":[1]})"), "invalid_value messages[0]");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"content":"x"}]})"), "invalid_value messages[0].role");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"robot","content":"x"}]})"),
            "invalid_value messages[1].role");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"user","content":5}]})"), "invalid_value messages[0].content");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"assistant","tool_calls":{}}]})"), "invalid_value messages[0].tool_calls");
  for (const auto& [fields, param] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{R"("stream":"yes")", "stream"},
                                                                            {R"("n":0)", "n"},
                                                                            {R"("n":1.5)", "n"},
                                                                            {R"("n":129)", "n"},
                                                                            {R"("max_tokens":0)", "max_tokens"},
                                                                            {R"("max_completion_tokens":"9")", "max_completion_tokens"},
                                                                            {R"("max_tokens":1e30)", "max_tokens"},
                                                                            {R"("tools":{})", "tools"},
                                                                            {R"("logprobs":1)", "logprobs"},
                                                                            {R"("reasoning_effort":3)", "reasoning_effort"},
                                                                            {R"("temperature":"hot")", "temperature"},
                                                                            {R"("top_p":[])", "top_p"},
                                                                            {R"("stop":7)", "stop"},
                                                                            {R"("stream_options":[])", "stream_options"},
                                                                            {R"("response_format":"json")", "response_format"}})
    EXPECT_EQ(fault(with(fields)), "invalid_value " + std::string(param)) << fields;
}

TEST(Inspect, OtherDialectsAreNotSpokenYet) { EXPECT_FALSE(inspect(Dialect::anthropic_messages, "{}")); }

TEST(Inspect, TheEstimateLeavesImagesBytesOut) {
  const std::string picture(100000, 'A');
  const auto e =
      look(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
           picture + R"("}}]}]})");
  ASSERT_TRUE(e);
  EXPECT_LT(e->input_estimate, 2000);
  EXPECT_GT(look(R"({"model":"m","messages":[{"role":"user","content":")" + picture + R"("}]})")->input_estimate, 20000);
}

}  // namespace
}  // namespace ajar::wire::test
