// tests/policy/pseudonyms_test.cpp - tokens take the place of what was found, or everything stays as it was.
#include "policy/pseudonyms.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/json.hpp"
#include "policy/support.hpp"

namespace ajar::policy {
namespace {

struct PseudonymsTest : testing::Test {
  static Label words(std::initializer_list<std::string_view> list) {
    Label label;
    for (const std::string_view word : list) label = label | *label_named(word, {});
    return label;
  }
  static std::string chat(std::string_view text) {
    return json::write(
        json::Value{{"model", "m"}, {"messages", json::Array{json::Value{{"role", "user"}, {"content", std::string(text)}}}}});
  }
  Result<Clearance> run(std::string text) {
    body = std::move(text);
    envelope.body = body;
    return clear(envelope, origin, rules, zones, nullptr, {.memory = nullptr, .taint = nullptr, .pseudonyms = &pseudonyms});
  }
  // The body with tokens; "" when the caller's own goes on.
  std::string replaced(std::string text) {
    const auto cleared = run(std::move(text));
    return cleared && cleared->replaced() != nullptr ? cleared->replaced()->body : std::string();
  }

  Pseudonyms pseudonyms;
  std::string body;
  wire::Envelope envelope;
  Origin origin{.tenant = "t", .key = {}, .route = {}, .tenant_label = {}, .key_label = {}, .route_label = {}, .header = {}};
  std::vector<Zone> zones{zone("home", top_label), zone("closed", public_label)};
  Ruleset rules{.rules = {}, .detection = {true, {}, words({"pii", "phi", "pci", "secret"}), {}}, .defined = {}};
};

TEST_F(PseudonymsTest, WhatIsFoundStandsBehindATokenAndTheLabelIsWhatIsLeft) {
  const auto cleared = run(chat("Please write to jo.doe@example.com, my SSN is 078-05-1120, thanks."));
  ASSERT_TRUE(cleared);
  ASSERT_NE(cleared->replaced(), nullptr);
  EXPECT_EQ(cleared->label(), public_label);
  const Replaced& r = *cleared->replaced();
  EXPECT_EQ(r.body.find("jo.doe"), std::string::npos) << r.body;
  EXPECT_EQ(r.body.find("078-05"), std::string::npos) << r.body;
  EXPECT_EQ(r.kinds, "EMAIL,US_SSN");
  ASSERT_EQ(r.restore.values.size(), 2U);
  for (const auto& [token, value] : r.restore.values) EXPECT_NE(r.body.find(token), std::string::npos);
  EXPECT_EQ(why_labelled("", *cleared), "pseudonymised EMAIL,US_SSN; ");
}

TEST_F(PseudonymsTest, AValueHasOneTokenInItsConversationAndAnotherElsewhere) {
  const std::string first = replaced(chat("write to jo.doe@example.com"));
  const std::string again = replaced(chat("write to jo.doe@example.com"));
  EXPECT_EQ(first, again);
  origin.tenant = "other";
  EXPECT_NE(first, replaced(chat("write to jo.doe@example.com")));
  EXPECT_NE(first, "");
}

TEST_F(PseudonymsTest, TheSameValueIsReplacedWhereNothingAnnouncesIt) {
  const std::string out = replaced(
      R"({"messages":[{"role":"user","content":"my passport number is X4815162"},{"role":"user","content":"what did the clerk do with the X4815162 thing?"}]})");
  EXPECT_NE(out, "");
  EXPECT_EQ(out.find("X4815162"), std::string::npos) << out;
}

TEST_F(PseudonymsTest, JsonInArgumentsStaysJson) {
  const std::string out = replaced(
      R"({"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"ssn\":\"078-05-1120\"}"}}]}]})");
  const auto value = json::read(out);
  ASSERT_TRUE(value);
  const auto arguments = json::read((*value)["messages"].at(0)["tool_calls"].at(0)["function"]["arguments"].text());
  ASSERT_TRUE(arguments);
  EXPECT_TRUE((*arguments)["ssn"].text().starts_with("US_SSN_"));
}

