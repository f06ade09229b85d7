// tests/detect/checks_test.cpp - check digits: numbers that issuers publish as examples hold, and every single wrong digit is found.
#include "detect/checks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ajar::detect {
namespace {

using Check = bool (*)(std::string_view) noexcept;

struct Sample {
  std::string_view what;
  Check check;
  std::string_view good;
};

// Published examples and numbers of reserved ranges.
constexpr Sample samples[] = {{"card", luhn, "4111111111111111"},
                              {"amex", luhn, "378282246310005"},
                              {"aba", is_aba, "021000021"},
                              {"npi", is_npi, "1234567893"},
                              {"dea", is_dea, "AB1234563"},
                              {"iban gb", is_iban, "GB82WEST12345698765432"},
                              {"iban de", is_iban, "DE89370400440532013000"},
                              {"nhs", is_nhs, "9434765919"},
                              {"aadhaar", is_aadhaar, "234123412346"},
                              {"nif", is_es_nif, "12345678Z"},
                              {"nie", is_es_nif, "X1234567L"},
                              {"steuer-id", is_de_steuerid, "86095742719"},
                              {"codice fiscale", is_it_cf, "RSSMRA85T10A562S"},
                              {"pesel", is_pesel, "44051401359"},
                              {"cpf", is_cpf, "52998224725"},
                              {"bsn", is_bsn, "111222333"},
                              {"tckn", is_tckn, "10000000146"},
                              {"nric", is_nric, "S1234567D"},
                              {"cn id", is_cn_id, "11010519491231002X"},
                              {"personnummer", is_se_personnummer, "8112189876"},
                              {"tfn", is_au_tfn, "123456782"},
                              {"vin", is_vin, "1M8GDM9AXKP042788"}};

TEST(Checks, ExamplesHold) {
  for (const Sample& s : samples) EXPECT_TRUE(s.check(s.good)) << s.what << " " << s.good;
}

TEST(Checks, AWrongDigitIsFound) {
  for (const Sample& s : samples) {
    int wrong = 0, passed = 0;
    for (std::size_t i = 0; i < s.good.size(); ++i)
      for (char c = '0'; c <= '9'; ++c) {
        if (s.good[i] < '0' || s.good[i] > '9' || s.good[i] == c) continue;
        std::string changed(s.good);
        changed[i] = c;
        ++wrong;
        passed += s.check(changed) ? 1 : 0;
      }
    // ISO 7064, Luhn, Verhoeff and the rest find every one; sums without weights of all digits let a few through.
    EXPECT_LE(passed, wrong / 12) << s.what;
  }
}

TEST(Checks, OfNothingNothingHolds) {
  for (const Sample& s : samples)
    for (const std::string_view odd : {"", "0", "abc", "000000000", "999999999999999999999", "\u00c4\u00d6\u00dc"})
      EXPECT_FALSE(s.check(odd) && s.check != luhn) << s.what << " " << odd;
}

TEST(Checks, RangesOfNumbersThatAreGivenOut) {
  EXPECT_TRUE(is_ssn("078051120"));
  for (const std::string_view never : {"000121234", "666121234", "900121234", "123001234", "123450000", "12345678"})
    EXPECT_FALSE(is_ssn(never)) << never;
  EXPECT_TRUE(is_itin("912701234"));
  EXPECT_FALSE(is_itin("912691234"));
  EXPECT_TRUE(is_nino("AB123456C"));
  EXPECT_FALSE(is_nino("BG123456C"));
  EXPECT_TRUE(is_mbi("1EG4TE5MK73"));
  EXPECT_FALSE(is_mbi("1SG4TE5MK73"));
  EXPECT_TRUE(is_fr_nir("255081416802538"));
  EXPECT_FALSE(is_fr_nir("255081416802539"));
  EXPECT_TRUE(is_base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
  EXPECT_FALSE(is_base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
  EXPECT_TRUE(is_card_number("4111111111111111"));
  EXPECT_FALSE(is_card_number("9111111111111111"));
  EXPECT_EQ(iban_length("NO"), 15);
  EXPECT_EQ(iban_length("ZZ"), 0);
}

}  // namespace
}  // namespace ajar::detect
