// detect/numbers.cpp - groups of digits with single separators, and whose they are.
#include <algorithm>
#include <array>
#include <string>

#include "detect/checks.hpp"
#include "detect/rules.hpp"

namespace ajar::detect {
namespace {

constexpr std::size_t most_groups = 24, most_digits = 20;

constexpr Cues phone_cues = bit(Cue::phone);

// A number that is told by a word beside it: how many digits, and what checks it.
struct Told {
  Cue cue;
  Kind kind;
  std::string_view sub;
  std::size_t least, most;
  bool (*check)(std::string_view) noexcept;  // nullptr: none
  bool must_check;                           // without it nothing is found: the word says too little
};
constexpr std::array told{
    Told{Cue::ssn, Kind::us_ssn, "", 9, 9, is_ssn, false},
    Told{Cue::itin, Kind::us_itin, "", 9, 9, is_itin, false},
    Told{Cue::tax_id, Kind::us_ssn, "", 9, 9, is_ssn, true},
    Told{Cue::routing, Kind::us_aba, "", 9, 9, is_aba, true},
    Told{Cue::account, Kind::bank_account, "", 6, 17, nullptr, false},
    Told{Cue::iban, Kind::bank_account, "", 8, 17, nullptr, false},
    Told{Cue::mrn, Kind::mrn, "", 5, 12, nullptr, false},
    Told{Cue::plan, Kind::health_plan_id, "", 6, 14, nullptr, false},
    Told{Cue::npi, Kind::us_npi, "", 10, 10, is_npi, false},
    Told{Cue::nhs, Kind::national_id, "UK_NHS", 10, 10, is_nhs, false},
    Told{Cue::aadhaar, Kind::national_id, "IN_AADHAAR", 12, 12, is_aadhaar, false},
    Told{Cue::fr_nir, Kind::national_id, "FR_NIR", 13, 15, is_fr_nir, false},
    Told{Cue::de_steuerid, Kind::national_id, "DE_STEUERID", 11, 11, is_de_steuerid, false},
    Told{Cue::pesel, Kind::national_id, "PL_PESEL", 11, 11, is_pesel, false},
    Told{Cue::cpf, Kind::national_id, "BR_CPF", 11, 11, is_cpf, false},
    Told{Cue::bsn, Kind::national_id, "NL_BSN", 8, 9, is_bsn, false},
    Told{Cue::tckn, Kind::national_id, "TR_TCKN", 11, 11, is_tckn, false},
    Told{Cue::ca_sin, Kind::national_id, "CA_SIN", 9, 9, luhn, false},
    Told{Cue::rrn, Kind::national_id, "KR_RRN", 13, 13, is_kr_rrn, false},
    Told{Cue::personnummer, Kind::national_id, "SE_PERSONNUMMER", 10, 12, is_se_personnummer, false},
    Told{Cue::cn_id, Kind::national_id, "CN_ID", 17, 18, is_cn_id, false},
    Told{Cue::tfn, Kind::national_id, "AU_TFN", 8, 9, is_au_tfn, false},
    Told{Cue::id_number, Kind::national_id, "", 6, 14, nullptr, false},
    Told{Cue::passport, Kind::passport, "", 7, 9, nullptr, false},
    Told{Cue::licence, Kind::driver_license, "", 6, 14, nullptr, false},
    Told{Cue::device, Kind::device_id, "IMEI", 15, 15, luhn, true},
};

constexpr Cues told_cues = [] {
  Cues all = 0;
  for (const Told& t : told) all |= bit(t.cue);
  return all;
}();

// Groups that follow one another with one separator between.
struct Sequence {
  std::array<Reading::Place, most_groups> groups;
  std::array<char, most_groups> separators{};  // behind each; ')' stands for a bracket and what follows it
  std::size_t count = 0;
};

char separator_between(std::string_view between) noexcept {
  if (between.size() == 1) return std::string_view(" -./").find(between[0]) != std::string_view::npos ? between[0] : '\0';
  if (between == ") " || between == ")" || between == ")-" || between == ") -") return ')';
  if (between == " (" || between == "-(") return '(';
  return between == " - " ? '-' : '\0';
}

class Numbers {
 public:
  Numbers(const Reading& r, Findings& out) : r_(r), out_(out) {}

