// admit/key.cpp - the key ring.
#include "admit/key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

namespace ajar::admit {
namespace {

constexpr std::uint32_t nobody = UINT32_MAX;

std::uint64_t prefix_of(const Digest& digest) noexcept {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

bool lists(const std::vector<std::string>& models, std::string_view model) noexcept {
  return models.empty() || std::ranges::any_of(models, [model](const std::string& m) { return m == model; });
}

}  // namespace

Result<KeyRing> KeyRing::make(std::vector<Tenant> tenants, std::vector<Key> keys) {
  KeyRing ring;
  ring.tenants_ = std::move(tenants);
  ring.keys_ = std::move(keys);
  std::map<Digest, std::string> seen;
  for (const Key& key : ring.keys_)
    if (const auto [other, fresh] = seen.emplace(key.digest, key.name); !fresh)
      return fail(Fault::config, fmt::format("the keys \"{}\" and \"{}\" have the same secret: make a new one with `ajar key new`",
                                             other->second, key.name));
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(16, ring.keys_.size() * 2));
  ring.slots_.assign(size, {0, nobody});
  for (std::uint32_t i = 0; i < ring.keys_.size(); ++i) {
    const std::uint64_t prefix = prefix_of(ring.keys_[i].digest);
    std::size_t slot = prefix & (size - 1);
    while (ring.slots_[slot].second != nobody) slot = (slot + 1) & (size - 1);
    ring.slots_[slot] = {prefix, i};
  }
  return ring;
}

std::optional<Caller> KeyRing::find(const Digest& digest) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const std::uint64_t prefix = prefix_of(digest);
  // What is compared is a digest of the secret: how far it agrees tells nothing about the secret itself; the whole is compared in constant
  // time.
  for (std::size_t slot = prefix & (slots_.size() - 1); slots_[slot].second != nobody; slot = (slot + 1) & (slots_.size() - 1)) {
    const std::uint32_t index = slots_[slot].second;
    if (slots_[slot].first == prefix && equal_in_constant_time(keys_[index].digest, digest))
      return Caller{&tenants_[keys_[index].tenant], &keys_[index], index};
  }
  return std::nullopt;
}

Result<Caller> identify(std::string_view credential, const KeyRing& ring) {
  constexpr std::size_t longest = 512;
  if (!credential.empty() && credential.size() <= longest)
    if (const auto caller = ring.find(sha256(credential))) return *caller;
  return fail(Fault::unauthenticated, "a valid virtual key is needed, as \"Authorization: Bearer KEY\"", "invalid_api_key");
}

bool may_use(const Caller& caller, std::string_view model) noexcept {
  return lists(caller.tenant->models, model) && lists(caller.key->models, model);
}

InFlight::InFlight(std::size_t keys) : cells_(keys) {
  for (auto& cell : cells_) cell = std::make_shared<std::atomic<std::int64_t>>(0);
}

InFlight::InFlight(const KeyRing& now, const InFlight& before, const KeyRing& old) : InFlight(now.keys().size()) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t k = 0; k < old.keys().size(); ++k) places.emplace(old.keys()[k].name, k);
  for (std::size_t i = 0; i < cells_.size(); ++i)
    if (const auto place = places.find(now.keys()[i].name); place != places.end()) cells_[i] = before.cells_[place->second];
}

Result<Reservation> reserve(const Caller& caller, InFlight& in_flight) {
  const std::int64_t limit = caller.key->max_in_flight;
  if (limit == 0) return Reservation();
  std::atomic<std::int64_t>& cell = in_flight.cell(caller.index);
  if (cell.fetch_add(1, std::memory_order_relaxed) < limit) return Reservation(&cell);
  cell.fetch_sub(1, std::memory_order_relaxed);
  auto refused = fail(Fault::rate_limited, fmt::format("this key may have {} requests in flight at once", limit), "concurrency_limit");
  refused.error().retry_after = Millis(1000);
  return refused;
}

}  // namespace ajar::admit
