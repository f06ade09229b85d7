// config/benchmarks.cpp - rows of scores and levels.
#include "config/benchmarks.hpp"

#include "config/facts_row.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view benchmarks_toml;
}  // namespace data

namespace {

constexpr std::string_view file = "data/benchmarks.toml";

catalog::Score score_of(Row& row) {
  catalog::Score s;
  s.model = row.needed("model");
  s.benchmark = row.needed("benchmark");
  s.task = row.needed("task");
  const auto score = row.maybe_real("score");
  if (!score) row.wrong(row.table(), "score", "is missing");
  s.score = score.value_or(0);
  s.variant = row.text("variant");
  s.source = row.source();
  return s;
}

catalog::Threshold threshold_of(Row& row) {
  catalog::Threshold t{.task = row.needed("task"),
                       .benchmark = row.needed("benchmark"),
                       .basic = row.real("basic"),
                       .good = row.real("good"),
                       .high = row.real("high")};
  if (!(t.basic < t.good && t.good < t.high)) row.wrong(row.table(), "basic", "\"good\" and \"high\" have to rise");
  return t;
}

}  // namespace

Result<catalog::Benchmarks> benchmarks_of(std::string_view toml) {
  auto document = document_of(toml, file, {"level", "score"});
  if (!document) return forward(std::move(document));
  auto scores = rows_of(*document, "score", file, score_of);
  if (!scores) return forward(std::move(scores));
  auto thresholds = rows_of(*document, "level", file, threshold_of);
  if (!thresholds) return forward(std::move(thresholds));
  return catalog::Benchmarks{std::move(*scores), std::move(*thresholds)};
}

Result<catalog::Benchmarks> built_in_benchmarks() { return benchmarks_of(data::benchmarks_toml); }

}  // namespace ajar::config
