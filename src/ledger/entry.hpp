// ledger/entry.hpp - Entry: the permanent record of one exchange. Holds no content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/money.hpp"
#include "base/usage.hpp"

namespace ajar::ledger {

enum class Outcome : std::uint8_t {
  open,       // an intent without settlement: running, or lost in a crash
  answered,   // the caller has the whole answer
  failed,     // an error was given before any content
  cut,        // an error event ended a stream after content
  cancelled,  // the caller went away
};
std::string_view name_of(Outcome) noexcept;
std::optional<Outcome> outcome_named(std::string_view) noexcept;

struct Attempt {
  std::string deployment;
  std::optional<Fault> fault;  // none = this one answered
  int status = 0;              // upstream's HTTP status; 0 = none
  Nanos duration{};
};

// Written before the first upstream call.
struct Intent {
  std::string id;  // request id; callers choose theirs, so it may come twice
  WallTime began{};
  std::string tenant, key;  // names, never secrets
  std::string model;        // as asked for
  std::string deployment;   // first choice
  std::uint64_t label = 0;
  std::string label_words;  // the label for people, e.g. "confidential+pii"; "" = not told
};

struct Entry : Intent {
  std::string snapshot;                                 // configuration's id
  std::string provider, upstream_model, zone, hosting;  // of the deployment that answered (or was tried last)
  bool stream = false;
  bool simulated = false;
  Outcome outcome = Outcome::open;
  std::optional<Fault> fault;
  int status = 0;  // HTTP status given to the caller
  Usage usage;
  std::optional<Money> cost;         // none = unpriced
  std::string price_id;              // the row used; "" = unpriced
  std::optional<Nanos> first_token;  // from arrival to the first content relayed
  Nanos duration{};
  std::vector<Attempt> attempts;
  std::string reason;  // why this deployment
  std::vector<std::string> warnings;
  std::string upstream_id;
};

}  // namespace ajar::ledger
