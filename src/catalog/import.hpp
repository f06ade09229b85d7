// catalog/import.hpp - public price lists as proposals beside the catalogue's own rows; nothing is overwritten.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "catalog/catalog.hpp"

namespace ajar::catalog {

// models_dev: anomalyco/models.dev `api.json`, dollars per million tokens. litellm: BerriAI/litellm
// `model_prices_and_context_window.json`, dollars per token.
enum class PriceList : std::uint8_t { models_dev, litellm };
std::optional<PriceList> price_list_named(std::string_view) noexcept;  // "models.dev", "litellm"
std::string_view address_of(PriceList) noexcept;                       // where it is published

enum class Standing : std::uint8_t {
  agrees,      // within 1 % of the row in force
  proposed,    // a model or provider that has no row yet, or another price that is likely
  quarantined  // not to be believed without a look: see why
};
std::string_view name_of(Standing) noexcept;

struct Proposal {
  std::string provider, model;   // as the catalogue calls them where it knows them
  double input = 0, output = 0;  // dollars per million tokens
  std::optional<double> cache_read, cache_write;
  Standing standing = Standing::proposed;
  std::string why;  // of what is quarantined or differs
};

// Quarantined: a jump over 3 times against the row in force, a price that is off by a factor of 10, 100 or 1000, output cheaper than input,
// a missing cache price where the row in force has one, a price of zero. Faults: bad_request when the text is not such a list.
Result<std::vector<Proposal>> proposals_of(PriceList, std::string_view json, const Catalog&, WallTime at);

// The proposed ones (not those that agree or are quarantined) as rows of a prices file, in force from `at`, with this source.
std::string toml_of(const std::vector<Proposal>&, WallTime at, std::string_view source);

}  // namespace ajar::catalog
