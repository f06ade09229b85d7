// policy/clear.hpp - stage 4: the label of a request, and the clearance without which nothing can be chosen.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/content.hpp"
#include "policy/dictionary.hpp"
#include "policy/label.hpp"
#include "policy/pseudonyms.hpp"
#include "policy/taint.hpp"
#include "policy/zone.hpp"
#include "wire/translation.hpp"

namespace ajar::policy {

// A rule raises the label of the requests that it matches; it never lowers one. Empty conditions match everything.
struct Rule {
  std::string name;
  std::string tenant, key, route, model;  // "" = any
  std::vector<std::string> words;         // plain literals; the request matches when a string, key or number of its body holds one of them,
                                          // however it is escaped, in strings of JSON too (ASCII case ignored)
  Label label;
};

// Raises the label of requests that hold one of its values.
struct Listing {
  std::string name;
  std::string tenant;  // "" = any
  Label label;
  Dictionary dictionary;
};

struct Ruleset {
  std::vector<Rule> rules;
  Detection detection{};
  std::vector<std::string> defined{};  // names of tenant-defined label bits
  std::vector<Listing> listings{};
};

// Where a request comes from: what raises its label before its content is looked at.
struct Origin {
  std::string_view tenant, key, route;
  Label tenant_label, key_label, route_label;
  std::string_view header;  // values of Ajar-Label, all of them: words separated by commas; "" = absent
};

// What is known from before; either may be missing.
struct Recall {
  Memory* memory = nullptr;          // of this thread, for detection
  Taint* taint = nullptr;            // of all, for labels that the header gave to a conversation
  Pseudonyms* pseudonyms = nullptr;  // of all; without it nothing is replaced
};

// The proof that policy ran on this request. Only clear() makes one.
class Clearance {
 public:
  Label label() const noexcept { return label_; }
  const std::vector<std::string>& reasons() const noexcept {
    return reasons_;
  }  // "tenant", "key", "route", "header", "conversation", "rule:NAME", "dictionary:NAME", "found:KIND,KIND"
  // The body that this is the clearance of, when tokens stand in it for what was found: no other may be sent. nullptr: the caller's own.
  const Replaced* replaced() const noexcept { return replaced_ ? &*replaced_ : nullptr; }

 private:
  Clearance(Label label, std::vector<std::string> reasons, std::optional<Replaced> replaced)
      : label_(label), reasons_(std::move(reasons)), replaced_(std::move(replaced)) {}
  friend Result<Clearance> clear(const wire::Envelope&, const Origin&, const Ruleset&, std::span<const Zone>, Label*, const Recall&);
  Label label_;
  std::vector<std::string> reasons_;
  std::optional<Replaced> replaced_;
};

// Text for people: why a label may not go anywhere, without content.
std::string blocked_message(Label, const Ruleset&);

// How the reason of a labelled request begins, for people: "label pii+phi from tenant+header; "; "" when nothing raised the label.
std::string why_labelled(std::string_view label_words, const Clearance&);

// Joins every origin and rule into one label. Fails closed: an unknown word in the header is bad_request (code "unknown_label");
// forbidden (code "content_refused") when the content raises what Detection refuses; forbidden (code "policy_blocked") when none of `zones`
// (the zones of configured deployments) accepts the label. `found`, when given, is told the label also of what is refused, for the record.
// `recall`: what is known from before.
Result<Clearance> clear(const wire::Envelope&, const Origin&, const Ruleset&, std::span<const Zone> zones, Label* found = nullptr,
                        const Recall& recall = {});

}  // namespace ajar::policy
