// cli/serve.cpp - `ajar serve`: a gateway from a configuration file, reloaded when that changes.
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "cli/wiring.hpp"
#include "config/load.hpp"
#include "net/listener.hpp"
#include "observe/log.hpp"

namespace ajar::cli {
namespace {

using observe::Level;

// The file's snapshot, with what the command line says instead.
class Source {
 public:
  explicit Source(const ServeOptions& options) : options_(options) {}

  Result<std::shared_ptr<const config::Snapshot>> load(std::vector<config::Problem>& problems) const {
    config::Loaded loaded = config::load_file(options_.config, config::system_environment());
    for (const config::Problem& warning : loaded.warnings)
      observe::log(Level::warn, "configuration", {{"warning", config::text_of(warning)}});
    problems = std::move(loaded.problems);
    if (!loaded.snapshot) return fail(Fault::config, fmt::format("{} has {} problem(s)", options_.config, problems.size()));
    if (options_.listen.empty()) return loaded.snapshot;
    auto address = net::split_address(options_.listen);
    if (!address) return forward(std::move(address));
    auto changed = std::make_shared<config::Snapshot>(*loaded.snapshot);
    std::tie(changed->listen.address, changed->listen.port) = *address;
    return changed;
  }

 private:
  const ServeOptions& options_;
};

class Reloader {
 public:
  Reloader(const Source& source, Running& running) : source_(source), running_(running) {}

  // `asked`: by signal, so that the outcome is always told; else only what is new is.
  void reload(bool asked) {
    std::vector<config::Problem> problems;
    const auto loaded = source_.load(problems);
    if (!loaded) {
      const std::string text = problems.empty() ? loaded.error().message.str() : all_of(problems);
      if (asked || text != told_)
        observe::log(Level::error, "the changed configuration is not good: the last good one stays",
                     {{"snapshot", running_.snapshot().id}, {"problems", text}});
      told_ = text;
      return;
    }
    told_.clear();
    if ((*loaded)->id == running_.snapshot().id) {
      if (asked) observe::log(Level::info, "the configuration has not changed", {{"snapshot", running_.snapshot().id}});
      return;
    }
    const std::vector<std::string> later = config::needs_restart(running_.snapshot(), **loaded);
    running_.reload(*loaded);
    observe::log(Level::info, "a new configuration is in force", {{"snapshot", (*loaded)->id}, {"only_after_restart", join(later, ", ")}});
  }

 private:
  const Source& source_;
  Running& running_;
  std::string told_;  // the last problems
};

}  // namespace

int serve(const ServeOptions& options) {
  Signals signals;
  const Source source(options);
  std::vector<config::Problem> problems;
  const auto snapshot = source.load(problems);
  if (!snapshot) {
    fmt::print(stderr, "{}", all_of(problems));
    return complain(snapshot.error());
  }
  const std::filesystem::path home = home_folder(options.home, (*snapshot)->state_folder);
  if (auto made = make_home(home); !made) return complain(made.error());
  auto running = Running::start(*snapshot, home);
  if (!running) return complain(running.error());
  fmt::print("listening on {}\n", base_url((*running)->snapshot(), (*running)->address()));
  std::fflush(stdout);
  observe::log(Level::info, "started",
               {{"address", (*running)->address()}, {"snapshot", (*snapshot)->id}, {"state", home.string()}, {"version", AJAR_VERSION}});
  signals.watch(options.config);
  Reloader reloader(source, **running);
  while (true) {
    const Signals::Ask ask = signals.next();
    if (ask == Signals::Ask::stop) break;
    reloader.reload(ask == Signals::Ask::reload);
  }
  observe::log(Level::info, "draining: a second signal stops at once");
  signals.release();
  (*running)->drain(std::chrono::seconds(30));
  observe::log(Level::info, "stopped");
  return 0;
}

}  // namespace ajar::cli
