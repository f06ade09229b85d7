// detect/secrets.cpp - keys by how they begin, and values that are called secret.
#include <algorithm>
#include <array>
#include <cmath>

#include "detect/checks.hpp"
#include "detect/rules.hpp"
#include "detect/views.hpp"

namespace ajar::detect {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) noexcept { return is_digit(c) || is_lower(c) || is_upper(c); }

// Keys that begin alike wherever they are made; the shortest that there is, its beginning included.
struct Prefix {
  std::string_view begins, sub;
  std::size_t least;
};
constexpr std::array prefixes{Prefix{"AKIA", "AWS_ACCESS_KEY_ID", 20},
                              Prefix{"ASIA", "AWS_ACCESS_KEY_ID", 20},
                              Prefix{"ABIA", "AWS_ACCESS_KEY_ID", 20},
                              Prefix{"ACCA", "AWS_ACCESS_KEY_ID", 20},
                              Prefix{"ghp_", "GITHUB_TOKEN", 36},
                              Prefix{"gho_", "GITHUB_TOKEN", 36},
                              Prefix{"ghu_", "GITHUB_TOKEN", 36},
                              Prefix{"ghs_", "GITHUB_TOKEN", 36},
                              Prefix{"ghr_", "GITHUB_TOKEN", 36},
                              Prefix{"github_pat_", "GITHUB_TOKEN", 40},
                              Prefix{"glpat-", "GITLAB_TOKEN", 20},
                              Prefix{"gldt-", "GITLAB_TOKEN", 20},
                              Prefix{"glrt-", "GITLAB_TOKEN", 20},
                              Prefix{"glptt-", "GITLAB_TOKEN", 30},
                              Prefix{"glsoat-", "GITLAB_TOKEN", 20},
                              Prefix{"xoxb-", "SLACK_TOKEN", 20},
                              Prefix{"xoxp-", "SLACK_TOKEN", 20},
                              Prefix{"xoxa-", "SLACK_TOKEN", 20},
                              Prefix{"xoxr-", "SLACK_TOKEN", 20},
                              Prefix{"xoxs-", "SLACK_TOKEN", 20},
                              Prefix{"xoxe-", "SLACK_TOKEN", 20},
                              Prefix{"xapp-", "SLACK_TOKEN", 20},
                              Prefix{"sk_live_", "STRIPE_KEY", 20},
                              Prefix{"sk_test_", "STRIPE_KEY", 20},
                              Prefix{"rk_live_", "STRIPE_KEY", 20},
                              Prefix{"rk_test_", "STRIPE_KEY", 20},
                              Prefix{"whsec_", "STRIPE_KEY", 24},
                              Prefix{"sk-ant-", "ANTHROPIC_KEY", 24},
                              Prefix{"sk-proj-", "OPENAI_KEY", 24},
                              Prefix{"sk-svcacct-", "OPENAI_KEY", 24},
                              Prefix{"sk-or-", "OPENROUTER_KEY", 24},
                              Prefix{"sk-", "OPENAI_KEY", 24},
                              Prefix{"AIza", "GOOGLE_API_KEY", 35},
                              Prefix{"ya29.", "GOOGLE_TOKEN", 24},
                              Prefix{"GOCSPX-", "GOOGLE_CLIENT_SECRET", 28},
                              Prefix{"hf_", "HF_TOKEN", 24},
                              Prefix{"SG.", "SENDGRID_KEY", 40},
                              Prefix{"npm_", "NPM_TOKEN", 36},
                              Prefix{"pypi-", "PYPI_TOKEN", 40},
                              Prefix{"shpat_", "SHOPIFY_TOKEN", 38},
                              Prefix{"shpss_", "SHOPIFY_TOKEN", 38},
                              Prefix{"shpca_", "SHOPIFY_TOKEN", 38},
                              Prefix{"dop_v1_", "DIGITALOCEAN_TOKEN", 40},
                              Prefix{"doo_v1_", "DIGITALOCEAN_TOKEN", 40},
                              Prefix{"hvs.", "VAULT_TOKEN", 24},
                              Prefix{"hvb.", "VAULT_TOKEN", 24},
                              Prefix{"dapi", "DATABRICKS_TOKEN", 36},
                              Prefix{"lin_api_", "LINEAR_KEY", 40},
                              Prefix{"ntn_", "NOTION_TOKEN", 40},
                              Prefix{"figd_", "FIGMA_TOKEN", 40},
                              Prefix{"dp.pt.", "DOPPLER_TOKEN", 40},
                              Prefix{"NRAK-", "NEWRELIC_KEY", 28},
                              Prefix{"sntrys_", "SENTRY_TOKEN", 40},
                              Prefix{"PMAK-", "POSTMAN_KEY", 40},
                              Prefix{"gsk_", "GROQ_KEY", 40},
                              Prefix{"xai-", "XAI_KEY", 40},
                              Prefix{"pplx-", "PERPLEXITY_KEY", 40},
                              Prefix{"r8_", "REPLICATE_KEY", 36},
                              Prefix{"dckr_pat_", "DOCKER_TOKEN", 30},
                              Prefix{"sbp_", "SUPABASE_TOKEN", 40},
                              Prefix{"glsa_", "GRAFANA_TOKEN", 36},
                              Prefix{"glc_", "GRAFANA_TOKEN", 36},
                              Prefix{"pul-", "PULUMI_TOKEN", 40},
                              Prefix{"pscale_", "PLANETSCALE_TOKEN", 36},
                              Prefix{"rubygems_", "RUBYGEMS_KEY", 48},
                              Prefix{"ATATT3", "ATLASSIAN_TOKEN", 40},
                              Prefix{"ATBB", "BITBUCKET_TOKEN", 30},
                              Prefix{"AKCp", "JFROG_KEY", 60},
                              Prefix{"nfp_", "NETLIFY_TOKEN", 36},
                              Prefix{"tskey-", "TAILSCALE_KEY", 24},
                              Prefix{"xkeysib-", "BREVO_KEY", 60},
                              Prefix{"AGE-SECRET-KEY-1", "AGE_KEY", 60},
                              Prefix{"EAACEdEose0cBA", "FACEBOOK_TOKEN", 30},
                              Prefix{"sq0atp-", "SQUARE_TOKEN", 28},
                              Prefix{"sq0csp-", "SQUARE_TOKEN", 40},
                              Prefix{"key-", "MAILGUN_KEY", 36},
                              Prefix{"phc_", "POSTHOG_KEY", 40},
                              Prefix{"lsv2_", "LANGSMITH_KEY", 40},
                              Prefix{"fo1_", "FLY_TOKEN", 40},
                              Prefix{"FlyV1", "FLY_TOKEN", 40},
                              Prefix{"tfp_", "TYPEFORM_TOKEN", 40},
                              Prefix{"sk.eyJ", "MAPBOX_TOKEN", 40},
                              Prefix{"secret_", "NOTION_TOKEN", 48},
                              Prefix{"vcp_", "VERCEL_TOKEN", 24}};

