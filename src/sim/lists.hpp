// sim/lists.hpp - what is asked besides answers: lists of models, health, and the signs by which engines are recognised.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_head.hpp"
#include "sim/script.hpp"

namespace ajar::sim {

struct Listing {
  int status = 200;
  std::string body;
  std::string_view type = "application/json";
};

// Nothing when the path is none of these, or not one of this engine's.
std::optional<Listing> listing(const Script&, const net::RequestHead&);

}  // namespace ajar::sim
