// catalog/catalog.hpp - Catalog: the immutable tables of models and prices and their look-ups.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "catalog/deployment.hpp"
#include "catalog/model.hpp"
#include "catalog/price.hpp"

namespace ajar::catalog {

class Catalog {
 public:
  // Checks that a look-up has one answer: for what a provider sells in one service and region, from its first row's begin to its last
  // row's end exactly one row holds in every hour of the week and for every size of input. Faults: config, naming the rows.
  static Result<Catalog> make(std::vector<Model>, std::vector<Price>);

  const Model* model(std::string_view id) const noexcept;                                     // nullptr when unknown
  const Model* model_sold_as(std::string_view provider, std::string_view id) const noexcept;  // by a provider's own name for it
  // The row in force, a region's own row before the one for everywhere; nullptr = unpriced.
  const Price* price(std::string_view provider, std::string_view model, WallTime at, std::int64_t input_tokens, std::string_view service,
                     std::string_view region) const noexcept;
  const std::vector<Model>& models() const noexcept { return models_; }
  const std::vector<Price>& prices() const noexcept { return prices_; }
  std::vector<std::string_view> providers() const;  // that have prices, by name
  std::vector<std::string_view> regions() const;    // that some of them have prices for, by name

 private:
  std::vector<Model> models_;  // sorted by id
  std::vector<Price> prices_;  // sorted by provider, model, service, region, begin
};

// Whether a row holds at an instant for an input of this size.
bool in_force(const Price&, WallTime at, std::int64_t input_tokens) noexcept;

// The row that a deployment's tokens are charged by: its own price, else the catalogue's; nullptr = unpriced.
const Price* price_of(const Catalog&, const Deployment&, WallTime at, std::int64_t input_tokens) noexcept;

}  // namespace ajar::catalog
