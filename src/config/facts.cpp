// config/facts.cpp - data/*.toml to the catalogue.
#include "config/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/facts_row.hpp"
#include "config/toml.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view models_toml;
extern const std::string_view prices_toml;
}  // namespace data

namespace {

catalog::Model model_of(Row& row) {
  static constexpr std::array<std::string_view, 4> ways{"none", "budget", "adaptive", "level"};
  static constexpr std::array<std::string_view, 2> dialects{"openai_chat", "openai_responses"};
  catalog::Model m;
  m.id = row.needed("id");
  m.family = row.needed("family");
  m.maker = row.needed("maker");
  m.released = row.needed("released");
  m.open_weights = row.flag("open");
  m.context_tokens = row.count("context");
  m.max_output_tokens = row.count("max_output");
  m.tokenizer = row.real("tokenizer", 1);
  if (!(m.tokenizer >= 0.2 && m.tokenizer <= 5)) row.wrong(row.table(), "tokenizer", "is a factor from 0.2 to 5");
  m.images = row.flag("images");
  m.audio = row.flag("audio");
  m.files = row.flag("files");
  m.tools = row.flag("tools", true);
  m.structured = row.flag("structured", true);
  m.logprobs = row.flag("logprobs");
  m.profile.dialect = row.word("dialect", dialects) == 1 ? wire::Dialect::openai_responses : wire::Dialect::openai_chat;
  m.profile.max_output_tokens = m.max_output_tokens;
  m.profile.accepts_sampling = row.flag("sampling");
  m.profile.thinking = static_cast<wire::Thinking>(row.word("thinking", ways));
  m.profile.efforts = row.texts("efforts");
  m.profile.system_mid = row.flag("system_mid");
  m.profile.image_url = row.flag("image_url");
  m.profile.signatures_required = row.flag("signatures");
  for (const std::string& offer : row.texts("offers")) {
    const std::size_t colon = offer.find(':');
    m.offers.push_back({offer.substr(0, colon), colon == std::string::npos ? m.id : offer.substr(colon + 1)});
  }
  m.source = row.source();
  return m;
}

// "10-01": from 10:00 to 01:00 on the next day's clock.
std::optional<std::uint32_t> hours_of(std::string_view text) {
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const auto from = to_int(text.substr(0, 2)), until = to_int(text.substr(3));
  if (!from || !until || *from < 0 || *from > 23 || *until < 0 || *until > 24 || *from == *until) return std::nullopt;
  return catalog::hours_between(static_cast<int>(*from), static_cast<int>(*until));
}

void when_of(Row& row, catalog::Price& p) {
  static constexpr std::array<std::string_view, 3> spans{"all", "mon-fri", "sat-sun"};
  static constexpr std::array<std::uint8_t, 3> bits{catalog::all_days, 0b0111110, 0b1000001};
  if (const auto from = row.time("from")) p.from = *from;
  p.until = row.time("until");
  p.days = bits[row.word("days", spans)];
  std::uint32_t hours = 0;
  for (const std::string& window : row.texts("hours")) {
    const auto some = hours_of(window);
    if (!some) row.wrong(row.table(), "hours", "holds something that is no window like \"10-01\"");
    hours |= some.value_or(0);
  }
  if (hours != 0) p.hours = hours;
}

catalog::Price price_of_row(Row& row) {
  catalog::Price p;
  p.id = row.needed("id");
  p.provider = row.needed("provider");
  p.model = row.needed("model");
  if (std::string service = row.text("service"); !service.empty()) p.service = std::move(service);
  p.region = row.text("region");
  when_of(row, p);
  p.above_input_tokens = row.count("above_input_tokens");
  p.up_to_input_tokens = row.count("up_to_input_tokens");
  const auto input = row.dollars("input"), output = row.dollars("output");
  if (!input || !output) row.wrong(row.table(), input ? "output" : "input", "is missing");
  p.input = input.value_or(Money{});
  p.output = output.value_or(Money{});
  p.cache_read = row.dollars("cache_read");
  p.cache_write_5m = row.dollars("cache_write");
  p.cache_write_1h = row.dollars("cache_write_1h");
  p.audio_input = row.dollars("audio_input");
  p.audio_output = row.dollars("audio_output");
  p.image_input = row.dollars("image_input");
  p.source = row.source();
  return p;
}

// What a service or a region makes of a provider's standard prices.
struct Multiplier {
  std::string provider, service;
  std::vector<std::string> models, regions;  // no models: all; regions: for a region instead of a service
  std::int64_t thousandths = 1000;
};

Multiplier multiplier_of(Row& row) {
  Multiplier m{
      .provider = row.needed("provider"), .service = row.text("service"), .models = row.texts("models"), .regions = row.texts("regions")};
  const auto factor = row.billionths("factor");
  m.thousandths = factor.value_or(0) / 1'000'000;
  if (m.thousandths <= 0) row.wrong(row.table(), "factor", "is missing or not above zero");
  if (m.service.empty() == m.regions.empty()) row.wrong(row.table(), "service", "or \"regions\" has to be written, and not both");
  row.source();
  return m;
}

catalog::Price times(catalog::Price p, std::int64_t thousandths) {
  const auto scale = [thousandths](Money& m) { m.nanos = (m.nanos * thousandths + 500) / 1000; };
  scale(p.input), scale(p.output);
  for (auto* amount : {&p.cache_read, &p.cache_write_5m, &p.cache_write_1h, &p.reasoning, &p.audio_input, &p.audio_output, &p.image_input})
    if (*amount) scale(**amount);
  return p;
}

// Rows that are written go before those that would be made.
void multiply(const Multiplier& m, std::vector<catalog::Price>& prices) {
  const auto wanted = [&](const catalog::Price& p) {
    return p.provider == m.provider && (m.models.empty() || std::ranges::find(m.models, p.model) != m.models.end());
  };
  const auto written = [&, count = prices.size()](const catalog::Price& p, const std::string& service, const std::string& region) {
    return std::any_of(prices.begin(), prices.begin() + static_cast<std::ptrdiff_t>(count), [&](const catalog::Price& o) {
      return o.provider == p.provider && o.model == p.model && o.service == service && o.region == region;
    });
  };
  for (std::size_t i = 0, count = prices.size(); i < count; ++i) {
    if (!wanted(prices[i]) || !prices[i].region.empty()) continue;
    for (const std::string& region : m.regions) {
      if (written(prices[i], prices[i].service, region)) continue;
      catalog::Price made = times(prices[i], m.thousandths);
      made.id += "/" + region;
      made.region = region;
      prices.push_back(std::move(made));
    }
    if (m.service.empty() || prices[i].service != "standard" || written(prices[i], m.service, "")) continue;
    catalog::Price made = times(prices[i], m.thousandths);
    if (const std::size_t at = made.id.find("/standard"); at != std::string::npos)
      made.id.replace(at + 1, 8, m.service);
    else
      made.id += "/" + m.service;
    made.service = m.service;
    prices.push_back(std::move(made));
  }
}

// What was asked for the same thing ends where an accepted row begins; rows that would begin later are for a later acceptance to say.
void lay_over(const std::vector<catalog::Price>& accepted, std::vector<catalog::Price>& prices) {
  const auto offer = [](const catalog::Price& p) { return std::tie(p.provider, p.model, p.service, p.region); };
  std::vector<const catalog::Price*> in_order;
  for (const catalog::Price& p : accepted) in_order.push_back(&p);
  std::ranges::sort(in_order, {}, [](const catalog::Price* p) { return std::tie(p->from, p->id); });
  for (const catalog::Price* fresh : in_order) {
    // Rows of the same day, peak and off-peak say, stand beside each other.
    std::erase_if(prices, [&](const catalog::Price& old) {
      const bool of_that_day = std::ranges::any_of(in_order, [&](const auto* o) { return o->id == old.id && o->from == fresh->from; });
      return offer(old) == offer(*fresh) && old.from >= fresh->from && !of_that_day;
    });
    for (catalog::Price& old : prices)
      if (offer(old) == offer(*fresh) && old.from < fresh->from && (!old.until || *old.until > fresh->from)) old.until = fresh->from;
    prices.push_back(*fresh);
  }
}

// What was read of a prices file.
struct PriceRows {
  std::vector<catalog::Price> prices;
  std::vector<Multiplier> multipliers;
};

Result<PriceRows> price_rows_of(std::string_view text, std::string_view file) {
  const auto document = document_of(text, file, {"price", "multiplier"});
  if (!document) return std::unexpected(document.error());
  auto rows = rows_of(*document, "price", file, price_of_row);
  if (!rows) return forward(std::move(rows));
  auto multipliers = rows_of(*document, "multiplier", file, multiplier_of);
  if (!multipliers) return forward(std::move(multipliers));
  return PriceRows{std::move(*rows), std::move(*multipliers)};
}

Result<catalog::Catalog> made_of(std::string_view models, PriceRows rows) {
  constexpr std::string_view file = "data/models.toml";
  const auto document = document_of(models, file, {"model"});
  if (!document) return std::unexpected(document.error());
  auto model_rows = rows_of(*document, "model", file, model_of);
  if (!model_rows) return forward(std::move(model_rows));
  // Services first: a region's factor holds for each of them.
  for (const bool regional : {false, true})
    for (const Multiplier& m : rows.multipliers)
      if (m.service.empty() == regional) multiply(m, rows.prices);
  return catalog::Catalog::make(std::move(*model_rows), std::move(rows.prices));
}

}  // namespace

