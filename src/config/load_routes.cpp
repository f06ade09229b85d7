// config/load_routes.cpp - model names: routes, the deployments' own names, aliases.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/loader.hpp"

namespace ajar::config {

void Loader::routes(const Node& document) {
  each(document, "route", [this](const Reader& r) { route(r); });
  implied_routes();
  aliases(document);
}

void Loader::route(const Reader& r) {
  route::Route route{.name = r.string("name"), .order = {}, .cheapest_first = r.string("prefer") == "cost", .label = labels(r, "labels")};
  for (const auto& [name, at] : r.items("order")) {
    const auto found = std::ranges::find(s_.deployments, name, &catalog::Deployment::name);
    if (found == s_.deployments.end()) {
      // One that is there and has a problem of its own is not missing.
      std::vector<std::string> names;
      for (const auto& [known, place] : deployments_) names.push_back(known);
      if (!deployments_.contains(name)) report_.problem(at, fmt::format("there is no deployment \"{}\"", name), remedy_for(name, names));
    } else if (std::ranges::find(route.order, found->index) != route.order.end()) {
      report_.problem(at, fmt::format("the deployment \"{}\" stands twice in this order", name), "leave it out here");
    } else {
      route.order.push_back(found->index);
    }
  }
  if (r.good("order") && r.strings("order").empty()) r.problem("order", "the route has no deployment", "name at least one");
  if (!take_name(r, "route", route.name, routes_)) return;
  s_.route_by_model.emplace(route.name, static_cast<std::uint32_t>(s_.routes.size()));
  s_.routes.push_back(std::move(route));
}

// Every deployment can be asked for by its public model; those that share it are tried in order of the file.
void Loader::implied_routes() {
  const std::size_t written = s_.routes.size();
  for (const catalog::Deployment& d : s_.deployments) {
    const auto [at, fresh] = s_.route_by_model.emplace(d.public_model, static_cast<std::uint32_t>(s_.routes.size()));
    if (fresh) s_.routes.push_back({.name = d.public_model, .order = {}, .cheapest_first = false, .label = {}});
    if (at->second >= written) s_.routes[at->second].order.push_back(d.index);
  }
}

// Aliases of aliases are followed to their end, in whatever order they stand.
void Loader::aliases(const Node& document) {
  struct Alias {
    std::string name, model;
    Place at;
  };
  std::vector<Alias> all;
  each(document, "alias", [&](const Reader& r) {
    Alias alias{r.string("name"), r.string("model"), r.place("model")};
    if (s_.route_by_model.contains(alias.name))
      return r.problem(
          "name",
          fmt::format("the name \"{}\" is taken by a {}", alias.name, routes_.contains(alias.name) ? "route" : "deployment's public model"),
          "give the alias another");
    if (take_name(r, "alias", alias.name, aliases_) && !alias.model.empty()) all.push_back(std::move(alias));
  });
  std::vector<std::string> names;
  for (const auto& [name, route] : s_.route_by_model) names.push_back(name);
  for (const Alias& alias : all) names.push_back(alias.name);
  std::ranges::sort(names);
  std::vector<std::pair<std::string, std::uint32_t>> found;
  for (const Alias& alias : all) {
    std::vector<const Alias*> seen{&alias};
    std::string path = alias.name;
    for (;;) {
      const Alias* last = seen.back();
      path += " -> " + last->model;
      if (const auto route = s_.route_by_model.find(last->model); route != s_.route_by_model.end()) {
        found.emplace_back(alias.name, route->second);
        break;
      }
      const auto next = std::ranges::find(all, last->model, &Alias::name);
      if (next == all.end()) {
        if (last == &alias && !aliases_.contains(last->model))
          report_.problem(alias.at, fmt::format("there is no model \"{}\"", last->model), remedy_for(last->model, names));
        break;  // one further on tells it
      }
      if (std::ranges::find(seen, &*next) != seen.end()) {
        report_.problem(alias.at, fmt::format("the aliases {} lead round in a circle", path),
                        "let one of them name a model that is served");
        break;
      }
      seen.push_back(&*next);
    }
  }
  for (auto& [name, route] : found) s_.route_by_model.emplace(std::move(name), route);
}

}  // namespace ajar::config
