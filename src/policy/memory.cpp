// policy/memory.cpp - a list in order of use, and where each digest is in it.
#include "policy/memory.hpp"

#include <cstring>

namespace ajar::policy {

std::size_t Memory::Hash::operator()(const Digest& d) const noexcept {
  std::size_t first = 0;
  std::memcpy(&first, d.data(), sizeof first);
  return first;
}

const Seen* Memory::find(const Digest& digest) {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->second;
}

void Memory::keep(const Digest& digest, Seen seen) {
  if (find(digest) != nullptr) return;
  order_.emplace_front(digest, std::move(seen));
  by_digest_.emplace(digest, order_.begin());
  while (by_digest_.size() > most_) {
    by_digest_.erase(order_.back().first);
    order_.pop_back();
  }
}

}  // namespace ajar::policy
