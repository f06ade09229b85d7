// cli/up.cpp - `ajar up`: a gateway without a configuration file, from what is found on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/discover.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "cli/wiring.hpp"
#include "config/facts.hpp"
#include "config/found.hpp"
#include "config/load.hpp"
#include "sim/server.hpp"

namespace ajar::cli {
namespace {

constexpr std::size_t models_shown = 12;

// Everything that was found, and the simulator that runs where there is nothing else.
struct Scene {
  config::Found found;
  std::vector<std::string> remarks;
  std::unique_ptr<sim::Server> simulator;
};

Result<Scene> look_around(const UpOptions& options) {
  Scene scene;
  if (!options.simulate) {
    const char* named = std::getenv("AJAR_ENGINES");
    auto places = places_to_look(named != nullptr ? named : "");
    if (!places) return forward(std::move(places));
    scene.found.provider_keys = config::keys_in(config::system_environment());
    Discovery engines = discover(*places, SystemClock());
    scene.found.engines = std::move(engines.engines);
    scene.remarks = std::move(engines.remarks);
  }
  if (scene.found.provider_keys.empty() && scene.found.engines.empty()) {
    auto simulator = sim::Server::start({});
    if (!simulator) return forward(std::move(simulator));
    scene.simulator = std::move(*simulator);
    scene.found.simulator = "http://" + scene.simulator->address();
  }
  return scene;
}

void tell_found(const Scene& scene) {
  const auto line = [first = true](const std::string& text) mutable {
    fmt::print("{:<10} {}\n", first ? "found" : "", text);
    first = false;
  };
  auto tell = line;
  for (const std::string& provider : scene.found.provider_keys) tell(fmt::format("a key for {}", provider));
  for (const config::FoundEngine& engine : scene.found.engines)
    tell(fmt::format("{} at {} with {}{}", engine.provider, engine.endpoint, engine.models.front(),
                     engine.models.size() > 1 ? fmt::format(" and {} more", engine.models.size() - 1) : ""));
  for (const std::string& remark : scene.remarks) tell(remark);
  if (scene.simulator) tell("no provider key and no engine used: the models are SIMULATED, no real model answers");
}

// A name to try first: an own engine's model, else whatever is there.
std::string first_model(const config::Snapshot& s) {
  const auto own = std::ranges::find(s.deployments, catalog::Hosting::own, &catalog::Deployment::hosting);
  return (own != s.deployments.end() ? *own : s.deployments.front()).public_model;
}

std::string model_names(const config::Snapshot& s) {
  std::vector<std::string> names;
  for (const auto& [name, route] : s.route_by_model) names.push_back(name);
  std::ranges::sort(names);
  const std::size_t all = names.size();
  if (all > models_shown) names.resize(models_shown);
  return join(names, ", ") + (all > models_shown ? fmt::format(" and {} more (GET /v1/models)", all - models_shown) : "");
}

void tell_how(const Running& running, const std::string& key, const std::filesystem::path& home) {
  const std::string url = base_url(running.snapshot(), running.address());
  fmt::print("{:<10} {}\n", "models", model_names(running.snapshot()));
  fmt::print("{:<10} {} (this configuration: found.toml; usage and cost: ajar ledger show)\n", "state", home.string());
  fmt::print("{:<10} {}\n{:<10} {}\n\n", "address", url, "key", key);
  fmt::print("curl {}/chat/completions \\\n  -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n", url, key);
  fmt::print("  -d '{{\"model\": \"{}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Say hello.\"}}]}}'\n\n",
             first_model(running.snapshot()));
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
}

}  // namespace

int up(const UpOptions& options) {
  Signals signals;
  const std::filesystem::path home =
      std::filesystem::absolute(home_folder(options.home)).lexically_normal();  // it is written into found.toml
  if (auto made = make_home(home); !made) return complain(made.error());
  const auto key = key_of(home);
  if (!key) return complain(key.error());
  fmt::print("Ajar {}\n", AJAR_VERSION);
  std::fflush(stdout);
  auto scene = look_around(options);
  if (!scene) return complain(scene.error());
  tell_found(*scene);
  if (const std::filesystem::path prices = home / config::accepted_prices; std::filesystem::exists(prices))
    scene->found.prices = prices.string();
  const std::string text = config::configuration_of(scene->found, options.listen, hash_of(*key), home.string());
  if (auto written = write_private(home / "found.toml", text); !written) return complain(written.error());
  const config::Loaded loaded = config::load_text(text, (home / "found.toml").string(), config::system_environment(), home);
  if (!loaded.snapshot)
    return complain(fail(Fault::config, "what was found makes no good configuration:\n" + all_of(loaded.problems)).error());
  auto running = Running::start(loaded.snapshot, home);
  if (!running) return complain(running.error());
  tell_how(**running, *key, home);
  while (signals.next() != Signals::Ask::stop) {
  }
  fmt::print(stderr, "stopping; Ctrl-C again stops at once\n");
  signals.release();
  (*running)->drain(std::chrono::seconds(10));
  return 0;
}

}  // namespace ajar::cli
