// config/load.cpp - a file to a snapshot: the order of its parts, and what they share.
#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/facts.hpp"
#include "config/loader.hpp"

namespace ajar::config {
namespace {

constexpr std::size_t longest_secret = 64u << 10, most_prices = 16u << 20, most_dictionary = 512u << 20;

std::optional<std::string> file_text(const std::filesystem::path& path, std::size_t most) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text;
  std::array<char, 16 << 10> piece;
  while (text.size() <= most && (in.read(piece.data(), piece.size()), in.gcount() > 0))
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  return text;
}

bool is_variable(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::ranges::all_of(name, [](char c) { return c == '_' || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'); });
}

// Top to bottom, whatever the order of the checks was; the same thing is told once.
void put_in_order(std::vector<Problem>& problems) {
  const auto key = [](const Problem& p) { return std::tie(p.line, p.column, p.message); };
  std::ranges::sort(problems, {}, key);
  const auto rest = std::ranges::unique(problems, {}, key);
  problems.erase(rest.begin(), rest.end());
}

}  // namespace

Loaded Loader::load(std::string_view text) {
  const Node document = parse_toml(text, report_.file, report_.problems);
  if (!report_.problems.empty()) return {nullptr, std::move(report_.problems), {}};
  const Reader top(document, "", report_);
  s_.state_folder = path_of(top.string("state"));
  s_.shards = static_cast<int>(top.integer("shards"));
  prices(top);
  bounds(document);
  each(document, "zone", [this](const Reader& r) { zone(r); });
  default_zones();
  each(document, "deployment", [this](const Reader& r) { deployment(r); });
  if (document.find("deployment") == nullptr)
    report_.problem(document.place, "there is no deployment", "write at least one [[deployment]] with name, provider and model");
  each(document, "tenant", [this](const Reader& r) { tenant(r); });
  if (tenants_.empty()) tenants_.push_back({.name = "default", .label = 0, .models = {}});
  each(document, "key", [this](const Reader& r) { key(r); });
  routes(document);
  each(document, "rule", [this](const Reader& r) { rule(r); });
  each(document, "dictionary", [this](const Reader& r) { dictionary(r); });
  check_models();
  if (report_.problems.empty()) dead_ends();
  s_.id = id_of(document);
  for (std::uint32_t i = 0; i < s_.zones.size(); ++i)
    if (std::ranges::find(s_.deployments, i, &catalog::Deployment::zone) != s_.deployments.end()) s_.reachable.push_back(s_.zones[i]);
  if (report_.problems.empty()) {
    if (auto ring = admit::KeyRing::make(std::move(tenants_), std::move(keys_)))
      s_.keys = std::move(*ring);
    else
      report_.problem(document.place, ring.error().message, "give each key a secret of its own");
  }
  put_in_order(report_.problems);
  put_in_order(report_.warnings);
  auto snapshot = report_.problems.empty() ? std::make_shared<const Snapshot>(std::move(s_)) : nullptr;
  return {std::move(snapshot), std::move(report_.problems), std::move(report_.warnings)};
}

void Loader::prices(const Reader& top) {
  const std::string path = path_of(top.string("prices"));
  const auto accepted = path.empty() ? std::nullopt : file_text(path, most_prices);
  if (!path.empty() && (!accepted || accepted->size() > most_prices))
    return top.problem("prices", fmt::format("{} cannot be read, or is larger than 16 MiB", path),
                       "name the file that `ajar catalog accept` wrote");
  auto facts = accepted ? catalog_with_accepted(*accepted, path) : built_in_catalog();
  if (!facts && accepted)
    return top.problem("prices", std::string(facts.error().message), "accepted rows have to be right: mend or remove them");
  if (!facts)
    return report_.problems.push_back({"the built-in catalogue", 0, 0, facts.error().message, "this is a fault of the program: report it"});
  if (accepted) references_ += to_hex(sha256(*accepted));
  s_.catalog = std::move(*facts);
}

std::string Loader::id_of(const Node& document) const {
  std::string all = canonical(document) + "\n" + references_ + "\n";
  all += built_in_version();
  return to_hex(sha256(all)).substr(0, 16);
}

std::optional<Reader> Loader::section(const Node& document, std::string_view name) {
  const Node* node = document.find(name);
  if (node == nullptr) return std::nullopt;
  if (node->table() != nullptr) return std::optional<Reader>(std::in_place, *node, name, report_);
  report_.problem(node->place, fmt::format("\"{}\" is {}", name, node->kind()),
                  fmt::format("write [{}] with one bracket and its options below it", name));
  return std::nullopt;
}

// The secret itself goes nowhere but into the snapshot; what may be one does not even go into a message.
std::optional<std::string> Loader::secret(const Reader& r, std::string_view key) {
  const std::string reference = r.string(key);
  const auto taken = [this](std::string_view value) {
    references_ += to_hex(sha256(value));
    return std::string(value);
  };
  if (reference.starts_with("env:")) {
    const std::string name = reference.substr(4);
    if (!is_variable(name))
      return r.problem(key, "what follows env: is no name of a variable",
                       "write the variable's name, never the secret itself: \"env:NAME\""),
             std::nullopt;
    if (const auto value = environment_(name); value && !trim(*value).empty()) return taken(trim(*value));
    r.problem(key, fmt::format("the variable {} is not set", name), fmt::format("set it before the start: export {}=...", name));
  } else if (reference.starts_with("file:")) {
    const std::filesystem::path path = folder_ / reference.substr(5);
    std::error_code error;
    const auto text = std::filesystem::is_regular_file(path, error) ? file_text(path, longest_secret) : std::nullopt;
    if (text && text->size() <= longest_secret && !trim(*text).empty()) return taken(trim(*text));
    r.problem(key, fmt::format("the file {} cannot be read, is empty or is too long", path.string()),
              "write the secret into it, readable for this user only");
  } else {
    r.problem(key, "a secret may not stand in the file itself", "write \"env:NAME\" or \"file:PATH\"");
  }
  return std::nullopt;
}

policy::Label Loader::labels(const Reader& r, std::string_view key) {
  policy::Label label;
  for (const auto& [word, at] : r.items(key)) {
    if (const auto named = policy::label_named(word, s_.ruleset.defined))
      label = label | *named;
    else
      report_.problem(at, fmt::format("the label \"{}\" is not known", word),
                      remedy_for(word, policy::label_words(s_.ruleset.defined)) + " (your own words stand in [labels] defined)");
  }
  return label;
}

void Loader::dictionary(const Reader& r) {
  policy::Listing listing{.name = r.string("name"), .tenant = r.string("tenant"), .label = labels(r, "labels"), .dictionary = {}};
  const std::vector<std::string> tenants = names_in(tenants_);
  if (r.good("tenant") && std::ranges::find(tenants, listing.tenant) == tenants.end())
    r.problem("tenant", fmt::format("there is no tenant \"{}\"", listing.tenant), remedy_for(listing.tenant, tenants));
  if (r.good("file")) {
    const std::string path = path_of(r.string("file"));
    const auto bytes = file_text(path, most_dictionary);
    if (!bytes || bytes->size() > most_dictionary)
      return r.problem("file", fmt::format("the file {} cannot be read, or is larger than 512 MiB", path),
                       "make it with `ajar dictionary`");
    auto read = policy::Dictionary::read(*bytes);
    if (!read) return r.problem("file", fmt::format("{}: {}", path, read.error().message.str()), "make it anew with `ajar dictionary`");
    listing.dictionary = std::move(*read);
    references_ += to_hex(sha256(*bytes));
  }
  if (take_name(r, "dictionary", listing.name, dictionaries_)) s_.ruleset.listings.push_back(std::move(listing));
}

bool Loader::take_name(const Reader& r, std::string_view kind, const std::string& name, Places& places) {
  if (name.empty()) return false;
  const auto [other, fresh] = places.emplace(name, r.place());
  if (!fresh)
    r.problem("name", fmt::format("the {} \"{}\" stands twice, first in line {}", kind, name, other->second.line),
              "give each its own name");
  return fresh;
}

Environment system_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

Loaded load_text(std::string_view text, std::string_view file, const Environment& environment, const std::filesystem::path& folder) {
  return Loader(file, environment, folder).load(text);
}

Loaded load_file(const std::filesystem::path& path, const Environment& environment) {
  std::error_code error;
  const auto text = std::filesystem::is_directory(path, error) ? std::nullopt : file_text(path, 8u << 20);
  if (!text)
    return {
        nullptr, {{path.string(), 0, 0, "the file cannot be read", "give the path of a configuration file, e.g. conf/minimal.toml"}}, {}};
  return load_text(*text, path.string(), environment, path.parent_path());
}

std::string text_of(const Problem& p) {
  std::string out = p.file;
  if (p.line != 0) out += fmt::format(":{}:{}", p.line, p.column);
  return out + ": " + p.message + "\n    " + p.remedy;
}

const route::Route* Snapshot::route(std::string_view model) const noexcept {
  const auto found = route_by_model.find(model);
  return found != route_by_model.end() ? &routes[found->second] : nullptr;
}

bool Snapshot::simulated() const noexcept { return std::ranges::all_of(deployments, &catalog::Deployment::simulated); }

std::vector<std::string> needs_restart(const Snapshot& a, const Snapshot& b) {
  std::vector<std::string> names;
  if (a.listen.address != b.listen.address || a.listen.port != b.listen.port || a.listen.tls_certificate != b.listen.tls_certificate ||
      a.listen.tls_key != b.listen.tls_key)
    names.emplace_back("listen");
  if (a.shards != b.shards) names.emplace_back("shards");
  if (a.state_folder != b.state_folder) names.emplace_back("state");
  if (a.limits.connections != b.limits.connections) names.emplace_back("limits.connections");
  return names;
}

}  // namespace ajar::config
