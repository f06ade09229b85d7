// plan/simulate/prefix_cache.hpp - PrefixCache: the prompts' blocks in one replica's KV memory, shared while in use, kept while there is
// room.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

namespace ajar::plan {

class PrefixCache {
 public:
  using Blocks = std::span<const std::uint32_t>;

  // How many of these blocks, from the first on, are there.
  std::size_t hits(Blocks) const noexcept;
  // How many of them are in use.
  std::size_t in_use(Blocks) const noexcept;
  // Puts all of them in use, new ones included; gives how many were there.
  std::size_t take(Blocks);
  void release(Blocks);
  // Forgets blocks out of use, the longest unused first, until at most so many are left in all, or only used ones.
  void shrink_to(std::size_t count);
  void clear();

  std::size_t size() const noexcept { return blocks_.size(); }
  std::size_t used() const noexcept { return used_; }

 private:
  struct Block {
    std::int32_t users = 0;
    std::list<std::uint32_t>::iterator place{};  // in `idle_` while it has no users
  };

  std::unordered_map<std::uint32_t, Block> blocks_;
  std::list<std::uint32_t> idle_;  // the longest unused first
  std::size_t used_ = 0;
};

}  // namespace ajar::plan
