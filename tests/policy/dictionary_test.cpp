// tests/policy/dictionary_test.cpp - exact values are found however they are written, and a file that was harmed is refused.
#include "policy/dictionary.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "policy/support.hpp"

namespace ajar::policy {
namespace {

constexpr Dictionary::Key key{1, 2, 3, 4};

Dictionary of(std::string_view values) { return *Dictionary::read(*Dictionary::build(values, key)); }

TEST(Dictionary, FindsItsValuesAsWholeWords) {
  const Dictionary d = of("AB-1234567\n\nProject Falcon Nine\nM\xC3\xBCller GmbH\r\n");
  EXPECT_EQ(d.size(), 3U);
  for (const char* text : {"AB-1234567", "see ab 123 4567.", "(AB1234567)", "a b-1.2.3 4567", "project falcon-nine",
                           "PROJECT\nFALCON\nNINE", "an M\xC3\xBCller GmbH letter", "xx ab1234567"})
    EXPECT_TRUE(d.holds(text)) << text;
  for (const char* text : {"", "AB-123456", "AB-12345678", "zAB-1234567", "Project Falcon", "falcon nine", "..."})
    EXPECT_FALSE(d.holds(text)) << text;
}

TEST(Dictionary, AValueIsNotInTheFile) {
  const std::string bytes = *Dictionary::build("AB-1234567\n", key);
  EXPECT_EQ(bytes.find("1234567"), std::string::npos);
  EXPECT_NE(bytes, *Dictionary::build("AB-1234567\n", {9}));
}

TEST(Dictionary, EveryOneOfManyIsFoundAndNothingElse) {
  std::string values;
  for (int i = 0; i < 20'000; ++i) values += "customer-" + std::to_string(i * 7) + "\n";
  const Dictionary d = of(values);
  for (int i = 0; i < 20'000; ++i) EXPECT_EQ(d.holds("customer " + std::to_string(i)), i % 7 == 0) << i;
}

TEST(Dictionary, ValuesThatCannotBeExactAreToldWithTheirLine) {
  EXPECT_EQ(Dictionary::build("good-value\n1-2-3\n", key).error().message,
            "line 2: a value with fewer than 5 letters and digits would be found everywhere");
  EXPECT_EQ(Dictionary::build(std::string(201, 'a'), key).error().message, "line 1: a value of 201 bytes is too long; up to 200 are taken");
  EXPECT_EQ(Dictionary::build("\n \n", key).error().message, "there is no value; write one a line");
}

TEST(Dictionary, AFileThatWasHarmedIsRefused) {
  const std::string bytes = *Dictionary::build("AB-1234567\nproject falcon\n", key);
  ASSERT_TRUE(Dictionary::read(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_FALSE(Dictionary::read(changed)) << i;
    EXPECT_FALSE(Dictionary::read(bytes.substr(0, i))) << i;
  }
  EXPECT_FALSE(Dictionary::read(bytes + "x"));
  EXPECT_FALSE(Dictionary::read("AB-1234567\n"));  // the values themselves
}

TEST(Dictionary, RaisesTheLabelOfItsTenantsRequestsInAnyString) {
  Ruleset rules;
  rules.listings.push_back(
      {.name = "codes", .tenant = "t", .label = *label_named("confidential", {}), .dictionary = of("project falcon\n")});
  const std::vector<Zone> zones{zone("all", top_label)};
  const auto label_of = [&](const std::string& body, std::string_view tenant = "t") {
    wire::Envelope envelope;
    envelope.body = body;
    Origin origin;
    origin.tenant = tenant;
    return clear(envelope, origin, rules, zones)->label();
  };
  const Label raised = *label_named("confidential", {});
  EXPECT_EQ(label_of(R"({"messages":[{"content":"on Project Falcon"}]})"), raised);
  EXPECT_EQ(label_of(R"({"messages":[{"content":"on Project F\u0061lcon"}]})"), raised);
  EXPECT_EQ(label_of(R"({"a":"{\"b\":\"project falcon\"}"})"), raised);
  EXPECT_EQ(label_of(R"({"messages":[{"content":"on project eagle"}]})"), public_label);
  EXPECT_EQ(label_of(R"({"messages":[{"content":"on Project Falcon"}]})", "other"), public_label);
  EXPECT_EQ(label_of("no JSON"), raised);  // what cannot be read may hold it
}

}  // namespace
}  // namespace ajar::policy
