// config/load.cpp - section by section: limits, zones, deployments, tenants, keys, rules, routes.
#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/providers.hpp"
#include "config/reader.hpp"
#include "wire/quirks.hpp"

namespace ajar::config {
namespace {

std::optional<std::string> file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class Loader {
 public:
  Loader(std::string_view file, const Environment& environment, std::filesystem::path folder) : file_(file), environment_(environment), folder_(std::move(folder)) {}

  Loaded load(std::string_view text) {
    const Node document = parse_toml(text, file_, problems_);
    if (!problems_.empty()) return {nullptr, std::move(problems_)};
    const Reader top(document, "", file_, problems_);
    s_.state_folder = top.string("state");
    s_.shards = static_cast<int>(top.integer("shards", 0, 0, 64));
    if (auto facts = built_in_catalog()) s_.catalog = std::move(*facts);
    else problems_.push_back({"the built-in catalogue", 0, 0, facts.error().message, "this is a fault of the program: report it"});
    single(document);
    each(document, "zone", [this](const Reader& r) { zone(r); });
    default_zones();
    each(document, "deployment", [this](const Reader& r) { deployment(r); });
    if (s_.deployments.empty()) add(document.place, "there is no deployment", "write at least one [[deployment]] with name, provider and model");
    each(document, "tenant", [this](const Reader& r) { tenant(r); });
    if (tenants_.empty()) tenants_.push_back({.name = "default"});
    each(document, "key", [this](const Reader& r) { key(r); });
    each(document, "rule", [this](const Reader& r) { rule(r); });
    routes(document);
    if (auto ring = admit::KeyRing::make(std::move(tenants_), std::move(keys_))) s_.keys = std::move(*ring);
    else add(document.place, ring.error().message, "give each key a secret of its own");
    s_.id = id_of(text);
    // Top to bottom, whatever the order of the checks was.
    std::ranges::sort(problems_, {}, [](const Problem& p) { return std::tuple(p.line, p.column, p.message); });
    if (!problems_.empty()) return {nullptr, std::move(problems_)};
    return {std::make_shared<const Snapshot>(std::move(s_)), {}};
  }

 private:
  void add(Place at, std::string message, std::string remedy) { problems_.push_back({file_, at.line, at.column, std::move(message), std::move(remedy)}); }

  // The id changes with whatever changes the snapshot: the text, and the secrets that it refers to.
  std::string id_of(std::string_view text) const {
    const Digest digest = sha256(std::string(text) + "\n" + references_);
    return to_hex(digest).substr(0, 16);
  }

  template <class F>
  void each(const Node& document, std::string_view name, F&& take) {
    const Node* list = document.find(name);
    if (list == nullptr) return;
    if (list->array() == nullptr) return add(list->place, fmt::format("\"{}\" is {}", name, list->kind()), fmt::format("write [[{}]] with two brackets: there can be several", name));
    for (const Node& item : *list->array()) {
      if (item.table() == nullptr) add(item.place, fmt::format("\"{}\" is {}", name, item.kind()), fmt::format("write [[{}]] and its options below it", name));
      else take(Reader(item, name, file_, problems_));
    }
  }

  std::optional<Reader> section(const Node& document, std::string_view name) {
    const Node* node = document.find(name);
    if (node == nullptr) return std::nullopt;
    if (node->table() == nullptr) return add(node->place, fmt::format("\"{}\" is {}", name, node->kind()), fmt::format("write [{}] with one bracket and its options below it", name)), std::nullopt;
    return Reader(*node, name, file_, problems_);
  }

  void single(const Node& document) {
    if (const auto r = section(document, "listen")) listen(*r);
    if (const auto r = section(document, "limits")) {
      s_.limits.head_bytes = r->bytes("head", s_.limits.head_bytes);
      s_.limits.body_bytes = r->bytes("body", s_.limits.body_bytes);
      s_.limits.connections = static_cast<std::size_t>(r->integer("connections", 20'000, 1, 1'000'000));
    }
    if (const auto r = section(document, "deadlines")) {
      Deadlines& d = s_.deadlines;
      d = {r->duration("head", d.head), r->duration("body", d.body), r->duration("connect", d.connect), r->duration("first_byte", d.first_byte), r->duration("idle", d.idle), r->duration("total", d.total)};
    }
    if (const auto r = section(document, "retries")) {
      Retries& t = s_.retries;
      t = {static_cast<int>(r->integer("per_deployment", t.per_deployment, 1, 10)), static_cast<int>(r->integer("total", t.total, 1, 50)), r->duration("backoff", t.backoff), r->duration("longest", t.longest)};
    }
    if (const auto r = section(document, "labels")) {
      s_.ruleset.defined = r->strings("defined");
      if (s_.ruleset.defined.size() > 16) r->problem("defined", "there are more than 16 labels of your own", "keep the 16 that matter");
      for (const std::string& word : s_.ruleset.defined)
        if (policy::label_named(word, {})) r->problem("defined", fmt::format("the label \"{}\" is built in", word), "leave it out: it exists already");
    }
  }

  void listen(const Reader& r) {
    s_.listen.tls_certificate = reference_path(r.string("tls_certificate"));
    s_.listen.tls_key = reference_path(r.string("tls_key"));
    if (s_.listen.tls_certificate.empty() != s_.listen.tls_key.empty()) r.problem("", "TLS needs both a certificate and a key", "write tls_certificate and tls_key");
    const std::string address = r.string("address", "127.0.0.1:8080");
    const std::size_t colon = address.rfind(':');
    const auto port = to_int(colon == std::string::npos ? std::string_view(address) : std::string_view(address).substr(colon + 1));
    if (!port || *port < 0 || *port > 65535) return r.problem("address", fmt::format("\"{}\" is not ADDRESS:PORT", address), "write for instance \"127.0.0.1:8080\"; ports go from 0 to 65535");
    std::string host = colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon);
    if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
    s_.listen.address = host.empty() ? "127.0.0.1" : host;
    s_.listen.port = static_cast<std::uint16_t>(*port);
  }

  std::string reference_path(const std::string& path) const { return path.empty() ? path : (folder_ / path).string(); }

  policy::Label labels(const Reader& r, std::string_view key) {
    policy::Label label;
    for (const std::string& word : r.strings(key)) {
      if (const auto named = policy::label_named(word, s_.ruleset.defined)) {
        label = label | *named;
        continue;
      }
      const auto words = policy::label_words(s_.ruleset.defined);
      const std::vector<std::string_view> views(words.begin(), words.end());
      const auto near = nearest(word, views);
      r.problem(key, fmt::format("the label \"{}\" is not known", word), near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("there are: {}; or define it: [labels] defined = [\"{}\"]", join(words, ", "), word));
    }
    return label;
  }

  template <class List, class Name>
  bool is_new(const Reader& r, const List& list, const std::string& name, Name name_of) {
    if (std::ranges::none_of(list, [&](const auto& item) { return name_of(item) == name; })) return true;
    r.problem("name", fmt::format("the name \"{}\" stands twice", name), "give each its own");
    return false;
  }

  void zone(const Reader& r) {
    policy::Zone zone{.name = r.string("name"), .accepts = {}, .region = r.string("region")};
    const auto accepts = r.strings("accepts");
    zone.accepts = accepts == std::vector<std::string>{"all"} ? policy::top_label : labels(r, "accepts");
    const std::string contract = r.string("contract", "none");
    if (contract == "dpa") zone.contract = policy::Contract::dpa;
    else if (contract == "baa") zone.contract = policy::Contract::baa;
    else if (contract != "none") r.problem("contract", fmt::format("the contract \"{}\" is not known", contract), "write none, dpa or baa");
    if (is_new(r, s_.zones, zone.name, [](const policy::Zone& z) { return z.name; })) s_.zones.push_back(std::move(zone));
  }

  void default_zones() {
    const auto has = [this](std::string_view name) { return std::ranges::any_of(s_.zones, [name](const policy::Zone& z) { return z.name == name; }); };
    if (!has("own")) s_.zones.push_back({.name = "own", .accepts = policy::top_label, .region = {}});
    if (!has("external")) s_.zones.push_back({.name = "external", .accepts = policy::public_label, .region = {}});
  }

  // "env:NAME" or "file:PATH". The secret itself goes nowhere but into the snapshot.
  std::optional<std::string> secret(const Reader& r, std::string_view key) {
    const std::string reference = r.string(key);
    if (reference.starts_with("env:")) {
      const std::string name = reference.substr(4);
      if (auto value = environment_(name); value && !value->empty()) return references_ += to_hex(sha256(*value)), value;
      r.problem(key, fmt::format("the variable {} is not set", name), fmt::format("set it before the start: export {}=...", name));
    } else if (reference.starts_with("file:")) {
      const std::filesystem::path path = folder_ / reference.substr(5);
      if (const auto text = file_text(path); text && !trim(*text).empty()) return references_ += to_hex(sha256(*text)), std::string(trim(*text));
      r.problem(key, fmt::format("the file {} cannot be read or is empty", path.string()), "write the secret into it, readable for this user only");
    } else {
      r.problem(key, "a secret may not stand in the file itself", "write \"env:NAME\" or \"file:PATH\"");
    }
    return std::nullopt;
  }

  void deployment(const Reader& r) {
    catalog::Deployment d;
    d.name = r.string("name");
    d.provider = r.string("provider");
    d.model = r.string("model");
    d.upstream_model = r.string("upstream_model", d.model);
    d.public_model = r.string("public_model", d.model);
    d.service = r.string("service", "standard");
    d.region = r.string("region");
    d.simulated = d.provider == "sim";
    const Provider* provider = provider_named(d.provider);
    if (provider == nullptr) {
      const auto names = provider_names();
      const auto near = nearest(d.provider, names);
      std::vector<std::string> all(names.begin(), names.end());
      if (r.has("provider")) r.problem("provider", fmt::format("the provider \"{}\" is not known", d.provider), near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("there are: {}", join(all, ", ")));
      return;
    }
    d.hosting = provider->hosting;
    d.auth = provider->auth;
    facts(r, d);
    place_of(r, d);
    endpoint(r, d, *provider);
    price(r, d);
    d.index = static_cast<std::uint32_t>(s_.deployments.size());
    if (is_new(r, s_.deployments, d.name, [](const catalog::Deployment& other) { return other.name; })) s_.deployments.push_back(std::move(d));
  }

  // What the model can do: the catalogue's row, else what is written, else what any chat model can.
  void facts(const Reader& r, catalog::Deployment& d) {
    wire::Profile profile;
    if (const catalog::Model* m = s_.catalog.model(d.model)) {
      profile = m->profile;
      d.context_tokens = m->context_tokens;
      d.images = m->images, d.audio = m->audio, d.files = m->files, d.tools = m->tools, d.structured = m->structured, d.logprobs = m->logprobs;
    } else {
      d.images = d.files = d.audio = d.hosting != catalog::Hosting::own || d.simulated;   // unknown to us, not to the provider
    }
    const wire::Quirks* quirks = wire::quirks_of(d.provider);
    if (r.has("abilities")) {
      d.tools = d.images = d.audio = d.files = d.structured = d.logprobs = false;
      for (const std::string& word : r.strings("abilities")) {
        bool* const flag = word == "tools" ? &d.tools : word == "images" ? &d.images : word == "audio" ? &d.audio : word == "files" ? &d.files : word == "structured" ? &d.structured : word == "logprobs" ? &d.logprobs : nullptr;
        if (flag != nullptr) *flag = true;
        else r.problem("abilities", fmt::format("the ability \"{}\" is not known", word), "there are: tools, images, audio, files, structured, logprobs");
      }
    }
    d.context_tokens = r.integer("context", d.context_tokens, 1, 100'000'000);
    d.profile = wire::profile_for(d.provider, profile);
    if (const std::string dialect = r.string("dialect"); !dialect.empty()) {
      if (const auto named = wire::dialect_named(dialect)) d.profile.dialect = *named;
      else r.problem("dialect", fmt::format("the dialect \"{}\" is not known", dialect), "there are: openai_chat, openai_responses, anthropic_messages, gemini_generate, ollama_chat");
    }
    if (quirks != nullptr && d.provider == "google" && d.profile.thinking == wire::Thinking::none) d.profile.thinking = wire::Thinking::level;
  }

  void place_of(const Reader& r, catalog::Deployment& d) {
    const std::string hosting = r.string("hosting");
    if (hosting == "own") d.hosting = catalog::Hosting::own;
    else if (hosting == "hosted") d.hosting = catalog::Hosting::hosted;
    else if (hosting == "closed") d.hosting = catalog::Hosting::closed;
    else if (!hosting.empty()) r.problem("hosting", fmt::format("the hosting \"{}\" is not known", hosting), "write own, hosted or closed");
    const std::string zone = r.string("zone", d.hosting == catalog::Hosting::own ? "own" : "external");
    const auto found = std::ranges::find_if(s_.zones, [&](const policy::Zone& z) { return z.name == zone; });
    if (found == s_.zones.end()) return unknown(r, "zone", "zone", zone, s_.zones);
    d.zone = static_cast<std::uint32_t>(found - s_.zones.begin());
  }

  template <class List>
  void unknown(const Reader& r, std::string_view key, std::string_view what, const std::string& name, const List& list) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.name);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto near = nearest(name, views);
    r.problem(key, fmt::format("there is no {} \"{}\"", what, name), near ? fmt::format("did you mean \"{}\"?", *near) : names.empty() ? fmt::format("write a [[{}]] first", what) : fmt::format("there are: {}", join(names, ", ")));
  }