// Texts that stand where a secret would: templates, references, words for "not here".
bool is_placeholder(std::string_view value) noexcept {
  if (value.size() < 4) return true;
  std::string lower;
  for (const char c : value.substr(0, 64)) lower.push_back(is_upper(c) ? static_cast<char>(c + 32) : c);
  for (const std::string_view part :
       {"example",    "placeholder", "changeme", "change_me", "change-me", "your",    "xxxx",  "****",      "....",     "redacted",
        "dummy",      "insert",      "replace",  "<",         ">",         "${",      "{{",    "$(",        "%(",       "process.env",
        "os.environ", "getenv",      "env[",     "env.",      "vault.",    "config.", "cfg.",  "settings.", "secrets.", "self.",
        "this.",      "args.",       "none",     "null",      "undefined", "todo",    "lorem", "sample"})
    if (lower.find(part) != std::string::npos) return true;
  for (const std::string_view whole : {"true",   "false",  "password", "passwd",  "secret", "token", "string", "required", "optional",
                                       "hidden", "masked", "text",     "value",   "bearer", "basic", "reset",  "is",       "the",
                                       "and",    "for",    "char",     "varchar", "input",  "field", "type",   "bytes",    "public"})
    if (lower == whole) return true;
  // One character over and over.
  return std::ranges::all_of(value, [&](char c) { return c == value[0]; });
}

double entropy_of(std::string_view value) noexcept {
  std::array<int, 256> counts{};
  for (const char c : value) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int n : counts)
    if (n > 0) bits -= n * std::log2(static_cast<double>(n) / static_cast<double>(value.size()));
  return bits / static_cast<double>(value.size());
}

// One run of letters and digits that is no word: AWS4-HMAC-SHA256 and k8sServiceAccount have none.
bool has_random_run(std::string_view value) noexcept {
  if (value.find('*') != std::string_view::npos) return false;
  std::size_t best = 0, digits = 0;
  for (std::size_t at = 0; at < value.size();) {
    std::size_t end = at, figures = 0;
    while (end < value.size() && (is_alnum(value[end]) || value[end] == '+' || value[end] == '/'))
      figures += is_digit(value[end++]) ? 1 : 0;
    if (end - at > best) best = end - at, digits = figures;
    at = end + 1;
  }
  return best >= 10 && digits >= 2;
}

