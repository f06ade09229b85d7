// cli/discover.hpp - engines on this machine, recognised by what they answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/found.hpp"

namespace ajar::cli {

// Where an engine may listen.
struct Place {
  std::string host;
  std::uint16_t port;
};

// The usual ports of this machine, and what AJAR_ENGINES names besides ("HOST:PORT,..."). Faults: config, for a place that is none.
Result<std::vector<Place>> places_to_look(std::string_view engines);

struct Discovery {
  std::vector<config::FoundEngine> engines;
  std::vector<std::string> remarks;  // what was seen and cannot be used as it is, for people
};

// Asks every place at once; each within `patience`. No content is sent, only GET requests.
Discovery discover(const std::vector<Place>&, const Clock&, Millis patience = Millis(1500));

}  // namespace ajar::cli
