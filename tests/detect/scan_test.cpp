// tests/detect/scan_test.cpp - what is found, what is left alone, what hides, and laws that hold for every text.
#include "detect/scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "base/json.hpp"
#include "detect/views.hpp"

namespace ajar::detect {
namespace {

// "EMAIL US_SSN", in order of place; those that raise.
std::string told(std::string_view text, std::string_view hint = {}) {
  std::string names;
  for (const Finding& f : scan(text, hint)) {
    if (f.confidence < raises_from || f.kind == Kind::person) continue;
    names += std::string(names.empty() ? "" : " ") + std::string(name_of(f.kind));
  }
  return names;
}

TEST(Scan, WordsBesideNumbersSayWhatTheyAre) {
  EXPECT_EQ(told("my ssn is 078-05-1120"), "US_SSN");
  EXPECT_EQ(told("routing number 021000021, checking account 12345678"), "US_ABA BANK_ACCOUNT");
  EXPECT_EQ(told("card 4111 1111 1111 1111 exp 09/29 cvv 123"), "CREDIT_CARD CARD_EXPIRY CVV");
  EXPECT_EQ(told("passport K5NF965KT"), "PASSPORT");
  EXPECT_EQ(told("DOB: 1965-11-04"), "DATE_OF_BIRTH");
  EXPECT_EQ(told("IBAN GB82 WEST 1234 5698 7654 32"), "IBAN");
  EXPECT_EQ(told("call +1 415 555 0163"), "PHONE");
  EXPECT_EQ(told("write to jo@example.com"), "EMAIL");
  EXPECT_EQ(told("4096 Lakeview Drive, Apt 61, Springfield IL 62704"), "ADDRESS");
  EXPECT_EQ(told("Lindenweg 54, 50667 K\u00f6ln"), "ADDRESS");
}

TEST(Scan, WhereATextStandsIsAWordBesideIt) {
  EXPECT_EQ(told("078051120"), "");
  EXPECT_EQ(told("078051120", "patient ssn"), "US_SSN");
  EXPECT_EQ(told("name,ssn\nJo,078-05-1120\n"), "US_SSN");
  EXPECT_EQ(told("part,ratio\nJo,078-05-1120\n"), "");
}

TEST(Scan, WhatOnlyLooksLikeItIsLeftAlone) {
  for (const std::string_view text :
       {"order 9958200194464645", "epoch 9529362777 ms 9362043238841", "commit 4f6226e08f5f883582336425c7d4af8b8e76f6c3",
        "ISBN 978-8-24295-547-8", "version 1.2.3.4", "password = os.environ[\"DB_PASSWORD\"]", "token: ${TOKEN}",
        "api_key: your-api-key-here", "2026-07-21", "10 us per SQLite row", "calls[at].arguments.append(x)", "sk-learn and pandas",
        "the secret is patience", "127.0.0.1:8080", "see RFC 9110 section 15.5", "What is a normal dose of metformin?",
        "a confidential matter", "0123456789", "std::uint64_t hash = 0xcbf29ce484222325"})
    EXPECT_EQ(told(text), "") << text;
}

TEST(Scan, KeysByHowTheyBegin) {
  // Put together here, so that no scanner takes them for real.
  const std::string tail = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3";
  for (const std::string begin : {"ghp_", "glpat-", "xoxb-", "sk_live_", "sk-ant-", "sk-proj-", "hf_", "npm_", "gsk_"}) {
    const auto found = scan("x = '" + begin + tail + tail + "'");
    ASSERT_FALSE(found.empty()) << begin;
    EXPECT_EQ(found.front().kind, Kind::secret);
    EXPECT_TRUE(found.front().checked);
  }
  EXPECT_EQ(told("postgres://app:" + tail + "@db.internal/app"), "PASSWORD");
  EXPECT_EQ(told("-----BEGIN RSA PRIVATE KEY-----\n" + tail + tail + "\n-----END RSA PRIVATE KEY-----"), "SECRET");
  EXPECT_EQ(told("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI5vRxY me@host"), "");
}

TEST(Scan, ADiseaseIsSensitiveOnlyWithSomebody) {
  EXPECT_EQ(told("Diabetes mellitus is common."), "");
  EXPECT_NE(told("Patient Maria Lopez, MRN 19653731: diabetes mellitus").find("HEALTH"), std::string::npos);
}

TEST(Views, WhatHidesIsUndone) {
  const auto plain = [](std::string_view text) {
    const auto view = plain_view(text);
    return view ? view->text : std::string(text);
  };
  EXPECT_EQ(plain("\uff14\uff11\uff11\uff11"), "4111");
  EXPECT_EQ(plain("4\u200b1\u200b1"), "411");
  EXPECT_EQ(plain("jo [at] example [dot] com"), "jo@example.com");
  EXPECT_EQ(plain("%6a%6f"), "jo");
  EXPECT_EQ(plain("&#106;&#x6f;"), "jo");
  EXPECT_EQ(plain("\\u006a\\\\u006f"), "jo");
  EXPECT_EQ(plain("4 1 1 1 1 1"), "411111");
  EXPECT_EQ(plain("four one one one one one"), "411111");
  EXPECT_EQ(plain("\u0430\u0441\u0435"), "ace");
  EXPECT_EQ(plain("\"41\" + \"11\""), "\"4111\"");
  EXPECT_FALSE(plain_view("nothing to undo here"));
  EXPECT_EQ(told("card \uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11"),
            "CREDIT_CARD");
  EXPECT_EQ(told("mail am9AZXhhbXBsZS5jb20="), "EMAIL");
}

TEST(Views, PlacesAreThoseOfTheText) {
  const std::string text = "write to jo [at] example [dot] com now";
  for (const Finding& f : scan(text)) {
    if (f.kind != Kind::email) continue;
    EXPECT_EQ(text.substr(f.start, f.end - f.start), "jo [at] example [dot] com");
    return;
  }
  ADD_FAILURE();
}

struct Row {
  std::string text, kind;
  bool sensitive = false, scored = false;
  struct Span {
    std::uint32_t start, end;
    std::string label;
  };
  std::vector<Span> spans;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  std::ifstream file(AJAR_SOURCE_DIR "/tests/detect/rows.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto value = json::read(line);
    if (!value) continue;
    Row row{std::string((*value)["text"].text()), std::string((*value)["kind"].text()), {}, {}, {}};
    row.scored = !(*value)["sensitive"].is_null();
    row.sensitive = row.scored && (*value)["sensitive"].boolean().value_or(false);
    for (const json::Value& s : *(*value)["spans"].array())
      row.spans.push_back({static_cast<std::uint32_t>(s["start"].integer().value_or(0)),
                           static_cast<std::uint32_t>(s["end"].integer().value_or(0)), std::string(s["label"].text())});
    all.push_back(std::move(row));
  }
  return all;
}

bool is_strong(const Finding& f) {
  return f.confidence >= raises_from && f.kind != Kind::person && f.kind != Kind::health && f.kind != Kind::card_expiry &&
         f.kind != Kind::swift_bic && f.kind != Kind::crypto_address;
}

// The same figures as eval/privacy.py gives, as floors.
TEST(Rows, FixedFormatsAreFoundAndNothingIsTakenForThem) {
  static const std::map<std::string, int, std::less<>> fixed{
      {"CREDIT_CARD", 0}, {"IBAN", 0},   {"US_SSN", 0}, {"US_ITIN", 0}, {"NATIONAL_ID", 0}, {"US_NPI", 0}, {"US_DEA", 0},
      {"VIN", 0},         {"US_MBI", 0}, {"EMAIL", 0},  {"SECRET", 0},  {"PASSWORD", 0},    {"PHONE", 0}};
  int found = 0, all = 0, negatives = 0, flagged = 0, evasions = 0, caught = 0;
  for (const Row& row : rows()) {
    const auto findings = scan(row.text);
    const bool any = std::ranges::any_of(findings, is_strong);
    if (row.kind == "evasion") {
      if (!row.scored) continue;
      ++evasions;
      caught += any || std::ranges::any_of(findings, [](const Finding& f) { return f.kind == Kind::person; }) ? 1 : 0;
      continue;
    }
    if (row.scored && !row.sensitive) {
      ++negatives;
      flagged += any ? 1 : 0;
      EXPECT_FALSE(any) << row.text;
    }
    for (const Row::Span& span : row.spans) {
      if (!fixed.contains(span.label)) continue;
      ++all;
      const bool hit = std::ranges::any_of(findings, [&](const Finding& f) {
        return 2 * (static_cast<std::int64_t>(std::min(f.end, span.end)) - std::max(f.start, span.start)) >=
               static_cast<std::int64_t>(span.end - span.start);
      });
      found += hit ? 1 : 0;
      EXPECT_TRUE(hit) << row.text << "\n  " << row.text.substr(span.start, span.end - span.start);
    }
  }
  EXPECT_GT(all, 400);
  EXPECT_GT(negatives, 200);
  EXPECT_GT(evasions, 100);
  EXPECT_EQ(found, all);
  EXPECT_EQ(flagged, 0);
  EXPECT_EQ(caught, evasions);
}

// More text never makes less of what has a right check digit and a word beside it.
TEST(Laws, WhatIsSureStaysSureWhateverStandsAround) {
  for (const std::string sure :
       {"my ssn is 078-05-1120", "card 4111 1111 1111 1111", "IBAN GB82WEST12345698765432", "mail jo@example.com now"}) {
    const std::string alone = told(sure);
    for (const std::string around : {"order invoice batch ", "Example only: ", "ISBN 978-8-24295-547-8. ", "for test data, not real, ",
                                     "{\"a\": [1, 2, 3]}\n", "\u00c4\u00d6\u00dc \u200b "}) {
      EXPECT_NE(told(around + sure).find(alone), std::string::npos) << around << sure;
      EXPECT_NE(told(sure + " " + around).find(alone), std::string::npos) << sure << around;
    }
  }
}

TEST(Laws, EveryPlaceLiesInTheTextAndEveryPieceOfATextIsRead) {
  const std::string text =
      "Jo [at] x.example \uff14\uff11\uff11\uff11 %6a \\u0041 \"a\" + \"b\" \xff\xfe 078-05-1120 eyJhbGciOi.eyJ -----BEGIN PRIVATE "
      "KEY----- \u0410\u200b "
      "glrt- SG. ://a:b@ key=\n,,\n1,2\n";
  for (std::size_t begin = 0; begin <= text.size(); ++begin)
    for (std::size_t size = 0; begin + size <= text.size(); size += 1 + size / 8)
      for (const Finding& f : scan(std::string_view(text).substr(begin, size))) {
        ASSERT_LT(f.start, f.end);
        ASSERT_LE(f.end, size);
      }
}

TEST(Scan, NothingIsFoundBeyondACharacterThatIsCutOff) {
  for (const std::string text : {"FULL NAME      \xDA", "name: Ann \xDA", "Patient: \xC3"})
    for (const Finding& f : scan(text)) {
      EXPECT_LT(f.start, f.end) << text;
      EXPECT_LE(f.end, text.size()) << text;
    }
}

}  // namespace
}  // namespace ajar::detect
