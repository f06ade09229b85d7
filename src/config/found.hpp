// config/found.hpp - a configuration for `ajar up`, written from what was found on the machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace ajar::config {

struct FoundEngine {
  std::string provider;             // vllm, sglang, llamacpp, ollama, lmstudio, tgi
  std::string endpoint;             // "http://127.0.0.1:8000"
  std::vector<std::string> models;  // as the engine calls them
  std::int64_t context = 0;         // 0 = not told
};

struct Found {
  std::vector<std::string> provider_keys;  // providers whose key variable is set
  std::vector<FoundEngine> engines;
  std::string prices{};   // file of accepted price rows; "" = none
  std::string simulator;  // endpoint of the built-in simulator; "" = not wanted
};

// The providers whose usual key variable is set and of which the catalogue offers models.
std::vector<std::string> keys_in(const Environment&);

// A readable file that `ajar serve` takes as well. Every engine's models come first, then each provider's current models, newest first;
// the simulated ones stand in it where a simulator is given. A model called `default` exists whenever there is any. Names that cannot
// stand in a configuration are left out. `key_hash`: "sha256:..." of the one virtual key. Precondition: something was found.
std::string configuration_of(const Found&, std::string_view listen, const std::string& key_hash, std::string_view state);

}  // namespace ajar::config
