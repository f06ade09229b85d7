// policy/clear.cpp - origins and rules into one label.
#include "policy/clear.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

bool matches(const std::string& condition, std::string_view value) { return condition.empty() || condition == value; }

std::optional<std::uint32_t> code_unit(std::string_view text) noexcept {  // of "\uXXXX" at its beginning
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  return error == std::errc{} && end == text.data() + 6 ? std::optional(code) : std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
}

// A string's own JSON escapes undone, as far as they are some: JSON is often carried inside strings (a tool's arguments and results).
std::string without_escapes(std::string_view text) {
  constexpr std::string_view letters = "nrtbf", meant = "\n\r\t\b\f";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out.push_back(text[at++]);
    } else if (auto code = code_unit(text.substr(at))) {
      at += 6;
      const auto low = *code >= 0xD800 && *code < 0xDC00 ? code_unit(text.substr(at)) : std::nullopt;
      if (low && *low >= 0xDC00 && *low < 0xE000) code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00), at += 6;
      append_utf8(out, *code);
    } else {
      const auto letter = letters.find(text[at + 1]);
      out.push_back(letter != std::string_view::npos ? meant[letter] : text[at + 1]);
      at += 2;
    }
  }
  return out;
}

void add(std::string_view piece, std::string& text) {
  constexpr int deepest = 4;  // strings in strings
  std::string plain(piece);
  for (int depth = 0; depth < deepest; ++depth) {
    text.append(to_lower(plain)).push_back('\n');
    if (plain.find('\\') == std::string::npos) return;
    plain = without_escapes(plain);
  }
}

// All text of a body as it reads once its escapes are undone, in lower case; keys and numbers included, apart from each other.
void gather(const json::Value& value, std::string& text) {
  if (const std::string* string = value.string()) add(*string, text);
  if (value.is_number()) add(value.literal(), text);
  if (const json::Array* array = value.array())
    for (const json::Value& item : *array) gather(item, text);
  if (const json::Object* object = value.object())
    for (const json::Member& member : object->members) {
      add(member.key, text);
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
    return !readable_ ||
           std::ranges::any_of(words, [this](const std::string& word) { return text_.find(to_lower(word)) != std::string::npos; });
  }

 private:
  std::string_view body_;
  std::string text_;
  bool read_ = false, readable_ = false;
};

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

}  // namespace

std::string blocked_message(Label label, const Ruleset& ruleset) {
  return fmt::format("no zone that could answer this request accepts its label ({})", join(names_of(label, ruleset.defined), ", "));
}

Result<Clearance> clear(const wire::Envelope& envelope, const Origin& origin, const Ruleset& ruleset, std::span<const Zone> zones,
                        Label* found) {
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
  }
  Words words(envelope.body);
  for (const Rule& rule : ruleset.rules) {
    if (!matches(rule.tenant, origin.tenant) || !matches(rule.key, origin.key) || !matches(rule.route, origin.route) ||
        !matches(rule.model, envelope.model))
      continue;
    if (!rule.words.empty() && !words.hold(rule.words)) continue;
    raise(rule.label, "rule:" + rule.name);
  }
  if (found != nullptr) *found = label;
  if (std::ranges::none_of(zones, [&](const Zone& zone) { return allows(zone, label); }))
    return fail(Fault::forbidden, blocked_message(label, ruleset), "policy_blocked");
  return Clearance(label, std::move(reasons));
}

}  // namespace ajar::policy
