// detect/cues.hpp - Cue: words that say what stands beside them; the lexicon that knows them, and names of people.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ajar::detect {

enum class Cue : std::uint8_t {
  phone,
  card,
  cvv,
  expiry,
  ssn,
  itin,
  tax_id,
  passport,
  licence,
  account,
  routing,
  iban,
  swift,
  mrn,
  plan,
  medicare,
  npi,
  dea,
  born,
  nhs,
  nino,
  aadhaar,
  in_pan,
  es_nif,
  fr_nir,
  de_steuerid,
  it_cf,
  pesel,
  cpf,
  bsn,
  tckn,
  nric,
  ca_sin,
  rrn,
  personnummer,
  cn_id,
  tfn,
  id_number,  // some national or other identity number
  vin,
  plate,
  device,
  email,
  address,
  zip,
  name,   // what follows is a person's name
  title,  // Mr, Dr: the next word is a name
  patient,
  user,
  password,
  secret,  // API key, token
  health,  // a disease or a drug
  street,  // Street, Rd.: ends a street's name
  geo,
  other_number,  // order, invoice, ticket: a number that is nobody's
  marking_confidential,
  marking_legal,
  marking_export,
  marking_secret,
  count_
};
static_assert(static_cast<int>(Cue::count_) <= 64);

using Cues = std::uint64_t;
constexpr Cues bit(Cue cue) noexcept { return Cues{1} << static_cast<int>(cue); }
template <class... C>
constexpr Cues any_of(C... cues) noexcept {
  return (bit(cues) | ...);
}

// Lists of words that are no cues. `digit` is followed by the words for 1 to 9.
enum class List : std::uint8_t { months, street_endings, street_beginnings, everyday, digit };

class Lexicon {
 public:
  static const Lexicon& get();  // made once

  struct Entry {
    std::string_view word;
    std::uint64_t hash = 0;
    Cues cues = 0;
    std::uint32_t phrases = 0, phrase_count = 0;  // that begin with it
    bool given = false, family = false;           // a name
    bool common = false;                          // a word of every day, too
  };
  // Lower case; nullptr when it means nothing.
  const Entry* find(std::string_view word, std::uint64_t hash) const noexcept;
  struct Phrase {
    Cues cues = 0;
    std::vector<std::string_view> rest;  // the words behind the first
  };
  std::span<const Phrase> phrases_of(const Entry& e) const noexcept { return std::span(phrases_).subspan(e.phrases, e.phrase_count); }

  std::span<const std::string_view> list(List list, std::size_t further = 0) const noexcept {
    return lists_[static_cast<std::size_t>(list) + further];
  }

  static constexpr std::uint64_t seed = 0xcbf29ce484222325ULL;
  static constexpr std::uint64_t add(std::uint64_t hash, unsigned char c) noexcept { return (hash ^ c) * 0x100000001b3ULL; }
  static constexpr std::uint64_t hash_of(std::string_view word) noexcept {
    std::uint64_t hash = seed;
    for (const char c : word) hash = add(hash, static_cast<unsigned char>(c));
    return hash;
  }

 private:
  Lexicon();
  std::vector<Entry> slots_;
  std::vector<Phrase> phrases_;
  std::vector<std::vector<std::string_view>> lists_;
};

}  // namespace ajar::detect
