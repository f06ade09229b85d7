// tests/base/json_test.cpp - strict reading, exact writing.
#include "base/json.hpp"

#include <gtest/gtest.h>

namespace ajar::json {
namespace {

TEST(Json, KeepsOrderAndLiterals) {
  const std::string text = R"({"b":1.0,"a":[1e5,-0,12345678901234567890123],"s":"\"\\\n","u":")"
                           "\xc3\x84"
                           R"(","n":null,"t":true})";
  EXPECT_EQ(write(*read(text)), text);
}

TEST(Json, DecodesEscapes) { EXPECT_EQ(*read(R"("\u00e4\ud83d\ude00\/")")->string(), "\xc3\xa4\xf0\x9f\x98\x80/"); }

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"",    "{",        "[1,]",          "{\"a\":1,}",  "01",       "1.",           "+1",
                           "nul", "\"\x01\"", "\"\\ud800\"",   "\"\\udc00\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                           "1 2", "'a'",      "{\"a\" 1}",     "{a:1}",       "[1 2]",    "\"a",          "\"\\x\"",
                           "NaN", "1e",       "\xef\xbb\xbf{}"})
    EXPECT_FALSE(read(text)) << text;
}

TEST(Json, RefusesDuplicateKeysInSmallAndLargeObjects) {
  EXPECT_NE(read(R"({"a":1,"b":{"c":1,"c":2}})").error().message.find("\"c\" stands twice"), std::string::npos);
  EXPECT_FALSE(read(R"({"a":1,"\u0061":2})"));
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(read(many + "\"x\":0}"));
  EXPECT_FALSE(read(many + "\"k39\":0}"));
  EXPECT_FALSE(read(many + "\"k3\":0}"));
}

TEST(Json, AnErrorNeverCutsACharacterOfAKey) {
  std::string key(59, 'k');
  key += "\xc3\xa4\xc3\xa4";
  const auto read_twice = read("{\"" + key + "\":1,\"" + key + "\":2}");
  ASSERT_FALSE(read_twice);
  EXPECT_TRUE(read(quote(read_twice.error().message)));  // still UTF-8
}

TEST(Json, BoundsDepth) {
  EXPECT_TRUE(read(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(read(std::string(65, '[') + std::string(65, ']')));
}

TEST(Json, ComparesAsJson) {
  EXPECT_EQ(*read(R"({"a":1,"b":[1.0]})"), *read(R"({"b":[1],"a":1e0})"));
  EXPECT_NE(*read(R"({"a":1})"), *read(R"({"a":"1"})"));
  EXPECT_NE(*read("[1,2]"), *read("[2,1]"));
}

TEST(Json, ReadsNumbers) {
  EXPECT_EQ(read("5.0")->integer(), 5);
  EXPECT_EQ(read("1e3")->integer(), 1000);
  EXPECT_EQ(read("5.5")->integer(), std::nullopt);
  EXPECT_EQ(read("9223372036854775807")->integer(), INT64_MAX);
}

TEST(Json, BuildsAndChanges) {
  Value v{{"a", 1}, {"b", "x"}};
  v.set("c", Array{}).push(Value{{"d", nullptr}});
  v.object()->erase("a");
  v.set("b", 2.5);
  const Value copy = v;
  EXPECT_EQ(write(copy), R"({"b":2.5,"c":[{"d":null}]})");
  EXPECT_EQ(write_pretty(copy), "{\n  \"b\": 2.5,\n  \"c\": [\n    {\n      \"d\": null\n    }\n  ]\n}");
}

}  // namespace
}  // namespace ajar::json
