// cli/ledger.cpp - `ajar ledger`: who used what, when, and what it cost; for people, as JSON and as CSV.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/ledger_place.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "ledger/format.hpp"
#include "ledger/query.hpp"
#include "ledger/store.hpp"

namespace ajar::cli {
namespace {

using ledger::Entry;
using ledger::Sum;

constexpr Millis look_every{200};

Result<std::optional<WallTime>> time_of(std::string_view option, const std::string& text) {
  if (text.empty()) return std::optional<WallTime>();
  if (const auto time = parse_rfc3339(text)) return time;
  return fail(Fault::config,
              fmt::format("{} {}: not a time; write a day as 2026-11-24, or a moment as 2026-11-24T15:00:00Z", option, text));
}

Result<ledger::Filter> filter_of(const LedgerOptions& o) {
  auto since = time_of("--since", o.since), until = time_of("--until", o.until);
  if (!since) return forward(std::move(since));
  if (!until) return forward(std::move(until));
  return ledger::Filter{
      .since = *since, .until = *until, .model = o.model, .deployment = o.deployment, .tenant = o.tenant, .key = o.key, .id = o.id};
}

// Characters, so that names in any script are aligned.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Table {
 public:
  // Columns whose head begins with '>' are aligned to the right.
  explicit Table(std::vector<std::string> heads) {
    for (std::string& head : heads) {
      right_.push_back(head.starts_with('>'));
      if (right_.back()) head.erase(0, 1);
      widths_.push_back(width_of(head));
    }
    rows_.push_back(std::move(heads));
  }
  void add(std::vector<std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], width_of(cells[i]));
    rows_.push_back(std::move(cells));
  }
  // What was added since the last time.
  void print() {
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths_[i] - width_of(row[i]), ' ');
        line += right_[i] ? padding + row[i] : row[i] + padding;
        line += "  ";
      }
      line.erase(line.find_last_not_of(' ') + 1);
      fmt::print("{}\n", line);
    }
    rows_.clear();
  }

 private:
  std::vector<bool> right_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

std::string shown(std::string_view text) { return text.empty() ? "-" : ledger::printable(text); }

std::string shown(const std::optional<Nanos>& time) {
  if (!time) return "-";
  const double milliseconds = static_cast<double>(time->count()) / 1e6;
  return milliseconds < 1000 ? fmt::format("{:.1f} ms", milliseconds) : fmt::format("{:.2f} s", milliseconds / 1000);
}

std::string cost_of(const Entry& e) {
  if (e.cost) return to_string(*e.cost);
  return ledger::is_unpriced(e) ? "unpriced" : "-";
}

std::string outcome_of(const Entry& e) {
  std::string text(name_of(e.outcome));
  if (e.fault && *e.fault != Fault::cancelled) text += fmt::format(" ({})", name_of(*e.fault));
  return text;
}

std::string label_of(const Entry& e) {
  if (!e.label_words.empty()) return ledger::printable(e.label_words);
  return e.label == 0 ? "public" : fmt::format("{:#x}", e.label);
}

std::int64_t cache_written(const Usage& u) { return u.cache_write_5m + u.cache_write_1h; }

Table entries_table() {
  return Table({"BEGAN", "TENANT/KEY", "MODEL", "DEPLOYMENT", "ZONE", "LABEL", ">IN", ">CACHED", ">WRITTEN", ">OUT", ">REASONING", ">USD",
                ">FIRST", ">TOOK", ">TRIES", "OUTCOME", "ID", "REASON"});
}

std::vector<std::string> cells_of(const Entry& e) {
  const Usage& u = e.usage;
  return {rfc3339(e.began),
          shown(e.tenant + "/" + e.key),
          shown(e.model),
          shown(e.deployment) + (e.simulated ? " (simulated)" : ""),
          shown(e.zone),
          label_of(e),
          fmt::to_string(u.input + u.audio_input + u.image_input),
          fmt::to_string(u.cache_read),
          fmt::to_string(cache_written(u)),
          fmt::to_string(u.output + u.audio_output),
          fmt::to_string(u.reasoning),
          cost_of(e),
          shown(e.first_token),
          e.outcome == ledger::Outcome::open ? "-" : shown(std::optional(e.duration)),
          fmt::to_string(e.attempts.size()),
          outcome_of(e),
          shown(e.id),
          shown(e.reason)};
}

