// tests/wire/prepare_test.cpp - a request read and checked once for every lane.
#include "wire/prepare.hpp"

#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

Fate fate_of(std::string_view field) {
  if (field == "carried" || field == "messages" || field == "model" || field == "tools" || field == "tool_choice" || field == "stop")
    return Fate::carried;
  return field == "quiet" ? Fate::quiet : field == "n" || field == "refused" ? Fate::refused : Fate::dropped;
}

struct Prepared {
  std::string body;
  Notes notes;
  Result<json::Value> request = json::Value();
};

std::unique_ptr<Prepared> prepared(std::string_view fields) {
  auto p = std::make_unique<Prepared>();
  p->body = R"({"model":"m")";
  if (fields.find("\"messages\"") == std::string_view::npos) p->body += R"(,"messages":[{"role":"user","content":"hi"}])";
  p->body.append(",").append(fields).append("}");
  const auto envelope = inspect(Dialect::openai_chat, p->body);
  EXPECT_TRUE(envelope) << p->body;
  if (envelope) p->request = prepare(*envelope, fate_of, p->notes);
  return p;
}
std::string param(std::string_view fields) {
  const auto p = prepared(fields);
  return p->request ? "(fine)" : p->request.error().param;
}

TEST(Prepare, EveryFieldHasItsFate) {
  const auto p = prepared(R"("carried":1,"quiet":1,"odd":1,"store":false,"seed":null,"n":1,"logit_bias":{},"presence_penalty":0)");
  ASSERT_TRUE(p->request);
  EXPECT_EQ(p->notes.list, std::vector<std::string>{"dropped:odd"});
  EXPECT_EQ(param(R"("n":2)"), "n");
  EXPECT_EQ(param(R"("refused":"x")"), "refused");
}

TEST(Prepare, ShapesThatLanesRead) {
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[5]}])"), "messages[0].content[0]");
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[{"type":"text"}]}])"), "messages[0].content[0].text");
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":"x"}]}])"),
            "messages[0].content[0].image_url.url");
  EXPECT_EQ(param(R"("messages":[{"role":"user"}])"), "messages[0].content");
  EXPECT_EQ(param(R"("messages":[{"role":"tool","content":"x"}])"), "messages[0].tool_call_id");
  EXPECT_EQ(param(R"("messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f"}}]}])"),
            "messages[0].tool_calls[0]");
  // A lane learns the names of calls from the assistant alone; a result of anybody else's call would have none.
  EXPECT_EQ(param(R"("messages":[{"role":"user","content":"x","tool_calls":[{"id":"1","function":{"name":"f"}}]},)"
                  R"({"role":"tool","tool_call_id":"1","content":"y"}])"),
            "messages[0].tool_calls");
  EXPECT_EQ(param(R"("messages":[{"role":"assistant","content":"x","thinking_blocks":[1]}])"), "messages[0].thinking_blocks");
  EXPECT_EQ(param(R"("tools":[{"type":"web_search"}])"), "tools[0]");
  EXPECT_EQ(param(R"("tools":[{"type":"function","function":{}}])"), "tools[0].function.name");
  EXPECT_EQ(param(R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"maybe")"), "tool_choice");
  EXPECT_EQ(param(R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function"})"), "tool_choice");
  EXPECT_EQ(param(R"("stop":["a",1])"), "stop");
  EXPECT_EQ(param(R"("response_format":{"type":"json_schema"})"), "response_format.json_schema");
}

TEST(Prepare, ResultsArePairedWithTheirCalls) {
  const auto paired = [](std::string_view messages) {
    json::Value request = parsed(R"({"messages":[)" + std::string(messages) + "]}");
    const Status done = pair_results(request);
    if (!done) return done.error().param.str();
    std::string order;
    for (const json::Value& m : *request["messages"].array())
      order += std::string(m["tool_call_id"].text(m["role"].text().substr(0, 1))) + " ";
    return order;
  };
  const std::string call = R"({"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}},{"id":"2","function":{"name":"g"}}]})";
  EXPECT_EQ(paired(call + R"(,{"role":"tool","tool_call_id":"2"},{"role":"tool","tool_call_id":"1"},{"role":"user"})"), "a 1 2 u ");
  EXPECT_EQ(paired(call + R"(,{"role":"tool","tool_call_id":"2"})"), "messages[0].tool_calls");
  EXPECT_EQ(paired(call + R"(,{"role":"tool","tool_call_id":"1"},{"role":"tool","tool_call_id":"2"},{"role":"tool","tool_call_id":"3"})"),
            "messages[3].tool_call_id");
  EXPECT_EQ(paired(R"({"role":"tool","tool_call_id":"1"})"), "messages[0].tool_call_id");
}

TEST(Prepare, StopsAreSharedBetweenTargetAndGateway) {
  Notes notes;
  const json::Value request = parsed(R"({"stop":["a"," ","b","c"]})");
  const Stops stops = share_stops(request, 2, false, notes);
  EXPECT_EQ(json::write(json::Value(stops.carried)), R"(["a","b"])");
  EXPECT_EQ(stops.emulated, (std::vector<std::string>{" ", "c"}));
  EXPECT_EQ(notes.list, std::vector<std::string>{"emulated:stop"});
  Notes none;
  EXPECT_TRUE(share_stops(parsed(R"({"stop":""})"), 2, true, none).carried.empty());
  EXPECT_TRUE(none.list.empty());
}

}  // namespace
}  // namespace ajar::wire::test
