// detect/checks.cpp - the arithmetic of check digits, as each issuer publishes it.
#include "detect/checks.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/hash.hpp"

namespace ajar::detect {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr int digit(char c) noexcept { return c - '0'; }

bool all_digits(std::string_view text, std::size_t size) noexcept { return text.size() == size && std::ranges::all_of(text, is_digit); }

template <std::size_t N>
int weighted(std::string_view digits, const std::array<int, N>& weights) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < N; ++i) sum += digit(digits[i]) * weights[i];
  return sum;
}

int number(std::string_view digits) noexcept {
  int value = 0;
  for (const char c : digits) value = value * 10 + digit(c);
  return value;
}

// "A" is a letter, "9" a digit, "X" either.
bool has_shape(std::string_view text, std::string_view shape) noexcept {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == 'A' ? is_upper(text[i]) : shape[i] == '9' ? is_digit(text[i]) : is_upper(text[i]) || is_digit(text[i]);
    if (!fits) return false;
  }
  return true;
}

bool is_date(int month, int day) noexcept { return month >= 1 && month <= 12 && day >= 1 && day <= 31; }

// ISO 7064 MOD 11,10.
bool mod_11_10(std::string_view digits) noexcept {
  int product = 10;
  for (const char c : digits.substr(0, digits.size() - 1)) {
    int sum = (digit(c) + product) % 10;
    if (sum == 0) sum = 10;
    product = sum * 2 % 11;
  }
  return (11 - product) % 10 == digit(digits.back());
}

struct Country {
  char code[3];
  int length;
};
constexpr std::array countries{
    Country{"AD", 24}, Country{"AE", 23}, Country{"AL", 28}, Country{"AT", 20}, Country{"AZ", 28}, Country{"BA", 20}, Country{"BE", 16},
    Country{"BG", 22}, Country{"BH", 22}, Country{"BR", 29}, Country{"BY", 28}, Country{"CH", 21}, Country{"CR", 22}, Country{"CY", 28},
    Country{"CZ", 24}, Country{"DE", 22}, Country{"DK", 18}, Country{"DO", 28}, Country{"EE", 20}, Country{"EG", 29}, Country{"ES", 24},
    Country{"FI", 18}, Country{"FO", 18}, Country{"FR", 27}, Country{"GB", 22}, Country{"GE", 22}, Country{"GI", 23}, Country{"GL", 18},
    Country{"GR", 27}, Country{"GT", 28}, Country{"HR", 21}, Country{"HU", 28}, Country{"IE", 22}, Country{"IL", 23}, Country{"IQ", 23},
    Country{"IS", 26}, Country{"IT", 27}, Country{"JO", 30}, Country{"KW", 30}, Country{"KZ", 20}, Country{"LB", 28}, Country{"LC", 32},
    Country{"LI", 21}, Country{"LT", 20}, Country{"LU", 20}, Country{"LV", 21}, Country{"LY", 25}, Country{"MC", 27}, Country{"MD", 24},
    Country{"ME", 22}, Country{"MK", 19}, Country{"MR", 27}, Country{"MT", 31}, Country{"MU", 30}, Country{"NL", 18}, Country{"NO", 15},
    Country{"PK", 24}, Country{"PL", 28}, Country{"PS", 29}, Country{"PT", 25}, Country{"QA", 29}, Country{"RO", 24}, Country{"RS", 22},
    Country{"SA", 24}, Country{"SC", 31}, Country{"SE", 24}, Country{"SI", 19}, Country{"SK", 24}, Country{"SM", 27}, Country{"ST", 25},
    Country{"SV", 28}, Country{"TL", 23}, Country{"TN", 24}, Country{"TR", 26}, Country{"UA", 29}, Country{"VA", 22}, Country{"VG", 24},
    Country{"XK", 20}};

}  // namespace

