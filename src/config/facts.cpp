// config/facts.cpp - data/*.toml to the catalogue.
#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "config/load.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view models_toml;
extern const std::string_view prices_toml;
}  // namespace data

namespace {

std::string_view text(const Node& table, std::string_view key) {
  const Node* node = table.find(key);
  return node != nullptr && node->string() != nullptr ? std::string_view(*node->string()) : std::string_view();
}

std::int64_t integer(const Node& table, std::string_view key) {
  const Node* node = table.find(key);
  const auto* value = node != nullptr ? std::get_if<std::int64_t>(&node->value) : nullptr;
  return value != nullptr ? *value : 0;
}

bool flag(const Node& table, std::string_view key, bool otherwise = false) {
  const Node* node = table.find(key);
  const bool* value = node != nullptr ? std::get_if<bool>(&node->value) : nullptr;
  return value != nullptr ? *value : otherwise;
}

std::optional<Money> dollars(const Node& table, std::string_view key) {
  const Node* node = table.find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&node->value)) return Money{*whole * 1'000'000'000};
  if (const auto* real = std::get_if<double>(&node->value)) return Money{std::llround(*real * 1e9)};
  return std::nullopt;
}

catalog::Source source_of(const Node& table) {
  const std::string_view party = text(table, "party");
  return {std::string(text(table, "source")), std::string(text(table, "date")),
          party == "vendor" ? catalog::Party::vendor : party == "rival" ? catalog::Party::rival : party == "operator" ? catalog::Party::operator_ : catalog::Party::independent};
}

catalog::Model model_of(const Node& row) {
  catalog::Model m;
  m.id = text(row, "id");
  m.family = text(row, "family");
  m.maker = text(row, "maker");
  m.open_weights = flag(row, "open");
  m.context_tokens = integer(row, "context");
  m.max_output_tokens = integer(row, "max_output");
  m.images = flag(row, "images");
  m.audio = flag(row, "audio");
  m.files = flag(row, "files");
  m.tools = flag(row, "tools", true);
  m.structured = flag(row, "structured", true);
  m.logprobs = flag(row, "logprobs");
  m.profile.max_output_tokens = m.max_output_tokens;
  m.profile.accepts_sampling = flag(row, "sampling");
  const std::string_view thinking = text(row, "thinking");
  m.profile.thinking = thinking == "adaptive" ? wire::Thinking::adaptive : thinking == "budget" ? wire::Thinking::budget : thinking == "level" ? wire::Thinking::level : wire::Thinking::none;
  if (const Node* efforts = row.find("efforts"); efforts != nullptr && efforts->array() != nullptr)
    for (const Node& effort : *efforts->array()) m.profile.efforts.push_back(*effort.string());
  m.profile.system_mid = flag(row, "system_mid");
  m.profile.image_url = flag(row, "image_url");
  m.profile.signatures_required = flag(row, "signatures");
  m.source = source_of(row);
  return m;
}

Result<catalog::Price> price_of_row(const Node& row) {
  catalog::Price p;
  p.id = text(row, "id");
  p.provider = text(row, "provider");
  p.model = text(row, "model");
  if (const auto service = text(row, "service"); !service.empty()) p.service = service;
  p.region = text(row, "region");
  if (const auto from = parse_rfc3339(text(row, "from"))) p.from = *from;
  if (row.find("until") != nullptr) {
    p.until = parse_rfc3339(text(row, "until"));
    if (!p.until) return fail(Fault::config, fmt::format("the price row \"{}\" ends at something that is no date", p.id));
  }
  if (const Node* hours = row.find("hours"); hours != nullptr && hours->array() != nullptr && hours->array()->size() == 2) {
    p.hour_from = static_cast<int>(std::get<std::int64_t>((*hours->array())[0].value));
    p.hour_until = static_cast<int>(std::get<std::int64_t>((*hours->array())[1].value));
  }
  p.above_input_tokens = integer(row, "above_input_tokens");
  p.up_to_input_tokens = integer(row, "up_to_input_tokens");
  const auto input = dollars(row, "input"), output = dollars(row, "output");
  if (!input || !output || p.id.empty() || p.provider.empty() || p.model.empty()) return fail(Fault::config, fmt::format("the price row \"{}\" (line {}) needs id, provider, model, input and output", p.id, row.place.line));
  p.input = *input;
  p.output = *output;
  p.cache_read = dollars(row, "cache_read");
  p.cache_write_5m = dollars(row, "cache_write");
  p.cache_write_1h = dollars(row, "cache_write_1h");
  p.audio_input = dollars(row, "audio_input");
  p.source = source_of(row);
  return p;
}

Result<std::vector<const Node*>> rows_of(const Node& document, std::string_view name, const std::vector<Problem>& problems) {
  if (!problems.empty()) return fail(Fault::config, text_of(problems.front()));
  std::vector<const Node*> rows;
  if (const Node* list = document.find(name); list != nullptr && list->array() != nullptr)
    for (const Node& row : *list->array()) rows.push_back(&row);
  return rows;
}

}  // namespace

Result<catalog::Catalog> built_in_catalog() {
  std::vector<Problem> problems;
  const Node model_file = parse_toml(data::models_toml, "data/models.toml", problems), price_file = parse_toml(data::prices_toml, "data/prices.toml", problems);
  const auto model_rows = rows_of(model_file, "model", problems), price_rows = rows_of(price_file, "price", problems);
  if (!model_rows) return std::unexpected(model_rows.error());
  std::vector<catalog::Model> models;
  for (const Node* row : *model_rows) models.push_back(model_of(*row));
  std::vector<catalog::Price> prices;
  for (const Node* row : *price_rows) {
    auto price = price_of_row(*row);
    if (!price) return forward(std::move(price));
    prices.push_back(std::move(*price));
  }
  return catalog::Catalog::make(std::move(models), std::move(prices));
}

}  // namespace ajar::config