int kinds_of(std::string_view value) noexcept {
  const bool digit = std::ranges::any_of(value, is_digit), low = std::ranges::any_of(value, is_lower),
             high = std::ranges::any_of(value, is_upper);
  const bool sign = std::ranges::any_of(value, [](char c) { return !is_alnum(c); });
  return (digit ? 1 : 0) + (low ? 1 : 0) + (high ? 1 : 0) + (sign ? 1 : 0);
}

class Secrets {
 public:
  Secrets(const Reading& r, Findings& out) : r_(r), t_(r.text()), out_(out) {}

  void find() {
    by_prefix();
    pem();
    in_addresses();
    webhooks();
    for (const Reading::Hit& hit : r_.hits())
      if ((hit.cues & any_of(Cue::password, Cue::secret)) != 0) called_secret(hit);
  }

 private:
  static bool is_key_sign(char c) noexcept { return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '+' || c == '='; }

  std::size_t end_of_key(std::size_t at) const noexcept {
    while (at < t_.size() && is_key_sign(t_[at])) ++at;
    while (at > 0 && (t_[at - 1] == '.' || t_[at - 1] == '/' || t_[at - 1] == '-')) --at;
    return at;
  }

  void by_prefix() {
    for (const Reading::Place& token : r_.tokens()) {
      const std::string_view text = r_.at(token);
      if (text.starts_with("eyJ")) {
        const std::size_t end = end_of_key(token.start);
        if (is_jwt(t_.substr(token.start, end - token.start))) add(out_, token.start, end, Kind::secret, "JWT", 0.95F, true);
        continue;
      }
      prefixed(token.start);
    }
    // Those whose beginning ends in a dot are in two tokens, the first one short.
    for (const std::string_view begins : {"SG.", "hvs.", "hvb.", "ya29.", "dp.pt."})
      for (std::size_t at = t_.find(begins); at != std::string_view::npos; at = t_.find(begins, at + 1))
        if (!is_alnum(r_.before(at))) prefixed(at);
  }

  void prefixed(std::size_t start) {
    for (const Prefix& p : prefixes) {
      if (p.begins[0] != t_[start] || !t_.substr(start).starts_with(p.begins)) continue;
      std::size_t end = end_of_key(start);
      while (end > start && (t_[end - 1] == '=' || t_[end - 1] == '.')) --end;
      const std::string_view key = t_.substr(start, end - start);
      if (key.size() < std::max(p.least, p.begins.size())) continue;
      const std::string_view rest = key.substr(p.begins.size());
      if (is_placeholder(rest)) continue;
      // Words joined by dashes are no key.
      if (p.begins.size() <= 4 && !std::ranges::any_of(rest, is_digit) && !std::ranges::any_of(rest, is_upper)) continue;
      if (p.sub == "AWS_ACCESS_KEY_ID" && (key.size() != 20 || std::ranges::any_of(key, is_lower))) continue;
      return add(out_, start, end, Kind::secret, p.sub, 0.99F, true);
    }
  }

  void pem() {
    for (std::size_t at = t_.find("-----BEGIN "); at != std::string_view::npos; at = t_.find("-----BEGIN ", at + 1)) {
      const std::size_t line = t_.find("-----", at + 11);
      if (line == std::string_view::npos || line - at > 60) continue;
      if (t_.substr(at, line - at).find("PRIVATE KEY") == std::string_view::npos) continue;
      std::size_t end = t_.find("-----END", line);
      end = end == std::string_view::npos
                ? t_.size()
                : std::min(t_.size(), t_.find("-----", end + 8) == std::string_view::npos ? t_.size() : t_.find("-----", end + 8) + 5);
      if (end - line < 40) continue;
      add(out_, at, end, Kind::secret, "PRIVATE_KEY", 0.99F, true);
    }
  }