void tell(std::string_view name, std::string_view value) { fmt::print("{:<15} {}\n", name, value); }

std::string tokens_text(const Usage& u) {
  const std::pair<std::string_view, std::int64_t> classes[] = {{"input", u.input},
                                                               {"cache read", u.cache_read},
                                                               {"cache write 5m", u.cache_write_5m},
                                                               {"cache write 1h", u.cache_write_1h},
                                                               {"output", u.output},
                                                               {"reasoning", u.reasoning},
                                                               {"audio input", u.audio_input},
                                                               {"audio output", u.audio_output},
                                                               {"image input", u.image_input}};
  std::string text;
  for (const auto& [name, count] : classes)
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  if (text.empty()) text = "none";
  return u.reported ? text : text + " (not reported by the upstream)";
}

// One entry with everything that is known of it.
void print_whole(const Entry& e) {
  tell("id", shown(e.id));
  tell("began", rfc3339(e.began));
  tell("tenant, key", shown(e.tenant) + ", " + shown(e.key));
  tell("model", shown(e.model) + (e.stream ? " (streamed)" : ""));
  tell("deployment", shown(e.deployment) + (e.simulated ? " (simulated)" : ""));
  tell("provider", shown(e.provider) + ", model " + shown(e.upstream_model));
  tell("zone, hosting", shown(e.zone) + ", " + shown(e.hosting));
  tell("label", label_of(e));
  tell("outcome", outcome_of(e) + (e.status == 0 ? "" : fmt::format(", status {}", e.status)));
  tell("tokens", tokens_text(e.usage));
  tell("cost", e.cost ? fmt::format("{} USD ({} nanos), price {}", to_string(*e.cost), e.cost->nanos, shown(e.price_id)) : cost_of(e));
  tell("first, whole", shown(e.first_token) + ", " + (e.outcome == ledger::Outcome::open ? "-" : shown(std::optional(e.duration))));
  tell("reason", shown(e.reason));
  int number = 0;
  for (const ledger::Attempt& attempt : e.attempts)
    tell(fmt::format("attempt {}", ++number),
         fmt::format("{}: {}{}, {}", shown(attempt.deployment), attempt.fault ? name_of(*attempt.fault) : "answered",
                     attempt.status == 0 ? "" : fmt::format(", status {}", attempt.status), shown(std::optional(attempt.duration))));
  for (const std::string& warning : e.warnings) tell("warning", shown(warning));
  tell("upstream id", shown(e.upstream_id));
  tell("snapshot", shown(e.snapshot));
}

// Prints entries in the form that was asked for.
class Printer {
 public:
  explicit Printer(const LedgerOptions& options) : options_(options), table_(entries_table()) {
    if (options.csv) fmt::print("{}", ledger::csv_head_of_entries());
  }
  void operator()(const Entry& entry) {
    ++count_;
    if (options_.json)
      fmt::print("{}", ledger::json_line(entry));
    else if (options_.csv)
      fmt::print("{}", ledger::csv_line(entry));
    else if (!options_.id.empty())
      fmt::print("{}", count_ > 1 ? "\n" : ""), print_whole(entry);
    else
      table_.add(cells_of(entry));
  }
  void flush() {
    if (!options_.json && !options_.csv && options_.id.empty()) table_.print();
    std::fflush(stdout);
  }
  std::int64_t count() const { return count_; }

 private:
  const LedgerOptions& options_;
  Table table_;
  std::int64_t count_ = 0;
};

int show(const LedgerOptions& options, const ledger::Database& database, const ledger::Filter& filter) {
  Printer printer(options);
  auto done = ledger::newest(database, filter, options.limit, false, [&printer](const Entry& entry) { printer(entry); });
  if (!done) return complain(done.error());
  if (printer.count() == 0 && !options.id.empty())
    return complain(fail(Fault::not_found, fmt::format("no entry with the id {}", ledger::printable(options.id))).error());
  if (printer.count() == 0 && !options.json && !options.csv)
    fmt::print("no entries\n");
  else
    printer.flush();
  return 0;
}

