// detect/finding.cpp - the names of kinds.
#include "detect/finding.hpp"

#include <array>

namespace ajar::detect {

std::string_view name_of(Kind kind) noexcept {
  static constexpr std::array<std::string_view, 37> names{
      "PERSON",        "EMAIL",       "PHONE",          "ADDRESS",    "LOCATION",       "ZIP",
      "DATE_OF_BIRTH", "USERNAME",    "US_SSN",         "US_ITIN",    "PASSPORT",       "DRIVER_LICENSE",
      "NATIONAL_ID",   "CREDIT_CARD", "CARD_EXPIRY",    "CVV",        "IBAN",           "SWIFT_BIC",
      "BANK_ACCOUNT",  "US_ABA",      "CRYPTO_ADDRESS", "MRN",        "HEALTH_PLAN_ID", "US_NPI",
      "US_DEA",        "US_MBI",      "HEALTH",         "IP_ADDRESS", "MAC_ADDRESS",    "DEVICE_ID",
      "GEO",           "VIN",         "LICENSE_PLATE",  "SECRET",     "PASSWORD",       "MARKING",
      "HIDDEN_TEXT"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace ajar::detect
