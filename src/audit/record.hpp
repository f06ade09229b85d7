// audit/record.hpp - what the log holds of one exchange: who, which label, where it went; never content.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "ledger/entry.hpp"

namespace ajar::audit {

// Where in the journal an entry was: so that none is taken twice.
struct Place {
  int lane = 0;
  std::int64_t segment = 0;
  std::uint64_t after = 0;  // where the next record begins
};

// What is known of a deployment: "own", "hosted", "closed"; "" = no longer configured.
using HostingOf = std::function<std::string(const std::string& deployment)>;

// One line of JSON.
std::string record_of(const ledger::Entry&, const Place&, const HostingOf&);

// Counts over records, and the one sentence that they come to.
struct Summary {
  std::int64_t requests = 0;   // exchanges, refused ones too
  std::int64_t sensitive = 0;  // with a label
  std::int64_t sensitive_refused = 0, sensitive_home = 0,
               sensitive_away = 0;  // sent nowhere; to own engines alone; to a provider's as well
  std::string first, last;          // when the first and the last began
  void add(const json::Value& record);
  std::string sentence() const;
};

}  // namespace ajar::audit