  void endpoint(const Reader& r, catalog::Deployment& d, const Provider& provider) {
    const std::string url = r.string("endpoint", provider.endpoint);
    if (url.empty()) return r.problem("", fmt::format("the deployment \"{}\" needs an endpoint", d.name), "write endpoint = \"http://HOST:PORT\"");
    auto parsed = parse_endpoint(url);
    if (!parsed) return r.problem("endpoint", parsed.error().message, "write for instance \"http://127.0.0.1:8000\"");
    d.endpoint = std::move(*parsed);
    if (r.has("key")) {
      if (auto value = secret(r, "key")) d.credential = std::move(*value);
    } else if (!provider.key_variable.empty() && !is_this_machine(d.endpoint.host)) {
      r.problem("", fmt::format("the deployment \"{}\" has no key", d.name), fmt::format("write key = \"env:{}\"", provider.key_variable));
    }
    if (d.credential.empty()) d.auth = catalog::Auth::none;
    else if (d.auth == catalog::Auth::none) d.auth = catalog::Auth::bearer;
    if (std::ranges::any_of(d.credential, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; })) r.problem("key", "the key holds a blank or a control character", "look for a line end inside it");
    if (!d.endpoint.tls && !d.credential.empty() && !is_this_machine(d.endpoint.host) && !r.boolean("insecure", false))
      r.problem("endpoint", "the key would travel over plain http to another machine", "write https://, or insecure = true when the way there is private");
  }

