// tests/audit/log_test.cpp - trees, proofs of every range, logs of every size around tiles, and what tampering does.
#include "audit/log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace ajar::audit {
namespace {

std::string record(std::uint64_t n) { return "record " + std::to_string(n); }

// Straight from the RFC: by recursion over all leaves.
Digest plain_root(std::uint64_t from, std::uint64_t to) {
  if (from == to) return sha256({});
  if (to - from == 1) return leaf_hash(record(from));
  std::uint64_t half = 1;
  while (half * 2 < to - from) half *= 2;
  return node_hash(plain_root(from, from + half), plain_root(from + half, to));
}

TEST(Tree, KnownRoots) {
  // RFC 6962's own: the hash of nothing, and certificate-transparency-go's test vectors for the leaves "" and 00.
  EXPECT_EQ(to_hex(root_of({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(leaf_hash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(to_hex(root_of(std::vector{leaf_hash(""), leaf_hash(std::string(1, '\0'))})),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

TEST(Tree, EveryRangeIsProven) {
  for (std::uint64_t size = 1; size <= 40; ++size) {
    const Digest root = plain_root(0, size);
    for (std::uint64_t from = 0; from < size; ++from)
      for (std::uint64_t to = from + 1; to <= size; ++to) {
        const auto proof = range_proof(from, to, size, plain_root);
        std::vector<Digest> leaves;
        for (std::uint64_t n = from; n < to; ++n) leaves.push_back(leaf_hash(record(n)));
        ASSERT_EQ(root_by_proof(leaves, from, size, proof), root);
        // Another leaf, another place, a proof that is longer or shorter: no.
        leaves.front() = leaf_hash("other");
        ASSERT_NE(root_by_proof(leaves, from, size, proof), root);
        leaves.front() = leaf_hash(record(from));
        if (from + 1 < size && from > 0 && to < size) ASSERT_NE(root_by_proof(leaves, from - 1, size, proof), root);
        auto longer = proof;
        longer.emplace_back();
        ASSERT_FALSE(root_by_proof(leaves, from, size, longer));
        if (!proof.empty()) ASSERT_FALSE(root_by_proof(leaves, from, size, std::span(proof).first(proof.size() - 1)));
      }
  }
}

TEST(Checkpoint, IsReadAgainAndOnlyByItsKey) {
  SigningKey key{}, other{};
  key[0] = 1, other[0] = 2;
  const Checkpoint c{"ajar-audit", 42, leaf_hash("x")};
  const std::string note = signed_note(c, key);
  const std::string verifier = verifier_of("ajar-audit", verifying_key(key));
  const auto read = checkpoint_of(note, *verifier_named(verifier));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size, 42U);
  EXPECT_EQ(read->root, c.root);
  EXPECT_FALSE(checkpoint_of(note, *verifier_named(verifier_of("ajar-audit", verifying_key(other)))));
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string changed = note;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(checkpoint_of(changed, *verifier_named(verifier))) << i;
  }
  for (const std::string_view bad : {"", "a", "a+b+c", "ajar-audit+00000000+AAAA"}) EXPECT_FALSE(verifier_named(bad)) << bad;
}

TEST(Signature, AsTheRfcHasThem) {
  // RFC 8032, 7.1, test 2.
  const auto bytes = [](std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return out;
  };
  const std::string seed = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  SigningKey key{};
  std::copy(seed.begin(), seed.end(), key.begin());
  EXPECT_EQ(to_hex(verifying_key(key)), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Signature signature = sign(key, "\x72");
  std::string hex;
  for (const std::uint8_t byte : signature) hex += to_hex(Digest{byte}).substr(0, 2);
  EXPECT_EQ(
      hex,
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

class OnDisk : public testing::Test {
 protected:
  void SetUp() override { folder = std::filesystem::temp_directory_path() / ("ajar-audit-" + random_text(8)); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  // So many records, with a checkpoint after each `every`.
  void fill(std::uint64_t count, std::uint64_t every) {
    auto log = Log::open(folder, "ajar-audit");
    ASSERT_TRUE(log) << log.error().message;
    for (std::uint64_t n = (*log)->size(); n < count; ++n) {
      ASSERT_TRUE((*log)->append(record(n)));
      if ((n + 1) % every == 0) ASSERT_TRUE((*log)->checkpoint());
    }
    ASSERT_TRUE((*log)->checkpoint());
  }
  std::filesystem::path folder;
};

TEST_F(OnDisk, SizesAroundTilesAreReadAgain) {
  std::uint64_t before = 0;
  for (const std::uint64_t size : {0ULL, 1ULL, 2ULL, 255ULL, 256ULL, 257ULL, 511ULL, 512ULL, 700ULL}) {
    fill(size, 100);  // opened again each time
    const auto log = LogReader::open(folder);
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(log->size(), size);
    EXPECT_EQ(log->checkpoint().root, plain_root(0, size)) << size;
    const Status good = log->verify();
    EXPECT_TRUE(good) << size << " " << good.error().message;
    std::uint64_t next = before;
    ASSERT_TRUE(log->each(before, size, [&](std::uint64_t n, std::string_view r) {
      EXPECT_EQ(n, next++);
      EXPECT_EQ(r, record(n));
    }));
    before = size;
  }
  // A level above the second: subtrees from tiles are those of the records.
  const auto log = LogReader::open(folder);
  for (const auto& [from, to] : {std::pair(0ULL, 256ULL), std::pair(256ULL, 512ULL), std::pair(512ULL, 640ULL), std::pair(0ULL, 512ULL),
                                 std::pair(512ULL, 700ULL), std::pair(7ULL, 8ULL)})
    EXPECT_EQ(log->subtree(from, to).value_or(Digest{}), plain_root(from, to)) << from << " " << to;
}

TEST_F(OnDisk, WhatWasWrittenAfterTheCheckpointIsNoPartOfTheLog) {
  fill(300, 300);
  {
    auto log = Log::open(folder, "ajar-audit");
    for (int i = 0; i < 250; ++i) ASSERT_TRUE((*log)->append("lost " + std::to_string(i)));  // fills a tile, and no checkpoint
  }
  fill(600, 50);
  const auto log = LogReader::open(folder);
  ASSERT_TRUE(log->verify());
  EXPECT_EQ(log->checkpoint().root, plain_root(0, 600));
}

TEST_F(OnDisk, TamperingIsTold) {
  fill(600, 600);
  const auto file = [&](const std::string& name) { return folder / name; };
  const auto change = [&](const std::string& name, auto&& how) {
    std::ifstream in(file(name), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::string before = text;
    how(text);
    std::ofstream(file(name), std::ios::binary) << text;
    const auto log = LogReader::open(folder);
    const Status good = log ? log->verify() : Status(std::unexpected(log.error()));
    std::ofstream(file(name), std::ios::binary) << before;
    return good ? std::string("fine") : good.error().message.str();
  };
  EXPECT_EQ(change("tile/entries/000", [](std::string& t) { t[t.find("record 7") + 7] = '9'; }),
            "record 7 was changed: it is not what its hash was made of");
  EXPECT_NE(change("tile/entries/002.p/88", [](std::string& t) { t.resize(t.size() - 3); }).find("record 599 is cut"), std::string::npos);
  EXPECT_NE(change("tile/0/001", [](std::string& t) { t[40] ^= 1; }).find("was changed"), std::string::npos);
  EXPECT_NE(change("tile/1/000.p/2", [](std::string& t) { t[0] ^= 1; }).find("tiles of hashes"), std::string::npos);
  EXPECT_NE(change("checkpoint", [](std::string& t) { t.replace(t.find("600"), 3, "599"); }).find("not signed"), std::string::npos);
  // Two records and their hashes exchanged.
  EXPECT_NE(change("tile/entries/000", [](std::string& t) { std::swap(t[t.find("record 1") + 7], t[t.find("record 2") + 7]); })
                .find("was changed"),
            std::string::npos);
  EXPECT_EQ(change("verifier", [](std::string&) {}), "fine");
  std::filesystem::remove(file("key"));
  EXPECT_FALSE(Log::open(folder, "ajar-audit"));
}

TEST_F(OnDisk, RecordsOfNoSizeAreRefused) {
  auto log = Log::open(folder, "ajar-audit");
  ASSERT_TRUE(log);
  EXPECT_FALSE((*log)->append(""));
  EXPECT_FALSE((*log)->append(std::string(largest_record + 1, 'x')));
  EXPECT_TRUE((*log)->append(std::string(largest_record, 'x')));
  ASSERT_TRUE((*log)->checkpoint());
  EXPECT_TRUE(LogReader::open(folder)->verify());
}

TEST(Base64, ThereAndBack) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) EXPECT_EQ(from_base64(to_base64(text)), text);
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  for (const std::string_view bad : {"Zg", "Zg=", "Z===", "Zh==", "Zm9v!", "===="}) EXPECT_FALSE(from_base64(bad)) << bad;
}

}  // namespace
}  // namespace ajar::audit
