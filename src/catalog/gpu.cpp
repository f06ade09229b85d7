// catalog/gpu.cpp - looking up accelerators by any of their names.
#include "catalog/gpu.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ajar::catalog {
namespace {

bool counts(char c) noexcept { return c != ' ' && c != '-' && c != '_'; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  const auto skip = [](std::string_view& text) {
    while (!text.empty() && !counts(text.front())) text.remove_prefix(1);
  };
  for (skip(a), skip(b); !a.empty() && !b.empty(); skip(a), skip(b)) {
    if (lower(a.front()) != lower(b.front())) return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty();
}

const Gpu* gpu_named(const std::vector<Gpu>& all, std::string_view name) noexcept {
  for (const Gpu& gpu : all)
    if (same_name(gpu.id, name) || same_name(gpu.name, name) ||
        std::ranges::any_of(gpu.aliases, [name](const std::string& alias) { return same_name(alias, name); }))
      return &gpu;
  return nullptr;
}

}  // namespace ajar::catalog
