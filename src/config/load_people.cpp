// config/load_people.cpp - who may ask, and what raises the label of what they ask.
#include <fmt/format.h>

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/loader.hpp"

namespace ajar::config {
namespace {

constexpr std::size_t short_secret = 16;

bool parse_hash(std::string_view text, Digest& into) {
  if (!text.starts_with("sha256:") || text.size() != 71) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    unsigned value = 0;
    for (const char c : text.substr(7 + i * 2, 2)) {
      const char l = lower(c);
      if ((l < '0' || l > '9') && (l < 'a' || l > 'f')) return false;
      value = value * 16 + static_cast<unsigned>(l <= '9' ? l - '0' : l - 'a' + 10);
    }
    into[i] = static_cast<std::uint8_t>(value);
  }
  return true;
}

}  // namespace

void Loader::tenant(const Reader& r) {
  admit::Tenant tenant{.name = r.string("name"), .label = labels(r, "labels").bits, .models = r.strings("models")};
  for (auto& [model, at] : r.items("models")) mentions_.push_back({std::move(model), at});
  if (take_name(r, "tenant", tenant.name, tenant_places_)) tenants_.push_back(std::move(tenant));
}

void Loader::key(const Reader& r) {
  admit::Key key{.name = r.string("name"),
                 .digest = {},
                 .tenant = 0,
                 .label = labels(r, "labels").bits,
                 .models = r.strings("models"),
                 .max_in_flight = r.integer("max_in_flight")};
  for (auto& [model, at] : r.items("models")) mentions_.push_back({std::move(model), at});
  const std::string tenant = r.string("tenant", tenants_.size() == 1 ? tenants_.front().name : "default");
  const auto found = std::ranges::find(tenants_, tenant, &admit::Tenant::name);
  if (found == tenants_.end())
    r.problem("tenant", fmt::format("there is no tenant \"{}\"", tenant), remedy_for(tenant, names_in(tenants_)));
  else
    key.tenant = static_cast<std::uint32_t>(found - tenants_.begin());
  if (r.has("secret") == r.has("hash")) {
    r.problem(r.has("secret") ? "secret" : "",
              fmt::format("the key \"{}\" needs either hash or secret{}", key.name, r.has("secret") ? ", not both" : ""),
              "run `ajar key new` and write the hash that it prints");
  } else if (r.good("secret")) {
    if (const auto value = secret(r, "secret")) {
      key.digest = sha256(*value);
      if (value->size() < short_secret)
        r.warning("secret", "this key is so short that it can be guessed", "run `ajar key new` for a fresh one");
    }
  } else if (r.good("hash") && !parse_hash(r.string("hash"), key.digest)) {
    r.problem("hash", "this is no hash of a key", "write \"sha256:\" and 64 hexadecimal digits, as `ajar key new` prints them");
  }
  const auto same = std::ranges::find(keys_, key.digest, &admit::Key::digest);
  if (same != keys_.end() && key.digest != Digest{})
    r.problem(r.has("hash") ? "hash" : "secret", fmt::format("the keys \"{}\" and \"{}\" have the same secret", same->name, key.name),
              "make a new one with `ajar key new`");
  else if (take_name(r, "key", key.name, key_places_))
    keys_.push_back(std::move(key));
}

void Loader::rule(const Reader& r) {
  policy::Rule rule{.name = r.string("name"), .tenant = {}, .key = {}, .route = {}, .model = {}, .words = {}, .label = labels(r, "labels")};
  if (const Node* node = r.table("when")) {
    const Reader when(*node, "rule.when", report_);
    rule.tenant = when.string("tenant");
    rule.key = when.string("key");
    rule.route = when.string("route");
    rule.model = when.string("model");
    rule.words = when.strings("words");
    const auto exists = [&](std::string_view kind, const std::string& name, const std::vector<std::string>& names) {
      if (when.good(kind) && std::ranges::find(names, name) == names.end())
        when.problem(kind, fmt::format("there is no {} \"{}\"", kind, name), remedy_for(name, names));
    };
    exists("tenant", rule.tenant, names_in(tenants_));
    exists("key", rule.key, names_in(keys_));
    exists("route", rule.route, names_in(s_.routes));
    if (when.good("model")) mentions_.push_back({rule.model, when.place("model")});
    for (const auto& [word, at] : when.items("words"))
      if (word.empty()) report_.problem(at, "an empty word is in every request", "leave it out");
    if (when.good("words") && when.strings("words").empty())
      when.problem("words", "there is no word", "write the words, or leave the condition out");
  }
  if (r.good("labels") && rule.label.bits == 0)
    r.warning("labels", fmt::format("the rule \"{}\" raises nothing", rule.name), "name a label above public");
  if (take_name(r, "rule", rule.name, rules_)) s_.ruleset.rules.push_back(std::move(rule));
}

}  // namespace ajar::config