Result<catalog::Catalog> catalog_of(std::string_view models, std::string_view prices) {
  auto rows = price_rows_of(prices, "data/prices.toml");
  if (!rows) return forward(std::move(rows));
  return made_of(models, std::move(*rows));
}

Result<catalog::Catalog> catalog_with_accepted(std::string_view accepted, std::string_view file) {
  auto fresh = price_rows_of(accepted, file);
  if (!fresh) return forward(std::move(fresh));
  if (!fresh->multipliers.empty()) return fail(Fault::config, fmt::format("{}: multipliers cannot be accepted, only prices", file));
  auto rows = price_rows_of(data::prices_toml, "data/prices.toml");
  if (!rows) return forward(std::move(rows));
  std::set<std::string_view> ids;
  for (const catalog::Price& p : rows->prices) ids.insert(p.id);
  for (const catalog::Price& p : fresh->prices)
    if (!ids.insert(p.id).second)
      return fail(Fault::config, fmt::format("{}: the row \"{}\" is there already; give it another id", file, p.id));
  lay_over(fresh->prices, rows->prices);
  return made_of(data::models_toml, std::move(*rows));
}

Result<catalog::Catalog> catalog_with_prices(std::string_view prices) { return catalog_of(data::models_toml, prices); }

Result<catalog::Catalog> built_in_catalog() { return catalog_of(data::models_toml, data::prices_toml); }

std::string_view built_in_version() {
  static const std::string version = to_hex(sha256(std::string(data::models_toml) + std::string(data::prices_toml)));
  return version;
}

}  // namespace ajar::config
