// config/planner_facts.cpp - data/gpus.toml and data/shapes.toml.
#include "config/planner_facts.hpp"

#include "config/facts_row.hpp"

namespace ajar::config {
namespace data {
extern const std::string_view gpus_toml;
extern const std::string_view shapes_toml;
extern const std::string_view points_csv;
}  // namespace data

namespace {

catalog::Gpu gpu_of(Row& row) {
  constexpr double giga = 1e9, tera = 1e12;
  catalog::Gpu g;
  g.id = row.needed("id");
  g.name = row.needed("name");
  g.aliases = row.texts("aliases");
  g.memory = row.real("memory") * giga;
  g.bandwidth = row.real("bandwidth") * tera;
  g.bf16 = row.real("bf16", 0.5 * row.real("bandwidth") * 100) * tera;
  g.fp8 = std::max(row.real("fp8") * tera, g.bf16);
  g.fp4 = std::max(row.real("fp4") * tera, g.fp8);
  g.link = row.real("link", 32) * giga;
  g.domain = static_cast<int>(row.count("domain"));
  g.power = row.real("power");
  g.allin_power = row.real("allin_kw") * 1000;
  g.owned_low = row.maybe_real("owned_low");
  g.owned_high = row.maybe_real("owned_high");
  g.reserved = row.maybe_real("reserved");
  g.on_demand_low = row.maybe_real("on_demand_low");
  g.on_demand_high = row.maybe_real("on_demand_high");
  g.spot = row.maybe_real("spot");
  g.source = row.source();
  if (g.memory <= 0 || g.bandwidth <= 0) row.wrong(row.table(), "memory", "and \"bandwidth\" have to be above zero");
  return g;
}

catalog::Shape shape_of(Row& row) {
  const auto count = [&row](std::string_view key) { return static_cast<int>(row.count(key)); };
  catalog::Shape s;
  s.id = row.needed("id");
  s.aliases = row.texts("aliases");
  s.layers = count("layers");
  s.hidden = count("hidden");
  s.heads = count("heads");
  s.kv_heads = count("kv_heads");
  s.head_dim = count("head_dim");
  s.latent_rank = count("latent_rank");
  s.rope_dim = count("rope_dim");
  s.query_rank = count("query_rank");
  s.nope_dim = count("nope_dim");
  s.value_dim = count("value_dim");
  s.dense_layers = count("dense_layers");
  s.dense_ffn = count("dense_ffn");
  if (const int matrices = count("ffn_matrices"); matrices > 0) s.ffn_matrices = matrices;
  s.experts = count("experts");
  s.experts_per_token = count("experts_per_token");
  s.shared_experts = count("shared_experts");
  s.expert_ffn = count("expert_ffn");
  s.vocab = count("vocab");
  s.full_layers = count("full_layers");
  if (s.full_layers == 0) s.full_layers = s.layers;
  s.window = count("window");
  s.linear = row.flag("linear");
  s.state = row.real("state");
  s.sparse_top = count("sparse_top");
  s.kv_elements_given = row.real("kv_elements");
  s.attention_given = row.real("attention_millions") * 1e6;
  s.native = row.text("native");
  s.context = count("context");
  s.source = row.source();
  if (s.layers <= 0 || s.hidden <= 0 || s.heads <= 0 || s.vocab <= 0)
    row.wrong(row.table(), "layers", "\"hidden\", \"heads\" and \"vocab\" have to be above zero");
  if (!s.latent() && (s.kv_heads <= 0 || s.head_dim <= 0))
    row.wrong(row.table(), "kv_heads", "and \"head_dim\", or \"latent_rank\", are missing");
  return s;
}

}  // namespace

Result<std::vector<catalog::Gpu>> gpus_of(std::string_view toml) {
  auto document = document_of(toml, "data/gpus.toml", {"gpu"});
  if (!document) return forward(std::move(document));
  return rows_of(*document, "gpu", "data/gpus.toml", gpu_of);
}

Result<std::vector<catalog::Shape>> shapes_of(std::string_view toml) {
  auto document = document_of(toml, "data/shapes.toml", {"shape"});
  if (!document) return forward(std::move(document));
  return rows_of(*document, "shape", "data/shapes.toml", shape_of);
}

Result<std::vector<catalog::Gpu>> built_in_gpus() { return gpus_of(data::gpus_toml); }
Result<std::vector<catalog::Shape>> built_in_shapes() { return shapes_of(data::shapes_toml); }
std::string_view built_in_points() noexcept { return data::points_csv; }

}  // namespace ajar::config
