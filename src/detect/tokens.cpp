// detect/tokens.cpp - things of letters and digits: IBAN, passports, VINs, addresses of machines and of coins.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "detect/checks.hpp"
#include "detect/rules.hpp"

namespace ajar::detect {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// What a word beside a token says of it.
struct Told {
  Cue cue;
  Kind kind;
  std::string_view sub;
  std::size_t least, most, digits;  // characters; digits among them at least
  bool (*check)(std::string_view) noexcept;
  bool must_check;
};
constexpr std::array told{
    Told{Cue::passport, Kind::passport, "", 6, 10, 2, nullptr, false},
    Told{Cue::licence, Kind::driver_license, "", 6, 18, 4, nullptr, false},
    Told{Cue::vin, Kind::vin, "", 17, 17, 3, is_vin, false},
    Told{Cue::medicare, Kind::us_mbi, "", 11, 11, 5, is_mbi, false},
    Told{Cue::dea, Kind::us_dea, "", 9, 9, 7, is_dea, false},
    Told{Cue::nino, Kind::national_id, "UK_NINO", 9, 9, 6, is_nino, false},
    Told{Cue::in_pan, Kind::national_id, "IN_PAN", 10, 10, 4, is_in_pan, false},
    Told{Cue::es_nif, Kind::national_id, "ES_NIF", 9, 9, 7, is_es_nif, false},
    Told{Cue::it_cf, Kind::national_id, "IT_CF", 16, 16, 5, is_it_cf, false},
    Told{Cue::nric, Kind::national_id, "SG_NRIC", 9, 9, 7, is_nric, false},
    Told{Cue::cn_id, Kind::national_id, "CN_ID", 18, 18, 17, is_cn_id, false},
    Told{Cue::mrn, Kind::mrn, "", 5, 14, 3, nullptr, false},
    Told{Cue::plan, Kind::health_plan_id, "", 6, 16, 3, nullptr, false},
    Told{Cue::account, Kind::bank_account, "", 8, 20, 5, nullptr, false},
    Told{Cue::id_number, Kind::national_id, "", 6, 16, 4, nullptr, false},
    Told{Cue::swift, Kind::swift_bic, "", 8, 11, 0, is_bic, true},
    Told{Cue::plate, Kind::license_plate, "", 4, 10, 1, nullptr, false},
    Told{Cue::device, Kind::device_id, "", 8, 40, 4, nullptr, false},
};
constexpr Cues told_cues = [] {
  Cues all = 0;
  for (const Told& t : told) all |= bit(t.cue);
  return all;
}();

class Tokens {
 public:
  Tokens(const Reading& r, Findings& out) : r_(r), out_(out) {}

  void find() {
    for (const Reading::Place& token : r_.tokens()) one(token);
    for (const Reading::Word& word : r_.words())
      if (word.size() == 2 && begins_alone(word.start)) two_letters(word);
    ips();
    macs();
    positions();
  }

 private:
  bool begins_alone(std::size_t at) const {
    const char c = r_.before(at);
    return !is_digit(c) && !is_letter(c) && c != '_';
  }

  void one(const Reading::Place& token) {
    const std::string_view text = r_.at(token);
    std::string bare;
    std::size_t digits = 0;
    for (const char c : text) {
      if (c == '-') continue;
      bare.push_back(upper(c));
      digits += is_digit(c) ? 1 : 0;
    }
    const bool alone = r_.stands_alone(token.start, token.end);
    if (alone && bare.size() == 11 && is_mbi(bare)) return add(out_, token.start, token.end, Kind::us_mbi, "", 0.85F, true);
    if (alone && bare.size() == 16 && is_it_cf(bare)) return add(out_, token.start, token.end, Kind::national_id, "IT_CF", 0.95F, true);
    if (alone && bare.size() == 18 && is_cn_id(bare)) return add(out_, token.start, token.end, Kind::national_id, "CN_ID", 0.95F, true);
    if (alone && coin(text)) return add(out_, token.start, token.end, Kind::crypto_address, "", 0.9F, true);
    if (text.size() == bare.size() && bare.size() == 9 && is_es_nif(bare) && r_.has(any_of(Cue::es_nif, Cue::name, Cue::email)) &&
        !is_digit(r_.from(token.end)))
      return add(out_, token.start, token.end, Kind::national_id, "ES_NIF", 0.8F, true);
    const Cues nearest =
        r_.before(token.start, told_cues | any_of(Cue::other_number, Cue::password, Cue::secret, Cue::card, Cue::user), 28);
    for (const Told& t : told) {
      if ((nearest & bit(t.cue)) == 0 || bare.size() < t.least || bare.size() > t.most || digits < t.digits) continue;
      const bool right = t.check != nullptr && t.check(bare);
      if ((t.must_check && !right) || text.find('_') != std::string_view::npos) continue;
      std::size_t end = token.end;
      // A plate in two parts: "DS52 ZLR".
      if (t.kind == Kind::license_plate && r_.from(end) == ' ') {
        std::size_t more = end + 1;
        while (more < r_.text().size() && (is_digit(r_.from(more)) || (r_.from(more) >= 'A' && r_.from(more) <= 'Z'))) ++more;
        if (more - end > 1 && more - end <= 5) end = more;
      }
      return add(out_, token.start, end, t.kind, t.sub, right ? 0.98F : t.kind == Kind::device_id ? 0.45F : 0.75F, right);
    }
    if (bare.size() == 17 && is_vin(bare) && digits >= 4 && alone && digits < 15)
      add(out_, token.start, token.end, Kind::vin, "", 0.45F, true);
  }

