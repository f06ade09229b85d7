// catalog/catalog.cpp - look-ups, and the check that a look-up has one answer.
#include "catalog/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <set>
#include <span>

#include "base/text.hpp"

namespace ajar::catalog {
namespace {

using Week = std::bitset<168>;  // hour h of day d is bit d * 24 + h

auto group_of(const Price& p) { return std::tie(p.provider, p.model, p.service, p.region); }

std::string words_of(const Price& p) {
  return fmt::format("{} at {} ({}{})", p.model, p.provider, p.service, p.region.empty() ? "" : ", region " + p.region);
}

Week week_of(const Price& p) {
  Week week;
  for (std::size_t day = 0; day < 7; ++day)
    for (std::size_t hour = 0; hour < 24; ++hour)
      if ((p.days >> day & 1) != 0 && (p.hours >> hour & 1) != 0) week.set(day * 24 + hour);
  return week;
}

bool takes(const Price& p, std::int64_t input_tokens) {
  return input_tokens >= p.above_input_tokens + (p.above_input_tokens > 0 ? 1 : 0) &&
         (p.up_to_input_tokens == 0 || input_tokens <= p.up_to_input_tokens);
}

bool begun(const Price& p, WallTime at) { return at >= p.from && (!p.until || at < *p.until); }

Status check_row(const Price& p) {
  const auto bad = [&](std::string_view why) { return fail(Fault::config, fmt::format("the price row \"{}\" {}", p.id, why)); };
  if (p.until && *p.until <= p.from) return bad("ends before it begins");
  if (week_of(p).none()) return bad("holds in no hour of the week");
  if (p.above_input_tokens < 0 || (p.up_to_input_tokens != 0 && p.up_to_input_tokens <= p.above_input_tokens))
    return bad("holds for no size of input");
  for (const auto& amount : {std::optional(p.input), std::optional(p.output), p.cache_read, p.cache_write_5m, p.cache_write_1h, p.reasoning,
                             p.audio_input, p.audio_output, p.image_input})
    if (amount && amount->nanos < 0) return bad("has a price below zero");
  return ok();
}

// Rows of one group: what holds can only change where one of them begins or ends, and the answer only at the edges of its tiers. So
// it is enough to look at each of these instants, and there at each of these sizes, for a whole week.
Status check_group(std::span<const Price> rows) {
  std::vector<WallTime> instants;
  std::vector<std::int64_t> sizes{0};
  std::optional<WallTime> end = rows.front().from;
  for (const Price& p : rows) {
    if (auto good = check_row(p); !good) return good;
    instants.push_back(p.from);
    if (p.until) instants.push_back(*p.until);
    if (!p.until || (end && *p.until > *end)) end = end ? p.until : std::nullopt;
    if (p.above_input_tokens > 0) sizes.push_back(p.above_input_tokens + 1);
    if (p.up_to_input_tokens > 0 && p.up_to_input_tokens < INT64_MAX) sizes.push_back(p.up_to_input_tokens + 1);
  }
  for (const WallTime at : instants) {
    if (end && at >= *end) continue;  // after the last row's end it is no longer sold
    for (const std::int64_t size : sizes) {
      Week covered;
      for (const Price& p : rows) {
        if (!begun(p, at) || !takes(p, size)) continue;
        const Week week = week_of(p);
        if ((covered & week).none()) {
          covered |= week;
          continue;
        }
        const auto other =
            std::ranges::find_if(rows, [&](const Price& o) { return begun(o, at) && takes(o, size) && (week_of(o) & week).any(); });
        return fail(Fault::config,
                    fmt::format("the price rows \"{}\" and \"{}\" hold at the same time: end one of them before the other begins",
                                other->id, p.id));
      }
      if (!covered.all())
        return fail(Fault::config,
                    fmt::format("no price row holds for {} in every hour from {} on, for an input of {} tokens: close the gap",
                                words_of(rows.front()), rfc3339(at), size));
    }
  }
  return ok();
}

}  // namespace

std::uint32_t hours_between(int from, int until) noexcept {
  std::uint32_t hours = 0;
  for (int hour = from; hour != until % 24 || hours == 0; hour = (hour + 1) % 24) hours |= 1U << hour;
  return hours;
}

bool in_force(const Price& p, WallTime at, std::int64_t input_tokens) noexcept {
  using namespace std::chrono;
  if (!begun(p, at) || !takes(p, input_tokens)) return false;
  const auto day = floor<days>(at);
  const auto hour = duration_cast<hours>(at - day).count();
  return (p.days >> weekday(day).c_encoding() & 1) != 0 && (p.hours >> hour & 1) != 0;
}

Result<Catalog> Catalog::make(std::vector<Model> models, std::vector<Price> prices) {
  Catalog catalog;
  catalog.models_ = std::move(models);
  catalog.prices_ = std::move(prices);
  std::ranges::sort(catalog.models_, {}, &Model::id);
  std::ranges::sort(catalog.prices_, [](const Price& a, const Price& b) {
    return std::tuple_cat(group_of(a), std::tie(a.from, a.id)) < std::tuple_cat(group_of(b), std::tie(b.from, b.id));
  });
  for (std::size_t i = 1; i < catalog.models_.size(); ++i)
    if (catalog.models_[i].id == catalog.models_[i - 1].id)
      return fail(Fault::config, fmt::format("the model \"{}\" stands twice in the catalogue", catalog.models_[i].id));
  const std::span<const Price> rows = catalog.prices_;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && group_of(rows[end]) == group_of(rows[begin])) ++end;
    if (auto good = check_group(rows.subspan(begin, end - begin)); !good) return forward(std::move(good));
  }
  return catalog;
}

