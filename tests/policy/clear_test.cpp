// tests/policy/clear_test.cpp - every origin and rule raises the label, nothing lowers it, and uncertainty refuses.
#include "policy/clear.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/support.hpp"

namespace ajar::policy {
namespace {

struct ClearTest : testing::Test {
  Label word(std::string_view name) const { return *label_named(name, rules.defined); }
  Result<Clearance> run(const std::string& body = "{}") {
    envelope.body = body;
    return clear(envelope, origin, rules, zones);
  }
  bool holds(const std::string& body) {
    const auto cleared = run(body);
    return !cleared || cleared->label() == word("phi");
  }
  void rule_with_words(std::vector<std::string> words) {
    rules.rules = {{.name = "r", .tenant = {}, .key = {}, .route = {}, .model = {}, .words = std::move(words), .label = word("phi")}};
  }

  Ruleset rules{.rules = {}, .defined = {"project-x"}};
  std::vector<Zone> zones{zone("own", top_label), zone("external", public_label)};
  wire::Envelope envelope;
  Origin origin;
};

TEST_F(ClearTest, WithoutAnythingTheLabelIsPublic) {
  const auto cleared = run();
  ASSERT_TRUE(cleared);
  EXPECT_EQ(cleared->label(), public_label);
  EXPECT_TRUE(cleared->reasons().empty());
}

TEST_F(ClearTest, EveryOriginRaisesAndIsNamed) {
  origin = {.tenant = "t",
            .key = "k",
            .route = "r",
            .tenant_label = word("pii"),
            .key_label = word("pci"),
            .route_label = word("legal"),
            .header = "export, Project-X"};
  rules.rules.push_back({.name = "always", .tenant = {}, .key = {}, .route = {}, .model = {}, .words = {}, .label = word("secret")});
  const auto cleared = run();
  ASSERT_TRUE(cleared);
  EXPECT_EQ(cleared->label(), word("pii") | word("pci") | word("legal") | word("export") | word("project-x") | word("secret"));
  EXPECT_EQ(cleared->reasons(), (std::vector<std::string>{"tenant", "key", "route", "header", "rule:always"}));
}

TEST_F(ClearTest, TheHeaderOnlyRaises) {
  origin.tenant_label = word("phi");
  for (const char* header : {"public", "internal", " , ,", "PUBLIC,public"}) {
    origin.header = header;
    const auto cleared = run();
    ASSERT_TRUE(cleared) << header;
    EXPECT_TRUE(cleared->label().covers(word("phi"))) << header;
  }
}

TEST_F(ClearTest, ALabelOfTheHeaderStaysWithTheConversation) {
  Taint taint(Digest{});
  const std::string first(80, 'a'), second(80, 'b');
  const auto label_of_turn = [&](const std::string& body) {
    envelope.body = body;
    return clear(envelope, origin, rules, zones, nullptr, {.memory = nullptr, .taint = &taint, .pseudonyms = nullptr})->label();
  };
  const auto user = [](const std::string& text) { return R"({"role":"user","content":")" + text + "\"}"; };
  origin.header = "phi";
  EXPECT_EQ(label_of_turn("{\"messages\":[" + user(first) + "]}"), word("phi"));
  origin.header = {};
  EXPECT_EQ(label_of_turn("{\"messages\":[" + user(first) + "," + user(second) + "]}"), word("phi"));
  // A client that forgets the beginning: the turn before had inherited the label, and hands it on.
  EXPECT_EQ(label_of_turn("{\"messages\":[" + user(second) + "," + user("and then?") + "]}"), word("phi"));
  EXPECT_EQ(label_of_turn("{\"messages\":[" + user("something else") + "]}"), public_label);
}

TEST_F(ClearTest, AnUnknownWordInTheHeaderIsRefused) {
  for (const char* header : {"phii", "phi;pii", "phi, wat", "phi pii", "0"}) {
    origin.header = header;
    const auto cleared = run();
    ASSERT_FALSE(cleared) << header;
    EXPECT_EQ(cleared.error().fault, Fault::bad_request);
    EXPECT_EQ(cleared.error().code, "unknown_label");
    EXPECT_EQ(cleared.error().param, "Ajar-Label");
    EXPECT_NE(cleared.error().message.find("project-x"), std::string::npos);  // says which there are
  }
}

TEST_F(ClearTest, ALabelThatNoZoneAcceptsIsForbidden) {
  zones = {zone("a", word("pii")), zone("b", word("phi"))};
  origin.tenant_label = word("pii") | word("phi");  // each of them somewhere, both nowhere
  const auto cleared = run("{\"content\":\"a very private sentence\"}");
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().fault, Fault::forbidden);
  EXPECT_EQ(cleared.error().code, "policy_blocked");
  EXPECT_NE(cleared.error().message.find("pii, phi"), std::string::npos);
  EXPECT_EQ(cleared.error().message.find("private"), std::string::npos);
  zones.clear();
  origin.tenant_label = public_label;
  EXPECT_EQ(run().error().code, "policy_blocked");  // no zone at all accepts nothing at all
}

