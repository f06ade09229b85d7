// ledger/format.cpp - the same fields as JSON and as CSV.
#include "ledger/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/csv.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::ledger {
namespace {

using json::Value;

std::int64_t micros(Nanos time) noexcept { return std::chrono::duration_cast<std::chrono::microseconds>(time).count(); }

// How many bytes the character of UTF-8 at the beginning has; 0 = none is there.
std::size_t character(std::string_view text) noexcept {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = first < 0x80U                     ? 1
                           : first >= 0xC2U && first < 0xE0U ? 2
                           : first >= 0xE0U && first < 0xF0U ? 3
                           : first >= 0xF0U && first < 0xF5U ? 4
                                                             : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<std::uint8_t>(text[i]) & 0xC0U) != 0x80U) return 0;
  const auto second = size > 1 ? static_cast<std::uint8_t>(text[1]) : std::uint8_t{0};
  const bool too_long = (first == 0xE0U && second < 0xA0U) || (first == 0xF0U && second < 0x90U);
  const bool beyond = (first == 0xEDU && second >= 0xA0U) || (first == 0xF4U && second >= 0x90U);
  return too_long || beyond ? 0 : size;
}

template <class Keep>
std::string cleaned(std::string_view text, Keep keep) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size == 0 || !keep(text.substr(0, size)))
      out += '?';
    else
      out += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string utf8(std::string_view text) {
  return cleaned(text, [](std::string_view) { return true; });
}

Value optional_micros(const std::optional<Nanos>& time) { return time ? Value(micros(*time)) : Value(); }

Value tokens_of(const Usage& u) {
  return Value{{"input", u.input},
               {"cache_read", u.cache_read},
               {"cache_write_5m", u.cache_write_5m},
               {"cache_write_1h", u.cache_write_1h},
               {"output", u.output},
               {"reasoning", u.reasoning},
               {"audio_input", u.audio_input},
               {"audio_output", u.audio_output},
               {"image_input", u.image_input}};
}

Value attempts_of(const std::vector<Attempt>& attempts) {
  json::Array all;
  for (const Attempt& attempt : attempts)
    all.push_back(Value{{"deployment", utf8(attempt.deployment)},
                        {"fault", attempt.fault ? Value(name_of(*attempt.fault)) : Value()},
                        {"status", attempt.status},
                        {"duration_us", micros(attempt.duration)}});
  return all;
}

Value warnings_of(const std::vector<std::string>& warnings) {
  json::Array all;
  for (const std::string& warning : warnings) all.push_back(utf8(warning));
  return all;
}

// Every field of an entry, in order; nested ones are flattened in CSV.
Value fields_of(const Entry& e) {
  return Value{{"id", utf8(e.id)},
               {"began", rfc3339(e.began)},
               {"tenant", utf8(e.tenant)},
               {"key", utf8(e.key)},
               {"model", utf8(e.model)},
               {"deployment", utf8(e.deployment)},
               {"provider", utf8(e.provider)},
               {"upstream_model", utf8(e.upstream_model)},
               {"zone", utf8(e.zone)},
               {"hosting", utf8(e.hosting)},
               {"label", utf8(e.label_words)},
               {"label_bits", fmt::format("{:#x}", e.label)},
               {"snapshot", utf8(e.snapshot)},
               {"stream", e.stream},
               {"simulated", e.simulated},
               {"outcome", name_of(e.outcome)},
               {"fault", e.fault ? Value(name_of(*e.fault)) : Value()},
               {"status", e.status},
               {"tokens", tokens_of(e.usage)},
               {"usage_reported", e.usage.reported},
               {"cost_nanos", e.cost ? Value(e.cost->nanos) : Value()},
               {"cost_usd", e.cost ? Value(to_string(*e.cost)) : Value()},
               {"unpriced", is_unpriced(e)},
               {"price_id", utf8(e.price_id)},
               {"first_token_us", optional_micros(e.first_token)},
               {"duration_us", micros(e.duration)},
               {"attempts", attempts_of(e.attempts)},
               {"reason", utf8(e.reason)},
               {"warnings", warnings_of(e.warnings)},
               {"upstream_id", utf8(e.upstream_id)}};
}

Value fields_of(const Sum& s, std::string_view by) {
  return Value{{by, utf8(s.group)},          {"simulated", s.simulated},
               {"requests", s.requests},     {"answered", s.answered},
               {"failed", s.failed},         {"cut", s.cut},
               {"cancelled", s.cancelled},   {"open", s.open},
               {"unpriced", s.unpriced},     {"tokens", tokens_of(s.usage)},
               {"cost_nanos", s.cost.nanos}, {"cost_usd", to_string(s.cost)}};
}

std::string plain(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? std::string(value.text()) : json::write(value);
}

// Tokens get a column each; lists stay JSON in one.
std::string csv_line(const Value& fields, bool heads) {
  std::vector<std::string> cells;
  for (const json::Member& member : fields.object()->members) {
    if (const json::Object* nested = member.value.object())
      for (const json::Member& one : nested->members) cells.push_back(csv_field(heads ? one.key + "_tokens" : plain(one.value)));
    else
      cells.push_back(csv_field(heads ? member.key : plain(member.value)));
  }
  return join(cells, ",") + "\r\n";
}

}  // namespace

std::string json_line(const Entry& entry) { return json::write(fields_of(entry)) + "\n"; }
std::string csv_line(const Entry& entry) { return csv_line(fields_of(entry), false); }

std::string_view csv_head_of_entries() noexcept {
  static const std::string head = csv_line(fields_of(Entry{}), true);
  return head;
}

std::string json_of(const std::vector<Sum>& sums, By by) {
  json::Array groups;
  for (const Sum& sum : sums) groups.push_back(fields_of(sum, name_of(by)));
  const auto whole = [&](bool simulated) {
    Value fields = fields_of(total(sums, simulated), "by");
    fields.object()->erase("by");
    return fields;
  };
  Value all{{"by", name_of(by)}, {"groups", std::move(groups)}, {"total", whole(false)}};
  if (std::ranges::any_of(sums, &Sum::simulated)) all.set("simulated_total", whole(true));
  return json::write(all) + "\n";
}

std::string csv_of(const std::vector<Sum>& sums, By by) {
  std::string text = csv_line(fields_of(Sum{}, name_of(by)), true);
  for (const Sum& sum : sums) text += csv_line(fields_of(sum, name_of(by)), false);
  return text;
}

std::string printable(std::string_view text) {
  return cleaned(text, [](std::string_view one) {
    const auto first = static_cast<std::uint8_t>(one.front()),
               second = one.size() > 1 ? static_cast<std::uint8_t>(one[1]) : std::uint8_t{0};
    return first >= 0x20U && first != 0x7FU && !(first == 0xC2U && second < 0xA0U);
  });
}

}  // namespace ajar::ledger