  void find() {
    const auto& groups = r_.digits();
    for (std::size_t i = 0; i < groups.size();) {
      Sequence s;
      s.groups[0] = groups[i];
      s.count = 1;
      while (i + s.count < groups.size() && s.count < most_groups) {
        const auto& last = groups[i + s.count - 1];
        const auto& next = groups[i + s.count];
        if (next.start - last.end > 3) break;
        const std::string_view between = r_.text().substr(last.end, next.start - last.end);
        const char separator = separator_between(between);
        if (separator == '\0') break;
        s.separators[s.count - 1] = separator;
        s.groups[s.count++] = next;
      }
      i += std::max<std::size_t>(1, take(s));
    }
  }

 private:
  // Gives how many groups from the first on are used up.
  std::size_t take(const Sequence& s) {
    if (attached(s.groups[0].start)) return 1;
    std::string digits;
    std::array<std::string, most_groups> upto;  // the digits of the first n groups
    std::size_t usable = 0;
    for (std::size_t n = 0; n < s.count; ++n) {
      digits.append(r_.at(s.groups[n]));
      if (digits.size() > most_digits) break;
      upto[n] = digits;
      usable = n + 1;
    }
    if (usable == 0) return 1;
    // The longest first: a card number holds what looks like a phone number.
    for (std::size_t n = usable; n > 0; --n) {
      const std::string_view d = upto[n - 1];
      if (d.size() < 3 || trails(s.groups[n - 1].end)) continue;
      if (card(s, n, d) || structured(s, n, d) || phone(s, n, d) || by_cue(s, n, d)) return n;
    }
    return 1;
  }

  // Digits that go on from letters, or a fraction's: 0x1F, v2, 3.14159.
  bool attached(std::size_t start) const {
    const char c = r_.before(start);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80) {
      // CJK and Arabic text stands right beside digits.
      return static_cast<unsigned char>(c) < 0x80;
    }
    if (c == '.' && start >= 2) return is_digit(r_.text()[start - 2]);
    return c == ',' && start >= 2 && is_digit(r_.text()[start - 2]) && thousands(start - 1);
  }
  bool trails(std::size_t end) const {
    const char c = r_.from(end);
    // An extension: 555-0155x12.
    if (c == 'x' && is_digit(r_.from(end + 1))) return false;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '%') return true;
    if (c == '.') return is_digit(r_.from(end + 1));
    return c == ',' && is_digit(r_.from(end + 1)) && thousands(end);
  }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  // A comma inside a number: at most three digits before it, three behind it.
  bool thousands(std::size_t comma) const {
    std::size_t before = 0, behind = 0;
    while (before < comma && before < 4 && is_digit(r_.text()[comma - 1 - before])) ++before;
    while (behind < 4 && is_digit(r_.from(comma + 1 + behind))) ++behind;
    return before <= 3 && behind == 3;
  }

  bool same_separators(const Sequence& s, std::size_t n, std::string_view allowed) const {
    for (std::size_t i = 0; i + 1 < n; ++i)
      if (s.separators[i] != s.separators[0] || allowed.find(s.separators[i]) == std::string_view::npos) return false;
    return true;
  }
  template <std::size_t N>
  bool shaped(const Sequence& s, std::size_t n, const std::array<std::uint32_t, N>& sizes) const {
    if (n != N) return false;
    for (std::size_t i = 0; i < N; ++i)
      if (s.groups[i].size() != sizes[i]) return false;
    return true;
  }

  bool say(const Sequence& s, std::size_t n, Kind kind, std::string_view sub, float confidence, bool checked) {
    add(out_, s.groups[0].start, s.groups[n - 1].end, kind, sub, confidence, checked);
    return true;
  }

