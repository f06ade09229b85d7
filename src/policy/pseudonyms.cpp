// policy/pseudonyms.cpp - a walk that finds the values, and one that writes tokens in their places.
#include "policy/pseudonyms.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "detect/scan.hpp"
#include "policy/classify.hpp"
#include "policy/nested.hpp"

namespace ajar::policy {
namespace {

constexpr std::size_t most_values = 10'000;  // of a conversation
constexpr std::size_t least_elsewhere = 5;   // bytes: shorter values are only replaced where they were found
constexpr std::string_view taken_out = "***";
constexpr std::string_view letters = "BCDFGHJKLMNPQRSTVWXZ";  // no words come of them
constexpr std::size_t token_letters = 6;                      // and one that checks them

// Words of the APIs.
constexpr std::array<std::string_view, 6> fixed_keys{"model", "role", "type", "id", "call_id", "tool_call_id"};

enum class Way : std::uint8_t { leave, token, take_out, impossible };

Way way_of(const detect::Finding& f, Label may) {
  using enum detect::Kind;
  if (f.confidence < detect::raises_from) return Way::leave;
  const Label by = label_of(f);
  const bool covered = may.covers(by);
  const auto is_one_of = [&](auto... kinds) { return ((f.kind == kinds) || ...); };
  if (is_one_of(secret, password, cvv)) return covered ? Way::take_out : Way::leave;
  if (is_one_of(health, marking, hidden_text)) return (by.bits & may.bits) != 0 ? Way::impossible : Way::leave;
  if (is_one_of(location, zip)) return Way::leave;  // too much of what a text means
  return covered ? Way::token : Way::leave;
}

std::string fresh_token(std::string_view kind) {
  std::array<std::uint8_t, token_letters> random{};
  fill_random(random);
  std::string token(kind);
  token.push_back('_');
  std::size_t sum = 0;
  for (const std::uint8_t byte : random) {
    token.push_back(letters[byte % letters.size()]);
    sum = sum * 3 + byte % letters.size();
  }
  token.push_back(letters[sum % letters.size()]);
  return token;
}

// Everywhere in `text` where `value` stands by itself.
void replace_all(std::string& text, std::string_view value, std::string_view token) {
  for (std::size_t at = 0; (at = text.find(value, at)) != std::string::npos;) {
    const std::size_t end = at + value.size();
    if ((at > 0 && is_word(text[at - 1]) && is_word(value.front())) || (end < text.size() && is_word(text[end]) && is_word(value.back()))) {
      ++at;
      continue;
    }
    text.replace(at, value.size(), token);
    at += token.size();
  }
}

bool is_fixed(std::string_view key) { return std::ranges::find(fixed_keys, key) != fixed_keys.end(); }

// What a conversation begins with: its first message that is neither the model's nor the same in many.
std::string first_message(const json::Value& body) {
  for (const json::Value* message : messages_to_model(body))
    if (const std::string_view role = (*message)["role"].text(); role != "system" && role != "developer") return json::write(*message);
  return {};
}

// Two walks: find() tells what there is, write() puts tokens in its place.
class Rewriter {
 public:
  explicit Rewriter(Label may) : may_(may) {}

  void find(const json::Value& v, std::string_view hint, int depth) {
    if (const std::string* s = v.string()) return find_in(*s, hint, depth);
    if (const json::Array* array = v.array())
      for (const json::Value& item : *array) find(item, hint, depth);
    if (const json::Object* object = v.object())
      for (const json::Member& m : object->members)
        if (!is_fixed(m.key)) find(m.value, hint_below(hint, m.key), depth);
  }

  // Gives whether something changed.
  bool write(json::Value& v, std::string_view hint, int depth) {
    bool changed = false;
    if (const std::string* s = v.string()) {
      std::string text = *s;
      if (auto inner = inside(text, depth); inner && write(*inner, hint, depth + 1)) text = json::write(*inner);
      replace_in(text, hint);
      changed = text != *s;
      if (changed) v = json::Value(std::move(text));
    } else if (json::Array* array = v.array()) {
      for (json::Value& item : *array) changed = write(item, hint, depth) || changed;
    } else if (json::Object* object = v.object()) {
      for (json::Member& m : object->members)
        if (!is_fixed(m.key)) changed = write(m.value, hint_below(hint, m.key), depth) || changed;
    }
    return changed;
  }

