// config/providers.hpp - what is taken for granted of each provider: its address, how its key travels, where it stands.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "catalog/deployment.hpp"

namespace ajar::config {

struct Provider {
  std::string_view name;
  std::string_view endpoint;        // "" = has to be written
  std::string_view key_variable;    // where people keep the key; "" = none
  catalog::Auth auth;
  catalog::Hosting hosting;
};

const Provider* provider_named(std::string_view) noexcept;
std::vector<std::string_view> provider_names();

// "https://host:port/path". A trailing "/v1" or "/" is dropped: paths bring their own. Faults: config.
Result<catalog::Endpoint> parse_endpoint(std::string_view url);
bool is_this_machine(std::string_view host) noexcept;

}  // namespace ajar::config
