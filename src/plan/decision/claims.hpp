// plan/decision/claims.hpp - the founding claims about closed and open models, recomputed row by row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/decision/decide.hpp"

namespace ajar::plan {

enum class Verdict : std::uint8_t { holds, holds_only_if, does_not_hold };
std::string_view name_of(Verdict) noexcept;

struct Claim {
  std::string id, claim, stated;
  std::string assumptions;  // those under which the stated figure comes out
  std::string recomputed;   // what today's facts give
  Verdict verdict = Verdict::does_not_hold;
  std::vector<std::string> sources;
};

// At the prices of `at`. The market's catalogue, scores and measured points are the facts.
std::vector<Claim> claims(const Market&, WallTime at);

}  // namespace ajar::plan
