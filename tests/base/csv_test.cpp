// tests/base/csv_test.cpp - comma-separated values in and out.
#include "base/csv.hpp"

#include <gtest/gtest.h>

namespace ajar {
namespace {

TEST(Csv, FieldsMayBeQuotedAndHoldAnything) {
  const auto table = read_csv(
      "\xef\xbb\xbf"
      "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\r\n2,\r\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->header, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0].fields[1], "x, \"y\"\nz");
  EXPECT_EQ(table->rows[0].line, 2);
  EXPECT_EQ(table->rows[1].line, 5);
  EXPECT_EQ(table->rows[1].fields[1], "");
  EXPECT_EQ(table->column("b"), 1u);
  EXPECT_FALSE(table->column("c"));
}

TEST(Csv, WhatIsWrongIsSaidWithItsPlace) {
  const auto told = [](std::string_view text) {
    const auto table = read_csv(text);
    return table ? std::string("fine") : table.error().message.str();
  };
  EXPECT_EQ(told(""), "line 1: there is no header line; the first line names the columns");
  EXPECT_EQ(told("a,b\n1\n").substr(0, 45), "line 2, column 1: 1 fields where the header h");
  EXPECT_EQ(told("a\n\"x\ny\n").substr(0, 44), "line 2, column 1: the quote that begins here");
  EXPECT_EQ(told("a\n\"x\"y\n").substr(0, 43), "line 2, column 4: text follows a closing qu");
  EXPECT_EQ(told("a,a\n").substr(0, 38), "line 1, column 1: the column \"a\" stand");
  EXPECT_EQ(told("a\nx"), "fine");
}

TEST(Csv, WritesWhatItReads) {
  for (const std::string_view value : {"plain", "a,b", "say \"x\"", "two\nlines", ""}) {
    const std::string text = "h,i\n" + csv_field(value) + ",1\n";
    const auto table = read_csv(text);
    ASSERT_TRUE(table) << text;
    EXPECT_EQ(table->rows.front().fields.front(), value);
  }
}

}  // namespace
}  // namespace ajar
