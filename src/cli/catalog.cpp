// cli/catalog.cpp - `ajar catalog`: what is known of models, prices, scores and GPUs, and where it comes from.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "catalog/import.hpp"
#include "catalog/review.hpp"
#include "cli/fetch.hpp"
#include "cli/home.hpp"
#include "cli/planner.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "config/benchmarks.hpp"
#include "config/facts.hpp"

namespace ajar::cli {
namespace {

struct All {
  catalog::Catalog catalog;
  catalog::Benchmarks benchmarks;
  WallTime at;
};

std::string dollars(Money m) { return to_string(m); }
std::string maybe(const std::optional<Money>& m) { return m ? to_string(*m) : "-"; }

json::Value value_of(const catalog::Price& p) {
  json::Value out{{"id", p.id},
                  {"provider", p.provider},
                  {"model", p.model},
                  {"service", p.service},
                  {"region", p.region},
                  {"from", rfc3339(p.from)},
                  {"until", p.until ? json::Value(rfc3339(*p.until)) : json::Value()},
                  {"above_input_tokens", p.above_input_tokens},
                  {"up_to_input_tokens", p.up_to_input_tokens},
                  {"input", dollars(p.input)},
                  {"output", dollars(p.output)},
                  {"cache_read", p.cache_read ? json::Value(dollars(*p.cache_read)) : json::Value()},
                  {"cache_write", p.cache_write_5m ? json::Value(dollars(*p.cache_write_5m)) : json::Value()},
                  {"source", p.source.url},
                  {"date", p.source.date}};
  if (!p.source.note.empty()) out.set("note", p.source.note);
  return out;
}

void print_row(const catalog::Price& p) {
  std::string when = rfc3339(p.from).substr(0, 10);
  if (p.until) when += " to " + rfc3339(*p.until).substr(0, 10);
  if (p.hours != catalog::all_hours) when += ", some hours";
  if (p.days != catalog::all_days) when += ", some days";
  std::string size;
  if (p.above_input_tokens > 0) size += fmt::format(" above {}K", p.above_input_tokens / 1000);
  if (p.up_to_input_tokens > 0) size += fmt::format(" up to {}K", p.up_to_input_tokens / 1000);
  fmt::print("{:<15} {:<26} {:<10}{:<4} {:>8} {:>8} {:>8}  {}{}\n", p.provider, p.model, p.service, p.region, dollars(p.input),
             maybe(p.cache_read), dollars(p.output), when, size);
}

bool wanted(const CatalogOptions& o, std::string_view provider, std::string_view model) {
  return (o.provider.empty() || provider == o.provider) && (o.model.empty() || model == o.model);
}

int list(const CatalogOptions& o, const All& all) {
  json::Array rows;
  if (o.what == "models") {
    for (const catalog::Model& m : all.catalog.models()) {
      if (!wanted(o, o.provider, m.id) || (o.open && !m.open_weights) || (o.closed && m.open_weights)) continue;
      rows.push_back(json::Value{{"id", m.id},
                                 {"maker", m.maker},
                                 {"released", m.released},
                                 {"open", m.open_weights},
                                 {"context", m.context_tokens},
                                 {"source", m.source.url},
                                 {"date", m.source.date}});
      if (!o.json)
        fmt::print("{:<28} {:<12} {:<11} {:<7} {:>9}  {}\n", m.id, m.maker, m.released, m.open_weights ? "open" : "closed",
                   m.context_tokens, m.source.date);
    }
  } else if (o.what == "prices") {
    for (const catalog::Price& p : all.catalog.prices()) {
      const catalog::Model* m = all.catalog.model(p.model);
      if (!wanted(o, p.provider, p.model) || (o.open && (m == nullptr || !m->open_weights)) ||
          (o.closed && m != nullptr && m->open_weights))
        continue;
      if (!o.at.empty() && !(all.at >= p.from && (!p.until || all.at < *p.until))) continue;
      rows.push_back(value_of(p));
      if (!o.json) print_row(p);
    }
  } else if (o.what == "benchmarks") {
    for (const catalog::Score& s : all.benchmarks.scores) {
      if (!wanted(o, o.provider, s.model)) continue;
      rows.push_back(json::Value{{"model", s.model},
                                 {"benchmark", s.benchmark},
                                 {"task", s.task},
                                 {"score", s.score},
                                 {"variant", s.variant},
                                 {"source", s.source.url},
                                 {"date", s.source.date}});
      if (!o.json) fmt::print("{:<28} {:<36} {:<13} {:>8g}  {:<10} {}\n", s.model, s.benchmark, s.task, s.score, s.source.date, s.variant);
    }
  } else {
    const auto known = planner();
    if (!known) return complain(known.error());
    if (o.what == "gpus")
      for (const catalog::Gpu& g : (*known)->gpus) {
        rows.push_back(json::Value{{"id", g.id},
                                   {"name", g.name},
                                   {"memory_gb", g.memory / 1e9},
                                   {"bandwidth_tb_s", g.bandwidth / 1e12},
                                   {"bf16_tflops", g.bf16 / 1e12},
                                   {"fp8_tflops", g.fp8 / 1e12},
                                   {"reserved_usd_h", g.reserved ? json::Value(*g.reserved) : json::Value()},
                                   {"source", g.source.url},
                                   {"date", g.source.date}});
        if (!o.json)
          fmt::print("{:<16} {:>5.0f} GB {:>6.2f} TB/s {:>6.0f} / {:>6.0f} TFLOP/s bf16 / fp8  {}\n", g.id, g.memory / 1e9,
                     g.bandwidth / 1e12, g.bf16 / 1e12, g.fp8 / 1e12, g.source.date);
      }
    else
      for (const catalog::Shape& s : (*known)->shapes) {
        rows.push_back(json::Value{{"id", s.id},
                                   {"total_b", s.total() / 1e9},
                                   {"active_b", s.active() / 1e9},
                                   {"kv_elements_per_token", s.kv_elements()},
                                   {"layers", s.layers},
                                   {"source", s.source.url},
                                   {"date", s.source.date}});
        if (!o.json)
          fmt::print("{:<20} {:>8.1f} billion, {:>6.1f} active, {:>7.0f} KV elements a token, {} layers\n", s.id, s.total() / 1e9,
                     s.active() / 1e9, s.kv_elements(), s.layers);
      }
  }
  if (o.json) fmt::print("{}\n", json::write_pretty(json::Value{{o.what, std::move(rows)}}));
  return 0;
}

int show(const CatalogOptions& o, const All& all) {
  const catalog::Model* m = all.catalog.model(o.id);
  if (m == nullptr) {
    std::vector<std::string_view> names;
    for (const catalog::Model& known : all.catalog.models()) names.push_back(known.id);
    const auto near = nearest(o.id, names);
    return complain(fail(Fault::config, fmt::format("the model \"{}\" is not in the catalogue{}; `ajar catalog list models` shows all",
                                                    o.id, near ? fmt::format("; did you mean \"{}\"?", *near) : ""))
                        .error());
  }
  if (o.json) {
    json::Array prices, scores, levels;
    for (const catalog::Price& p : all.catalog.prices())
      if (p.model == m->id) prices.push_back(value_of(p));
    for (const catalog::Score& s : all.benchmarks.scores)
      if (s.model == m->id)
        scores.push_back(json::Value{{"benchmark", s.benchmark},
                                     {"task", s.task},
                                     {"score", s.score},
                                     {"variant", s.variant},
                                     {"source", s.source.url},
                                     {"date", s.source.date}});
    for (const std::string_view task : catalog::tasks_of(all.benchmarks))
      levels.push_back(json::Value{{"task", task}, {"level", name_of(catalog::quality_of(all.benchmarks, m->id, task).level)}});
    fmt::print("{}\n", json::write_pretty(json::Value{{"id", m->id},
                                                      {"maker", m->maker},
                                                      {"released", m->released},
                                                      {"open", m->open_weights},
                                                      {"context", m->context_tokens},
                                                      {"max_output", m->max_output_tokens},
                                                      {"source", m->source.url},
                                                      {"date", m->source.date},
                                                      {"note", m->source.note},
                                                      {"prices", std::move(prices)},
                                                      {"levels", std::move(levels)},
                                                      {"scores", std::move(scores)}}));
    return 0;
  }
  fmt::print("{} by {}, {}, {} weights\ncontext {} tokens, output up to {}\nsource  {} ({}){}\n", m->id, m->maker, m->released,
             m->open_weights ? "open" : "closed", m->context_tokens, m->max_output_tokens, m->source.url, m->source.date,
             m->source.note.empty() ? "" : "; " + m->source.note);
  fmt::print("\nprices, dollars per million tokens: input, cached input, output\n");
  for (const catalog::Price& p : all.catalog.prices())
    if (p.model == m->id) print_row(p);
  fmt::print("\nlevel at a task, and the row that decided\n");
  for (const std::string_view task : catalog::tasks_of(all.benchmarks)) {
    const catalog::Quality q = catalog::quality_of(all.benchmarks, m->id, task);
    fmt::print("{:<13} {:<8} {}\n", task, name_of(q.level),
               q.by ? fmt::format("{} {:g}, {} ({})", q.by->benchmark, q.by->score, q.by->source.url, q.by->source.date) : "");
  }
  return 0;
}

int check(const CatalogOptions& o, const All& all) {
  const std::vector<catalog::Oddity> odd = catalog::oddities_of(all.catalog, all.at, o.stale_days);
  const std::string newest = catalog::newest_source(all.catalog, all.at);
  if (o.json) {
    json::Array rows;
    for (const catalog::Oddity& one : odd) rows.push_back(json::Value{{"row", one.row}, {"why", one.why}});
    fmt::print("{}\n", json::write_pretty(json::Value{{"newest_source", newest},
                                                      {"rows", static_cast<std::int64_t>(all.catalog.prices().size())},
                                                      {"oddities", std::move(rows)}}));
  } else {
    for (const catalog::Oddity& one : odd) fmt::print("{}: {}\n", one.row, one.why);
    fmt::print("{} price rows, each hour of a week and each size of input has one answer; newest source {}; {} to look at\n",
               all.catalog.prices().size(), newest, odd.size());
  }
  return odd.empty() ? 0 : 1;
}

Result<catalog::Catalog> catalog_from(const std::string& file) {
  auto text = read_file(file);
  if (!text) return forward(std::move(text));
  auto read = config::catalog_with_prices(*text);
  if (!read) return fail(Fault::config, fmt::format("{}: {}", file, read.error().message));
  return read;
}

void tell(const std::vector<catalog::Change>& changes, bool as_json) {
  constexpr std::array<std::string_view, 3> words{"appears", "ends", "changes"};
  json::Array rows;
  for (const catalog::Change& c : changes) {
    const std::string_view what = words[static_cast<std::size_t>(c.what)];
    if (as_json)
      rows.push_back(json::Value{{"what", what}, {"row", c.row}, {"detail", c.detail}});
    else
      fmt::print("{:<8} {}: {}\n", what, c.row, c.detail);
  }
  if (as_json) fmt::print("{}\n", json::write_pretty(json::Value{{"changes", std::move(rows)}}));
}

int diff(const CatalogOptions& o) {
  const auto old = catalog_from(o.files.front()), fresh = catalog_from(o.files.back());
  if (!old || !fresh) return complain(old ? fresh.error() : old.error());
  const std::vector<catalog::Change> changes = catalog::changes_between(*old, *fresh);
  tell(changes, o.json);
  return 0;
}

int import(const CatalogOptions& o, const All& all) {
  const auto kind = catalog::price_list_named(o.what);
  if (!kind)
    return complain(fail(Fault::config, fmt::format("\"{}\" is no known price list; write models.dev or litellm", o.what)).error());
  const std::string file = o.files.empty() ? std::string(catalog::address_of(*kind)) : o.files.front();
  if (is_address(file)) fmt::print(stderr, "fetching {} ...\n", file);
  const auto text = is_address(file) ? fetch(file, SystemClock()) : read_input(file);
  if (!text) return complain(text.error());
  const auto found = catalog::proposals_of(*kind, *text, all.catalog, all.at);
  if (!found) return complain(fail(Fault::config, fmt::format("{}: {}", file, found.error().message)).error());
  std::size_t counts[3] = {0, 0, 0};
  json::Array rows;
  for (const catalog::Proposal& p : *found) {
    ++counts[static_cast<std::size_t>(p.standing)];
    if (o.json)
      rows.push_back(json::Value{{"provider", p.provider},
                                 {"model", p.model},
                                 {"input", p.input},
                                 {"output", p.output},
                                 {"standing", name_of(p.standing)},
                                 {"why", p.why}});
    else if (p.standing == catalog::Standing::quarantined || (p.standing == catalog::Standing::proposed && !p.why.empty()))
      fmt::print("{:<11} {}/{}: {}\n", name_of(p.standing), p.provider, p.model, p.why);
  }
  if (!o.out.empty()) {
    const std::string rows_text = catalog::toml_of(
        *found, all.at, o.what == "litellm" ? "BerriAI/litellm model_prices_and_context_window.json" : "anomalyco/models.dev api.json");
    if (auto written = write_private(o.out, rows_text); !written) return complain(written.error());
  }
  if (o.json)
    fmt::print("{}\n", json::write_pretty(json::Value{{"agree", static_cast<std::int64_t>(counts[0])},
                                                      {"proposed", static_cast<std::int64_t>(counts[1])},
                                                      {"quarantined", static_cast<std::int64_t>(counts[2])},
                                                      {"rows", std::move(rows)}}));
  else
    fmt::print("{} prices: {} agree with the rows in force, {} are proposed{}, {} are quarantined; nothing was changed\n", found->size(),
               counts[0], counts[1], o.out.empty() ? " (--out FILE writes them)" : " in " + o.out, counts[2]);
  return 0;
}

// The rows are added behind those that were accepted before, when the catalogue with all of them is whole.
int accept(const CatalogOptions& o) {
  const std::filesystem::path home = home_folder(o.home), file = home / config::accepted_prices;
  const auto before = catalog_in(home);
  if (!before) return complain(before.error());
  const auto fresh = read_input(o.files.front());
  if (!fresh) return complain(fresh.error());
  std::error_code error;
  std::string all;
  if (std::filesystem::exists(file, error)) {
    auto kept = read_file(file);
    if (!kept) return complain(kept.error());
    all = std::move(*kept);
    if (!all.empty() && !all.ends_with('\n')) all += '\n';
  }
  const auto alone = config::catalog_with_accepted(*fresh, input_name(o.files.front()));
  if (!alone) return complain(alone.error());
  all += *fresh;
  const auto after = config::catalog_with_accepted(all, file.string());
  if (!after) return complain(after.error());
  const std::vector<catalog::Change> changes = catalog::changes_between(*before, *after);
  if (changes.empty()) return complain(fail(Fault::config, fmt::format("{} holds no price row", input_name(o.files.front()))).error());
  if (auto made = make_home(home); !made) return complain(made.error());
  if (auto written = write_private(file, all); !written) return complain(written.error());
  tell(changes, o.json);
  if (!o.json)
    fmt::print("written to {}; `ajar plan` and `ajar up` take it from there, a configuration of your own by `prices = \"{}\"`\n",
               file.string(), file.string());
  return 0;
}

}  // namespace

int catalog(const CatalogOptions& o) {
  if (o.action == "accept") return accept(o);
  if (o.action == "diff") return diff(o);
  All all{{}, {}, SystemClock().wall()};
  if (!o.at.empty()) {
    const auto at = parse_rfc3339(o.at);
    if (!at) return complain(fail(Fault::config, fmt::format("--at: \"{}\" is no date; write e.g. 2026-12-01", o.at)).error());
    all.at = *at;
  }
  auto known = o.action == "check" && !o.files.empty() ? catalog_from(o.files.front()) : catalog_in(home_folder(o.home));
  if (!known) return complain(known.error());
  all.catalog = std::move(*known);
  auto benchmarks = config::built_in_benchmarks();
  if (!benchmarks) return complain(benchmarks.error());
  all.benchmarks = std::move(*benchmarks);
  if (o.action == "list") return list(o, all);
  if (o.action == "show") return show(o, all);
  return o.action == "check" ? check(o, all) : import(o, all);
}

}  // namespace ajar::cli
