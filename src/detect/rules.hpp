// detect/rules.hpp - the rules of detection, by the kind of thing that they look at; each adds findings.
#pragma once

#include <vector>

#include "detect/finding.hpp"
#include "detect/reading.hpp"

namespace ajar::detect {

using Findings = std::vector<Finding>;

void find_numbers(const Reading&, Findings&);  // groups of digits: cards, phones, SSNs, identity numbers, accounts
void find_tokens(const Reading&, Findings&);   // letters and digits: IBAN, passports, VINs, addresses of machines and of coins
void find_emails(const Reading&, Findings&);
void find_secrets(const Reading&, Findings&);                        // keys by prefix, key = value, passwords in addresses, PEM, JWT
void find_people(const Reading&, Findings&);                         // names
void find_addresses(const Reading&, Findings&);                      // streets and towns
void find_dates(const Reading&, Findings&);                          // of birth
void find_words(const Reading&, const Findings& so_far, Findings&);  // markings; diseases and drugs of somebody

inline void add(Findings& out, std::size_t start, std::size_t end, Kind kind, std::string_view sub, float confidence,
                bool checked = false) {
  out.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end), kind, sub, confidence, checked});
}

}  // namespace ajar::detect
