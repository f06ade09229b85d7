// cli/audit.cpp - `ajar audit verify|show|prove|reconcile`: the audit log, for whoever has its folder.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "audit/bundle.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/ledger_place.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "ledger/query.hpp"

namespace ajar::cli {
namespace {

Result<audit::LogReader> log_in(const AuditOptions& o) { return audit::LogReader::open(home_folder(o.home) / "audit", o.verifier); }

std::string hex_root(const audit::Checkpoint& c) { return to_hex(c.root); }

int verify(const AuditOptions& o, const audit::LogReader& log) {
  Status good = log.verify();
  std::uint64_t old_size = 0;
  // An older checkpoint, kept elsewhere: the log may have grown since, and has to begin with what it was.
  if (good && !o.since_checkpoint.empty()) {
    const auto note = read_file(o.since_checkpoint);
    if (!note) return complain(note.error());
    const auto text = o.verifier.empty() ? read_file(home_folder(o.home) / "audit" / "verifier") : Result<std::string>(o.verifier);
    if (!text) return complain(text.error());
    const auto verifier = audit::verifier_named(trim(*text));
    if (!verifier) return complain(verifier.error());
    const auto old = audit::checkpoint_of(*note, *verifier);
    if (!old) return complain(old.error());
    old_size = old->size;
    const auto root = old->size <= log.size() ? log.subtree(0, old->size) : Result<Digest>(fail(Fault::bad_request, ""));
    if (!root || *root != old->root)
      good = fail(Fault::bad_request,
                  fmt::format("the log does not begin with the {} records of the older checkpoint: it was cut or rewritten", old->size));
  }
  if (o.json)
    fmt::print("{}\n", json::write_pretty(json::Value{{"whole", good.has_value()},
                                                      {"why", good ? json::Value() : json::Value(std::string(good.error().message))},
                                                      {"records", static_cast<std::int64_t>(log.size())},
                                                      {"root", hex_root(log.checkpoint())}}));
  else if (good)
    fmt::print("whole: {} records, root {}, signed by {}{}\n", log.size(), hex_root(log.checkpoint()).substr(0, 16),
               log.checkpoint().origin, old_size > 0 ? fmt::format("; it begins with the {} of the older checkpoint", old_size) : "");
  else
    fmt::print("NOT WHOLE: {}\n", std::string_view(good.error().message));
  return good ? 0 : 1;
}

int show(const AuditOptions& o, const audit::LogReader& log) {
  const std::uint64_t from = log.size() > o.last ? log.size() - o.last : 0;
  const Status read = log.each(from, log.size(), [&](std::uint64_t n, std::string_view record) {
    if (o.json) return fmt::print("{}\n", record);
    const auto value = json::read(record);
    if (!value) return;
    const json::Value& v = *value;
    fmt::print("{:>8} {} {:<10} {:<14} {:<22} {:<9} {}\n", n, v["at"].text(), v["tenant"].text(),
               v["label"].text().empty() ? "public" : v["label"].text(),
               v["attempts"].array() != nullptr && v["attempts"].array()->empty() ? "nowhere" : v["deployment"].text(), v["outcome"].text(),
               v["reason"].text());
  });
  return read ? 0 : complain(read.error());
}

// Records come in order of their end, times are of their begin: the range that holds all of the asked time.
Result<std::pair<std::uint64_t, std::uint64_t>> range_of(const AuditOptions& o, const audit::LogReader& log) {
  const auto time = [](const std::string& text, std::string_view option) -> Result<std::string> {
    if (text.empty()) return std::string();
    const auto at = parse_rfc3339(text);
    if (!at) return fail(Fault::config, fmt::format("{}: \"{}\" is no date; write e.g. 2026-12-01", option, text));
    return rfc3339(*at);
  };
  const auto from = time(o.from, "--from"), until = time(o.until, "--until");
  if (!from || !until) return std::unexpected((from ? until : from).error());
  std::uint64_t first = log.size(), last = 0;
  const Status read = log.each(0, log.size(), [&](std::uint64_t n, std::string_view record) {
    const auto value = json::read(record);
    const std::string_view at = value ? (*value)["at"].text() : std::string_view();
    if ((!from->empty() && at < *from) || (!until->empty() && at >= *until)) return;
    first = std::min(first, n);
    last = std::max(last, n + 1);
  });
  if (!read) return std::unexpected(read.error());
  return std::pair(std::min(first, last), last);
}

int prove(const AuditOptions& o, const audit::LogReader& log) {
  const auto range = range_of(o, log);
  if (!range) return complain(range.error());
  const auto bundle = audit::bundle_of(log, range->first, range->second);
  if (!bundle) return complain(bundle.error());
  if (o.out.empty()) {
    fmt::print("{}\n", *bundle);
    return 0;
  }
  if (auto written = write_private(o.out, *bundle + "\n"); !written) return complain(written.error());
  const auto value = json::read(*bundle);
  fmt::print(
      "{}\n{} holds {} records and their proof; whoever gets it checks it with\n\n  ajar-verify {} VERIFIER\n\nVERIFIER is in {}; give it "
      "to them by another way.\n",
      value ? (*value)["summary"].text() : "", o.out, range->second - range->first, o.out,
      (home_folder(o.home) / "audit" / "verifier").string());
  return 0;
}

// Every settled exchange of the ledger is in the log once, and nothing else is.
int reconcile(const AuditOptions& o, const audit::LogReader& log) {
  std::map<std::string, std::int64_t> counts;
  std::int64_t in_log = 0, in_ledger = 0;
  if (auto read = log.each(0, log.size(),
                           [&](std::uint64_t, std::string_view record) {
                             ++in_log;
                             if (const auto value = json::read(record)) ++counts[std::string((*value)["id"].text())];
                           });
      !read)
    return complain(read.error());
  const auto place = ledger_place(o.home);
  if (!place) return complain(place.error());
  const auto database = open_ledger(*place);
  if (!database) return complain(database.error());
  const Status read_ledger = ledger::newest(**database, {}, std::numeric_limits<std::int64_t>::max(), true, [&](const ledger::Entry& e) {
    if (e.outcome == ledger::Outcome::open) return;
    ++in_ledger;
    --counts[e.id];
  });
  if (!read_ledger) return complain(read_ledger.error());
  std::vector<std::string> off;
  for (const auto& [id, count] : counts)
    if (count != 0)
      off.push_back(fmt::format("{}: {} in the log than in the ledger", id,
                                count > 0 ? fmt::format("{} more", count) : fmt::format("{} fewer", -count)));
  if (o.json) {
    json::Array list;
    for (const std::string& one : off) list.emplace_back(one);
    fmt::print("{}\n", json::write_pretty(json::Value{{"in_log", in_log}, {"in_ledger", in_ledger}, {"off", std::move(list)}}));
  } else {
    for (const std::string& one : off) fmt::print("{}\n", one);
    fmt::print("{} exchanges in the log, {} in the ledger, {} off\n", in_log, in_ledger, off.size());
  }
  return off.empty() ? 0 : 1;
}

}  // namespace

int audit(const AuditOptions& o) {
  const auto log = log_in(o);
  if (!log) return complain(log.error());
  if (o.action == "verify") return verify(o, *log);
  if (o.action == "show") return show(o, *log);
  return o.action == "prove" ? prove(o, *log) : reconcile(o, *log);
}

}  // namespace ajar::cli
