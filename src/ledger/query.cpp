// ledger/query.cpp - questions as SQL, and following the journal.
#include "ledger/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "ledger/reader.hpp"
#include "ledger/record.hpp"
#include "ledger/rows.hpp"

namespace ajar::ledger {
namespace {

constexpr std::array<std::string_view, 8> names{"model", "deployment", "tenant", "key", "day", "zone", "provider", "outcome"};

struct Condition {
  std::string_view column;
  const std::string& value;
};

std::array<Condition, 5> conditions(const Filter& filter) {
  return {{{"model", filter.model}, {"deployment", filter.deployment}, {"tenant", filter.tenant}, {"key", filter.key}, {"id", filter.id}}};
}

std::string where(const Filter& filter) {
  std::string text = " WHERE 1";
  if (filter.since) text += " AND began >= ?1";
  if (filter.until) text += " AND began < ?2";
  int index = 3;
  for (const Condition& condition : conditions(filter)) {
    if (!condition.value.empty()) text += fmt::format(" AND {} = ?{}", condition.column, index);
    ++index;
  }
  return text;
}

void bind(Statement& statement, const Filter& filter) {
  if (filter.since) statement.bind(1, filter.since->time_since_epoch().count());
  if (filter.until) statement.bind(2, filter.until->time_since_epoch().count());
  int index = 3;
  for (const Condition& condition : conditions(filter)) {
    if (!condition.value.empty()) statement.bind(index, std::string_view(condition.value));
    ++index;
  }
}

}  // namespace

bool matches(const Filter& filter, const Entry& e) noexcept {
  if ((filter.since && e.began < *filter.since) || (filter.until && e.began >= *filter.until)) return false;
  const auto is = [](const std::string& wanted, const std::string& value) { return wanted.empty() || wanted == value; };
  return is(filter.model, e.model) && is(filter.deployment, e.deployment) && is(filter.tenant, e.tenant) && is(filter.key, e.key) &&
         is(filter.id, e.id);
}

bool is_unpriced(const Entry& e) noexcept {
  return !e.cost && e.outcome != Outcome::open && (e.outcome != Outcome::failed || e.usage.reported);
}

Status newest(const Database& database, const Filter& filter, std::int64_t limit, bool ascending, const See& see) {
  std::string sql =
      fmt::format("SELECT {}, position FROM entries{} ORDER BY began DESC, position DESC LIMIT ?8", entry_columns, where(filter));
  if (ascending) sql = fmt::format("SELECT * FROM ({}) ORDER BY began, position", sql);
  auto statement = database.prepare(sql);
  if (!statement) return forward(std::move(statement));
  bind(*statement, filter);
  statement->bind(8, limit);
  for (;;) {
    auto row = statement->step();
    if (!row) return forward(std::move(row));
    if (!*row) return ok();
    see(entry_of(*statement));
  }
}

std::span<const std::string_view> by_names() noexcept { return names; }
std::string_view name_of(By by) noexcept { return names[static_cast<std::size_t>(by)]; }

std::optional<By> by_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<By>(found - names.begin());
}

Result<std::vector<Sum>> sums(const Database& database, const Filter& filter, By by) {
  // The condition for `unpriced` is is_unpriced. An order by group is the last word, so that the same rows give the same answer.
  const std::string group = by == By::day ? "date(began / 1000000000, 'unixepoch')" : std::string(name_of(by));
  auto statement = database.prepare(
      fmt::format("SELECT {0}, simulated, count(*), sum(outcome = 'answered'), sum(outcome = 'failed'), sum(outcome = 'cut'), sum(outcome "
                  "= 'cancelled'), "
                  "sum(outcome = 'open'), sum(cost_nanos IS NULL AND outcome <> 'open' AND (outcome <> 'failed' OR usage_reported)), "
                  "sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(audio_input), "
                  "sum(audio_output), "
                  "sum(image_input), coalesce(sum(cost_nanos), 0) FROM entries{1} GROUP BY 1, 2 ORDER BY {2} 1, 2",
                  group, where(filter), by == By::day ? "" : "3 DESC,"));
  if (!statement) return forward(std::move(statement));
  bind(*statement, filter);
  std::vector<Sum> all;
  for (;;) {
    auto row = statement->step();
    if (!row) return forward(std::move(row));
    if (!*row) return all;
    Sum& s = all.emplace_back();
    s.group = statement->text(0);
    s.simulated = statement->integer(1) != 0;
    int column = 2;
    for (std::int64_t* count : {&s.requests, &s.answered, &s.failed, &s.cut, &s.cancelled, &s.open, &s.unpriced, &s.usage.input,
                                &s.usage.cache_read, &s.usage.cache_write_5m, &s.usage.cache_write_1h, &s.usage.output, &s.usage.reasoning,
                                &s.usage.audio_input, &s.usage.audio_output, &s.usage.image_input, &s.cost.nanos})
      *count = statement->integer(column++);
  }
}