  bool told_otherwise(const Sequence& s, Cues wanted) const {
    return r_.in_other_column(s.groups[0].start, wanted) ||
           r_.before(s.groups[0].start, wanted | bit(Cue::other_number), 24) == bit(Cue::other_number);
  }

  bool card(const Sequence& s, std::size_t n, std::string_view d) {
    if (d.size() < 12 || d.size() > 19 || !same_separators(s, n, " -.")) return false;
    const std::size_t start = s.groups[0].start;
    // Called a card's number: any issuer's, a typo too.
    const bool called = r_.before(start, any_of(Cue::card, Cue::other_number, Cue::account, Cue::phone), 24) == bit(Cue::card);
    if (!is_card_number(d)) {
      if (!called || (n > 1 && d.size() / n < 3)) return false;
      return (luhn(d) || (n == 1 && d.size() >= 15 && d.size() <= 16)) && say(s, n, Kind::credit_card, "", luhn(d) ? 0.85F : 0.6F, luhn(d));
    }
    const bool cue = r_.near(start, s.groups[n - 1].end, any_of(Cue::card, Cue::cvv, Cue::expiry), 48);
    const bool right = luhn(d);
    const bool usual = n == 1 || shaped(s, n, std::array{4U, 4U, 4U, 4U}) || shaped(s, n, std::array{4U, 6U, 5U}) ||
                       shaped(s, n, std::array{4U, 6U, 4U}) || shaped(s, n, std::array{4U, 4U, 4U, 4U, 3U}) ||
                       shaped(s, n, std::array{6U, 13U});
    if (right && cue) return say(s, n, Kind::credit_card, "", 0.99F, true);
    // In a row of more numbers it is a table's.
    const bool row =
        (n < s.count && s.separators[n - 1] == ' ') || (start >= 2 && r_.before(start) == ' ' && is_digit(r_.text()[start - 2]));
    if (right && usual && d.size() >= 13 && !(row && n > 1) && !(n == 1 && told_otherwise(s, any_of(Cue::card, Cue::account))))
      return say(s, n, Kind::credit_card, "", n > 1 ? 0.97F : 0.9F, true);
    // A typo in a number that is called a card's.
    if (!right && usual && d.size() >= 13 && called) return say(s, n, Kind::credit_card, "", 0.7F, false);
    return false;
  }

  // Numbers whose shape says enough.
  bool structured(const Sequence& s, std::size_t n, std::string_view d) {
    const std::size_t start = s.groups[0].start, end = s.groups[n - 1].end;
    if (shaped(s, n, std::array{3U, 2U, 4U}) && same_separators(s, n, "- .")) {
      const bool cue = r_.near(start, end, any_of(Cue::ssn, Cue::tax_id, Cue::itin), 48);
      if (is_itin(d) && (cue || s.separators[0] == '-')) return say(s, n, Kind::us_itin, "", cue ? 0.95F : 0.7F, true);
      if (cue) return say(s, n, Kind::us_ssn, "", is_ssn(d) ? 0.98F : 0.7F, is_ssn(d));
      if (is_ssn(d) && s.separators[0] != '.' && !told_otherwise(s, any_of(Cue::ssn, Cue::tax_id)) && r_.before(start) != '-' &&
          r_.from(end) != '-')
        return say(s, n, Kind::us_ssn, "", s.separators[0] == '-' ? 0.75F : 0.55F, true);
    }
    if (d.size() == 15 && n > 1 && is_fr_nir(d)) return say(s, n, Kind::national_id, "FR_NIR", 0.95F, true);
    if (d.size() == 15 && n == 1 && is_fr_nir(d) && !told_otherwise(s, bit(Cue::fr_nir)))
      return say(s, n, Kind::national_id, "FR_NIR", 0.8F, true);
    if (shaped(s, n, std::array{4U, 4U, 4U}) && same_separators(s, n, " -") && is_aadhaar(d) &&
        r_.near(start, end, any_of(Cue::aadhaar, Cue::id_number, Cue::in_pan), 120))
      return say(s, n, Kind::national_id, "IN_AADHAAR", 0.8F, true);
    if (shaped(s, n, std::array{3U, 3U, 3U, 2U}) && s.separators[0] == '.' && s.separators[2] == '-' && is_cpf(d))
      return say(s, n, Kind::national_id, "BR_CPF", 0.95F, true);
    if (shaped(s, n, std::array{3U, 3U, 4U}) && same_separators(s, n, " ") && is_nhs(d) &&
        r_.near(start, end, any_of(Cue::nhs, Cue::patient, Cue::mrn), 64))
      return say(s, n, Kind::national_id, "UK_NHS", 0.95F, true);
    if (shaped(s, n, std::array{6U, 7U}) && s.separators[0] == '-' && is_kr_rrn(d) && d[6] >= '1' && d[6] <= '8')
      return say(s, n, Kind::national_id, "KR_RRN", 0.85F, true);
    if ((shaped(s, n, std::array{6U, 4U}) || shaped(s, n, std::array{8U, 4U})) && s.separators[0] == '-' && is_se_personnummer(d) &&
        !told_otherwise(s, bit(Cue::personnummer)) &&
        r_.near(start, end, any_of(Cue::personnummer, Cue::id_number, Cue::patient, Cue::name), 40))
      return say(s, n, Kind::national_id, "SE_PERSONNUMMER", 0.8F, true);
    if (d.size() == 18 && n == 1 && is_cn_id(d)) return say(s, n, Kind::national_id, "CN_ID", 0.95F, true);
    return false;
  }

