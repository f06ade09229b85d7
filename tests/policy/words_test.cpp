// tests/policy/words_test.cpp - the quick pass rules out nothing that the whole reading finds.
#include "policy/words.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

bool holds(const std::string& body, const std::vector<std::string>& words) { return Words(body).hold(words); }

std::string body_with(const std::string& text) {
  return fmt::format(R"({{"messages":[{{"role":"user","content":{}}}]}})", json::quote(text));
}

TEST(Words, AreFoundAtEveryPlaceOfALongText) {
  for (std::size_t at = 0; at < 200; ++at) {
    std::string text(200, '.');
    text.insert(at, "Merger");
    EXPECT_TRUE(holds(body_with(text), {"letter", "merger"})) << at;
    text[at] = 'N';
    EXPECT_FALSE(holds(body_with(text), {"letter", "merger"})) << at;
  }
}

TEST(Words, AreFoundHoweverTheyAreWritten) {
  EXPECT_TRUE(holds(R"({"a":"mer\u0067er"})", {"merger"}));
  EXPECT_TRUE(holds(R"({"a":"\u004derger"})", {"merger"}));
  EXPECT_TRUE(holds(R"({"a":"{\"b\":\"mer\\u0067er\"}"})", {"merger"}));
  EXPECT_TRUE(holds(R"({"MERGER":1})", {"merger"}));
  EXPECT_TRUE(holds(R"({"a":12345678})", {"345678"}));
  EXPECT_TRUE(holds(R"({"a":"a\/b"})", {"a/b"}));
  EXPECT_TRUE(holds(R"({"a":"say \"yes\""})", {"\"yes\""}));
  EXPECT_TRUE(holds(R"({"a":"ab"})", {"ab"}));
  EXPECT_TRUE(holds(R"({"a":"x"})", {"x"}));
  EXPECT_FALSE(holds(R"({"a":"\nfoo"})", {"nfoo"}));  // the letter belongs to the escape
  EXPECT_FALSE(holds(R"({"a":"Merge r"})", {"merger"}));
}

TEST(Words, ABodyThatCannotBeReadHoldsThem) { EXPECT_TRUE(holds(R"({"a":"merger)", {"merger"})); }

TEST(Words, ManyWordsAreLookedForInGroups) {
  std::vector<std::string> words;
  for (int i = 0; i < 50; ++i) words.push_back(fmt::format("word-{:02}-end", i));
  EXPECT_FALSE(holds(body_with("word-51-end"), words));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(holds(body_with(fmt::format("so WORD-{:02}-end it is", i)), words)) << i;
}

TEST(Words, AgreeWithTheTextOnRandomOnes) {
  std::mt19937 random(7);
  const std::string letters = "abAB \n\"\\/1";
  const auto text_of = [&](std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += letters[random() % letters.size()];
    return text;
  };
  for (int round = 0; round < 5000; ++round) {
    const std::string text = text_of(random() % 90), word = text_of(1 + random() % 5);
    const bool there = to_lower(text).find(to_lower(word)) != std::string::npos;
    // Strings inside strings are read as well, so more may be found, never less.
    if (there)
      EXPECT_TRUE(holds(body_with(text), {word})) << json::quote(text) << json::quote(word);
    else if (text.find('\\') == std::string::npos && word.find_first_of("\"\\/{}:,sermg") == std::string::npos && word.size() > 3)
      EXPECT_FALSE(holds(body_with(text), {word}));
  }
}

}  // namespace
}  // namespace ajar::policy
