// cli/key.cpp - `ajar key new`: a fresh virtual key, shown once, and its hash for a configuration file.
#include <fmt/format.h>

#include "base/json.hpp"
#include "cli/home.hpp"
#include "cli/verbs.hpp"

namespace ajar::cli {

int key(const KeyOptions& options) {
  const std::string secret = fresh_key(), hash = hash_of(secret);
  if (options.json) {
    fmt::print("{}\n", json::write(json::Value{{"key", secret}, {"hash", hash}}));
    return 0;
  }
  fmt::print("key    {}\n", secret);
  fmt::print(stderr, "It is shown this once: only its hash is kept. In the configuration file:\n\n");
  fmt::print("[[key]]\nname = \"...\"\nhash = \"{}\"\n", hash);
  return 0;
}

}  // namespace ajar::cli