std::vector<std::string_view> Catalog::providers() const {
  std::vector<std::string_view> names;  // prices are sorted by provider
  for (const Price& price : prices_)
    if (names.empty() || names.back() != price.provider) names.emplace_back(price.provider);
  return names;
}

std::vector<std::string_view> Catalog::regions() const {
  std::set<std::string_view> names;
  for (const Price& price : prices_)
    if (!price.region.empty()) names.insert(price.region);
  return {names.begin(), names.end()};
}

const Model* Catalog::model(std::string_view id) const noexcept {
  const auto found = std::ranges::lower_bound(models_, id, {}, [](const Model& m) { return std::string_view(m.id); });
  return found != models_.end() && found->id == id ? &*found : nullptr;
}

const Model* Catalog::model_sold_as(std::string_view provider, std::string_view id) const noexcept {
  for (const Model& m : models_)
    for (const Offer& offer : m.offers)
      if (offer.provider == provider && offer.id == id) return &m;
  return nullptr;
}

const Price* Catalog::price(std::string_view provider, std::string_view model, WallTime at, std::int64_t input_tokens,
                            std::string_view service, std::string_view region) const noexcept {
  const Price* everywhere = nullptr;
  const auto key = std::pair(provider, model);
  auto row = std::ranges::lower_bound(prices_, key, {},
                                      [](const Price& p) { return std::pair<std::string_view, std::string_view>(p.provider, p.model); });
  for (; row != prices_.end() && row->provider == provider && row->model == model; ++row) {
    if (row->service != service || (row->region != region && !row->region.empty()) || !in_force(*row, at, input_tokens)) continue;
    if (row->region == region) return &*row;
    everywhere = &*row;
  }
  return everywhere;
}

const Price* price_of(const Catalog& catalog, const Deployment& d, WallTime at, std::int64_t input_tokens) noexcept {
  if (d.own_price) return &*d.own_price;
  return catalog.price(d.provider, d.model, at, input_tokens, d.service, d.region);
}

Money cost_of(const Usage& usage, const Price& p) noexcept {
  const Money write_5m = p.cache_write_5m.value_or(p.input);
  constexpr __int128 most = static_cast<__int128>(INT64_MAX) * 1'000'000;
  __int128 sum = 0;  // nano-dollars per million tokens, times tokens
  const auto add = [&](std::int64_t tokens, Money per_million) {
    if (tokens > 0) sum = std::min(most, sum + static_cast<__int128>(tokens) * per_million.nanos);
  };
  add(usage.input, p.input);
  add(usage.cache_read, p.cache_read.value_or(p.input));
  add(usage.cache_write_5m, write_5m);
  add(usage.cache_write_1h, p.cache_write_1h.value_or(write_5m));
  add(usage.output, p.output);
  add(usage.reasoning, p.reasoning.value_or(p.output));
  add(usage.audio_input, p.audio_input.value_or(p.input));
  add(usage.audio_output, p.audio_output.value_or(p.output));
  add(usage.image_input, p.image_input.value_or(p.input));
  return {static_cast<std::int64_t>((sum + 500'000) / 1'000'000)};
}

std::string Endpoint::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  const std::string shown = v6 ? "[" + host + "]" : host;
  return port == (tls ? 443 : 80) ? shown : fmt::format("{}:{}", shown, port);
}

std::string_view name_of(Hosting hosting) noexcept {
  switch (hosting) {
    case Hosting::own:
      return "own";
    case Hosting::hosted:
      return "hosted";
    case Hosting::closed:
      return "closed";
  }
  return "closed";
}

}  // namespace ajar::catalog
