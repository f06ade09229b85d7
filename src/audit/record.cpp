// audit/record.cpp - entries of the ledger as lines of the log.
#include "audit/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ajar::audit {
namespace {

// Names and reasons come from callers and upstreams as well; a log is UTF-8.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F ? c : '?');
  return out;
}

}  // namespace

std::string record_of(const ledger::Entry& e, const Place& place, const HostingOf& hosting_of) {
  json::Array attempts;
  // An attempt at a deployment that nobody knows any more counts as one that left.
  std::int64_t away = 0;
  for (const ledger::Attempt& a : e.attempts) {
    const std::string hosting = hosting_of(a.deployment);
    away += hosting == "own" ? 0 : 1;
    attempts.push_back(json::Value{{"deployment", plain(a.deployment)},
                                   {"hosting", hosting.empty() ? "unknown" : hosting},
                                   {"fault", a.fault ? json::Value(name_of(*a.fault)) : json::Value()},
                                   {"status", a.status}});
  }
  return json::write(json::Value{{"at", rfc3339(e.began)},
                                 {"id", plain(e.id)},
                                 {"tenant", plain(e.tenant)},
                                 {"key", plain(e.key)},
                                 {"model", plain(e.model)},
                                 {"label", plain(e.label_words)},
                                 {"label_bits", fmt::format("{:#x}", e.label)},
                                 {"policy", plain(e.snapshot)},
                                 {"outcome", name_of(e.outcome)},
                                 {"fault", e.fault ? json::Value(name_of(*e.fault)) : json::Value()},
                                 {"status", e.status},
                                 {"deployment", plain(e.deployment)},
                                 {"zone", plain(e.zone)},
                                 {"hosting", plain(e.hosting)},
                                 {"reason", plain(e.reason)},
                                 {"attempts", std::move(attempts)},
                                 {"attempts_away", away},
                                 {"simulated", e.simulated},
                                 {"lane", place.lane},
                                 {"segment", std::to_string(place.segment)},
                                 {"after", static_cast<std::int64_t>(place.after)}});
}

void Summary::add(const json::Value& record) {
  ++requests;
  const std::string at(record["at"].text());
  if (first.empty() || at < first) first = at;
  if (last.empty() || at > last) last = at;
  if (record["label_bits"].text() == "0x0" || record["label_bits"].text() == "0") return;
  ++sensitive;
  const json::Array* attempts = record["attempts"].array();
  if (record["attempts_away"].integer().value_or(1) > 0)
    ++sensitive_away;
  else if (attempts == nullptr || attempts->empty())
    ++sensitive_refused;
  else
    ++sensitive_home;
}

std::string Summary::sentence() const {
  if (requests == 0) return "There was no request in this time.";
  return fmt::format(
      "Of {} requests from {} to {}, {} were labelled as sensitive: {} of these stayed on own engines, {} were refused, and {} were sent "
      "to a provider.",
      requests, first, last, sensitive, sensitive_home, sensitive_refused, sensitive_away);
}

}  // namespace ajar::audit
