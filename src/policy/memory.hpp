// policy/memory.hpp - Memory: what was seen in texts before, so that a long conversation is looked at once.
#pragma once

#include <cstddef>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "policy/label.hpp"

namespace ajar::policy {

struct Seen {
  Label label;
  std::vector<std::string_view> kinds;  // of what raised it, each once, in order of the alphabet; never what was found
};

// By the SHA-256 of a text and of where it stands; the longest unused goes first. About 200 bytes each. For one thread.
class Memory {
 public:
  explicit Memory(std::size_t most = 8192) : most_(most) {}
  const Seen* find(const Digest&);
  void keep(const Digest&, Seen);
  std::size_t size() const noexcept { return by_digest_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Digest& d) const noexcept;
  };
  using Order = std::list<std::pair<Digest, Seen>>;  // the last used first
  std::size_t most_;
  Order order_;
  std::unordered_map<Digest, Order::iterator, Hash> by_digest_;
};

}  // namespace ajar::policy
