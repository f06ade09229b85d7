// detect/checks.hpp - check digits and ranges of numbers that are issued by rule. Each takes the bare characters, without separators.
#pragma once

#include <string_view>

namespace ajar::detect {

bool luhn(std::string_view digits) noexcept;
bool is_card_number(std::string_view digits) noexcept;  // a brand's beginning and length; not the check digit
bool is_ssn(std::string_view digits) noexcept;          // area, group and serial that are given out
bool is_itin(std::string_view digits) noexcept;
bool is_aba(std::string_view digits) noexcept;
bool is_npi(std::string_view digits) noexcept;       // Luhn with 80840 before it
bool is_dea(std::string_view text) noexcept;         // two letters, seven digits
bool is_mbi(std::string_view text) noexcept;         // by shape: it has no check digit
bool is_iban(std::string_view text) noexcept;        // the country's length, mod 97; upper case
int iban_length(std::string_view country) noexcept;  // 0: no such country
bool is_nhs(std::string_view digits) noexcept;
bool is_nino(std::string_view text) noexcept;       // by shape and prefix
bool is_aadhaar(std::string_view digits) noexcept;  // Verhoeff
bool is_in_pan(std::string_view text) noexcept;     // by shape
bool is_es_nif(std::string_view text) noexcept;     // NIF and NIE
bool is_fr_nir(std::string_view text) noexcept;     // 15 characters, key included
bool is_de_steuerid(std::string_view digits) noexcept;
bool is_it_cf(std::string_view text) noexcept;
bool is_pesel(std::string_view digits) noexcept;
bool is_cpf(std::string_view digits) noexcept;
bool is_bsn(std::string_view digits) noexcept;
bool is_tckn(std::string_view digits) noexcept;
bool is_nric(std::string_view text) noexcept;
bool is_cn_id(std::string_view text) noexcept;
bool is_kr_rrn(std::string_view digits) noexcept;  // by its date and century
bool is_se_personnummer(std::string_view digits) noexcept;
bool is_au_tfn(std::string_view digits) noexcept;
bool is_bic(std::string_view text) noexcept;  // bank, country, place: by shape
bool is_vin(std::string_view text) noexcept;
bool is_base58check(std::string_view text) noexcept;  // Bitcoin's old addresses
bool is_jwt(std::string_view text) noexcept;          // its head decodes to JSON

}  // namespace ajar::detect
