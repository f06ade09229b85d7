// config/snapshot.hpp - Snapshot: the immutable compiled configuration that an exchange runs under from head to settle.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admit/key.hpp"
#include "base/clock.hpp"
#include "catalog/catalog.hpp"
#include "catalog/deployment.hpp"
#include "policy/clear.hpp"
#include "policy/zone.hpp"
#include "route/choose.hpp"

namespace ajar::config {

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;             // 0 = any free port
  std::string tls_certificate, tls_key;  // files; "" = plain
};

struct Limits {
  std::size_t head_bytes = 64u << 10;
  std::size_t body_bytes = 32u << 20;
  std::size_t connections = 20'000;
};

struct Deadlines {
  Millis head{10'000};         // the caller's head, and idle keep-alive is four times this
  Millis body{60'000};         // the caller's body
  Millis connect{5'000};       // TCP and TLS to the upstream
  Millis first_byte{120'000};  // to the answer's first byte
  Millis idle{60'000};         // between two reads of an answer
  Millis total{1'800'000};
};

struct Retries {
  int per_deployment = 2;  // tries at one deployment, the first included
  int total = 4;           // tries over the whole chain
  Millis backoff{200};     // first pause; doubles, with jitter
  Millis longest{5'000};   // a Retry-After above this goes to the next deployment instead of waiting
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};

struct Snapshot {
  std::string id;  // first 16 hex digits of the SHA-256 of what the file says, the secrets it names and the built-in catalogue
  Listen listen;
  int shards = 0;  // threads; 0 = one per core, at most 4
  Limits limits;
  Deadlines deadlines;
  Retries retries;
  std::string state_folder;  // journal and database; "" = AJAR_HOME
  catalog::Catalog catalog;
  std::vector<catalog::Deployment> deployments;
  std::vector<policy::Zone> zones;
  std::vector<policy::Zone> reachable;  // those in which at least one deployment stands
  policy::Ruleset ruleset;
  admit::KeyRing keys;
  std::vector<route::Route> routes;
  std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>> route_by_model;  // model names and aliases to routes

  const route::Route* route(std::string_view model) const noexcept;
  bool simulated() const noexcept;  // every deployment is simulated
};

}  // namespace ajar::config