  // Between the two: which token stands for which value.
  void use(std::map<std::string, std::string> tokens) {
    tokens_ = std::move(tokens);
    for (const auto& [value, token] : tokens_) longest_first_.push_back(value);
    longest_first_.insert(longest_first_.end(), gone_.begin(), gone_.end());
    std::erase_if(longest_first_, [](const std::string& value) { return value.size() < least_elsewhere; });
    std::ranges::sort(longest_first_,
                      [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  }
  bool possible() const noexcept { return possible_; }
  const std::map<std::string, std::string_view>& values() const noexcept { return values_; }  // and their kinds
  const std::map<std::string, std::string>& tokens() const noexcept { return tokens_; }
  std::string kinds() const { return join(std::vector<std::string>(kinds_.begin(), kinds_.end()), ","); }

 private:
  static std::optional<json::Value> inside(std::string_view text, int depth) {
    return depth < deepest_json ? json_inside(text) : std::nullopt;
  }

  void find_in(const std::string& s, std::string_view hint, int depth) {
    if (const auto inner = inside(s, depth)) find(*inner, hint, depth + 1);
    for (const detect::Finding& f : detect::scan(s, hint)) {
      const Way way = way_of(f, may_);
      if (way == Way::impossible) possible_ = false;
      if (way != Way::token && way != Way::take_out) continue;
      kinds_.insert(std::string(name_of(f.kind)));
      const std::string value = s.substr(f.start, f.end - f.start);
      if (way == Way::take_out)
        gone_.insert(value);
      else
        values_.emplace(value, name_of(f.kind));
    }
  }

  void replace_in(std::string& text, std::string_view hint) {
    // Longer values first: a mail address before the name in it.
    for (const std::string& value : longest_first_)
      if (text.find(value) != std::string::npos) replace_all(text, value, stand_in(value));
    std::vector<detect::Finding> found = detect::scan(text, hint);
    for (auto f = found.rbegin(); f != found.rend(); ++f) {
      const Way way = way_of(*f, may_);
      const std::string value = text.substr(f->start, f->end - f->start);
      if (way == Way::take_out) text.replace(f->start, f->end - f->start, taken_out);
      // What only now looks like something, perhaps a token, is left to the look that follows.
      const auto known = tokens_.find(value);
      if (way == Way::token && known != tokens_.end()) text.replace(f->start, f->end - f->start, known->second);
    }
  }

  std::string_view stand_in(const std::string& value) const {
    if (gone_.contains(value)) return taken_out;
    return tokens_.at(value);
  }

  const Label may_;
  std::map<std::string, std::string_view> values_;
  std::map<std::string, std::string> tokens_;
  std::set<std::string> gone_, kinds_;
  std::vector<std::string> longest_first_;
  bool possible_ = true;
};

}  // namespace

Pseudonyms::Pseudonyms(std::size_t most) : most_(most) { fill_random(key_); }

Pseudonyms::Conversation& Pseudonyms::conversation(const Digest& name) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    order_.splice(order_.begin(), order_, known->second);
    return *known->second;
  }
  order_.push_front({name, {}});
  by_name_.emplace(name, order_.begin());
  while (by_name_.size() > most_) {
    by_name_.erase(order_.back().name);
    order_.pop_back();
  }
  return order_.front();
}

// Those of the wanted values, and those that stand in the body already: a caller may send back what it never had restored.
std::optional<Pseudonyms::Tokens> Pseudonyms::tokens_for(const Digest& name, const std::map<std::string, std::string_view>& kinds,
                                                         std::string_view body) {
  const std::lock_guard lock(mutex_);
  Tokens& known = conversation(name).tokens;
  if (known.size() + kinds.size() > most_values) return std::nullopt;
  std::set<std::string> used;
  for (const auto& [value, token] : known) used.insert(token);
  Tokens wanted;
  for (const auto& [value, kind] : kinds) {
    std::string& token = known[value];
    while (token.empty() || (body.find(token) != std::string_view::npos && !used.contains(token)))
      if (token = fresh_token(kind); used.contains(token)) token.clear();
    used.insert(token);
    wanted.emplace(value, token);
  }
  for (const auto& [value, token] : known)
    if (body.find(token) != std::string_view::npos) wanted.emplace(value, token);
  return wanted;
}

std::optional<Replaced> Pseudonyms::replace(std::string_view tenant, std::string_view body, Label may) {
  auto value = json::read(body);
  if (!value) return std::nullopt;
  Rewriter rewriter(may);
  rewriter.find(*value, {}, 0);
  if (!rewriter.possible()) return std::nullopt;
  const std::string key(key_.begin(), key_.end());
  const Digest name = sha256(key + std::string(tenant) + "\n" + first_message(*value));
  auto tokens = tokens_for(name, rewriter.values(), body);
  if (!tokens) return std::nullopt;
  rewriter.use(std::move(*tokens));
  if (!rewriter.write(*value, {}, 0)) return std::nullopt;
  Replaced replaced{.body = json::write(*value), .restore = {}, .kinds = rewriter.kinds()};
  for (const auto& [original, token] : rewriter.tokens())
    if (replaced.body.find(token) != std::string::npos) replaced.restore.values.emplace_back(token, original);
  return replaced;
}

}  // namespace ajar::policy
