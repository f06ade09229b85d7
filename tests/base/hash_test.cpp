// tests/base/hash_test.cpp - digests and checksums against known answers.
#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/text.hpp"

namespace ajar {
namespace {

TEST(Hash, Sha256GivesTheKnownAnswers) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, Sha256IsTheSameOnEveryThread) {
  Digest there{};
  std::thread([&] { there = sha256("abc"); }).join();
  EXPECT_EQ(there, sha256("abc"));
}

TEST(Hash, Crc32cGivesTheKnownAnswers) {  // RFC 3720, appendix B.4
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  std::string up, down;
  for (char c = 0; c < 32; ++c) up.push_back(c), down.insert(down.begin(), c);
  EXPECT_EQ(crc32c(up), 0x46DD794Eu);
  EXPECT_EQ(crc32c(down), 0x113FDB5Cu);
}

TEST(Hash, Crc32cMayBeChainedAtEverySplit) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text)) << cut;
}

TEST(Hash, ComparisonLooksAtEveryByteAndTheLength) {
  Digest a = sha256("a"), b = a;
  EXPECT_TRUE(equal_in_constant_time(a, b));
  for (std::size_t i = 0; i < a.size(); ++i) {
    b = a;
    b[i] ^= 1;
    EXPECT_FALSE(equal_in_constant_time(a, b)) << i;
  }
  EXPECT_FALSE(equal_in_constant_time(a, std::span(a).first(31)));
}

TEST(Hash, RandomTextHasItsLengthItsLettersAndNoTwin) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string text = random_text(40);
    ASSERT_EQ(text.size(), 40u);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_TRUE(seen.insert(text).second);
  }
  EXPECT_EQ(random_text(0), "");
}

}  // namespace
}  // namespace ajar
