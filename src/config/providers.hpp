// config/providers.hpp - what is taken for granted of each provider: its address, how its key travels, where it stands.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "catalog/deployment.hpp"

namespace ajar::config {

struct Provider {
  std::string_view name;
  std::string_view endpoint;                      // "" = has to be written
  std::array<std::string_view, 2> key_variables;  // where people keep the key, the first that is set; "" = none
  catalog::Auth auth;
  catalog::Hosting hosting;
};

const Provider* provider_named(std::string_view) noexcept;
std::span<const Provider> providers() noexcept;

// "https://host:port/path". A trailing "/v1" or "/" is dropped: paths bring their own. An API's whole path is refused. Faults: config.
Result<catalog::Endpoint> parse_endpoint(std::string_view url);
bool is_this_machine(std::string_view host) noexcept;

}  // namespace ajar::config
