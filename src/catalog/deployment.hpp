// catalog/deployment.hpp - Deployment: one model at one endpoint with one credential, price and zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "catalog/model.hpp"
#include "catalog/price.hpp"

namespace ajar::catalog {

// How the credential travels.
enum class Auth : std::uint8_t { none, bearer, x_api_key, x_goog_api_key };

// An address taken apart. `base_path` is prefixed to every request's path ("" or "/openai" ...), without a trailing slash.
struct Endpoint {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string base_path;
  std::string authority() const;  // host[:port] as for the Host header
};

struct Deployment {
  std::uint32_t index = 0;  // place in the snapshot's list
  std::string name;         // what routes, ledger and metrics call it
  std::string
      provider;  // openai, anthropic, google, deepseek, moonshot, alibaba, openrouter, vllm, sglang, llamacpp, ollama, tgi, lmstudio, sim
  std::string model;           // catalogue id when known, else the upstream's id
  std::string upstream_model;  // what is sent
  std::string public_model;    // what callers ask for (default: model)
  Hosting hosting = Hosting::closed;
  std::uint32_t zone = 0;  // place in the snapshot's list of zones
  Endpoint endpoint;
  Auth auth = Auth::none;
  std::string credential;  // never printed, logged or put into a URL
  std::string service = "standard";
  std::string region;
  bool simulated = false;
  std::int64_t context_tokens = 0;  // 0 = unknown: not checked
  bool images = false, audio = false, files = false, tools = true, structured = true, logprobs = true;
  std::optional<Price> own_price;  // written at the deployment, instead of the catalogue's
  wire::Profile profile;
};

}  // namespace ajar::catalog
