// tests/observe/request_id_test.cpp - which ids of callers are taken over, and which trace contexts.
#include "observe/request_id.hpp"

#include <gtest/gtest.h>

namespace ajar::observe {
namespace {

TEST(RequestId, AGoodOneIsKept) {
  for (const std::string& id : {std::string("a"), std::string("req-1.2_3"), std::string(64, 'x')}) EXPECT_EQ(accept_request_id(id), id);
}

TEST(RequestId, AnyOtherIsReplaced) {
  for (const std::string& id : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a\r\nx: y"), std::string("a\"b"),
                                std::string("\xc3\xa4"), std::string("a\0b", 3)}) {
    const std::string made = accept_request_id(id);
    EXPECT_NE(made, id);
    EXPECT_TRUE(made.starts_with("req-")) << made;
    EXPECT_EQ(made.size(), 24u);
    EXPECT_EQ(accept_request_id(made), made);
  }
  EXPECT_NE(accept_request_id(""), accept_request_id(""));
}

TEST(Traceparent, OnlyWellFormedOnesTravel) {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_TRUE(is_traceparent(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = 'G';
    EXPECT_FALSE(is_traceparent(bad)) << at;
  }
  EXPECT_FALSE(is_traceparent(""));
  EXPECT_FALSE(is_traceparent(good + "-"));
  EXPECT_FALSE(is_traceparent("00-" + std::string(32, '0') + "-00f067aa0ba902b7-01"));
  EXPECT_FALSE(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-" + std::string(16, '0') + "-01"));
  EXPECT_FALSE(is_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
}

}  // namespace
}  // namespace ajar::observe