  void price(const Reader& r, catalog::Deployment& d) {
    const Node* node = r.table("price");
    if (node == nullptr) return;
    const Reader p(*node, "deployment.price", file_, problems_);
    catalog::Price price;
    price.id = "own:" + d.name;
    price.provider = d.provider;
    price.model = d.model;
    const auto money = [&](std::string_view key) -> std::optional<Money> {
      const auto value = p.number(key);
      if (!value) return std::nullopt;
      if (!(*value >= 0 && *value < 1e6)) p.problem(key, fmt::format("\"{}\" is out of range", key), "write US dollars per million tokens");
      return Money{std::llround(*value * 1e9)};
    };
    price.input = money("input").value_or(Money{});
    price.output = money("output").value_or(Money{});
    price.cache_read = money("cache_read");
    price.cache_write_5m = money("cache_write");
    price.source = {.url = "configuration", .date = {}, .party = catalog::Party::operator_};
    d.own_price = std::move(price);
  }

  void tenant(const Reader& r) {
    admit::Tenant tenant{.name = r.string("name"), .label = labels(r, "labels").bits, .models = r.strings("models")};
    if (is_new(r, tenants_, tenant.name, [](const admit::Tenant& t) { return t.name; })) tenants_.push_back(std::move(tenant));
  }

