// detect/cues.cpp - data/detect/*.txt to a table.
#include "detect/cues.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

#include "base/text.hpp"

namespace ajar::detect {
namespace data {
extern const std::string_view given_names_txt;
extern const std::string_view family_names_txt;
extern const std::string_view words_txt;
}  // namespace data

namespace {

// The sections of data/detect/words.txt, in the order of Cue and of List.
constexpr std::array<std::string_view, static_cast<std::size_t>(Cue::count_)> cue_names{"phone",
                                                                                        "card",
                                                                                        "cvv",
                                                                                        "expiry",
                                                                                        "ssn",
                                                                                        "itin",
                                                                                        "tax_id",
                                                                                        "passport",
                                                                                        "licence",
                                                                                        "account",
                                                                                        "routing",
                                                                                        "iban",
                                                                                        "swift",
                                                                                        "mrn",
                                                                                        "plan",
                                                                                        "medicare",
                                                                                        "npi",
                                                                                        "dea",
                                                                                        "born",
                                                                                        "nhs",
                                                                                        "nino",
                                                                                        "aadhaar",
                                                                                        "in_pan",
                                                                                        "es_nif",
                                                                                        "fr_nir",
                                                                                        "de_steuerid",
                                                                                        "it_cf",
                                                                                        "pesel",
                                                                                        "cpf",
                                                                                        "bsn",
                                                                                        "tckn",
                                                                                        "nric",
                                                                                        "ca_sin",
                                                                                        "rrn",
                                                                                        "personnummer",
                                                                                        "cn_id",
                                                                                        "tfn",
                                                                                        "id_number",
                                                                                        "vin",
                                                                                        "plate",
                                                                                        "device",
                                                                                        "email",
                                                                                        "address",
                                                                                        "zip",
                                                                                        "name",
                                                                                        "title",
                                                                                        "patient",
                                                                                        "user",
                                                                                        "password",
                                                                                        "secret",
                                                                                        "health",
                                                                                        "street",
                                                                                        "geo",
                                                                                        "other_number",
                                                                                        "marking_confidential",
                                                                                        "marking_legal",
                                                                                        "marking_export",
                                                                                        "marking_secret"};
constexpr std::array<std::string_view, 14> list_names{"months",  "street_endings", "street_beginnings", "everyday", "digit_0",
                                                      "digit_1", "digit_2",        "digit_3",           "digit_4",  "digit_5",
                                                      "digit_6", "digit_7",        "digit_8",           "digit_9"};

}  // namespace

const Lexicon& Lexicon::get() {
  static const Lexicon made;
  return made;
}

Lexicon::Lexicon() {
  std::map<std::string_view, Entry> entries;
  std::map<std::string_view, std::vector<Phrase>> phrases;
  lists_.resize(list_names.size());
  std::optional<Cue> cue;
  std::vector<std::string_view>* into = nullptr;
  for (const std::string_view line : split(data::words_txt, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      const std::string_view name = line.substr(1, line.size() - 2);
      const auto at = std::ranges::find(cue_names, name);
      cue = at == cue_names.end() ? std::nullopt : std::optional(static_cast<Cue>(at - cue_names.begin()));
      const auto in = std::ranges::find(list_names, name);
      into = in == list_names.end() ? nullptr : &lists_[static_cast<std::size_t>(in - list_names.begin())];
      continue;
    }
    for (const std::string_view phrase : split(line, '|')) {
      if (into != nullptr) into->push_back(phrase);
      if (!cue) continue;
      std::vector<std::string_view> parts = split(phrase, ' ');
      Entry& entry = entries[parts.front()];
      if (parts.size() == 1) {
        entry.cues |= bit(*cue);
        continue;
      }
      phrases[parts.front()].push_back({bit(*cue), {parts.begin() + 1, parts.end()}});
    }
  }
  for (const bool given : {true, false})
    for (const std::string_view line : split(given ? data::given_names_txt : data::family_names_txt, '\n')) {
      if (line.empty() || line.front() == '#') continue;
      Entry& entry = entries[line];
      (given ? entry.given : entry.family) = true;
    }
  for (const std::string_view word : list(List::everyday))
    if (const auto entry = entries.find(word); entry != entries.end()) entry->second.common = true;
  for (auto& [word, of_word] : phrases) {
    Entry& entry = entries[word];
    // The longest first: it says most.
    std::ranges::sort(of_word, std::greater{}, [](const Phrase& p) { return p.rest.size(); });
    entry.phrases = static_cast<std::uint32_t>(phrases_.size());
    entry.phrase_count = static_cast<std::uint32_t>(of_word.size());
    phrases_.insert(phrases_.end(), of_word.begin(), of_word.end());
  }
  slots_.resize(std::bit_ceil(entries.size() * 2));
  for (auto& [word, entry] : entries) {
    entry.word = word;
    entry.hash = hash_of(word);
    std::size_t at = entry.hash & (slots_.size() - 1);
    while (!slots_[at].word.empty()) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = entry;
  }
}

const Lexicon::Entry* Lexicon::find(std::string_view word, std::uint64_t hash) const noexcept {
  for (std::size_t at = hash & (slots_.size() - 1); !slots_[at].word.empty(); at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].hash == hash && slots_[at].word == word) return &slots_[at];
  return nullptr;
}

}  // namespace ajar::detect
