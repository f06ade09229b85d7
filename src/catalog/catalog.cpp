// catalog/catalog.cpp - look-ups, and the check that a look-up has one answer.
#include "catalog/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ajar::catalog {
namespace {

bool overlaps(const Price& a, const Price& b) {
  if (a.service != b.service || a.region != b.region) return false;
  const bool times = (!a.until || b.from < *a.until) && (!b.until || a.from < *b.until);
  const auto spans = [](const Price& p) { return p.hour_from <= p.hour_until ? std::vector<std::pair<int, int>>{{p.hour_from, p.hour_until}} : std::vector<std::pair<int, int>>{{p.hour_from, 24}, {0, p.hour_until}}; };
  bool hours = false;
  for (const auto& [af, au] : spans(a))
    for (const auto& [bf, bu] : spans(b)) hours = hours || (af < bu && bf < au);
  const bool sizes = (a.up_to_input_tokens == 0 || b.above_input_tokens < a.up_to_input_tokens) && (b.up_to_input_tokens == 0 || a.above_input_tokens < b.up_to_input_tokens);
  return times && hours && sizes;
}

bool same_model(const Price& a, const Price& b) { return a.provider == b.provider && a.model == b.model; }

bool before(const Price& a, const Price& b) { return std::tie(a.provider, a.model, a.service, a.region, a.from) < std::tie(b.provider, b.model, b.service, b.region, b.from); }

}  // namespace

bool in_force(const Price& p, WallTime at, std::int64_t input_tokens) noexcept {
  if (at < p.from || (p.until && at >= *p.until)) return false;
  const auto hour = static_cast<int>(std::chrono::duration_cast<std::chrono::hours>(at.time_since_epoch()).count() % 24);
  const bool in_hours = p.hour_from <= p.hour_until ? hour >= p.hour_from && hour < p.hour_until : hour >= p.hour_from || hour < p.hour_until;
  return in_hours && input_tokens >= p.above_input_tokens + (p.above_input_tokens > 0 ? 1 : 0) && (p.up_to_input_tokens == 0 || input_tokens <= p.up_to_input_tokens);
}

Result<Catalog> Catalog::make(std::vector<Model> models, std::vector<Price> prices) {
  Catalog catalog;
  catalog.models_ = std::move(models);
  catalog.prices_ = std::move(prices);
  std::ranges::sort(catalog.models_, {}, &Model::id);
  std::ranges::sort(catalog.prices_, before);
  for (std::size_t i = 1; i < catalog.models_.size(); ++i)
    if (catalog.models_[i].id == catalog.models_[i - 1].id) return fail(Fault::config, fmt::format("the model \"{}\" stands twice in the catalogue", catalog.models_[i].id));
  const auto& rows = catalog.prices_;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = i + 1; k < rows.size() && same_model(rows[i], rows[k]); ++k)
      if (overlaps(rows[i], rows[k])) return fail(Fault::config, fmt::format("the price rows \"{}\" and \"{}\" hold at the same time: end one of them before the other begins", rows[i].id, rows[k].id));
  return catalog;
}

const Model* Catalog::model(std::string_view id) const noexcept {
  const auto found = std::ranges::lower_bound(models_, id, {}, [](const Model& m) { return std::string_view(m.id); });
  return found != models_.end() && found->id == id ? &*found : nullptr;
}

const Price* Catalog::price(std::string_view provider, std::string_view model, WallTime at, std::int64_t input_tokens, std::string_view service, std::string_view region) const noexcept {
  const Price* everywhere = nullptr;
  const auto key = std::pair(provider, model);
  auto row = std::ranges::lower_bound(prices_, key, {}, [](const Price& p) { return std::pair<std::string_view, std::string_view>(p.provider, p.model); });
  for (; row != prices_.end() && row->provider == provider && row->model == model; ++row) {
    if (row->service != service || !in_force(*row, at, input_tokens)) continue;
    if (row->region == region) return &*row;
    if (row->region.empty()) everywhere = &*row;
  }
  return everywhere;
}

const Price* price_of(const Catalog& catalog, const Deployment& d, WallTime at, std::int64_t input_tokens) noexcept {
  if (d.own_price) return &*d.own_price;
  return catalog.price(d.provider, d.model, at, input_tokens, d.service, d.region);
}

Money cost_of(const Usage& usage, const Price& p) noexcept {
  const Money write_5m = p.cache_write_5m.value_or(p.input);
  __int128 sum = 0;   // nano-dollars per million tokens, times tokens
  const auto add = [&](std::int64_t tokens, Money per_million) { sum += static_cast<__int128>(tokens) * per_million.nanos; };
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
    case Hosting::own: return "own";
    case Hosting::hosted: return "hosted";
    case Hosting::closed: return "closed";
  }
  return "closed";
}

}  // namespace ajar::catalog
