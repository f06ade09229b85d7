// route/health.hpp - Health: circuit breaker and moving averages per deployment, shared by all shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.hpp"

namespace ajar::route {

enum class Circuit : std::uint8_t { closed, open, half_open };

// Lock-free cells; any shard reads and writes. Opens after `failures_to_open` consecutive failures that speak against the deployment
// (unavailable, timed out, overloaded; never the caller's own mistakes), for a time that doubles up to a limit; then one probe is let
// through.
class Health {
 public:
  explicit Health(std::size_t deployments);
  void inherit(std::uint32_t deployment, const Health& before,
               std::uint32_t old) noexcept;  // what was known of it under another configuration
  void succeeded(std::uint32_t deployment, Nanos first_byte) noexcept;
  void failed(std::uint32_t deployment, Instant now, std::optional<Nanos> retry_after) noexcept;
  Circuit circuit(std::uint32_t deployment, Instant now) const noexcept;
  bool take_probe(std::uint32_t deployment, Instant now) noexcept;  // half-open: true for exactly one caller per probe interval
  Nanos latency(std::uint32_t deployment) const noexcept;           // moving average to the first byte; 0 = none yet
  std::atomic<std::int64_t>& in_flight(std::uint32_t deployment) noexcept;
  std::size_t size() const noexcept { return count_; }

 private:
  struct alignas(64) Cell;
  struct Free {
    void operator()(Cell*) const noexcept;
  };
  std::size_t count_;
  std::unique_ptr<Cell[], Free> cells_;
};

}  // namespace ajar::route