  static bool coin(std::string_view text) noexcept {
    if (text.starts_with("bc1") && text.size() >= 26 && text.size() <= 62)
      return std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
    if (text.starts_with("0x") && text.size() == 42) return std::ranges::all_of(text.substr(2), is_hex);
    return (text[0] == '1' || text[0] == '3') && is_base58check(text);
  }

  // An IBAN or a NINO, its characters with single separators between.
  void two_letters(const Reading::Word& word) {
    const std::size_t wanted =
        static_cast<std::size_t>(iban_length(std::string{upper(r_.text()[word.start]), upper(r_.text()[word.start + 1])}));
    std::string bare;
    std::size_t at = word.start;
    const std::size_t most = std::max<std::size_t>(wanted, 9);
    std::size_t nino_end = 0, nine_end = 0;
    for (; at < r_.text().size() && bare.size() < most; ++at) {
      const char c = r_.text()[at];
      if (is_digit(c) || is_letter(c)) {
        bare.push_back(upper(c));
        if (bare.size() == 3 && !is_digit(c)) return;
        if (bare.size() == 9) nine_end = at + 1;
        if (bare.size() == 9 && is_nino(bare)) nino_end = at + 1;
      } else if ((c != ' ' && c != '-' && c != '.') || bare.size() < 2 || !(is_digit(r_.from(at + 1)) || is_letter(r_.from(at + 1)))) {
        break;
      }
    }
    if (wanted > 0 && bare.size() == wanted && !is_digit(r_.from(at)) && !is_letter(r_.from(at))) {
      const bool right = is_iban(bare);
      if (right) return add(out_, word.start, at, Kind::iban, "", 0.99F, true);
      if (r_.before(word.start, bit(Cue::iban), 24) != 0) return add(out_, word.start, at, Kind::iban, "", 0.75F, false);
    }
    // Called so, and of that shape: a prefix that is not given out may be a typo.
    if (nino_end == 0 && nine_end != 0 && std::ranges::all_of(std::string_view(bare).substr(2, 6), is_digit) && is_letter(bare[8]) &&
        r_.stands_alone(word.start, nine_end) && r_.before(word.start, bit(Cue::nino), 16) != 0)
      return add(out_, word.start, nine_end, Kind::national_id, "UK_NINO", 0.7F, false);
    if (nino_end != 0 && r_.stands_alone(word.start, nino_end)) {
      const bool cue = r_.near(word.start, nino_end, any_of(Cue::nino, Cue::id_number), 40);
      const bool spaced = r_.from(word.end) == ' ';
      if (cue || spaced) add(out_, word.start, nino_end, Kind::national_id, "UK_NINO", cue ? 0.95F : 0.75F, true);
    }
    // "IBAN" said, and something of that shape behind it, of a country that has none.
    if (wanted == 0 && bare.size() >= 9 && is_digit(bare[2]) && is_digit(bare[3]) && r_.before(word.start, bit(Cue::iban), 12) != 0 &&
        bare.size() >= 15)
      add(out_, word.start, at, Kind::iban, "", 0.6F, false);
  }

  void ips() {
    const auto& d = r_.digits();
    for (std::size_t i = 0; i + 3 < d.size(); ++i) {
      bool dotted = true;
      for (std::size_t k = 0; k < 3 && dotted; ++k) dotted = d[i + k + 1].start - d[i + k].end == 1 && r_.text()[d[i + k].end] == '.';
      if (!dotted) continue;
      std::array<int, 4> parts{};
      bool good = true;
      for (std::size_t k = 0; k < 4; ++k) {
        const std::string_view part = r_.at(d[i + k]);
        good = good && part.size() <= 3 && std::from_chars(part.data(), part.data() + part.size(), parts[k]).ec == std::errc() &&
               parts[k] <= 255;
      }
      const bool more = r_.from(d[i + 3].end) == '.' && is_digit(r_.from(d[i + 3].end + 1));
      const char before = r_.before(d[i].start);
      if (!good || more || before == '.' || is_letter(before) || before == '-') continue;
      const bool own = parts[0] == 0 || parts[0] == 10 || parts[0] == 127 || parts[0] >= 224 || (parts[0] == 192 && parts[1] == 168) ||
                       (parts[0] == 172 && parts[1] >= 16 && parts[1] < 32) || (parts[0] == 169 && parts[1] == 254);
      // A version has four numbers too.
      const bool version = parts[0] < 20 && parts[1] < 20 && parts[2] < 20;
      if (!own && !version) add(out_, d[i].start, d[i + 3].end, Kind::ip_address, "", 0.45F, true);
      i += 3;
    }
  }

