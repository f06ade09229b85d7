// gateway/meters.hpp - Meters: one shard's metrics of exchanges, looked up once per deployment.
#pragma once

#include <string>
#include <unordered_map>

#include "config/snapshot.hpp"
#include "ledger/entry.hpp"
#include "observe/metrics.hpp"

namespace ajar::gateway {

class Meters {
 public:
  Meters(observe::Registry&, int shard, const config::Snapshot&);
  void configure(const config::Snapshot&);  // after a reload
  void settled(const ledger::Entry&) noexcept;
  void refused_connection() noexcept { refused_.add(); }

 private:
  // Names as OpenTelemetry's GenAI conventions have them, where they exist.
  struct Deployment {
    observe::Counter* input = nullptr;
    observe::Counter* cached = nullptr;
    observe::Counter* output = nullptr;
    observe::Counter* cost_nanos = nullptr;
    observe::Histogram* duration = nullptr;
    observe::Histogram* first_token = nullptr;
    observe::Counter* answered = nullptr;
  };
  Deployment make(const std::string& name, const std::string& provider, const std::string& model);

  observe::Registry& registry_;
  int shard_;
  std::unordered_map<std::string, Deployment> deployments_;
  observe::Counter& refused_;
};

}  // namespace ajar::gateway
