// sim/prompt_cache.cpp - hashes of beginnings.
#include "sim/prompt_cache.hpp"

#include <functional>

#include "sim/chance.hpp"

namespace ajar::sim {

PromptCache::Seen PromptCache::look(std::string_view model, std::string_view prompt) {
  const std::size_t count = prompt.size() / block_bytes;
  if (count < least_blocks) return {};
  if (blocks_.size() + count > most_blocks) blocks_.clear();
  constexpr std::hash<std::string_view> hash;
  std::uint64_t sum = hash(model);
  std::size_t seen = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum = mix(sum, hash(prompt.substr(i * block_bytes, block_bytes)));
    if (!blocks_.insert(sum).second && seen == i) seen = i + 1;
  }
  if (seen < least_blocks) seen = 0;
  constexpr auto tokens = static_cast<std::int64_t>(block_bytes / 4);
  return {static_cast<std::int64_t>(seen) * tokens, static_cast<std::int64_t>(count - seen) * tokens};
}

}  // namespace ajar::sim
