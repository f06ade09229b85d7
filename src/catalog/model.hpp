// catalog/model.hpp - Model: a named set of weights or API model, with the facts that translation and choosing need.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/dialect.hpp"

namespace ajar::catalog {

enum class Hosting : std::uint8_t { own, hosted, closed };
std::string_view name_of(Hosting) noexcept;  // "own", "hosted", "closed"

enum class Party : std::uint8_t { vendor, rival, independent, operator_ };

// Where a row comes from. `note`: what is assumed, or where sources disagree; "" = nothing.
struct Source {
  std::string url;
  std::string date;
  Party party = Party::vendor;
  std::string note;
};

// A provider that serves a model now, and what it calls it.
struct Offer {
  std::string provider, id;
};

struct Model {
  std::string id;      // catalogue id, e.g. "gpt-6-luna"
  std::string family;  // "gpt", "claude", "gemini", "deepseek", "qwen", "kimi", "llama"
  std::string maker;
  std::string released;  // "2026-11-17", "2026-11"; as far as is known
  bool open_weights = false;
  std::int64_t context_tokens = 0;     // 0 = unknown
  std::int64_t max_output_tokens = 0;  // 0 = unknown
  double tokenizer = 1;                // tokens that it counts where most models count one
  bool images = false, audio = false, files = false, tools = true, structured = true, logprobs = false;
  wire::Profile profile;      // model facts for translation; the engine's quirks are joined when a deployment is compiled
  std::vector<Offer> offers;  // the providers that are known to serve it, by their names for it
  Source source;
};

}  // namespace ajar::catalog