Sum total(const std::vector<Sum>& all, bool simulated) {
  Sum sum;
  sum.group = "total";
  sum.simulated = simulated;
  for (const Sum& one : all) {
    if (one.simulated != simulated) continue;
    for (const auto count : {&Sum::requests, &Sum::answered, &Sum::failed, &Sum::cut, &Sum::cancelled, &Sum::open, &Sum::unpriced})
      sum.*count += one.*count;
    for (const auto tokens : {&Usage::input, &Usage::cache_read, &Usage::cache_write_5m, &Usage::cache_write_1h, &Usage::output,
                              &Usage::reasoning, &Usage::audio_input, &Usage::audio_output, &Usage::image_input})
      sum.usage.*tokens += one.usage.*tokens;
    sum.cost += one.cost;
  }
  return sum;
}

struct Follow::State {
  State(const std::filesystem::path& journal, Filter wanted, std::map<std::pair<int, std::int64_t>, std::optional<std::uint64_t>> known)
      : filter(std::move(wanted)),
        taken(std::move(known)),
        reader(journal, [this](const SegmentFile& file) -> Result<std::optional<std::uint64_t>> {
          const auto found = taken.find({file.lane, file.number});
          return found == taken.end() ? std::optional<std::uint64_t>(segment_head) : found->second;
        }) {}
  Filter filter;
  std::map<std::pair<int, std::int64_t>, std::optional<std::uint64_t>> taken;  // as the database had it; nothing: all of it
  JournalReader reader;
  Record record;
};

Follow::Follow(std::unique_ptr<State> state) : state_(std::move(state)) {}
Follow::~Follow() = default;

Result<std::unique_ptr<Follow>> Follow::start(const Database& database, const std::filesystem::path& journal, Filter filter,
                                              std::int64_t limit, const See& see) {
  // Rows, and how far they were taken, of the same moment.
  if (auto begun = database.run("BEGIN"); !begun) return forward(std::move(begun));
  Status shown = newest(database, filter, limit, true, see);
  std::map<std::pair<int, std::int64_t>, std::optional<std::uint64_t>> taken;
  auto segments = database.prepare("SELECT lane, number, taken, done FROM segments");
  if (!segments) shown = forward(std::move(segments));
  while (shown) {
    auto row = segments->step();
    if (!row)
      shown = forward(std::move(row));
    else if (!*row)
      break;
    else
      taken[{static_cast<int>(segments->integer(0)), segments->integer(1)}] =
          segments->integer(3) != 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(segments->integer(2)));
  }
  if (segments) segments->reset();
  if (auto ended = database.run("COMMIT"); shown && !ended) shown = std::move(ended);
  if (!shown) return forward(std::move(shown));
  return std::unique_ptr<Follow>(new Follow(std::make_unique<State>(journal, std::move(filter), std::move(taken))));
}

Status Follow::next(const See& see) {
  auto cursors = state_->reader.look();
  if (!cursors) return forward(std::move(cursors));
  for (JournalReader::Cursor* cursor : *cursors) {
    while (cursor->reader.next() == Reader::Step::record) {
      if (auto decoded = decode(cursor->reader.bytes(), state_->record); !decoded) return decoded;
      if (state_->record.settled && matches(state_->filter, state_->record.entry)) see(state_->record.entry);
    }
    if (cursor->sealed) state_->reader.finish(*cursor);
  }
  return ok();
}

}  // namespace ajar::ledger
