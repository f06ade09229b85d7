// config/facts.cpp - data/*.toml to the catalogue.
#include "config/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/toml.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view models_toml;
extern const std::string_view prices_toml;
}  // namespace data

namespace {

// One row of a facts file. The first thing that is wrong with it is kept; what is asked for counts as known.
class Row {
 public:
  Row(const Node& table, std::string_view file) : table_(table), file_(file) {}

  std::string text(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return {};
    if (node->string() == nullptr) wrong(*node, key, "is no string");
    return node->string() != nullptr ? *node->string() : std::string();
  }
  std::string needed(std::string_view key) {
    std::string value = text(key);
    if (value.empty()) wrong(table_, key, "is missing");
    return value;
  }
  std::int64_t count(std::string_view key) {
    const Node* node = find(key);
    const auto* value = node != nullptr ? std::get_if<std::int64_t>(&node->value) : nullptr;
    if (node != nullptr && (value == nullptr || *value < 0)) wrong(*node, key, "is no count");
    return value != nullptr ? *value : 0;
  }
  bool flag(std::string_view key, bool otherwise = false) {
    const Node* node = find(key);
    const bool* value = node != nullptr ? std::get_if<bool>(&node->value) : nullptr;
    if (node != nullptr && value == nullptr) wrong(*node, key, "is neither true nor false");
    return value != nullptr ? *value : otherwise;
  }
  std::vector<std::string> texts(std::string_view key) {
    const Node* node = find(key);
    std::vector<std::string> list;
    if (node != nullptr && node->array() == nullptr) wrong(*node, key, "is no list");
    if (node != nullptr && node->array() != nullptr)
      for (const Node& item : *node->array())
        item.string() != nullptr ? list.push_back(*item.string()) : wrong(item, key, "holds something that is no string");
    return list;
  }
  // A number from 0 to 100,000, exact to nine decimals.
  std::optional<std::int64_t> billionths(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* whole = std::get_if<std::int64_t>(&node->value);
    const auto* real = std::get_if<double>(&node->value);
    const double value = whole != nullptr ? static_cast<double>(*whole) : real != nullptr ? *real : -1;
    if (value >= 0 && value <= 1e5) return std::llround(value * 1e9);
    wrong(*node, key, "is no price");
    return std::nullopt;
  }
  std::optional<Money> dollars(std::string_view key) {
    const auto value = billionths(key);
    return value ? std::optional(Money{*value}) : std::nullopt;
  }
  std::optional<WallTime> time(std::string_view key) {
    const std::string value = text(key);
    if (value.empty()) return std::nullopt;
    const auto parsed = parse_rfc3339(value);
    if (!parsed) wrong(*find(key), key, "is no date");
    return parsed;
  }
  // The word's place in the list; the first when it is not written.
  std::size_t word(std::string_view key, std::span<const std::string_view> words) {
    const std::string value = text(key);
    const auto found = std::ranges::find(words, std::string_view(value));
    if (!value.empty() && found == words.end()) wrong(*find(key), key, "is not known");
    return value.empty() || found == words.end() ? 0 : static_cast<std::size_t>(found - words.begin());
  }
  catalog::Source source() {
    static constexpr std::array<std::string_view, 4> parties{"vendor", "rival", "independent", "operator"};
    needed("party");
    catalog::Source source{needed("source"), needed("date"), static_cast<catalog::Party>(word("party", parties)), text("note")};
    if (source.date.size() == 7 ? !parse_rfc3339(source.date + "-01") : !parse_rfc3339(source.date)) wrong(table_, "date", "is no date");
    return source;
  }
  void wrong(const Node& at, std::string_view key, std::string_view why) {
    if (problem_.empty()) problem_ = fmt::format("{}:{}: \"{}\" {}", file_, at.place.line, key, why);
  }
  // To be asked once everything has been read.
  Status verdict() {
    for (const Node::Entry& entry : *table_.table())
      if (!asked_.contains(entry.key)) wrong(entry.node, entry.key, "is not known");
    return problem_.empty() ? ok() : fail(Fault::config, problem_);
  }
  const Node& table() const noexcept { return table_; }

 private:
  const Node* find(std::string_view key) {
    asked_.emplace(key);
    return table_.find(key);
  }
  const Node& table_;
  std::string_view file_;
  std::set<std::string, std::less<>> asked_;
  std::string problem_;
};

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

// Every row of a list, each strictly. `make` reads one.
template <class F>
auto rows_of(const Node& document, std::string_view name, std::string_view file, F make)
    -> Result<std::vector<decltype(make(std::declval<Row&>()))>> {
  std::vector<decltype(make(std::declval<Row&>()))> made;
  const Node* list = document.find(name);
  if (list == nullptr) return made;
  if (list->array() == nullptr) return fail(Fault::config, fmt::format("{}:{}: \"{}\" is no list", file, list->place.line, name));
  for (const Node& item : *list->array()) {
    if (item.table() == nullptr)
      return fail(Fault::config, fmt::format("{}:{}: \"{}\" holds something that is no table", file, item.place.line, name));
    Row row(item, file);
    made.push_back(make(row));
    if (auto good = row.verdict(); !good) return forward(std::move(good));
  }
  return made;
}

Result<Node> document_of(std::string_view text, std::string_view file, std::initializer_list<std::string_view> lists) {
  std::vector<Problem> problems;
  Node document = parse_toml(text, file, problems);
  if (!problems.empty()) return fail(Fault::config, fmt::format("{}:{}: {}", file, problems.front().line, problems.front().message));
  for (const Node::Entry& entry : *document.table())
    if (std::ranges::find(lists, std::string_view(entry.key)) == lists.end())
      return fail(Fault::config, fmt::format("{}:{}: \"{}\" is not known", file, entry.place.line, entry.key));
  return document;
}

}  // namespace

Result<catalog::Catalog> catalog_of(std::string_view models, std::string_view prices) {
  constexpr std::string_view model_file = "data/models.toml", price_file = "data/prices.toml";
  const auto model_document = document_of(models, model_file, {"model"}),
             price_document = document_of(prices, price_file, {"price", "multiplier"});
  if (!model_document) return std::unexpected(model_document.error());
  if (!price_document) return std::unexpected(price_document.error());
  auto model_rows = rows_of(*model_document, "model", model_file, model_of);
  if (!model_rows) return forward(std::move(model_rows));
  auto price_rows = rows_of(*price_document, "price", price_file, price_of_row);
  if (!price_rows) return forward(std::move(price_rows));
  auto multipliers = rows_of(*price_document, "multiplier", price_file, multiplier_of);
  if (!multipliers) return forward(std::move(multipliers));
  // Services first: a region's factor holds for each of them.
  for (const bool regional : {false, true})
    for (const Multiplier& m : *multipliers)
      if (m.service.empty() == regional) multiply(m, *price_rows);
  return catalog::Catalog::make(std::move(*model_rows), std::move(*price_rows));
}

Result<catalog::Catalog> built_in_catalog() { return catalog_of(data::models_toml, data::prices_toml); }

std::string_view built_in_version() {
  static const std::string version = to_hex(sha256(std::string(data::models_toml) + std::string(data::prices_toml)));
  return version;
}

}  // namespace ajar::config
