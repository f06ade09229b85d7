// gateway/server.hpp - Server: the gateway at work: listener, shards, endpoints, reload and drain.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/snapshot.hpp"
#include "ledger/journal.hpp"
#include "net/listener.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "observe/metrics.hpp"

namespace ajar::gateway {

// What a server stands on; outlives it.
struct Foundation {
  const Clock& clock;
  ledger::Journal& journal;  // with at least `lanes` lanes
  observe::Registry& registry;
  net::Resolver& resolver;
  net::TlsClient* tls = nullptr;
  policy::Taint* taint = nullptr;
  policy::Pseudonyms* pseudonyms = nullptr;
  std::function<Status()> ready;  // further checks for /readyz; empty: none
};

class Shard;
struct Runtime;

class Server {
 public:
  // Opens the listener and starts one thread per shard. Faults: config (address in use, ...).
  static Result<std::unique_ptr<Server>> start(const Foundation&, std::shared_ptr<const config::Snapshot>);
  ~Server();  // as stop() without patience
  Server(const Server&) = delete;

  const std::string& address() const noexcept { return address_; }  // "127.0.0.1:8080"
  void reload(std::shared_ptr<const config::Snapshot>);             // running exchanges finish on the snapshot they began with
  void drain(Millis patience);  // no new connections; waits for running exchanges, then ends what is left

  static int shards_of(const config::Snapshot&);  // threads that a snapshot asks for

 private:
  Server() = default;
  std::unique_ptr<Foundation> foundation_;
  std::string address_;
  std::shared_ptr<const Runtime> runtime_;  // in force
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace ajar::gateway
