// audit/tree.hpp - the Merkle tree of RFC 6962: hashes of leaves and nodes, roots, and proofs that a range of leaves is in a tree.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace ajar::audit {

Digest leaf_hash(std::string_view record);
Digest node_hash(const Digest& left, const Digest& right);
// Of nodes of equal size side by side, the last of which may be smaller; of nothing it is the hash of nothing.
Digest root_of(std::span<const Digest> nodes);

// The hash of the leaves [from, to) of a tree: asked for where a proof needs it.
using Subtree = std::function<Digest(std::uint64_t from, std::uint64_t to)>;

// What a verifier needs beside the leaves [from, to) to come to the root of `size` leaves: the hashes of all that lies outside, from the
// left to the right. Precondition: from < to <= size.
std::vector<Digest> range_proof(std::uint64_t from, std::uint64_t to, std::uint64_t size, const Subtree&);
// The root that these leaves and this proof come to; nothing when the proof is too long or too short.
std::optional<Digest> root_by_proof(std::span<const Digest> leaves, std::uint64_t from, std::uint64_t size, std::span<const Digest> proof);

// Where a tree of so many leaves (two and more) parts: the largest power of two below.
std::uint64_t split_of(std::uint64_t size) noexcept;

}  // namespace ajar::audit
