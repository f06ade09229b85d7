// sim/prompt_cache.hpp - PromptCache: which beginnings of prompts were seen before, as providers' prompt caches remember them.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace ajar::sim {

class PromptCache {
 public:
  static constexpr std::size_t block_bytes = 512;  // 128 tokens, the step in which OpenAI counts
  static constexpr std::size_t least_blocks = 8;   // 1024 tokens: shorter beginnings are not cached

  struct Seen {
    std::int64_t read = 0, written = 0;
  };  // tokens
  // Looks the prompt's blocks up and remembers them all.
  Seen look(std::string_view model, std::string_view prompt);

 private:
  static constexpr std::size_t most_blocks = 1u << 20;
  std::unordered_set<std::uint64_t> blocks_;  // by the hash of everything up to their end
};

}  // namespace ajar::sim
