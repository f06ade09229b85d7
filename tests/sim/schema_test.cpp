// tests/sim/schema_test.cpp - instances hold what their schema says; texts match their pattern.
#include "sim/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ajar::sim {
namespace {

json::Value make(std::string_view schema, std::uint64_t seed = 1) {
  auto read = json::read(schema);
  EXPECT_TRUE(read) << schema;
  return instance_of(*read, seed);
}

TEST(Schema, ObjectHasItsPropertiesWithTheirTypes) {
  const json::Value v = make(
      R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":7},"metric":{"type":"boolean"},
      "rain":{"type":"number"},"tags":{"type":"array","items":{"type":"string"},"minItems":3}},"required":["city"],"additionalProperties":false})");
  EXPECT_TRUE(v["city"].is_string());
  ASSERT_TRUE(v["days"].integer());
  EXPECT_GE(*v["days"].integer(), 1);
  EXPECT_LE(*v["days"].integer(), 7);
  EXPECT_TRUE(v["metric"].is_bool());
  EXPECT_TRUE(v["rain"].is_number());
  EXPECT_EQ(v["tags"].array()->size(), 3u);
  EXPECT_EQ(v.object()->size(), 5u);
}

TEST(Schema, ValuesThatAreGivenAreTaken) {
  EXPECT_EQ(make(R"({"const":42})"), json::Value(42));
  EXPECT_EQ(make(R"({"type":"string","default":"here"})").text(), "here");
  const json::Value unit = make(R"({"enum":["c","f"]})");
  EXPECT_TRUE(unit.text() == "c" || unit.text() == "f");
}

TEST(Schema, BoundsOfNumbersHold) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    EXPECT_GT(*make(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})", seed).number(), 0);
    EXPECT_LT(*make(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})", seed).number(), 1);
    EXPECT_EQ(*make(R"({"type":"integer","minimum":100,"multipleOf":7})", seed).integer() % 7, 0);
    EXPECT_GE(*make(R"({"type":"integer","minimum":100,"multipleOf":7})", seed).integer(), 100);
    EXPECT_LE(*make(R"({"type":"integer","maximum":-5})", seed).integer(), -5);
  }
}

TEST(Schema, LengthsOfTextsHold) {
  EXPECT_GE(make(R"({"type":"string","minLength":50})").text().size(), 50u);
  EXPECT_LE(make(R"({"type":"object","properties":{"a long name":{"type":"string","maxLength":3}}})")["a long name"].text().size(), 3u);
}

TEST(Schema, ReferencesAndRecursionEnd) {
  const json::Value tree = make(
      R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"name":{"type":"string"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},
      "children":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["name","next","children"],"additionalProperties":false}}})");
  EXPECT_TRUE(tree["name"].is_string());
  const json::Value* at = &tree;
  int depth = 0;
  for (; (*at)["next"].is_object(); at = &(*at)["next"]) ++depth;
  EXPECT_TRUE((*at)["next"].is_null());
  EXPECT_LT(depth, 12);
}

TEST(Schema, UnionsTakeAWayAndKeepTheRest) {
  EXPECT_TRUE(make(R"({"type":["string","null"]})").is_string());
  EXPECT_TRUE(make(R"({"anyOf":[{"type":"null"},{"type":"integer"}]})").integer());
  const json::Value both = make(
      R"({"allOf":[{"type":"object","properties":{"a":{"type":"integer"}}},{"properties":{"b":{"type":"string"}},"required":["b"]}]})");
  EXPECT_TRUE(both["a"].integer());
  EXPECT_TRUE(both["b"].is_string());
}

TEST(Schema, GeminisFormIsUnderstood) {
  const json::Value v = make(
      R"({"type":"OBJECT","properties":{"list":{"type":"ARRAY","items":{"type":"INTEGER"},"minItems":"4"},"maybe":{"type":"STRING","nullable":true}}})");
  EXPECT_EQ(v["list"].array()->size(), 4u);
  EXPECT_TRUE(v["maybe"].is_string());
}

TEST(Schema, SameSeedSameInstance) {
  constexpr std::string_view schema =
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"boolean"}}})";
  EXPECT_EQ(make(schema, 7), make(schema, 7));
  bool differs = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) differs = differs || !(make(schema, seed) == make(schema, 7));
  EXPECT_TRUE(differs);
}

TEST(Schema, NonsenseGivesSomething) {
  for (const std::string_view schema : {"{}", "true", "null", R"({"$ref":"#/nowhere"})", R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})",
                                        R"({"type":"object","minProperties":3})"})
    EXPECT_FALSE(json::write(make(schema)).empty()) << schema;
}

TEST(Pattern, TextsMatch) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::string plate = match_of("^[A-Z]{2}-\\d{3,4}$", seed);
    ASSERT_GE(plate.size(), 6u) << plate;
    EXPECT_LE(plate.size(), 7u) << plate;
    EXPECT_TRUE(plate[0] >= 'A' && plate[0] <= 'Z') << plate;
    EXPECT_EQ(plate[2], '-') << plate;
    EXPECT_TRUE(std::all_of(plate.begin() + 3, plate.end(), [](char c) { return c >= '0' && c <= '9'; })) << plate;
    const std::string word = match_of("(?:cat|dog)s?", seed);
    EXPECT_TRUE(word == "cat" || word == "cats" || word == "dog" || word == "dogs") << word;
    const std::string other = match_of("[^a-c]", seed);
    EXPECT_EQ(other.find_first_of("abc"), std::string::npos);
  }
}

TEST(Pattern, BrokenExpressionsEnd) {
  for (const std::string_view pattern : {"(", ")", "[", "\\", "a{", "(((a|", "*", "(?<x", "[^", "a{99999999}"})
    EXPECT_LT(match_of(pattern, 3).size(), 200u) << pattern;
}

}  // namespace
}  // namespace ajar::sim
