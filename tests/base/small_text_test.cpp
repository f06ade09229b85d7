// tests/base/small_text_test.cpp - owned text in one pointer.
#include "base/small_text.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace ajar {
namespace {

TEST(SmallText, IsOnePointerAndKeepsErrorsSmall) {
  static_assert(sizeof(SmallText) == sizeof(void*));
  static_assert(sizeof(Error) <= 64);
}

TEST(SmallText, CopiesOwnTheirText) {
  SmallText one = "one";
  SmallText two = one;
  one += " and more";
  EXPECT_EQ(one, "one and more");
  EXPECT_EQ(two, "one");
  two = one;
  EXPECT_EQ(two, one);
  two = std::move(one);
  EXPECT_EQ(two.str(), "one and more");
}

TEST(SmallText, EmptyIsWhatItBeginsWith) {
  const SmallText none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none, "");
  EXPECT_TRUE(SmallText(std::string()).empty());
  EXPECT_EQ(SmallText("a") + "b", "ab");
  EXPECT_EQ(std::string_view("a") + SmallText("b"), "ab");
}

}  // namespace
}  // namespace ajar
