// tests/net/http_head_test.cpp - the strict head parser refuses whatever two parsers could read in two ways.
#include "net/http_head.hpp"

#include <gtest/gtest.h>

namespace ajar::net {
namespace {

std::string error_of(std::string_view text) {
  RequestHead head;
  const auto parsed = parse(text, head);
  return parsed ? "" : parsed.error().message;
}

TEST(RequestHead, PlainPostIsTakenApart) {
  RequestHead head;
  ASSERT_TRUE(parse("POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nX-A:  b \r\n\r\n", head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path(), "/v1/chat/completions");
  EXPECT_EQ(head.framing.kind, Framing::Kind::length);
  EXPECT_EQ(head.framing.length, 12u);
  EXPECT_EQ(head.find("x-a"), "b");
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, ConnectionDecidesKeepAlive) {
  RequestHead head;
  ASSERT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", head));
  EXPECT_FALSE(head.keep_alive);
  ASSERT_TRUE(parse("GET / HTTP/1.0\r\n\r\n", head));
  EXPECT_FALSE(head.keep_alive);
  ASSERT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", head));
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, ListsAreJoined) {
  RequestHead head;
  ASSERT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\nAjar-Label: pii\r\nX: y\r\najar-label: phi, pci\r\n\r\n", head));
  EXPECT_EQ(head.all("Ajar-Label"), "pii,phi, pci");
  EXPECT_EQ(head.all("absent"), "");
}

struct Refused {
  const char* name;
  const char* text;
  const char* why;
};

class RefusedHead : public testing::TestWithParam<Refused> {};

TEST_P(RefusedHead, SaysWhy) {
  EXPECT_NE(error_of(GetParam().text).find(GetParam().why), std::string::npos) << GetParam().name << ": " << error_of(GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling, RefusedHead,
    testing::Values(Refused{"both framings", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                            "both"},
                    Refused{"length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "repeats"},
                    Refused{"length with sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "not a number"},
                    Refused{"length list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", "not a number"},
                    Refused{"empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", "not a number"},
                    Refused{"huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "not a number"},
                    Refused{"other coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "chunked"},
                    Refused{"coding twice",
                            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked"},
                    Refused{"hidden coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n", "control"},
                    Refused{"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
                    Refused{"blank before colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\n", "token"},
                    Refused{"folded line", "POST / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "token"},
                    Refused{"bare line feed", "POST / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "CR LF"},
                    Refused{"bare carriage return", "POST / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "control"},
                    Refused{"no host", "GET / HTTP/1.1\r\n\r\n", "Host"},
                    Refused{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "Host"},
                    Refused{"absolute target", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "'/'"},
                    Refused{"blank in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "blank"},
                    Refused{"other version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1"},
                    Refused{"other expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", "100-continue"}));

TEST(RequestHead, TooManyFieldsAreRefused) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) text += "X: y\r\n";
  EXPECT_NE(error_of(text + "\r\n").find("100 fields"), std::string::npos);
}

TEST(ResponseHead, FramingFollowsStatusAndFields) {
  ResponseHead head;
  ASSERT_TRUE(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head));
  EXPECT_EQ(head.framing.kind, Framing::Kind::chunked);
  ASSERT_TRUE(parse("HTTP/1.1 200 OK\r\n\r\n", head));
  EXPECT_EQ(head.framing.kind, Framing::Kind::until_close);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_TRUE(parse("HTTP/1.1 204 No Content\r\n\r\n", head));
  EXPECT_EQ(head.framing.kind, Framing::Kind::none);
  EXPECT_FALSE(parse("HTTP/1.1 2x0 OK\r\n\r\n", head));
  EXPECT_FALSE(parse("ICY 200 OK\r\n\r\n", head));
}

TEST(HeadLength, IsFoundAtEverySplit) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto early = head_length(std::string_view(text).substr(0, cut));
    EXPECT_EQ(early.has_value(), cut >= text.size() - 4);
    EXPECT_EQ(head_length(text, early ? 0 : cut), text.size() - 4);
  }
}

}  // namespace
}  // namespace ajar::net
