// detect/finding.hpp - Finding: a place in a text that looks like something sensitive, and what it looks like.
#pragma once

#include <cstdint>
#include <string_view>

namespace ajar::detect {

enum class Kind : std::uint8_t {
  person,
  email,
  phone,
  address,
  location,
  zip,
  date_of_birth,
  username,
  us_ssn,
  us_itin,
  passport,
  driver_license,
  national_id,
  credit_card,
  card_expiry,
  cvv,
  iban,
  swift_bic,
  bank_account,
  us_aba,
  crypto_address,
  mrn,
  health_plan_id,
  us_npi,
  us_dea,
  us_mbi,
  health,
  ip_address,
  mac_address,
  device_id,
  geo,
  vin,
  license_plate,
  secret,
  password,
  marking,
  hidden_text,  // characters that only hide text from a reader
};
std::string_view name_of(Kind) noexcept;  // "US_SSN"

// Confidence from which on a finding raises a label; below it is only told.
inline constexpr float raises_from = 0.5F;

struct Finding {
  std::uint32_t start = 0, end = 0;  // bytes of the text that was given, end exclusive
  Kind kind = Kind::person;
  std::string_view sub{};  // which of its kind: "UK_NHS", "GITHUB_TOKEN"; a literal
  float confidence = 0;    // 0 to 1
  bool checked = false;    // a check digit or range holds
  bool operator==(const Finding&) const = default;
};

}  // namespace ajar::detect
