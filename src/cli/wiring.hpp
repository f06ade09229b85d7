// cli/wiring.hpp - Running: every object of a gateway, built in order and handed to each other; the only place that knows all rooms.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "audit/auditor.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/snapshot.hpp"
#include "gateway/server.hpp"
#include "ledger/journal.hpp"
#include "ledger/store.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "observe/metrics.hpp"

namespace ajar::cli {

class Running {
 public:
  // Opens the journal in `home`, starts the database's filler and the server. Faults: storage, config, each with its remedy.
  static Result<std::unique_ptr<Running>> start(std::shared_ptr<const config::Snapshot>, const std::filesystem::path& home);

  const std::string& address() const noexcept { return server_->address(); }
  const config::Snapshot& snapshot() const noexcept { return *snapshot_; }
  void reload(std::shared_ptr<const config::Snapshot>);
  void drain(Millis patience) { server_->drain(patience); }

 private:
  Running();
  SystemClock clock_;
  observe::Registry registry_;
  net::Resolver resolver_;
  std::unique_ptr<net::TlsClient> tls_;
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::string hosting_of(const std::string& deployment);
  std::mutex mutex_;  // of snapshot_, which the auditor's thread asks too
  std::unique_ptr<policy::Taint> taint_;
  policy::Pseudonyms pseudonyms_;
  std::unique_ptr<audit::Auditor> auditor_;   // as the filler: it takes what the journal's last segments hold
  std::unique_ptr<ledger::Filler> filler_;    // reads what the journal wrote; catches up when it is destroyed ...
  std::unique_ptr<ledger::Journal> journal_;  // ... which is after the journal has written out its last records ...
  std::unique_ptr<gateway::Server> server_;   // ... and that after the server, the last to record
};

}  // namespace ajar::cli