bool luhn(std::string_view digits) noexcept {
  int sum = 0;
  bool twice = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, twice = !twice) {
    const int d = digit(*at) * (twice ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return !digits.empty() && sum % 10 == 0;
}

bool is_card_number(std::string_view digits) noexcept {
  const std::size_t n = digits.size();
  if (n < 12 || n > 19 || !std::ranges::all_of(digits, is_digit)) return false;
  const int two = number(digits.substr(0, 2)), three = number(digits.substr(0, 3)), four = number(digits.substr(0, 4));
  if (digits[0] == '4') return n == 13 || n == 16 || n == 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return n == 16;
  if (two == 34 || two == 37) return n == 15;
  if (two == 36 || two == 38 || two == 39 || (three >= 300 && three <= 305) || three == 309) return n >= 14;
  if (four >= 3528 && four <= 3589) return n >= 16;
  if (four == 6011 || two == 65 || (three >= 644 && three <= 649) || two == 62) return n >= 16;
  // Maestro, and what was Switch and Solo.
  return four == 5018 || four == 5020 || four == 5038 || four == 5893 || two == 58 || four == 6304 || four == 6759 ||
         (four >= 6761 && four <= 6763) || four == 6390 || two == 60;
}

bool is_ssn(std::string_view digits) noexcept {
  if (!all_digits(digits, 9)) return false;
  const int area = number(digits.substr(0, 3));
  return area != 0 && area != 666 && area < 900 && digits.substr(3, 2) != "00" && digits.substr(5) != "0000";
}

bool is_itin(std::string_view digits) noexcept {
  if (!all_digits(digits, 9) || digits[0] != '9') return false;
  const int group = number(digits.substr(3, 2));
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}

bool is_aba(std::string_view digits) noexcept {
  if (!all_digits(digits, 9) || digits == "000000000") return false;
  const int two = number(digits.substr(0, 2));
  const bool range = two <= 12 || (two >= 21 && two <= 32) || (two >= 61 && two <= 72) || two == 80;
  return range && weighted(digits, std::array{3, 7, 1, 3, 7, 1, 3, 7, 1}) % 10 == 0;
}

bool is_npi(std::string_view digits) noexcept {
  return all_digits(digits, 10) && (digits[0] == '1' || digits[0] == '2') && luhn("80840" + std::string(digits));
}

bool is_dea(std::string_view text) noexcept {
  if (!has_shape(text, "AX9999999")) return false;
  const std::string_view d = text.substr(2);
  return (digit(d[0]) + digit(d[2]) + digit(d[4]) + 2 * (digit(d[1]) + digit(d[3]) + digit(d[5]))) % 10 == digit(d[6]);
}

bool is_mbi(std::string_view text) noexcept {
  if (!has_shape(text, "9AX9AX9AA99") || text[0] == '0') return false;
  return text.find_first_of("SLOIBZ") == std::string_view::npos;
}

int iban_length(std::string_view country) noexcept {
  const auto found = std::ranges::find(countries, country, [](const Country& c) { return std::string_view(c.code, 2); });
  return found == countries.end() ? 0 : found->length;
}

bool is_iban(std::string_view text) noexcept {
  if (text.size() < 15 || iban_length(text.substr(0, 2)) != static_cast<int>(text.size()) || !is_digit(text[2]) || !is_digit(text[3]))
    return false;
  int rest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[(i + 4) % text.size()];
    if (is_digit(c))
      rest = (rest * 10 + digit(c)) % 97;
    else if (is_upper(c))
      rest = (rest * 100 + c - 'A' + 10) % 97;
    else
      return false;
  }
  return rest == 1;
}