TEST_F(PseudonymsTest, SecretsAreTakenOutAndNeverComeBack) {
  const auto cleared = run(chat("the password: Summer7879#x does not work for jo.doe@example.com"));
  ASSERT_TRUE(cleared);
  ASSERT_NE(cleared->replaced(), nullptr);
  EXPECT_EQ(cleared->replaced()->body.find("Summer7879"), std::string::npos);
  for (const auto& [token, value] : cleared->replaced()->restore.values) EXPECT_EQ(value.find("Summer"), std::string::npos);
}

TEST_F(PseudonymsTest, WhatCannotBeReplacedStaysHomeAsItWas) {
  for (const std::string& text :
       {chat("Patient Maria Silva, born 1980-02-03, SSN 078-05-1120, was diagnosed with diabetes mellitus type 2."),       // a disease
        std::string(R"({"messages":[{"role":"user","content":"write to jo.doe@example.com","card":4111111111111111}]})"),  // a number
        std::string(R"({"messages":[{"role":"user","content":"my SSN is 078-05-1120","jo.doe@example.com":"x"}]})")}) {    // a key
    const auto cleared = run(text);
    ASSERT_TRUE(cleared) << text;
    EXPECT_EQ(cleared->replaced(), nullptr) << text;
    EXPECT_NE(cleared->label(), public_label) << text;
  }
}

TEST_F(PseudonymsTest, OnlyWhatTheRulesNameIsReplaced) {
  rules.detection.pseudonymise = words({"pii"});
  const auto card = run(chat("pay with 4111 1111 1111 1111"));  // pci as well
  ASSERT_TRUE(card);
  EXPECT_EQ(card->replaced(), nullptr);
  EXPECT_TRUE(card->label().covers(words({"pci"})));
  rules.detection.pseudonymise = {};
  EXPECT_EQ(replaced(chat("write to jo.doe@example.com")), "");
}

TEST_F(PseudonymsTest, WhatIsRefusedIsRefused) {
  rules.detection.refuse = words({"secret"});
  const auto cleared = run(chat("password: Summer7879#x"));
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().code, "content_refused");
}

TEST_F(PseudonymsTest, OriginsAndWordsOfRulesGoByTheCallersBody) {
  rules.rules = {{.name = "r", .tenant = {}, .key = {}, .route = {}, .model = {}, .words = {"jo.doe"}, .label = words({"legal"})}};
  origin.key_label = words({"confidential"});
  const auto cleared = run(chat("write to jo.doe@example.com"));
  ASSERT_TRUE(cleared);
  ASSERT_NE(cleared->replaced(), nullptr);
  EXPECT_EQ(cleared->label(), words({"legal"}) | words({"confidential"}));
}

TEST_F(PseudonymsTest, TokensHoldNothingOfWhatTheyStandForAndCheckThemselves) {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    Pseudonyms fresh;
    const auto r = fresh.replace("t", chat("write to jo.doe@example.com"), words({"pii"}));
    ASSERT_TRUE(r);
    ASSERT_EQ(r->restore.values.size(), 1U);
    EXPECT_TRUE(r->restore.values.front().first.starts_with("EMAIL_"));
    const std::string letters = r->restore.values.front().first.substr(6);
    ASSERT_EQ(letters.size(), 7U);
    constexpr std::string_view alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    std::size_t sum = 0;  // any single other letter gives another sum
    for (const char c : letters.substr(0, 6)) sum = sum * 3 + alphabet.find(c);
    EXPECT_EQ(letters.back(), alphabet[sum % alphabet.size()]);
    seen.insert(r->restore.values.front().first);
  }
  EXPECT_GT(seen.size(), 45U);
}

TEST_F(PseudonymsTest, OnlySoManyConversationsAreKept) {
  Pseudonyms two(2);
  const auto token = [&](std::string_view tenant) {
    return two.replace(tenant, chat("write to jo.doe@example.com"), words({"pii"}))->restore.values.front().first;
  };
  const std::string a = token("a");
  EXPECT_EQ(token("a"), a);
  token("b");
  token("c");
  EXPECT_NE(token("a"), a);
}

}  // namespace
}  // namespace ajar::policy