  bool phone(const Sequence& s, std::size_t n, std::string_view d) {
    const std::size_t end = s.groups[n - 1].end;
    std::size_t start = s.groups[0].start;
    const bool bracket = r_.before(start) == '(';
    const std::size_t outside = bracket ? start - 1 : start;
    const char sign = r_.before(outside) == '+' ? '+' : r_.before(start);
    // 1.2+20221128 is a version.
    const std::size_t sign_at = r_.before(outside) == '+' ? outside - 1 : start - 1;
    const bool plus =
        sign == '+' && !is_digit(r_.before(sign_at)) && !((r_.before(sign_at) | 0x20) >= 'a' && (r_.before(sign_at) | 0x20) <= 'z');
    const auto said = [&](float confidence) {
      if (bracket) start = outside;
      if (r_.before(start) == '+') --start;
      add(out_, start, end, Kind::phone, "", confidence, false);
      return true;
    };
    if (plus && n == 1 && (d.size() == 8 || d.size() == 14) && (d.starts_with("19") || d.starts_with("20"))) return false;  // +20151223
    if (plus && d.size() >= 8 && d.size() <= 15 && (d[0] != '1' || d.size() == 11) && d[0] != '0') return said(0.95F);
    if (d.size() < 7 || d.size() > 15) return false;
    const bool cue = r_.near(s.groups[0].start, end, phone_cues, 32);
    // 2026-07-21, and numbers of papers: 2404.14618
    if (s.groups[0].size() == 4 && (d.starts_with("19") || d.starts_with("20")) && n >= 2 && s.groups[1].size() == 2) return false;
    if (n == 2 && s.separators[0] == '.') return false;
    if (n == 4 && s.separators[0] == '.') return false;  // an address of a machine
    if (std::ranges::count(d, d[d.size() / 2]) + 3 >= static_cast<std::ptrdiff_t>(d.size())) return false;
    if (n >= 5 && s.groups[0].size() == 1) return false;
    if (d == "0123456789" || d == "1234567890" || d == "123456789" || d == "12345678") return false;
    const bool dates = s.separators[0] == '/' || (n >= 2 && s.separators[n - 2] == '/');
    const std::string_view ten = d.size() == 11 && d[0] == '1' ? d.substr(1) : d;
    const bool nanp = ten.size() == 10 && ten[0] >= '2' && ten[1] != '9' && ten[3] >= '2';
    if (nanp && n >= 3) {
      const std::size_t first = n - 3;
      const bool shape = s.groups[first].size() == 3 && s.groups[first + 1].size() == 3 && s.groups[first + 2].size() == 4 &&
                         (first == 0 || s.groups[0].size() == 1);
      const char sep = s.separators[n - 2];
      if (shape && first <= 1 &&
          (cue || ((sep == '-' || sep == '.') && !told_otherwise(s, phone_cues)) || (bracket && s.separators[first] == ')')))
        return said(cue ? 0.95F : 0.8F);
      if (shape && first <= 1 && sep == ' ' && (r_.has(any_of(Cue::phone, Cue::name, Cue::email)) || n == 4) &&
          !told_otherwise(s, phone_cues))
        return said(0.6F);
    }
    if (nanp && n == 2 && bracket && s.separators[0] == ')') return said(0.85F);
    if (nanp && n == 1 && cue && !told_otherwise(s, phone_cues)) return said(0.8F);
    if (shaped(s, n, std::array{3U, 4U, 4U}) && same_separators(s, n, "-") &&
        (d.starts_with("090") || d.starts_with("080") || d.starts_with("070") || d.starts_with("050") || d.starts_with("010")))
      return said(0.75F);
    if (d.starts_with("00") && n >= 3 && d.size() >= 10 && cue) return said(0.85F);
    // Written as elsewhere: only beside a word that says so.
    if (cue && !dates && d.size() == 7 && n == 2 && s.groups[0].size() == 3 && !told_otherwise(s, phone_cues)) return said(0.6F);
    if (d.size() == 10 && d[0] == '0' && shaped(s, n, std::array{2U, 2U, 2U, 2U, 2U}) && same_separators(s, n, " .-")) return said(0.75F);
    if (nanp && n == 1 && r_.has(phone_cues) && r_.has(any_of(Cue::name, Cue::email, Cue::address)) &&
        (r_.before(start) == '\'' || r_.before(start) == '"') && !told_otherwise(s, phone_cues))
      return said(0.6F);
    if (cue && !dates && d.size() >= 8 && (n >= 2 || d[0] == '0' || d.size() >= 9) && !told_otherwise(s, phone_cues)) return said(0.7F);
    if (d[0] == '0' && d.size() >= 10 && d.size() <= 11 && n >= 3 && !dates && same_separators(s, n, " -") &&
        r_.has(any_of(Cue::phone, Cue::address, Cue::name, Cue::patient)) && !told_otherwise(s, phone_cues))
      return said(0.6F);
    return false;
  }