  void macs() {
    const std::string_view t = r_.text();
    for (std::size_t colon = t.find(':'); colon != std::string_view::npos; colon = t.find(':', colon + 1)) {
      if (colon < 2 || colon + 14 >= t.size() + 0) continue;
      const std::size_t start = colon - 2;
      bool good = start + 17 <= t.size();
      for (std::size_t k = 0; good && k < 17; ++k) good = k % 3 == 2 ? t[start + k] == ':' : is_hex(t[start + k]);
      if (!good || !r_.stands_alone(start, start + 17) || r_.before(start) == ':' || r_.from(start + 17) == ':') continue;
      add(out_, start, start + 17, Kind::mac_address, "", 0.45F, true);
      colon = start + 16;
    }
  }

  // Two numbers with four places and more behind the point, the first up to 90, the second up to 180.
  void positions() {
    const auto& d = r_.digits();
    for (std::size_t i = 0; i + 3 < d.size(); ++i) {
      const auto decimal = [&](std::size_t k) {
        return d[k + 1].start - d[k].end == 1 && r_.text()[d[k].end] == '.' && d[k].size() <= 3 && d[k + 1].size() >= 4 &&
               d[k + 1].size() <= 8;
      };
      if (!decimal(i) || !decimal(i + 2) || d[i + 2].start - d[i + 1].end > 4) continue;
      const std::string_view between = r_.text().substr(d[i + 1].end, d[i + 2].start - d[i + 1].end);
      if (between.find(',') == std::string_view::npos && between.find(' ') == std::string_view::npos) continue;
      int latitude = 0, longitude = 0;
      std::from_chars(r_.text().data() + d[i].start, r_.text().data() + d[i].end, latitude);
      std::from_chars(r_.text().data() + d[i + 2].start, r_.text().data() + d[i + 2].end, longitude);
      if (latitude > 90 || longitude > 180) continue;
      const std::size_t start = d[i].start - (r_.before(d[i].start) == '-' ? 1 : 0);
      const bool cue = r_.before(start, bit(Cue::geo), 24) != 0;
      if (cue || d[i + 1].size() >= 5) add(out_, start, d[i + 3].end, Kind::geo, "", cue ? 0.6F : 0.45F, false);
      i += 3;
    }
  }

  const Reading& r_;
  Findings& out_;
};

}  // namespace

void find_tokens(const Reading& r, Findings& out) {
  Tokens(r, out).find();
  // Of letters alone, so no token: a BIC.
  for (const Reading::Word& word : r.words()) {
    if (word.size() != 8 && word.size() != 11) continue;
    const bool all_letters = std::ranges::all_of(r.at(word), is_letter);
    if (all_letters && r.stands_alone(word.start, word.end) && r.before(word.start, bit(Cue::swift), 12) != 0)
      add(out, word.start, word.end, Kind::swift_bic, "", 0.6F, false);
  }
}

void find_emails(const Reading& r, Findings& out) {
  const std::string_view t = r.text();
  const auto local = [](char c) {
    return is_digit(c) || is_letter(c) || std::string_view("._%+-'").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const auto domain = [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80; };
  for (const std::uint32_t at : r.ats()) {
    std::size_t start = at, end = at + 1;
    while (start > 0 && at - start < 64 && local(t[start - 1])) --start;
    while (start < at && std::string_view(".'-%").find(t[start]) != std::string_view::npos) ++start;
    while (end < t.size() && end - at < 254 && domain(t[end])) ++end;
    while (end > at && (t[end - 1] == '.' || t[end - 1] == '-')) --end;
    const std::string_view host = t.substr(at + 1, end > at ? end - at - 1 : 0);
    const std::size_t dot = host.rfind('.');
    if (start == at || dot == std::string_view::npos || dot == 0) continue;
    const std::string_view top = host.substr(dot + 1);
    // Letters, or another script's.
    if (top.size() < 2 || std::ranges::any_of(top, is_digit)) continue;
    // user@host of an address with a password is found as such: scheme://user:password@host.
    if (r.before(start) == ':' && t.substr(0, start).find("://") != std::string_view::npos && start >= 2) {
      const std::size_t scheme = t.rfind("://", start);
      if (scheme != std::string_view::npos && t.substr(scheme + 3, start - scheme - 3).find_first_of(" \n/") == std::string_view::npos)
        continue;
    }
    if (r.before(start) == '@' || r.from(end) == '@') continue;
    const std::string_view name = t.substr(start, at - start);
    if (name == "git" || name.starts_with("noreply") || name.starts_with("no-reply")) continue;
    add(out, start, end, Kind::email, "", 0.97F, true);
  }
}

}  // namespace ajar::detect
