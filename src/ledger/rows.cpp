// ledger/rows.cpp - one row per exchange.
#include "ledger/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/json.hpp"

namespace ajar::ledger {

const std::string_view entry_columns =
    "id, began, tenant, key, model, deployment, provider, upstream_model, zone, hosting, label, label_words, snapshot, stream, simulated, "
    "outcome, fault, status, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, audio_input, audio_output, image_input, "
    "usage_reported, cost_nanos, price_id, first_token_us, duration_us, attempts, reason, warnings, upstream_id";

namespace {

constexpr int columns = 36;

std::int64_t micros(Nanos time) noexcept { return std::chrono::duration_cast<std::chrono::microseconds>(time).count(); }
Nanos from_micros(std::int64_t count) noexcept { return std::chrono::microseconds(count); }

std::optional<Fault> fault_named(std::string_view name) noexcept {
  for (int code = 0; code <= static_cast<int>(Fault::internal); ++code)
    if (name_of(static_cast<Fault>(code)) == name) return static_cast<Fault>(code);
  return std::nullopt;
}

void attempts_to(std::string& out, const std::vector<Attempt>& attempts) {
  out.assign("[");
  for (const Attempt& attempt : attempts) {
    if (out.size() > 1) out += ',';
    out += R"({"deployment":)";
    json::quote_to(out, attempt.deployment);
    if (attempt.fault) fmt::format_to(std::back_inserter(out), R"(,"fault":"{}")", name_of(*attempt.fault));
    fmt::format_to(std::back_inserter(out), R"(,"status":{},"duration_us":{}}})", attempt.status, micros(attempt.duration));
  }
  out += ']';
}

void texts_to(std::string& out, const std::vector<std::string>& texts) {
  out.assign("[");
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    json::quote_to(out, text);
  }
  out += ']';
}

std::vector<Attempt> attempts_of(std::string_view text) {
  std::vector<Attempt> attempts;
  const auto value = json::read(text);
  if (!value || !value->is_array()) return attempts;
  for (const json::Value& one : *value->array())
    attempts.push_back({.deployment = std::string(one["deployment"].text()),
                        .fault = fault_named(one["fault"].text()),
                        .status = static_cast<int>(one["status"].integer().value_or(0)),
                        .duration = from_micros(one["duration_us"].integer().value_or(0))});
  return attempts;
}

std::vector<std::string> texts_of(std::string_view text) {
  std::vector<std::string> texts;
  const auto value = json::read(text);
  if (!value || !value->is_array()) return texts;
  for (const json::Value& one : *value->array()) texts.emplace_back(one.text());
  return texts;
}

std::array<std::int64_t, 9> classes_of(const Usage& u) noexcept {
  return {u.input, u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.audio_input, u.audio_output, u.image_input};
}

}  // namespace

Entry entry_of(const Statement& row) {
  Entry e;
  const auto text = [&row](int column) { return std::string(row.text(column)); };
  e.id = text(0);
  e.began = WallTime(Nanos(row.integer(1)));
  e.tenant = text(2), e.key = text(3), e.model = text(4), e.deployment = text(5), e.provider = text(6), e.upstream_model = text(7);
  e.zone = text(8), e.hosting = text(9);
  e.label = static_cast<std::uint64_t>(row.integer(10));
  e.label_words = text(11), e.snapshot = text(12);
  e.stream = row.integer(13) != 0, e.simulated = row.integer(14) != 0;
  e.outcome = outcome_named(row.text(15)).value_or(Outcome::open);
  if (!row.is_null(16)) e.fault = fault_named(row.text(16));
  e.status = static_cast<int>(row.integer(17));
  int column = 18;
  for (std::int64_t* tokens : {&e.usage.input, &e.usage.cache_read, &e.usage.cache_write_5m, &e.usage.cache_write_1h, &e.usage.output,
                               &e.usage.reasoning, &e.usage.audio_input, &e.usage.audio_output, &e.usage.image_input})
    *tokens = row.integer(column++);
  e.usage.reported = row.integer(27) != 0;
  if (!row.is_null(28)) e.cost = Money{row.integer(28)};
  e.price_id = text(29);
  if (!row.is_null(30)) e.first_token = from_micros(row.integer(30));
  e.duration = from_micros(row.integer(31));
  e.attempts = attempts_of(row.text(32));
  e.reason = text(33);
  e.warnings = texts_of(row.text(34));
  e.upstream_id = text(35);
  return e;
}