  bool by_cue(const Sequence& s, std::size_t n, std::string_view d) {
    if (!same_separators(s, n, " -./")) return false;
    const std::size_t start = s.groups[0].start;
    if (n == 1 && d.size() >= 3 && d.size() <= 4) {
      if ((r_.before(start, any_of(Cue::cvv, Cue::expiry, Cue::card), 16) & bit(Cue::cvv)) != 0)
        return say(s, n, Kind::cvv, "", 0.9F, false);
      return false;
    }
    if (d.size() < 5) return false;
    // HL7: PID|1||12345678^^^HOSP^MR
    if (n == 1 && r_.text().substr(s.groups[0].end).starts_with("^^^")) return say(s, n, Kind::mrn, "", 0.85F, false);
    // The nearest word counts.
    const Cues nearest = r_.before(start, told_cues | any_of(Cue::other_number, Cue::phone, Cue::born, Cue::zip), 36);
    if (nearest == 0 || (nearest & any_of(Cue::zip, Cue::born)) != 0) return false;
    for (const Told& t : told) {
      if ((nearest & bit(t.cue)) == 0 || d.size() < t.least || d.size() > t.most) continue;
      const bool right = t.check != nullptr && t.check(d);
      if (t.must_check && !right) continue;
      if (n > 1 && s.separators[0] == '/') continue;  // a date
      return say(s, n, t.kind, t.sub, right ? 0.98F : 0.75F, right);
    }
    return false;
  }

  const Reading& r_;
  Findings& out_;
};

}  // namespace

void find_numbers(const Reading& r, Findings& out) { Numbers(r, out).find(); }

}  // namespace ajar::detect
