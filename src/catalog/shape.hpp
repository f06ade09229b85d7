// catalog/shape.hpp - Shape: the dimensions of an open model, and the parameters and KV elements that follow from them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.hpp"

namespace ajar::catalog {

// As in a checkpoint's config.json. Attention is grouped (kv_heads, head_dim), or latent when latent_rank is set (one compressed
// KV of latent_rank + rope_dim per layer, the same on every tensor rank).
struct Shape {
  std::string id;
  std::vector<std::string> aliases;
  int layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0;
  int latent_rank = 0, rope_dim = 0, query_rank = 0, nope_dim = 0, value_dim = 0;
  int dense_layers = 0, dense_ffn = 0, ffn_matrices = 3;  // 3 = gated
  int experts = 0, experts_per_token = 0, shared_experts = 0, expert_ffn = 0;
  int vocab = 0;
  int full_layers = 0;  // layers whose attention sees the whole context
  int window = 0;       // what the others see; 0 with `linear`: a constant state
  bool linear = false;
  double state = 0;                                   // elements of that state per layer, of one sequence
  int sparse_top = 0;                                 // a step reads at most so many tokens; all are stored
  double kv_elements_given = 0, attention_given = 0;  // where dimensions alone do not say it; 0 = computed
  double total_given = 0, active_given = 0;           // only of models known by their size alone
  std::string native;                                 // precision of the published weights: bf16, fp8, fp4, int4
  int context = 0;                                    // tokens; 0 = unknown
  Source source;

  bool latent() const noexcept { return latent_rank > 0; }
  int moe_layers() const noexcept { return experts > 0 ? layers - dense_layers : 0; }
  // Parameters of all layers together; head() is one matrix of the vocabulary (there are two: input and output).
  double attention() const noexcept;
  double dense() const noexcept;   // dense feed-forward layers, shared experts, routers
  double expert() const noexcept;  // one routed expert of one layer
  double head() const noexcept { return static_cast<double>(hidden) * vocab; }
  double total() const noexcept;
  double active() const noexcept;  // per token, with the output head
  // KV elements that a token adds, all layers; of layers with a window as long as they are not full.
  double kv_elements() const noexcept;
  // KV elements stored for one sequence of so many tokens, and those that one decode step reads.
  double kv_stored(double tokens) const noexcept;
  double kv_read(double tokens) const noexcept;
  // Elements of constant state of one sequence, all layers: read and written by every step.
  double state_elements() const noexcept { return linear ? state * (layers - full_layers) : 0; }
  // Multiplications of attention per token of query and token of context, all full layers: 2 FLOPs each.
  double attention_products() const noexcept;
};

const Shape* shape_named(const std::vector<Shape>&, std::string_view name) noexcept;  // nullptr when unknown

// A stand-in for a model of which only the size is known: dimensions as are usual for it. Sizes in parameters.
Shape shape_of_size(std::string_view name, double total, double active);

}  // namespace ajar::catalog
