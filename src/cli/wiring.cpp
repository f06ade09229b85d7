// cli/wiring.cpp - start order from top to bottom; stop order is its reverse.
#include "cli/wiring.hpp"

#include <algorithm>

#include "cli/taint_file.hpp"
#include "observe/log.hpp"

namespace ajar::cli {
namespace {

// Told once when something cannot go on, and once when it can again.
std::function<void(const Status&)> teller(const char* trouble, const char* good) {
  return [=](const Status& status) {
    if (status)
      observe::log(observe::Level::info, good);
    else
      observe::log(observe::Level::error, trouble, {{"message", status.error().message}, {"detail", status.error().detail}});
  };
}

}  // namespace

Running::Running() : resolver_(clock_) {}

Result<std::unique_ptr<Running>> Running::start(std::shared_ptr<const config::Snapshot> snapshot, const std::filesystem::path& home) {
  std::unique_ptr<Running> running(new Running);
  running->snapshot_ = std::move(snapshot);
  auto tls = net::TlsClient::make();
  if (!tls) return forward(std::move(tls));
  running->tls_ = std::move(*tls);
  auto journal = ledger::Journal::open({.folder = home / "journal",
                                        .lanes = gateway::Server::shards_of(*running->snapshot_),
                                        .tell = teller("the journal cannot record: requests are refused", "the journal records again")});
  if (!journal) return forward(std::move(journal));
  running->journal_ = std::move(*journal);
  auto filler =
      ledger::Filler::start({.journal = home / "journal",
                             .database = home / "ledger.db",
                             .tell = teller("the database cannot be filled; the journal goes on", "the database is filled again")});
  if (!filler) return forward(std::move(filler));
  running->filler_ = std::move(*filler);
  auto auditor =
      audit::Auditor::start({.journal = home / "journal",
                             .folder = home / "audit",
                             .hosting_of = [raw = running.get()](const std::string& d) { return raw->hosting_of(d); },
                             .tell = teller("the audit log cannot be written; the journal goes on", "the audit log is written again")});
  if (!auditor) return forward(std::move(auditor));
  running->auditor_ = std::move(*auditor);
  auto taint = taint_in(home);
  if (!taint) return forward(std::move(taint));
  running->taint_ = std::move(*taint);
  const gateway::Foundation foundation{.clock = running->clock_,
                                       .journal = *running->journal_,
                                       .registry = running->registry_,
                                       .resolver = running->resolver_,
                                       .tls = running->tls_.get(),
                                       .taint = running->taint_.get(),
                                       .pseudonyms = &running->pseudonyms_,
                                       .ready = {}};
  auto server = gateway::Server::start(foundation, running->snapshot_);
  if (!server) return forward(std::move(server));
  running->server_ = std::move(*server);
  return running;
}

std::string Running::hosting_of(const std::string& deployment) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(snapshot_->deployments, deployment, &catalog::Deployment::name);
  return found == snapshot_->deployments.end() ? std::string() : std::string(name_of(found->hosting));
}

void Running::reload(std::shared_ptr<const config::Snapshot> snapshot) {
  {
    const std::lock_guard lock(mutex_);
    snapshot_ = snapshot;
  }
  server_->reload(std::move(snapshot));
}

}  // namespace ajar::cli
