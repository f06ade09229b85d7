// plan/simulate/prefix_cache.cpp - users counted, the rest in order of last use.
#include "plan/simulate/prefix_cache.hpp"

#include <algorithm>

namespace ajar::plan {

std::size_t PrefixCache::hits(Blocks blocks) const noexcept {
  std::size_t count = 0;
  while (count < blocks.size() && blocks_.contains(blocks[count])) ++count;
  return count;
}

std::size_t PrefixCache::in_use(Blocks blocks) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(blocks, [this](std::uint32_t id) {
    const auto at = blocks_.find(id);
    return at != blocks_.end() && at->second.users > 0;
  }));
}

std::size_t PrefixCache::take(Blocks blocks) {
  const std::size_t there = hits(blocks);
  for (const std::uint32_t id : blocks) {
    const auto [at, fresh] = blocks_.try_emplace(id);
    Block& block = at->second;
    if (block.users++ == 0) {
      ++used_;
      if (!fresh) idle_.erase(block.place);
    }
  }
  return there;
}

void PrefixCache::release(Blocks blocks) {
  // The end of a prefix is worth less than its beginning: it is the first to go.
  for (auto id = blocks.rbegin(); id != blocks.rend(); ++id) {
    Block& block = blocks_.at(*id);
    if (--block.users > 0) continue;
    --used_;
    block.place = idle_.insert(idle_.end(), *id);
  }
}

void PrefixCache::shrink_to(std::size_t count) {
  while (blocks_.size() > count && !idle_.empty()) {
    blocks_.erase(idle_.front());
    idle_.pop_front();
  }
}

void PrefixCache::clear() {
  blocks_.clear();
  idle_.clear();
  used_ = 0;
}

}  // namespace ajar::plan
