// tests/net/http_body_test.cpp - chunks and lengths give the same payload at every split.
#include "net/http_body.hpp"

#include <gtest/gtest.h>

namespace ajar::net {
namespace {

Result<std::string> decode_split(std::string bytes, std::size_t cut, BodyDecoder& decoder) {
  std::string payload;
  for (std::string part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    auto got = decoder.decode({part.data(), part.size()});
    if (!got) return std::unexpected(got.error());
    payload += *got;
  }
  return payload;
}

TEST(BodyDecoder, ChunksAreTheSameAtEverySplit) {
  const std::string bytes = "5\r\nhello\r\nA;ext=1\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    BodyDecoder decoder(Framing{Framing::Kind::chunked, 0});
    const auto payload = decode_split(bytes, cut, decoder);
    ASSERT_TRUE(payload) << cut;
    EXPECT_EQ(*payload, "hello, world!!!");
    EXPECT_TRUE(decoder.done());
  }
}

TEST(BodyDecoder, BytesAfterTheBodyAreNotConsumed) {
  std::string bytes = "1\r\na\r\n0\r\n\r\nGET";
  BodyDecoder chunked(Framing{Framing::Kind::chunked, 0});
  ASSERT_TRUE(chunked.decode({bytes.data(), bytes.size()}));
  EXPECT_EQ(chunked.consumed(), bytes.size() - 3);
  std::string plain = "abcGET";
  BodyDecoder length(Framing{Framing::Kind::length, 3});
  ASSERT_TRUE(length.decode({plain.data(), plain.size()}));
  EXPECT_EQ(length.consumed(), 3u);
}

TEST(BodyDecoder, MalformedChunksAreRefused) {
  for (std::string bytes :
       {"g\r\n", "\r\n", "5 \r\nhello", "1\nab", "1\r\nabc", "1\r\na\n", "-1\r\na\r\n", "ffffffffffffffff1\r\n", "0\r\n\nx"}) {
    BodyDecoder decoder(Framing{Framing::Kind::chunked, 0});
    EXPECT_FALSE(decoder.decode({bytes.data(), bytes.size()})) << bytes;
  }
}

TEST(BodyDecoder, ExtensionsMayFollowALongStreamButNotStandAlone) {
  BodyDecoder stream(Framing{Framing::Kind::chunked, 0});
  for (int i = 0; i < 10'000; ++i) {
    std::string chunk = "14;some=value\r\ndata: hello, world!\n\r\n";
    ASSERT_TRUE(stream.decode({chunk.data(), chunk.size()})) << i;
  }
  BodyDecoder padded(Framing{Framing::Kind::chunked, 0});
  std::string endless = "1;" + std::string(20'000, 'x');
  EXPECT_FALSE(padded.decode({endless.data(), endless.size()}));
  BodyDecoder trailers(Framing{Framing::Kind::chunked, 0});
  std::string long_trailer = "0\r\nX: " + std::string(20'000, 'x');
  EXPECT_FALSE(trailers.decode({long_trailer.data(), long_trailer.size()}));
}

TEST(BodyDecoder, CutBodiesAreTold) {
  BodyDecoder chunked(Framing{Framing::Kind::chunked, 0});
  std::string bytes = "5\r\nhel";
  ASSERT_TRUE(chunked.decode({bytes.data(), bytes.size()}));
  EXPECT_FALSE(chunked.closed());
  BodyDecoder until_close(Framing{Framing::Kind::until_close, 0});
  ASSERT_TRUE(until_close.decode({bytes.data(), bytes.size()}));
  EXPECT_TRUE(until_close.closed());
  EXPECT_TRUE(until_close.done());
}

}  // namespace
}  // namespace ajar::net
