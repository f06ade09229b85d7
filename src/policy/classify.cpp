// policy/classify.cpp - which kind of finding raises which category.
#include "policy/classify.hpp"

#include <vector>

namespace ajar::policy {
namespace {

Label named(std::string_view word) noexcept { return label_named(word, {}).value_or(top_label); }

}  // namespace

Label label_of(const detect::Finding& f) noexcept {
  using enum detect::Kind;
  static const Label pii = named("pii"), phi = named("phi"), pci = named("pci"), secret_label = named("secret"), legal = named("legal"),
                     exported = named("export"), confidential = named("confidential"), restricted = named("restricted"),
                     unscanned = named("unscanned");
  if (f.confidence < detect::raises_from) return public_label;
  switch (f.kind) {
    case email:
    case phone:
    case address:
    case date_of_birth:
    case us_ssn:
    case us_itin:
    case passport:
    case driver_license:
    case national_id:
    case iban:
    case bank_account:
    case us_dea:
    case vin:
    case license_plate:
    case device_id:
      return pii;
    case credit_card:
    case cvv:
      return pci | pii;
    case mrn:
    case health_plan_id:
    case us_mbi:
    case health:
      return phi | pii;
    case secret:
    case password:
      return secret_label;
    case marking:
      if (f.sub == "LEGAL") return legal | confidential;
      if (f.sub == "EXPORT") return exported | confidential;
      return f.sub == "SECRET" ? restricted : confidential;
    case hidden_text:
      return unscanned;
    case person:
    case location:
    case zip:
    case username:
    case card_expiry:
    case swift_bic:
    case us_aba:
    case crypto_address:
    case us_npi:
    case ip_address:
    case mac_address:
    case geo:
      return public_label;
  }
  return top_label;
}

Label label_of(std::span<const detect::Finding> findings) noexcept {
  Label label;
  for (const detect::Finding& f : findings) label = label | label_of(f);
  return label;
}

}  // namespace ajar::policy
