// tests/policy/label_test.cpp - words of labels, joins and coverage.
#include "policy/label.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ajar::policy {
namespace {

const std::vector<std::string> defined{"project-x", "payroll"};

TEST(Label, WordsAreKnownWithoutCase) {
  for (const std::string& word : label_words(defined)) {
    EXPECT_TRUE(label_named(word, defined)) << word;
    EXPECT_EQ(label_named("PHI", defined), label_named("phi", defined));
  }
  EXPECT_EQ(label_named("public", defined), public_label);
  for (const char* word : {"", "ph", "phi ", "top", "project", "17"}) EXPECT_FALSE(label_named(word, defined)) << word;
  EXPECT_FALSE(label_named("payroll", {}));
}

TEST(Label, EachWordHasBitsOfItsOwn) {
  const auto words = label_words(defined);
  for (const std::string& a : words)
    for (const std::string& b : words)
      if (a != b) EXPECT_NE(label_named(a, defined)->bits, label_named(b, defined)->bits) << a << " " << b;
}

TEST(Label, LevelsImplyThoseBelow) {
  const Label internal = *label_named("internal", {}), confidential = *label_named("confidential", {}),
              restricted = *label_named("restricted", {});
  EXPECT_TRUE(restricted.covers(confidential) && confidential.covers(internal) && internal.covers(public_label));
  EXPECT_FALSE(internal.covers(confidential) || confidential.covers(restricted) || public_label.covers(internal));
  EXPECT_EQ(restricted | internal, restricted);
}

TEST(Label, OnlySixteenWordsMayBeDefined) {
  std::vector<std::string> many;
  for (int i = 0; i < 17; ++i) many.push_back("w" + std::to_string(i));
  EXPECT_TRUE(label_named("w15", many));
  EXPECT_FALSE(label_named("w16", many));  // no bit is left: never a bit that means something else
}

TEST(Label, NamesGiveTheLabelBack) {
  const auto words = label_words(defined);
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    Label label;
    for (const std::string& word : words)
      if (random() % 3 == 0) label = label | *label_named(word, defined);
    Label again;
    for (const std::string& name : names_of(label, defined)) again = again | *label_named(name, defined);
    EXPECT_EQ(again, label);
  }
  EXPECT_EQ(names_of(public_label, defined), std::vector<std::string>{"public"});
  EXPECT_EQ(names_of(*label_named("restricted", {}), defined), std::vector<std::string>{"restricted"});
}

TEST(Label, NoBitIsPassedOverInSilence) {
  EXPECT_EQ(names_of(top_label, defined), std::vector<std::string>{"top"});
  EXPECT_EQ(names_of({std::uint64_t{1} << 40}, defined), std::vector<std::string>{"unnamed"});
  EXPECT_EQ(names_of({(std::uint64_t{1} << 18) | (1u << 8)}, defined),
            (std::vector<std::string>{"pii", "unnamed"}));  // a word that was taken out
}

TEST(Label, JoinsNeverLoseABit) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    const Label a{random()}, b{random()}, accepts{random() | random()};
    EXPECT_TRUE((a | b).covers(a) && (a | b).covers(b));
    EXPECT_EQ(a | b, b | a);
    if (accepts.covers(a | b)) EXPECT_TRUE(accepts.covers(a) && accepts.covers(b));
  }
}

}  // namespace
}  // namespace ajar::policy
