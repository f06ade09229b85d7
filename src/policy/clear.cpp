// policy/clear.cpp - origins and rules into one label.
#include "policy/clear.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

bool matches(const std::string& condition, std::string_view value) { return condition.empty() || condition == value; }

// All text of a body as it reads once its escapes are undone, in lower case; keys included, strings apart from each other.
void gather(const json::Value& value, std::string& text) {
  if (const std::string* string = value.string()) text.append(to_lower(*string)).push_back('\n');
  if (const json::Array* array = value.array())
    for (const json::Value& item : *array) gather(item, text);
  if (const json::Object* object = value.object())
    for (const json::Member& member : object->members) {
      text.append(to_lower(member.key)).push_back('\n');
      gather(member.value, text);
    }
}

class Words {
 public:
  explicit Words(std::string_view body) : body_(body) {}
  // A body that cannot be read holds every word: what is uncertain stays home.
  bool hold(const std::vector<std::string>& words) {
    if (!read_) {
      read_ = true;
      const auto value = json::read(body_);
      readable_ = value.has_value();
      if (value) gather(*value, text_);
    }
    return !readable_ || std::ranges::any_of(words, [this](const std::string& word) { return text_.find(to_lower(word)) != std::string::npos; });
  }

 private:
  std::string_view body_;
  std::string text_;
  bool read_ = false, readable_ = false;
};

Result<Label> label_of_header(std::string_view header, const Ruleset& ruleset) {
  Label label;
  for (const std::string_view piece : split(header, ',')) {
    const std::string_view word = trim(piece);
    if (word.empty()) continue;
    const auto named = label_named(word, ruleset.defined);
    if (!named) return fail(Fault::bad_request, fmt::format("the header Ajar-Label holds a word that is not known; there are: {}", join(label_words(ruleset.defined), ", ")), "unknown_label", "Ajar-Label");
    label = label | *named;
  }
  return label;
}

}  // namespace

std::string blocked_message(Label label, const Ruleset& ruleset) {
  return fmt::format("no zone that could answer this request accepts its label ({})", join(names_of(label, ruleset.defined), ", "));
}

Result<Clearance> clear(const wire::Envelope& envelope, const Origin& origin, const Ruleset& ruleset, std::span<const Zone> zones) {
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
    if (!from_header) return std::unexpected(from_header.error());
    raise(*from_header, "header");
  }
  Words words(envelope.body);
  for (const Rule& rule : ruleset.rules) {
    if (!matches(rule.tenant, origin.tenant) || !matches(rule.key, origin.key) || !matches(rule.route, origin.route) || !matches(rule.model, envelope.model)) continue;
    if (!rule.words.empty() && !words.hold(rule.words)) continue;
    raise(rule.label, "rule:" + rule.name);
  }
  if (std::ranges::none_of(zones, [&](const Zone& zone) { return allows(zone, label); })) return fail(Fault::forbidden, blocked_message(label, ruleset), "policy_blocked");
  return Clearance(label, std::move(reasons));
}

}  // namespace ajar::policy