TEST_F(ClearTest, RulesApplyWhereTheirConditionsHold) {
  origin.tenant = "t";
  origin.key = "k";
  origin.route = "r";
  envelope.model = "m";
  const Rule all{.name = "x", .tenant = "t", .key = "k", .route = "r", .model = "m", .words = {}, .label = word("phi")};
  rules.rules = {all};
  EXPECT_EQ(run()->label(), word("phi"));
  for (std::string Rule::* condition : {&Rule::tenant, &Rule::key, &Rule::route, &Rule::model}) {
    rules.rules = {all};
    rules.rules.front().*condition = "other";
    EXPECT_EQ(run()->label(), public_label);
  }
}

// A letter beyond ASCII, written as '@' here.
std::string spelled(std::string text) {
  for (std::size_t at = 0; (at = text.find('@')) != std::string::npos;) text.replace(at, 1, "\xc3\xa9");
  return text;
}

TEST_F(ClearTest, WordsAreFoundHoweverTheyAreSpelled) {
  rule_with_words({spelled("Caf@ Codename")});
  for (const char* body : {
           R"({"content":"the Caf@ Codename plan"})", R"({"content":"CAF\u00e9 CODENAME"})",
           R"({"content":"\u0043\u0061f\u00E9\u0020codename"})", R"({"a":[{"b":["x",{"c":"caf@ codename"}]}]})", R"({"caf@ codename":1})",
           R"({"caf\u00e9 codename":[]})",
           R"({"arguments":"{\"x\": \"caf\\u00e9 codename\"}"})",                         // JSON in a string
           R"({"arguments":"{\"x\": \"{\\\"y\\\": \\\"caf\\\\u00e9 codename\\\"}\"}"})",  // and once more
       })
    EXPECT_TRUE(holds(spelled(body))) << body;
  for (const char* body : {R"({"content":"cafe codename"})", R"({"content":"caf@","more":" codename"})",
                           R"({"content":"caf\\u00e8 codename"})", "{}", R"({"content":"caf\u00c9 codename"})"})  // case is that of ASCII
    EXPECT_FALSE(holds(spelled(body))) << body;
}

TEST_F(ClearTest, WordsAreFoundInNumbersAndAcrossEscapedCharacters) {
  rule_with_words({"00123456", "77123", "a/b", "\xf0\x9f\x98\x80"});
  EXPECT_TRUE(holds(R"({"mrn":"MRN 00123456"})"));
  EXPECT_TRUE(holds(R"({"mrn":77123})"));
  EXPECT_TRUE(holds(R"({"path":"A\/B"})"));
  EXPECT_TRUE(holds(R"({"smile":"\ud83d\ude00"})"));
  EXPECT_TRUE(holds(R"({"smile":"\\ud83d\\ude00"})"));
  EXPECT_FALSE(holds(R"({"smile":"\\ud83d"})"));
}

// What is no JSON is refused before it comes here; should it come all the same, a trace of a word is enough.
TEST_F(ClearTest, ABodyThatCannotBeReadHoldsEveryWordOfWhichItHasATrace) {
  rule_with_words({"anything"});
  for (const char* body : {"anything", "{\"anything\"", "{\"a\":1,\"a\":\"anything\"}", "{\"a\":\"\xff\", \"b\":\"ANYTHING\"}", "{\"\\u"}) {
    const auto cleared = run(body);
    ASSERT_TRUE(cleared) << body;
    EXPECT_EQ(cleared->label(), word("phi")) << body;
  }
}

// Whatever origins, rules and zones: a clearance exists exactly when some zone accepts its label, and the label holds all that was asked
// for.
TEST_F(ClearTest, ThereIsNoClearanceThatNoZoneAccepts) {
  std::mt19937_64 random(3);
  const auto words = label_words(rules.defined);
  int given = 0, refused = 0;
  for (int round = 0; round < 5000; ++round) {
    const auto some = [&](unsigned one_in) {
      Label label;
      for (const std::string& w : words)
        if (random() % one_in == 0) label = label | word(w);
      return label;
    };
    zones.clear();
    for (std::uint64_t i = random() % 4; i > 0; --i) zones.push_back(zone("z", random() % 8 == 0 ? top_label : some(2)));
    origin.tenant_label = some(6);
    origin.key_label = some(8);
    origin.route_label = some(8);
    const std::string asked = words[random() % words.size()];
    origin.header = random() % 2 == 0 ? std::string_view() : std::string_view(asked);
    rules.rules.clear();
    Label due = origin.tenant_label | origin.key_label | origin.route_label | (origin.header.empty() ? public_label : word(asked));
    for (std::uint64_t i = random() % 3; i > 0; --i) {
      const bool matches = random() % 2 == 0;
      rules.rules.push_back(
          {.name = "r", .tenant = {}, .key = {}, .route = {}, .model = {}, .words = {matches ? "needle" : "absent"}, .label = some(5)});
      if (matches) due = due | rules.rules.back().label;
    }
    const auto cleared = run("{\"content\":\"the Needle in the hay\"}");
    const bool accepted = std::ranges::any_of(zones, [&](const Zone& z) { return (due.bits & ~z.accepts.bits) == 0; });
    ASSERT_EQ(cleared.has_value(), accepted);
    ++(cleared ? given : refused);
    if (cleared)
      EXPECT_EQ(cleared->label(), due);
    else
      EXPECT_EQ(cleared.error().code, "policy_blocked");
  }
  EXPECT_GT(given, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace ajar::policy
