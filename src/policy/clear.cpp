// policy/clear.cpp - origins and rules into one label.
#include "policy/clear.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "policy/words.hpp"

namespace ajar::policy {
namespace {

bool matches(const std::string& condition, std::string_view value) { return condition.empty() || condition == value; }

std::unexpected<Error> unknown_word(std::string_view word, const Ruleset& ruleset) {
  const std::vector<std::string> known = label_words(ruleset.defined);
  const auto near = nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
  // Only what looks like a word is shown again: a caller may have put something else there.
  const bool plain =
      word.size() <= 40 && std::ranges::all_of(word, [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '-'; });
  const std::string shown = plain ? fmt::format("the word \"{}\"", word) : "a word";
  return fail(Fault::bad_request,
              fmt::format("the header Ajar-Label holds {} that is not known; {}there are: {}", shown,
                          near ? fmt::format("did you mean \"{}\"? ", *near) : std::string(), join(known, ", ")),
              "unknown_label", "Ajar-Label");
}

Result<Label> label_of_header(std::string_view header, const Ruleset& ruleset) {
  Label label;
  for (const std::string_view piece : split(header, ',')) {
    const std::string_view word = trim(piece);
    if (word.empty()) continue;
    const auto named = label_named(word, ruleset.defined);
    if (!named) return unknown_word(word, ruleset);
    label = label | *named;
  }
  return label;
}

// What is found and may be, behind tokens; `seen` is then what is left. Nothing when something of it would be left, and all stays as it
// was.
std::optional<Replaced> replace_found(Seen& seen, const wire::Envelope& envelope, const Origin& origin, const Detection& detection,
                                      const Recall& recall) {
  const Label may = detection.pseudonymise;
  if (recall.pseudonyms == nullptr || (seen.label.bits & may.bits) == 0 || (seen.label.bits & detection.refuse.bits) != 0)
    return std::nullopt;
  auto replaced = recall.pseudonyms->replace(origin.tenant, envelope.body, may);
  if (!replaced) return std::nullopt;
  const Seen left = look_at(replaced->body, recall.memory);
  if ((left.label.bits & may.bits) != 0) return std::nullopt;
  replaced->restore.tools = detection.trusted_tools;
  seen = left;
  return replaced;
}

}  // namespace

std::string blocked_message(Label label, const Ruleset& ruleset) {
  return fmt::format("no zone that could answer this request accepts its label ({})", join(names_of(label, ruleset.defined), ", "));
}

std::string why_labelled(std::string_view label_words, const Clearance& clearance) {
  std::string text;
  if (clearance.replaced() != nullptr) text.append("pseudonymised ").append(clearance.replaced()->kinds).append("; ");
  if (clearance.reasons().empty()) return text;
  text.append("label ").append(label_words).append(" from ");
  for (const std::string& reason : clearance.reasons()) text.append(reason).append(&reason == &clearance.reasons().back() ? "; " : "+");
  return text;
}

Result<Clearance> clear(const wire::Envelope& envelope, const Origin& origin, const Ruleset& ruleset, std::span<const Zone> zones,
                        Label* found, const Recall& recall) {
  Label label;
  std::vector<std::string> reasons;
  const auto raise = [&](Label by, std::string reason) {
    if (by.bits == 0) return;
    label = label | by;
    reasons.push_back(std::move(reason));
  };
  raise(origin.tenant_label, "tenant");
  raise(origin.key_label, "key");
  raise(origin.route_label, "route");
  if (!origin.header.empty()) {
    const auto from_header = label_of_header(origin.header, ruleset);
    if (!from_header) {
      if (found != nullptr) *found = top_label;  // what cannot be understood is not known to be harmless
      return std::unexpected(from_header.error());
    }
    raise(*from_header, "header");
    if (recall.taint != nullptr) recall.taint->keep(origin.tenant, envelope.body, *from_header);
  }
  if (recall.taint != nullptr) {
    const Label before = recall.taint->of(origin.tenant, envelope.body);
    if (!label.covers(before)) {
      raise(before, "conversation");
      // The turn that inherits it is a longer beginning; those behind it inherit from there.
      recall.taint->keep(origin.tenant, envelope.body, before);
    }
  }
  Words words(envelope.body);
  for (const Rule& rule : ruleset.rules) {
    if (!matches(rule.tenant, origin.tenant) || !matches(rule.key, origin.key) || !matches(rule.route, origin.route) ||
        !matches(rule.model, envelope.model))
      continue;
    if (!rule.words.empty() && !words.hold(rule.words)) continue;
    raise(rule.label, "rule:" + rule.name);
  }
  for (const Listing& listing : ruleset.listings) {
    if (!matches(listing.tenant, origin.tenant)) continue;
    const std::string* text = words.text();
    if (text == nullptr || listing.dictionary.holds(*text)) raise(listing.label, "dictionary:" + listing.name);
  }
  std::optional<Replaced> replaced;
  if (ruleset.detection.on) {
    Seen seen = look_at(envelope.body, recall.memory);
    replaced = replace_found(seen, envelope, origin, ruleset.detection, recall);
    std::string kinds;
    for (const std::string_view kind : seen.kinds) kinds.append(kinds.empty() ? "" : ",").append(kind);
    raise(seen.label, "found:" + kinds);
    if ((seen.label.bits & ruleset.detection.refuse.bits) != 0) {
      if (found != nullptr) *found = label;
      return fail(Fault::forbidden,
                  fmt::format("the request holds what is refused here ({}); take it out and ask again",
                              join(names_of({seen.label.bits & ruleset.detection.refuse.bits}, ruleset.defined), ", ")),
                  "content_refused");
    }
  }
  if (found != nullptr) *found = label;
  if (std::ranges::none_of(zones, [&](const Zone& zone) { return allows(zone, label); }))
    return fail(Fault::forbidden, blocked_message(label, ruleset), "policy_blocked");
  return Clearance(label, std::move(reasons), std::move(replaced));
}

}  // namespace ajar::policy