Result<std::unique_ptr<Rows>> Rows::prepare(const Database& database) {
  std::string marks;
  for (int i = 0; i < columns + 2; ++i) marks += i == 0 ? "?" : ",?";
  auto insert = database.prepare(fmt::format("INSERT OR REPLACE INTO entries({}, position, settled_in) VALUES({})", entry_columns, marks));
  if (!insert) return forward(std::move(insert));
  auto find = database.prepare("SELECT position FROM entries WHERE id = ? AND began = ? AND settled_in IS NULL ORDER BY position LIMIT 1");
  if (!find) return forward(std::move(find));
  return std::unique_ptr<Rows>(new Rows(std::move(*insert), std::move(*find)));
}

Status Rows::put(std::string_view bytes, std::int64_t segment, std::uint64_t offset) {
  if (auto decoded = decode(bytes, record_); !decoded) return decoded;
  const std::int64_t own = (segment << 32) | static_cast<std::int64_t>(offset);
  const std::int64_t began = record_.entry.began.time_since_epoch().count();
  key_.assign(record_.entry.id);
  key_.append(reinterpret_cast<const char*>(&began), sizeof began);
  if (!record_.settled) {
    waiting_[key_].push_back({.position = own, .bytes = std::string(bytes)});
    return ok();
  }
  std::int64_t position = own;
  if (const auto found = waiting_.find(key_); found != waiting_.end()) {
    position = found->second.front().position;
    found->second.erase(found->second.begin());
    if (found->second.empty()) waiting_.erase(found);
  } else {
    auto place = place_of(record_.entry, own);
    if (!place) return forward(std::move(place));
    position = *place;
  }
  return write(record_.entry, position, segment);
}

// The row of its intent, from an earlier block; its own where the intent is not there.
Result<std::int64_t> Rows::place_of(const Entry& entry, std::int64_t own) {
  find_.bind(1, std::string_view(entry.id));
  find_.bind(2, entry.began.time_since_epoch().count());
  auto row = find_.step();
  if (!row) return forward(std::move(row));
  const std::int64_t place = *row ? find_.integer(0) : own;
  find_.reset();
  return place;
}

Status Rows::end_block() {
  Record intent;
  for (const auto& [key, all] : waiting_) {
    for (const Waiting& one : all) {
      if (auto decoded = decode(one.bytes, intent); !decoded) return decoded;
      intent.entry.outcome = Outcome::open;
      if (auto written = write(intent.entry, one.position, std::nullopt); !written) return written;
    }
  }
  waiting_.clear();
  return ok();
}

void Rows::forget_block() { waiting_.clear(); }

Status Rows::write(const Entry& e, std::int64_t position, std::optional<std::int64_t> settled_in) {
  int column = 0;
  const auto text = [&](std::string_view value) { insert_.bind(++column, value); };
  const auto number = [&](std::optional<std::int64_t> value) { insert_.bind(++column, value); };
  text(e.id);
  number(e.began.time_since_epoch().count());
  for (const std::string* name : {&e.tenant, &e.key, &e.model, &e.deployment, &e.provider, &e.upstream_model, &e.zone, &e.hosting})
    text(*name);
  number(static_cast<std::int64_t>(e.label));
  text(e.label_words);
  text(e.snapshot);
  number(e.stream ? 1 : 0);
  number(e.simulated ? 1 : 0);
  text(name_of(e.outcome));
  if (e.fault)
    text(name_of(*e.fault));
  else
    number(std::nullopt);
  number(e.status);
  for (const std::int64_t tokens : classes_of(e.usage)) number(tokens);
  number(e.usage.reported ? 1 : 0);
  number(e.cost ? std::optional(e.cost->nanos) : std::nullopt);
  text(e.price_id);
  number(e.first_token ? std::optional(micros(*e.first_token)) : std::nullopt);
  number(micros(e.duration));
  attempts_to(attempts_, e.attempts);
  text(attempts_);
  text(e.reason);
  texts_to(warnings_, e.warnings);
  text(warnings_);
  text(e.upstream_id);
  number(position);
  number(settled_in);
  return insert_.run();
}

}  // namespace ajar::ledger
