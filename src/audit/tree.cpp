// audit/tree.cpp - RFC 6962, section 2.1.
#include "audit/tree.hpp"

#include <bit>
#include <string>

namespace ajar::audit {
namespace {

void put(std::string& out, const Digest& digest) {
  for (const std::uint8_t byte : digest) out.push_back(static_cast<char>(byte));
}

struct Range {
  std::uint64_t from, to;
};

void prove(Range all, Range wanted, const Subtree& subtree, std::vector<Digest>& out) {
  if (wanted.from <= all.from && all.to <= wanted.to) return;
  if (all.to <= wanted.from || wanted.to <= all.from) return out.push_back(subtree(all.from, all.to));
  const std::uint64_t middle = all.from + split_of(all.to - all.from);
  prove({all.from, middle}, wanted, subtree, out);
  prove({middle, all.to}, wanted, subtree, out);
}

class Verifier {
 public:
  Verifier(std::span<const Digest> leaves, std::uint64_t from, std::span<const Digest> proof)
      : leaves_(leaves), wanted_{from, from + leaves.size()}, proof_(proof) {}

  Digest root(Range all) {
    if (wanted_.from <= all.from && all.to <= wanted_.to) return root_of(leaves_.subspan(all.from - wanted_.from, all.to - all.from));
    if (all.to <= wanted_.from || wanted_.to <= all.from) return next();
    const std::uint64_t middle = all.from + split_of(all.to - all.from);
    const Digest left = root({all.from, middle});
    return node_hash(left, root({middle, all.to}));
  }
  bool whole() const noexcept { return used_ == proof_.size() && !short_; }

 private:
  Digest next() {
    if (used_ < proof_.size()) return proof_[used_++];
    short_ = true;
    return {};
  }
  std::span<const Digest> leaves_;
  Range wanted_;
  std::span<const Digest> proof_;
  std::size_t used_ = 0;
  bool short_ = false;
};

}  // namespace

std::uint64_t split_of(std::uint64_t size) noexcept { return std::bit_floor(size - 1); }

Digest leaf_hash(std::string_view record) { return sha256(std::string(1, '\0').append(record)); }

Digest node_hash(const Digest& left, const Digest& right) {
  std::string both(1, '\1');
  put(both, left);
  put(both, right);
  return sha256(both);
}

Digest root_of(std::span<const Digest> nodes) {
  if (nodes.empty()) return sha256({});
  if (nodes.size() == 1) return nodes.front();
  const std::uint64_t middle = split_of(nodes.size());
  return node_hash(root_of(nodes.first(middle)), root_of(nodes.subspan(middle)));
}

std::vector<Digest> range_proof(std::uint64_t from, std::uint64_t to, std::uint64_t size, const Subtree& subtree) {
  std::vector<Digest> proof;
  prove({0, size}, {from, to}, subtree, proof);
  return proof;
}

std::optional<Digest> root_by_proof(std::span<const Digest> leaves, std::uint64_t from, std::uint64_t size, std::span<const Digest> proof) {
  if (leaves.empty() || from + leaves.size() > size) return std::nullopt;
  Verifier verifier(leaves, from, proof);
  const Digest root = verifier.root({0, size});
  return verifier.whole() ? std::optional(root) : std::nullopt;
}

}  // namespace ajar::audit
