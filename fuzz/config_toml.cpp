// fuzz/config_toml.cpp - configuration files: any text is loaded or refused with problems that have a place; it loads the same way twice.
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(data, data + size);
  // No file of the machine is read: a secret is in a variable, or there is a problem.
  if (text.find("file:") != std::string::npos || text.find("tls_") != std::string::npos) return 0;
  const ajar::config::Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() > 20) return std::nullopt;
    return "the-value-of-" + name;
  };
  const ajar::config::Loaded loaded = ajar::config::load_text(text, "f", environment, "/nowhere");
  if ((loaded.snapshot == nullptr) == loaded.problems.empty()) std::abort();
  for (const auto* list : {&loaded.problems, &loaded.warnings})
    for (const ajar::config::Problem& p : *list)
      if (p.line < 0 || p.message.empty() || p.remedy.empty()) std::abort();
  if (!loaded.snapshot) return 0;
  const auto again = ajar::config::load_text(text, "f", environment, "/nowhere");
  if (!again.snapshot || again.snapshot->id != loaded.snapshot->id) std::abort();
  // What was loaded holds together: every number points at something.
  const ajar::config::Snapshot& s = *loaded.snapshot;
  for (const auto& d : s.deployments)
    if (d.zone >= s.zones.size() || s.deployments[d.index].name != d.name) std::abort();
  for (const auto& [name, route] : s.route_by_model)
    if (route >= s.routes.size() || s.route(name) == nullptr || s.routes[route].order.empty()) std::abort();
  for (const auto& key : s.keys.keys())
    if (key.tenant >= s.keys.tenants().size() || !s.keys.find(key.digest)) std::abort();
  return 0;
}
