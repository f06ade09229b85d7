// config/loader.hpp - Loader: one file on its way to a snapshot; each part of the file has its own source file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admit/key.hpp"
#include "config/load.hpp"
#include "config/providers.hpp"
#include "config/reader.hpp"

namespace ajar::config {

class Loader {
 public:
  Loader(std::string_view file, const Environment& environment, std::filesystem::path folder)
      : report_{std::string(file), {}, {}}, environment_(environment), folder_(std::move(folder)) {}
  Loaded load(std::string_view text);

 private:
  using Places = std::map<std::string, Place, std::less<>>;

  // load.cpp
  template <class F>
  void each(const Node& document, std::string_view name, F&& take);
  std::optional<Reader> section(const Node& document, std::string_view name);
  std::string path_of(const std::string& reference) const { return reference.empty() ? reference : (folder_ / reference).string(); }
  std::optional<std::string> secret(const Reader&, std::string_view key);  // "env:NAME" or "file:PATH", trimmed
  policy::Label labels(const Reader&, std::string_view key);
  void dictionary(const Reader&);
  // Keeps where it stands. False, with a problem unless the name is missing, when it cannot be taken.
  bool take_name(const Reader&, std::string_view kind, const std::string& name, Places&);
  void prices(const Reader& top);
  std::string id_of(const Node& document) const;

  // load_bounds.cpp
  void bounds(const Node& document);
  void listen(const Reader&);
  void own_labels(const Reader&);
  void detection(const Reader&);

  // load_deployments.cpp
  void zone(const Reader&);
  void default_zones();
  void deployment(const Reader&);
  void keep(catalog::Deployment);
  void facts(const Reader&, catalog::Deployment&, const Provider&);
  void abilities(const Reader&, catalog::Deployment&);
  void place(const Reader&, catalog::Deployment&);
  void endpoint(const Reader&, catalog::Deployment&, const Provider&);
  void credential(const Reader&, catalog::Deployment&, const Provider&);
  void price(const Reader&, catalog::Deployment&);

  // load_people.cpp
  void tenant(const Reader&);
  void key(const Reader&);
  void rule(const Reader&);

  // load_routes.cpp
  void routes(const Node& document);
  void route(const Reader&);
  void implied_routes();
  void aliases(const Node& document);

  // dead_ends.cpp: what is well written and cannot be meant. After everything else.
  void check_models();  // names of models in tenants, keys and rules exist
  void dead_ends();
  void dead_routes();
  void dead_callers();
  void dead_places();
  void doubtful_bounds();

  Report report_;
  const Environment& environment_;
  std::filesystem::path folder_;
  Snapshot s_;
  std::vector<admit::Tenant> tenants_;
  std::vector<admit::Key> keys_;
  std::string references_;  // hashes of the secrets that were read
  Places zones_, deployments_, tenant_places_, key_places_, rules_, dictionaries_, routes_, aliases_;
  struct Mention {
    std::string model;
    Place at;
  };
  std::vector<Mention> mentions_;  // of models, by tenants, keys and rules
  Place deadlines_at_, retries_at_, listen_at_;
};

template <class F>
void Loader::each(const Node& document, std::string_view name, F&& take) {
  const Node* list = document.find(name);
  if (list == nullptr) return;
  const auto heading = [&] { return "write " + heading_of(name) + " with two brackets, and its options below it: there can be several"; };
  if (list->array() == nullptr)
    return report_.problem(list->place, "\"" + std::string(name) + "\" is " + std::string(list->kind()), heading());
  for (const Node& item : *list->array()) {
    if (item.table() == nullptr)
      report_.problem(item.place, "\"" + std::string(name) + "\" holds " + std::string(item.kind()), heading());
    else
      take(Reader(item, name, report_));
  }
}

// Names of a list of things that have one.
template <class List>
std::vector<std::string> names_in(const List& list) {
  std::vector<std::string> names;
  for (const auto& item : list) names.push_back(item.name);
  return names;
}

}  // namespace ajar::config
