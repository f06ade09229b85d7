// admit/key.hpp - virtual keys: hashed at rest, looked up in constant time; stage 1 identify and stage 3 reserve.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"

namespace ajar::admit {

struct Tenant {
  std::string name;
  std::uint64_t label = 0;          // bits added to each of its requests (policy::Label)
  std::vector<std::string> models;  // model names allowed; empty = all
};

struct Key {
  std::string name;
  Digest digest{};  // SHA-256 of the secret
  std::uint32_t tenant = 0;
  std::uint64_t label = 0;
  std::vector<std::string> models;  // empty = all that the tenant may use
  std::int64_t max_in_flight = 0;   // 0 = no limit
};

// Who one request was identified as. Points into the key ring, which the exchange's snapshot keeps alive.
struct Caller {
  const Tenant* tenant = nullptr;
  const Key* key = nullptr;
  std::uint32_t index = 0;
};

class KeyRing {
 public:
  static Result<KeyRing> make(std::vector<Tenant>, std::vector<Key>);  // faults: config, two keys with one secret
  const std::vector<Tenant>& tenants() const noexcept { return tenants_; }
  const std::vector<Key>& keys() const noexcept { return keys_; }
  std::optional<Caller> find(const Digest&) const noexcept;

 private:
  std::vector<Tenant> tenants_;
  std::vector<Key> keys_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> slots_;  // open addressing by the digest's first 8 bytes
};

// Credential as the head gave it: the value after "Bearer ", or of x-api-key / x-goog-api-key. Faults: unauthenticated, without detail.
Result<Caller> identify(std::string_view credential, const KeyRing&);

bool may_use(const Caller&, std::string_view model) noexcept;

// Held for the life of an exchange; gives back on destruction.
class Reservation {
 public:
  Reservation() = default;
  explicit Reservation(std::atomic<std::int64_t>* cell) : cell_(cell) {}
  Reservation(Reservation&& o) noexcept : cell_(std::exchange(o.cell_, nullptr)) {}
  Reservation& operator=(Reservation&& o) noexcept {
    std::swap(cell_, o.cell_);
    return *this;
  }
  ~Reservation() {
    if (cell_) cell_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t>* cell_ = nullptr;
};

// Requests in flight per key, shared by the shards. A new configuration goes on counting where the one before it was, key by key of one
// name.
class InFlight {
 public:
  explicit InFlight(std::size_t keys);
  InFlight(const KeyRing& now, const InFlight& before, const KeyRing& old);
  std::atomic<std::int64_t>& cell(std::uint32_t key) noexcept { return *cells_[key]; }

 private:
  std::vector<std::shared_ptr<std::atomic<std::int64_t>>> cells_;
};

// Faults: rate_limited (code "concurrency_limit", retry_after 1 s) when the key's limit is reached.
Result<Reservation> reserve(const Caller&, InFlight&);

}  // namespace ajar::admit
