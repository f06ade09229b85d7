// catalog/review.cpp - oddities and changes.
#include "catalog/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace ajar::catalog {
namespace {

constexpr std::int64_t jump = 3;

std::string dollars(Money m) { return to_string(m); }

std::optional<WallTime> read_on(const Source& s) { return parse_rfc3339(s.date.size() == 7 ? s.date + "-28" : s.date); }

}  // namespace

std::vector<Oddity> oddities_of(const Catalog& catalog, WallTime now, int stale_days) {
  std::vector<Oddity> out;
  const Price* before = nullptr;
  for (const Price& p : catalog.prices()) {
    if (p.output < p.input)
      out.push_back({p.id, fmt::format("output at {} is cheaper than input at {}", dollars(p.output), dollars(p.input))});
    if (p.cache_read && *p.cache_read > p.input)
      out.push_back({p.id, fmt::format("cached input at {} is dearer than fresh at {}", dollars(*p.cache_read), dollars(p.input))});
    const bool follows = before != nullptr && before->provider == p.provider && before->model == p.model && before->service == p.service &&
                         before->region == p.region && before->above_input_tokens == p.above_input_tokens && before->hours == p.hours &&
                         before->from < p.from;
    if (follows && (p.input.nanos > jump * before->input.nanos || before->input.nanos > jump * p.input.nanos))
      out.push_back({p.id, fmt::format("input goes from {} to {} in one step", dollars(before->input), dollars(p.input))});
    const auto read = read_on(p.source);
    const bool current = now >= p.from && (!p.until || now < *p.until);
    if (current && read && now - *read > std::chrono::hours(24) * stale_days)
      out.push_back({p.id, fmt::format("its source was read on {}, over {} days ago", p.source.date, stale_days)});
    before = &p;
  }
  return out;
}

std::string newest_source(const Catalog& catalog, WallTime now) {
  std::string newest;
  for (const Price& p : catalog.prices())
    if (now >= p.from && p.source.date > newest) newest = p.source.date;
  return newest;
}

std::vector<Change> changes_between(const Catalog& old, const Catalog& fresh) {
  std::map<std::string_view, const Price*> before;
  for (const Price& p : old.prices()) before.emplace(p.id, &p);
  std::vector<Change> out;
  for (const Price& p : fresh.prices()) {
    const auto known = before.find(p.id);
    if (known == before.end()) {
      out.push_back({Change::What::appears, p.id,
                     fmt::format("input {}, output {}, from {}", dollars(p.input), dollars(p.output), rfc3339(p.from).substr(0, 10))});
      continue;
    }
    const Price& was = *known->second;
    std::string detail;
    const auto compare = [&detail](std::string_view what, std::optional<Money> a, std::optional<Money> b) {
      if (a == b) return;
      detail += fmt::format("{}{} {} -> {}", detail.empty() ? "" : ", ", what, a ? dollars(*a) : "none", b ? dollars(*b) : "none");
      if (a && b && a->nanos > 0)
        detail += fmt::format(" ({:+.0f} %)", 100.0 * (static_cast<double>(b->nanos) / static_cast<double>(a->nanos) - 1));
    };
    compare("input", was.input, p.input);
    compare("output", was.output, p.output);
    compare("cached input", was.cache_read, p.cache_read);
    if (was.until != p.until)
      detail += fmt::format("{}ends {}", detail.empty() ? "" : ", ", p.until ? rfc3339(*p.until).substr(0, 10) : "no more");
    if (!detail.empty()) out.push_back({Change::What::changes, p.id, std::move(detail)});
    before.erase(known);
  }
  for (const auto& [id, price] : before)
    if (std::ranges::none_of(fresh.prices(), [id](const Price& p) { return p.id == id; }))
      out.push_back({Change::What::ends, std::string(id), "the row is gone"});
  return out;
}

}  // namespace ajar::catalog