  void key(const Reader& r) {
    admit::Key key{.name = r.string("name"), .label = labels(r, "labels").bits, .models = r.strings("models"), .max_in_flight = r.integer("max_in_flight", 0, 0, 1'000'000)};
    const std::string tenant = r.string("tenant", tenants_.size() == 1 ? tenants_.front().name : "default");
    const auto found = std::ranges::find(tenants_, tenant, &admit::Tenant::name);
    if (found == tenants_.end()) unknown(r, "tenant", "tenant", tenant, tenants_);
    else key.tenant = static_cast<std::uint32_t>(found - tenants_.begin());
    const std::string hash = r.string("hash");
    if (r.has("secret") == r.has("hash")) r.problem("", fmt::format("the key \"{}\" needs either hash or secret", key.name), "run `ajar key new` and write the hash that it prints");
    if (r.has("secret")) {
      if (const auto value = secret(r, "secret")) key.digest = sha256(*value);
    } else if (r.has("hash") && !parse_hash(hash, key.digest)) {
      r.problem("hash", "this is no hash of a key", "write \"sha256:\" and 64 hexadecimal digits, as `ajar key new` prints them");
    }
    if (is_new(r, keys_, key.name, [](const admit::Key& k) { return k.name; })) keys_.push_back(std::move(key));
  }