int tail(const LedgerOptions& options, const ledger::Database& database, const LedgerPlace& place, const ledger::Filter& filter) {
  Printer printer(options);
  const auto see = [&printer](const Entry& entry) { printer(entry); };
  auto follow = ledger::Follow::start(database, place.journal, filter, options.limit, see);
  if (!follow) return complain(follow.error());
  for (;;) {
    printer.flush();
    if (std::ferror(stdout) != 0) return 0;  // nobody reads any more
    std::this_thread::sleep_for(look_every);
    if (auto seen = (*follow)->next(see); !seen) return complain(seen.error());
  }
}

std::vector<std::string> cells_of(const Sum& s) {
  const Usage& u = s.usage;
  return {shown(s.group) + (s.simulated ? " (simulated)" : ""),
          fmt::to_string(s.requests),
          fmt::to_string(s.failed),
          fmt::to_string(s.cut),
          fmt::to_string(s.cancelled),
          fmt::to_string(s.open),
          fmt::to_string(u.input),
          fmt::to_string(u.cache_read),
          fmt::to_string(cache_written(u)),
          fmt::to_string(u.output),
          fmt::to_string(u.reasoning),
          fmt::to_string(u.audio_input + u.audio_output + u.image_input),
          to_string(s.cost),
          fmt::to_string(s.unpriced)};
}

int sum(const LedgerOptions& options, const ledger::Database& database, const ledger::Filter& filter) {
  const auto by = ledger::by_named(options.by);
  if (!by) {
    const auto near = nearest(options.by, ledger::by_names());
    std::vector<std::string> all(ledger::by_names().begin(), ledger::by_names().end());
    return complain(fail(Fault::config, near ? fmt::format("--by {}: there is no such grouping; {} is meant?", options.by, *near)
                                             : fmt::format("--by {}: there is no such grouping; there are {}", options.by, join(all, ", ")))
                        .error());
  }
  const auto groups = ledger::sums(database, filter, *by);
  if (!groups) return complain(groups.error());
  if (options.json || options.csv) {
    fmt::print("{}", options.json ? ledger::json_of(*groups, *by) : ledger::csv_of(*groups, *by));
    return 0;
  }
  std::string head(name_of(*by));
  std::ranges::transform(head, head.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  Table table({head, ">REQUESTS", ">FAILED", ">CUT", ">CANCELLED", ">OPEN", ">INPUT", ">CACHE READ", ">CACHE WRITE", ">OUTPUT",
               ">REASONING", ">AUDIO, IMAGE", ">USD", ">UNPRICED"});
  for (const Sum& group : *groups) table.add(cells_of(group));
  for (const bool simulated : {false, true})
    if (std::ranges::any_of(*groups, [simulated](const Sum& s) { return s.simulated == simulated; }))
      table.add(cells_of(ledger::total(*groups, simulated)));
  if (groups->empty())
    fmt::print("no entries\n");
  else
    table.print();
  return 0;
}

int rebuild(const LedgerPlace& place) {
  const auto rebuilt = ledger::rebuild(place.journal, place.database);
  if (!rebuilt) return complain(rebuilt.error());
  fmt::print("{} entries, {} of them open, in {}\n", rebuilt->entries, rebuilt->open, place.database.string());
  if (rebuilt->kept > 0)
    fmt::print("{} of them stayed as they were: their segments are no longer in {}\n", rebuilt->kept, place.journal.string());
  for (const std::string& damaged : rebuilt->damaged) fmt::print(stderr, "ajar: damaged: {}; what follows in it is lost\n", damaged);
  return 0;
}

}  // namespace

int ledger(const LedgerOptions& options) {
  const auto place = ledger_place(options.home);
  if (!place) return complain(place.error());
  if (options.action == "rebuild") return rebuild(*place);
  const auto filter = filter_of(options);
  if (!filter) return complain(filter.error());
  const auto database = open_ledger(*place);
  if (!database) return complain(database.error());
  if (options.action == "show") return show(options, **database, *filter);
  if (options.action == "tail") return tail(options, **database, *place, *filter);
  if (options.action == "sum") return sum(options, **database, *filter);
  return complain(fail(Fault::config, fmt::format("ajar ledger {}: there is show, tail, sum and rebuild", options.action)).error());
}

}  // namespace ajar::cli
