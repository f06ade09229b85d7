// config/facts.hpp - the facts files to a catalogue.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "catalog/catalog.hpp"

namespace ajar::config {

// The text of data/models.toml and data/prices.toml, read strictly: a key that is not known, a row without source or a hole in the prices
// is an error. Rows for services and regions are made from the multipliers. Faults: config, naming file, line and row.
Result<catalog::Catalog> catalog_of(std::string_view models, std::string_view prices);

// The built-in models with the prices of another file.
Result<catalog::Catalog> catalog_with_prices(std::string_view prices);

// The built-in catalogue, and over it the price rows that a person has accepted (`ajar catalog accept`): from its first day on an accepted
// row stands for what the same provider asked for the same model in the same service and region. Nothing before that day changes.
Result<catalog::Catalog> catalog_with_accepted(std::string_view accepted, std::string_view file);

// The name of the file of accepted rows in a state folder.
inline constexpr std::string_view accepted_prices = "prices.toml";

// The catalogue that travels with the program.
Result<catalog::Catalog> built_in_catalog();

// Changes whenever the catalogue that travels with the program does.
std::string_view built_in_version();

}  // namespace ajar::config