  static bool parse_hash(std::string_view text, Digest& into) {
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

  void rule(const Reader& r) {
    policy::Rule rule{.name = r.string("name"), .tenant = {}, .key = {}, .route = {}, .model = {}, .words = {}, .label = labels(r, "labels")};
    if (const Node* node = r.table("when")) {
      const Reader when(*node, "rule.when", file_, problems_);
      rule.tenant = when.string("tenant");
      rule.key = when.string("key");
      rule.route = when.string("route");
      rule.model = when.string("model");
      rule.words = when.strings("words");
      if (std::ranges::any_of(rule.words, &std::string::empty)) when.problem("words", "an empty word is in every request", "leave it out");
      if (!rule.tenant.empty() && std::ranges::find(tenants_, rule.tenant, &admit::Tenant::name) == tenants_.end()) unknown(when, "tenant", "tenant", rule.tenant, tenants_);
      if (!rule.key.empty() && std::ranges::find(keys_, rule.key, &admit::Key::name) == keys_.end()) unknown(when, "key", "key", rule.key, keys_);
    }
    if (is_new(r, s_.ruleset.rules, rule.name, [](const policy::Rule& other) { return other.name; })) s_.ruleset.rules.push_back(std::move(rule));
  }

  void add_route(route::Route route) {
    s_.route_by_model.emplace(route.name, static_cast<std::uint32_t>(s_.routes.size()));
    s_.routes.push_back(std::move(route));
  }

  void routes(const Node& document) {
    each(document, "route", [this](const Reader& r) {
      route::Route route{.name = r.string("name"), .order = {}, .cheapest_first = r.string("prefer", "order") == "cost", .label = labels(r, "labels")};
      if (const std::string prefer = r.string("prefer", "order"); prefer != "order" && prefer != "cost") r.problem("prefer", fmt::format("\"{}\" is not known here", prefer), "write order or cost");
      for (const std::string& name : r.strings("order")) {
        const auto found = std::ranges::find(s_.deployments, name, &catalog::Deployment::name);
        if (found == s_.deployments.end()) unknown(r, "order", "deployment", name, s_.deployments);
        else route.order.push_back(found->index);
      }
      if (r.has("order") && r.strings("order").empty()) r.problem("order", "the route has no deployment", "name at least one");
      if (is_new(r, s_.routes, route.name, [](const route::Route& other) { return other.name; })) add_route(std::move(route));
    });
    // Every deployment can be asked for by its public model; those that share it are tried in order of the file.
    std::vector<route::Route> implied;
    for (const catalog::Deployment& d : s_.deployments) {
      if (s_.route_by_model.contains(d.public_model)) continue;
      auto found = std::ranges::find(implied, d.public_model, &route::Route::name);
      if (found == implied.end()) found = implied.insert(implied.end(), route::Route{.name = d.public_model, .order = {}, .cheapest_first = false, .label = {}});
      found->order.push_back(d.index);
    }
    for (route::Route& route : implied) add_route(std::move(route));
    each(document, "alias", [this](const Reader& r) {
      const std::string name = r.string("name"), model = r.string("model");
      const auto found = s_.route_by_model.find(model);
      if (found == s_.route_by_model.end()) return unknown(r, "model", "model", model, s_.routes);
      if (!s_.route_by_model.emplace(name, found->second).second) r.problem("name", fmt::format("the name \"{}\" is taken by a route, a model or another alias", name), "give the alias another");
    });
  }

  std::string file_;
  const Environment& environment_;
  std::filesystem::path folder_;
  std::vector<Problem> problems_;
  Snapshot s_;
  std::vector<admit::Tenant> tenants_;
  std::vector<admit::Key> keys_;
  std::string references_;   // hashes of the secrets that were read
};

}  // namespace

Environment system_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

Loaded load_text(std::string_view text, std::string_view file, const Environment& environment, const std::filesystem::path& folder) { return Loader(file, environment, folder).load(text); }

Loaded load_file(const std::filesystem::path& path, const Environment& environment) {
  const auto text = file_text(path);
  if (!text) return {nullptr, {{path.string(), 0, 0, "the file cannot be read", "give the path of a configuration file, e.g. conf/minimal.toml"}}};
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
  if (a.listen.address != b.listen.address || a.listen.port != b.listen.port || a.listen.tls_certificate != b.listen.tls_certificate || a.listen.tls_key != b.listen.tls_key) names.emplace_back("listen");
  if (a.shards != b.shards) names.emplace_back("shards");
  if (a.state_folder != b.state_folder) names.emplace_back("state");
  if (a.limits.connections != b.limits.connections) names.emplace_back("limits.connections");
  return names;
}

}  // namespace ajar::config