  // scheme://user:password@host
  void in_addresses() {
    for (std::size_t at = t_.find("://"); at != std::string_view::npos; at = t_.find("://", at + 3)) {
      const std::size_t begin = at + 3, end = std::min(t_.find_first_of(" \t\n\"'<>`", begin), t_.size());
      const std::string_view rest = t_.substr(begin, end - begin);
      const std::size_t host = rest.substr(0, std::min(rest.find_first_of("/?#"), rest.size())).rfind('@');
      const std::size_t sign = host == std::string_view::npos ? rest.rfind('@') : host;
      if (sign == std::string_view::npos) continue;
      const std::size_t colon = rest.find(':');
      if (colon == std::string_view::npos || colon >= sign || rest.substr(0, colon).find('/') != std::string_view::npos) continue;
      const std::string_view word = rest.substr(colon + 1, sign - colon - 1);
      if (word.size() >= 3 && !is_placeholder(word)) add(out_, begin + colon + 1, begin + sign, Kind::password, "", 0.95F, false);
    }
  }

  void webhooks() {
    for (const std::string_view begins : {"hooks.slack.com/services/", "discord.com/api/webhooks/"})
      for (std::size_t at = t_.find(begins); at != std::string_view::npos; at = t_.find(begins, at + 1)) {
        const std::size_t end = end_of_key(at);
        if (end - at > begins.size() + 20) add(out_, at, end, Kind::secret, "WEBHOOK", 0.95F, true);
      }
  }

  // "is ", "was ", "changed to ": the length of such words at a place; 0: none.
  std::size_t verb_at(std::size_t at) const noexcept {
    for (const std::string_view verb : {"was changed to ", "is set to ", "changed to ", "set to ", "reset to ", "is: ", "was: ", "is \"",
                                        "is ", "was ", "to ", "es ", "ist ", "lautet ", "est ", "\xC3\xA8 ", "\xC3\xA9 "})
      if (t_.substr(at).starts_with(verb)) return verb.size();
    return 0;
  }

  // "the password for the admin account is Welcome@123": some words between. Only what no word looks like.
  void said_later(const Reading::Hit& hit) {
    if ((hit.cues & bit(Cue::password)) == 0) return;
    const std::string_view rest = t_.substr(hit.end, 56);
    const std::string_view sentence = rest.substr(0, std::min(rest.find_first_of("\n.;"), rest.size()));
    for (const std::string_view verb : {" is ", " was ", " to ", ": ", "=", " ist ", " est ", " es "}) {
      const std::size_t found = sentence.find(verb);
      if (found == std::string_view::npos) continue;
      std::size_t start = hit.end + found + verb.size();
      if (start < t_.size() && (t_[start] == '"' || t_[start] == '\'' || t_[start] == '`')) ++start;
      std::size_t end = start;
      while (end < t_.size() && std::string_view(" \t\n\"'`<").find(t_[end]) == std::string_view::npos) ++end;
      while (end > start && std::string_view(",;.)?").find(t_[end - 1]) != std::string_view::npos) --end;
      const std::string_view value = t_.substr(start, end - start);
      const bool digit = std::ranges::any_of(value, is_digit),
                 letter = std::ranges::any_of(value, is_upper) && std::ranges::any_of(value, is_lower);
      if (value.size() >= 6 && value.size() <= 64 && digit && letter && kinds_of(value) >= 3 && !is_placeholder(value) &&
          value.find_first_of("(){}/\\") == std::string_view::npos)
        return add(out_, start, end, Kind::password, "", 0.7F, false);
    }
  }

  // What follows "password:", "token =", "\"secret\": \"".
  void called_secret(const Reading::Hit& hit) {
    std::size_t at = hit.end;
    // The rest of the name: api_key_id is none, SECRET_KEY_BASE and tokens[0] are.
    while (at < t_.size() && (is_alnum(t_[at]) || t_[at] == '_') && at - hit.end < 24) ++at;
    bool sign = false, said = false;
    std::size_t skipped = 0;
    for (; at < t_.size() && skipped < 12; ++skipped) {
      const char c = t_[at];
      if (c == '=' || c == ':') {
        if (t_.substr(at).starts_with("==") || t_.substr(at).starts_with("::")) return;
        sign = true, ++at;
        if (at < t_.size() && t_[at] == '>') ++at;
      } else if (c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '`' || c == '\\' || c == '[' || c == ']' || c == '*') {
        // a quote behind the name, blanks, and a quote before the value
        ++at;
        if (sign && (c == '"' || c == '\'' || c == '`')) break;
      } else if (const std::size_t word = sign ? 0 : verb_at(at); word > 0) {
        at += word;
        said = true;
        break;
      } else {
        break;
      }
    }
    const bool in_quotes = !sign && !said && at > 0 && (t_[at - 1] == '"' || t_[at - 1] == '\'' || t_[at - 1] == '`') &&
                           at - hit.end >= 2 && t_[at - 2] == ' ';
    said = said || in_quotes;
    if (!sign && !said) return said_later(hit);
    const char quote = at > 0 && (t_[at - 1] == '"' || t_[at - 1] == '\'' || t_[at - 1] == '`') ? t_[at - 1] : '\0';
    if (quote == '\0' && at < t_.size() && (t_[at] == '"' || t_[at] == '\'')) return;
    bool bearer = false;
    for (const std::string_view scheme : {"Bearer ", "bearer ", "Token ", "token ", "Basic ", "basic "})
      if (t_.substr(at).starts_with(scheme)) {
        at += scheme.size();
        bearer = true;
      }
    std::size_t end = at;
    while (end < t_.size() && t_[end] != '\n' &&
           (quote != '\0' ? t_[end] != quote && t_[end] != '\\'
                          : t_[end] != ' ' && t_[end] != '\t' && t_[end] != '"' && t_[end] != '\'' && t_[end] != '`' && t_[end] != '<'))
      ++end;
    if (quote == '\0')
      while (end > at && std::string_view(",;)}]").find(t_[end - 1]) != std::string_view::npos) --end;
    if (quote == '\0')
      if (const std::size_t next = t_.substr(at, end - at).find_first_of("&;,");
          next != std::string_view::npos && (hit.cues & bit(Cue::secret)) != 0)
        end = at + next;
    // A sentence ends, a password does not.
    if (quote == '\0' && end > at && (t_[end - 1] == '.' || t_[end - 1] == '?')) --end;
    judge(hit, at, end, quote != '\0', said, bearer);
  }