bool is_nhs(std::string_view digits) noexcept {
  if (!all_digits(digits, 10)) return false;
  const int check = 11 - weighted(digits, std::array{10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return check != 10 && check % 11 == digit(digits[9]);
}

bool is_nino(std::string_view text) noexcept {
  if (!has_shape(text, "AA999999A") || text[8] > 'D') return false;
  const std::string_view prefix = text.substr(0, 2);
  for (const std::string_view never : {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
    if (prefix == never) return false;
  return std::string_view("DFIQUV").find(text[0]) == std::string_view::npos &&
         std::string_view("DFIOQUV").find(text[1]) == std::string_view::npos;
}

bool is_aadhaar(std::string_view digits) noexcept {
  if (!all_digits(digits, 12) || digits[0] < '2') return false;
  static constexpr std::uint8_t d[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
                                             {3, 4, 0, 1, 2, 8, 9, 5, 6, 7}, {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                             {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3}, {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
                                             {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
  static constexpr std::uint8_t p[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
                                            {8, 9, 1, 6, 0, 4, 3, 5, 2, 7}, {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                            {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};
  std::uint8_t c = 0;
  for (std::size_t i = 0; i < 12; ++i) c = d[c][p[i % 8][digits[11 - i] - '0']];
  return c == 0;
}

bool is_in_pan(std::string_view text) noexcept {
  return has_shape(text, "AAAAA9999A") && std::string_view("PCHFATBLJG").find(text[3]) != std::string_view::npos;
}

bool is_es_nif(std::string_view text) noexcept {
  static constexpr std::string_view letters = "TRWAGMYFPDXBNJZSQVHLCKE";
  if (has_shape(text, "99999999A")) return letters[static_cast<std::size_t>(number(text.substr(0, 8)) % 23)] == text[8];
  if (!has_shape(text, "A9999999A")) return false;
  const std::size_t first = std::string_view("XYZ").find(text[0]);
  if (first == std::string_view::npos) return false;
  return letters[(first * 10'000'000 + static_cast<std::size_t>(number(text.substr(1, 7)))) % 23] == text[8];
}

bool is_fr_nir(std::string_view text) noexcept {
  if (text.size() != 15 || (text[0] != '1' && text[0] != '2')) return false;
  std::string plain(text);
  std::int64_t less = 0;
  if (plain[5] == '2' && (plain[6] == 'A' || plain[6] == 'B')) {  // Corsica
    less = plain[6] == 'A' ? 1'000'000 : 2'000'000;
    plain[6] = '0';
  }
  if (!all_digits(plain, 15)) return false;
  const int month = number(plain.substr(3, 2));
  if (month < 1 || (month > 12 && month < 20) || month > 99) return false;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 13; ++i) value = value * 10 + digit(plain[i]);
  return 97 - (value - less) % 97 == number(plain.substr(13));
}

bool is_de_steuerid(std::string_view digits) noexcept {
  if (!all_digits(digits, 11) || digits[0] == '0') return false;
  // Of the first ten one digit stands twice or three times, the others at most once.
  std::array<int, 10> seen{};
  for (const char c : digits.substr(0, 10)) ++seen[static_cast<std::size_t>(digit(c))];
  if (std::ranges::count_if(seen, [](int n) { return n > 1; }) != 1 || std::ranges::max(seen) > 3) return false;
  return mod_11_10(digits);
}

bool is_it_cf(std::string_view text) noexcept {
  if (!has_shape(text, "AAAAAAXXAXXAXXXA")) return false;
  // Where two people would have the same, letters stand for some digits.
  int digits = 0;
  for (const std::size_t i : {6U, 7U, 9U, 10U, 12U, 13U, 14U}) {
    if (is_digit(text[i]))
      ++digits;
    else if (std::string_view("LMNPQRSTUV").find(text[i]) == std::string_view::npos)
      return false;
  }
  if (digits < 4) return false;
  static constexpr std::string_view months = "ABCDEHLMPRST";
  if (months.find(text[8]) == std::string_view::npos) return false;
  static constexpr std::array<int, 26> odd{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(text[i]) ? digit(text[i]) : text[i] - 'A';
    sum += i % 2 == 0 ? odd[static_cast<std::size_t>(value)] : value;
  }
  return 'A' + sum % 26 == text[15];
}

bool is_pesel(std::string_view digits) noexcept {
  if (!all_digits(digits, 11)) return false;
  const int month = number(digits.substr(2, 2)) % 20;
  if (!is_date(month, number(digits.substr(4, 2)))) return false;
  return (10 - weighted(digits, std::array{1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10 == digit(digits[10]);
}

bool is_cpf(std::string_view digits) noexcept {
  if (!all_digits(digits, 11) || std::ranges::all_of(digits, [&](char c) { return c == digits[0]; })) return false;
  const auto check = [&](std::size_t count) {
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += digit(digits[i]) * static_cast<int>(count + 1 - i);
    return sum * 10 % 11 % 10;
  };
  return check(9) == digit(digits[9]) && check(10) == digit(digits[10]);
}

bool is_bsn(std::string_view digits) noexcept {
  return all_digits(digits, 9) && digits != "000000000" && weighted(digits, std::array{9, 8, 7, 6, 5, 4, 3, 2, -1}) % 11 == 0;
}

bool is_tckn(std::string_view digits) noexcept {
  if (!all_digits(digits, 11) || digits[0] == '0') return false;
  const auto d = [&](std::size_t i) { return digit(digits[i]); };
  const int odd = d(0) + d(2) + d(4) + d(6) + d(8), even = d(1) + d(3) + d(5) + d(7);
  return ((odd * 7 - even) % 10 + 10) % 10 == d(9) && (odd + even + d(9)) % 10 == d(10);
}

bool is_nric(std::string_view text) noexcept {
  if (!has_shape(text, "A9999999A") || std::string_view("STFGM").find(text[0]) == std::string_view::npos) return false;
  int sum = weighted(text.substr(1), std::array{2, 7, 6, 5, 4, 3, 2});
  if (text[0] == 'T' || text[0] == 'G') sum += 4;
  if (text[0] == 'M') sum += 3;
  const std::string_view letters = text[0] == 'S' || text[0] == 'T' ? "JZIHGFEDCBA" : text[0] == 'M' ? "KLJNPQRTUWX" : "XWUTRQPNMLK";
  const int rest = text[0] == 'M' ? 10 - sum % 11 : sum % 11;
  return letters[static_cast<std::size_t>(rest)] == text[8];
}

bool is_cn_id(std::string_view text) noexcept {
  if (text.size() != 18 || !all_digits(text.substr(0, 17), 17)) return false;
  const int year = number(text.substr(6, 4));
  if (year < 1900 || year > 2100 || !is_date(number(text.substr(10, 2)), number(text.substr(12, 2)))) return false;
  return "10X98765432"[weighted(text, std::array{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}) % 11] == text[17];
}

bool is_kr_rrn(std::string_view digits) noexcept {
  return all_digits(digits, 13) && is_date(number(digits.substr(2, 2)), number(digits.substr(4, 2))) && digits[6] >= '0';
}

bool is_se_personnummer(std::string_view digits) noexcept {
  if (digits.size() == 12) digits.remove_prefix(2);
  return all_digits(digits, 10) && is_date(number(digits.substr(2, 2)), number(digits.substr(4, 2)) % 60) && luhn(digits);
}

bool is_au_tfn(std::string_view digits) noexcept {
  return all_digits(digits, 9) && digits != "000000000" && weighted(digits, std::array{1, 4, 3, 7, 5, 8, 6, 9, 10}) % 11 == 0;
}

bool is_bic(std::string_view text) noexcept { return has_shape(text, "AAAAAAXX") || has_shape(text, "AAAAAAXXXXX"); }

bool is_vin(std::string_view text) noexcept {
  if (text.size() != 17) return false;
  static constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ", values = "12345678123457923456789";
  static constexpr std::array<int, 17> weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const std::size_t at = letters.find(text[i]);
    if (!is_digit(text[i]) && at == std::string_view::npos) return false;
    sum += weights[i] * (is_digit(text[i]) ? digit(text[i]) : digit(values[at]));
  }
  return "0123456789X"[sum % 11] == text[8];
}

bool is_base58check(std::string_view text) noexcept {
  static constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  if (text.size() < 26 || text.size() > 35) return false;
  std::array<std::uint8_t, 25> bytes{};
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return false;
    std::size_t carry = value;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += std::size_t{58} * bytes[i];
      bytes[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) return false;
  }
  const auto text_of = [](const auto& b, std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text.push_back(static_cast<char>(b[i]));
    return text;
  };
  const auto once = sha256(text_of(bytes, 21));
  const auto twice = sha256(text_of(once, once.size()));
  return std::equal(bytes.begin() + 21, bytes.end(), twice.begin(),
                    [](std::uint8_t a, auto b) { return a == static_cast<std::uint8_t>(b); });
}

bool is_jwt(std::string_view text) noexcept {
  // "eyJ" is {" in base64: a head that is JSON begins with it, and so does a payload.
  if (!text.starts_with("eyJ")) return false;
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && dot >= 10 && text.substr(dot + 1).starts_with("eyJ") && text.size() > dot + 10;
}

}  // namespace ajar::detect
