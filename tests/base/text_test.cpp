// tests/base/text_test.cpp - small helpers: case, pieces, numbers, nearest names, times.
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ajar {
namespace {

TEST(Text, CaseIsThatOfAsciiOnly) {
  EXPECT_TRUE(iequal("Content-LENGTH", "content-length"));
  EXPECT_FALSE(iequal("a", "ab"));
  EXPECT_FALSE(iequal("\xc3\x84", "\xc3\xa4"));
  EXPECT_EQ(to_lower("aBZ[@\xc3\x84"), "abz[@\xc3\x84");
}

TEST(Text, TrimAndSplitAndJoin) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), std::vector<std::string_view>{""});
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, ClippedCutsNoCharacterInTwo) {
  EXPECT_EQ(clipped("abc", 3), "abc");
  EXPECT_EQ(clipped("abc", 2), "ab");
  EXPECT_EQ(clipped("a\u20ac", 4), "a\u20ac");
  for (const std::size_t bytes : {1u, 2u, 3u}) EXPECT_EQ(clipped("a\u20ac", bytes), "a");
  EXPECT_EQ(clipped("\u20ac", 2), "");
}

TEST(Text, HexIsLowerCase) {
  const std::array<std::uint8_t, 3> bytes{0, 0xAB, 0xFF};
  EXPECT_EQ(to_hex(bytes), "00abff");
}

TEST(Text, IntegersAreTheWholeText) {
  EXPECT_EQ(to_int("0"), 0);
  EXPECT_EQ(to_int("-12"), -12);
  EXPECT_EQ(to_int("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(to_int("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "9223372036854775808", "12a"})
    EXPECT_EQ(to_int(text), std::nullopt) << text;
}

TEST(Text, NearestFindsTypingErrors) {
  constexpr std::array<std::string_view, 4> names{"deployment", "zone", "tenant", "route"};
  EXPECT_EQ(nearest("deploymet", names), "deployment");
  EXPECT_EQ(nearest("Deployments", names), "deployment");
  EXPECT_EQ(nearest("zones", names), "zone");
  EXPECT_EQ(nearest("rotue", names), "route");
  EXPECT_EQ(nearest("tennant", names), "tenant");
}

TEST(Text, NearestKeepsQuietAboutStrangers) {
  constexpr std::array<std::string_view, 3> names{"deployment", "zone", "id"};
  EXPECT_EQ(nearest("completely-other", names), std::nullopt);
  EXPECT_EQ(nearest("xy", names), std::nullopt);  // two edits would make anything of two letters
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(nearest("zone", {}), std::nullopt);
}

TEST(Text, TimesGoOutAndComeBack) {
  const auto time = parse_rfc3339("2026-11-24T15:05:49.123Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time_since_epoch().count(), 1'795'532'749'123'000'000);
  EXPECT_EQ(rfc3339(*time), "2026-11-24T15:05:49.123Z");
  EXPECT_EQ(rfc3339(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(WallTime{Nanos(-1)}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(rfc3339(*parse_rfc3339("2024-02-29")), "2024-02-29T00:00:00.000Z");
}

TEST(Text, FractionsHaveAnyLength) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.5Z")->time_since_epoch(), Millis(500));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.000000001Z")->time_since_epoch().count(), 1);
  EXPECT_EQ(parse_rfc3339("1970-01-01 00:00:01.0000000019Z")->time_since_epoch().count(), 1'000'000'001);
}

TEST(Text, WhatIsNoTimeIsRefused) {
  for (const char* text : {"", "2026", "2026-11", "2026-13-01", "2026-02-29", "2026-11-24T", "2026-11-24T15:05", "2026-11-24T15:05:49",
                           "2026-11-24T24:00:00Z", "2026-11-24T15:60:00Z", "2026-11-24T15:05:49+01:00", "2026-11-24T15:05:49.Z",
                           "2026/11/24", "20261124", "2026-11-24x", "+026-11-24", "2026-11-24T15:05:49Zx", "1600-01-01", "9999-12-31"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

}  // namespace
}  // namespace ajar