  void judge(const Reading::Hit& hit, std::size_t start, std::size_t end, bool quoted, bool said, bool bearer) {
    if (end <= start || end - start > 4096) return;
    const std::string_view value = t_.substr(start, end - start);
    if (is_placeholder(value) || value.find("://") != std::string_view::npos) return;
    // Code that fetches it: vault.read(...), tokens[0], a variable.
    if (!quoted && (value.find_first_of("(){}[]") != std::string_view::npos || value[0] == '$')) return;
    const int kinds = kinds_of(value);
    const bool digit = std::ranges::any_of(value, is_digit);
    const double entropy = entropy_of(value);
    if (hit.cues & bit(Cue::password) && (hit.cues & bit(Cue::secret)) == 0) {
      if (value.size() > 128 || value.find(' ') != std::string_view::npos) return;
      // A name of a variable, a word for it, a number.
      const bool name = !digit && std::ranges::all_of(value, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; }) &&
                        (value.find_first_of("_.") != std::string_view::npos || std::ranges::none_of(value, is_lower) ||
                         value.find("ass") != std::string_view::npos);
      const bool figures = value.size() > 8 && std::ranges::all_of(value, [](char c) { return is_digit(c) || c == '.'; });
      if (name || figures) return;
      const bool pin = value.size() <= 8 && std::ranges::all_of(value, is_digit);
      // In a sentence only what does not look like a word.
      const bool likely = said                            ? (pin && value.size() >= 4) || ((digit || kinds >= 3) && value.size() >= 5)
                          : quoted || digit || kinds >= 2 ? value.size() >= 4
                                                          : entropy > 3.0 && value.size() >= 10;
      if (likely && (!pin || value.size() >= 4)) add(out_, start, end, Kind::password, "", 0.85F, false);
      return;
    }
    // Authorization: Basic dXNlcjpwYXNz
    if (bearer)
      for (const Decoded& d : decoded_in(value))
        if (d.start == 0 && d.text.find(':') != std::string::npos) return add(out_, start, end, Kind::password, "BASIC_AUTH", 0.9F, true);
    if (value.size() < 12 || value.find(' ') != std::string_view::npos) return;
    const bool hex =
        std::ranges::all_of(value, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-'; });
    const bool random = bearer ? value.size() >= 16 && kinds >= 2 && entropy > 3.0
                        : hex  ? value.size() >= 24 && entropy > 2.8
                               : digit && kinds >= 2 && entropy > 3.2;
    if (!random || (!hex && !bearer && !has_random_run(value))) return;
    std::string_view sub = "GENERIC";
    if (value.size() == 40 && !hex && t_.substr(hit.start, hit.size()).find("ccess") != std::string_view::npos) sub = "AWS_SECRET_KEY";
    add(out_, start, end, Kind::secret, sub, value.size() >= 16 ? 0.85F : 0.6F, false);
  }

  const Reading& r_;
  std::string_view t_;
  Findings& out_;
};

}  // namespace

void find_secrets(const Reading& r, Findings& out) { Secrets(r, out).find(); }

}  // namespace ajar::detect
