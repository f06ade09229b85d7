// gateway/exchange.hpp - Exchange: everything known so far about one request; Runtime and Services: what its stages may use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admit/key.hpp"
#include "config/snapshot.hpp"
#include "ledger/entry.hpp"
#include "ledger/journal.hpp"
#include "net/client.hpp"
#include "net/http_server.hpp"
#include "policy/clear.hpp"
#include "route/choose.hpp"
#include "route/health.hpp"
#include "upstream/dispatch.hpp"
#include "wire/translation.hpp"

namespace ajar::gateway {

// One configuration at work: the snapshot, and what is counted while it holds. Exchanges keep the one they began with.
struct Runtime {
  explicit Runtime(std::shared_ptr<const config::Snapshot> compiled);
  // Goes on with what is known of the keys and deployments that the configuration before it had too.
  Runtime(std::shared_ptr<const config::Snapshot> compiled, const Runtime& before);
  std::shared_ptr<const config::Snapshot> snapshot;
  mutable route::Health health;
  mutable admit::InFlight in_flight;
  upstream::Patience patience;
};

class Meters;

// One shard's belongings, by reference: no globals.
struct Services {
  const Clock& clock;
  net::Pool& pool;
  ledger::Lane& lane;
  Meters& meters;
  policy::Memory& memory;
  policy::Taint* taint;            // of all shards; nullptr: labels of conversations are not kept
  policy::Pseudonyms* pseudonyms;  // of all shards; nullptr: nothing is replaced
};

// Lives in the frame of the call's coroutine, from head to settle.
struct Exchange {
  Exchange(net::Call& call, std::shared_ptr<const Runtime> with, const Services& services, wire::Dialect dialect);

  net::Call& call;
  std::shared_ptr<const Runtime> runtime;
  const Services& services;
  wire::Dialect dialect;
  Instant arrived;
  Instant deadline;
  std::string traceparent;
  std::string asked_label;  // all values of Ajar-Label
  wire::Envelope envelope;
  ledger::Entry entry;
  policy::Label label;  // as far as it is known; of refused requests too
  std::optional<Instant> first_content;
  bool intended = false;      // the journal holds an intent
  bool content_sent = false;  // the caller has seen content

  const config::Snapshot& snapshot() const noexcept { return *runtime->snapshot; }
};

}  // namespace ajar::gateway
