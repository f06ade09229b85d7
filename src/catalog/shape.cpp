// catalog/shape.cpp - parameters and KV sizes from dimensions.
#include "catalog/shape.hpp"

#include <algorithm>
#include <cmath>

#include "catalog/gpu.hpp"

namespace ajar::catalog {
namespace {

double d(int value) noexcept { return static_cast<double>(value); }

}  // namespace

double Shape::attention() const noexcept {
  if (attention_given > 0) return attention_given;
  const double h = d(hidden);
  if (!latent()) return d(layers) * h * d(head_dim) * 2 * (d(heads) + d(kv_heads));
  const double query = h * d(query_rank) + d(query_rank) * d(heads) * d(nope_dim + rope_dim);
  const double key_value = h * d(latent_rank + rope_dim) + d(latent_rank) * d(heads) * d(nope_dim + value_dim);
  return d(layers) * (query + key_value + d(heads) * d(value_dim) * h);
}

double Shape::dense() const noexcept {
  const double h = d(hidden);
  return d(dense_layers) * d(ffn_matrices) * h * d(dense_ffn) + d(moe_layers()) * (d(shared_experts) * expert() + h * d(experts));
}

double Shape::expert() const noexcept { return 3 * d(hidden) * d(expert_ffn); }

double Shape::total() const noexcept {
  if (total_given > 0) return total_given;
  return attention() + dense() + d(moe_layers()) * d(experts) * expert() + 2 * head();
}

double Shape::active() const noexcept {
  if (active_given > 0) return active_given;
  return attention() + dense() + d(moe_layers()) * d(experts_per_token) * expert() + head();
}

double Shape::kv_elements() const noexcept {
  if (kv_elements_given > 0) return kv_elements_given;
  const double layer = latent() ? d(latent_rank + rope_dim) : 2 * d(kv_heads) * d(head_dim);
  return layer * d(linear ? full_layers : layers);
}

double Shape::kv_stored(double tokens) const noexcept {
  const double full = layers > 0 ? d(full_layers) / d(layers) : 1;
  if (window == 0 || kv_elements_given > 0) return kv_elements() * tokens;
  return kv_elements() * (full * tokens + (1 - full) * std::min(tokens, d(window)));
}

double Shape::kv_read(double tokens) const noexcept { return kv_stored(sparse_top > 0 ? std::min(tokens, d(sparse_top)) : tokens); }

double Shape::attention_products() const noexcept {
  const double layer = latent() ? d(heads) * d(2 * latent_rank + rope_dim) : 2 * d(heads) * d(head_dim);
  return layer * d(linear ? full_layers : layers);
}

const Shape* shape_named(const std::vector<Shape>& all, std::string_view name) noexcept {
  for (const Shape& shape : all)
    if (same_name(shape.id, name) || std::ranges::any_of(shape.aliases, [name](const std::string& a) { return same_name(a, name); }))
      return &shape;
  return nullptr;
}

Shape shape_of_size(std::string_view name, double total, double active) {
  // Depth and width grow with the size as in the models of data/shapes.toml; mixtures have about 128 to 256 experts, 8 of them used.
  Shape s;
  s.id = name;
  const bool mixture = active < 0.8 * total;
  const double billions = total / 1e9;
  s.layers = std::clamp(static_cast<int>(std::lround(mixture ? 24 * std::pow(billions, 0.17) : 20 * std::pow(billions, 0.32))), 12, 130);
  s.hidden = std::clamp(
      static_cast<int>(std::lround((mixture ? 900 * std::pow(billions, 0.31) : 2400 * std::pow(billions, 0.31)) / 128) * 128), 1024, 16384);
  s.head_dim = 128;
  s.heads = std::max(s.hidden / 128, 8);
  s.kv_heads = 8;
  s.vocab = 150'000;
  s.full_layers = s.layers;
  s.native = "bf16";
  const double rest = active - s.attention() - s.head();
  if (mixture) {
    s.experts = billions > 60 ? 256 : 128;
    s.experts_per_token = 8;
    const double routed = std::max(total - s.attention() - 2 * s.head(), total / 2);
    s.expert_ffn = std::max(static_cast<int>(routed / (3.0 * s.hidden * s.layers * s.experts)), 64);
  } else {
    s.dense_layers = s.layers;
    s.dense_ffn = std::max(static_cast<int>(rest / (3.0 * s.hidden * s.layers)), s.hidden);
  }
  s.total_given = total;
  s.active_given = active;
  return s;
}

}  // namespace ajar::catalog
