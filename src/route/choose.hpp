// route/choose.hpp - stage 5: picks the deployments to try, in order, and says why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/money.hpp"
#include "catalog/catalog.hpp"
#include "catalog/deployment.hpp"
#include "policy/clear.hpp"
#include "policy/zone.hpp"
#include "route/health.hpp"
#include "wire/translation.hpp"

namespace ajar::route {

// How a model name that callers use is served: an ordered list of deployments. Compiled from [[route]], [[alias]] and the deployments' own
// names.
struct Route {
  std::string name;                  // the model name that callers ask for
  std::vector<std::uint32_t> order;  // deployments, first choice first
  bool cheapest_first = false;       // sort what is left by estimated cost instead
  policy::Label label;               // added to every request on this route
};

// Everything that choosing may look at, immutable or atomic.
struct Market {
  std::span<const catalog::Deployment> deployments;
  std::span<const policy::Zone> zones;
  const catalog::Catalog* catalog = nullptr;
  const Health* health = nullptr;  // nullptr: all healthy (explain without a running gateway)
  WallTime wall{};
  Instant now{};
};

enum class Reason : std::uint8_t {
  label_not_accepted,
  no_tools,
  no_images,
  no_audio,
  no_files,
  no_structured,
  no_logprobs,
  context_too_small,
  circuit_open
};
std::string_view name_of(Reason) noexcept;  // "label_not_accepted" ...

struct Rejection {
  std::uint32_t deployment;
  Reason reason;
  std::string detail;
};

struct Candidate {
  std::uint32_t deployment;
  std::optional<Money> estimate;  // none = unpriced
  std::string price_id;
  bool circuit_open = false;  // tried last, because every other one is worse
};

// The ordered chain and why. Only choose() makes one.
class Decision {
 public:
  std::span<const Candidate> chain() const noexcept { return chain_; }
  std::span<const Rejection> rejected() const noexcept { return rejected_; }
  std::string why(const Market&) const;  // one short line, e.g. "first of 2; not claude: label_not_accepted"
 private:
  Decision() = default;
  friend Result<Decision> choose(const wire::Envelope&, const Route&, const policy::Clearance&, const Market&);
  std::vector<Candidate> chain_;
  std::vector<Rejection> rejected_;
  bool by_cost_ = false;
};

// Policy first, then abilities, then health and cost. A deployment whose circuit is open is left out unless nothing else is left.
// Faults: forbidden ("policy_blocked") when a label stood in the way of any, else bad_request ("unsupported_by_route") or context_too_long
// when no deployment can do the job.
Result<Decision> choose(const wire::Envelope&, const Route&, const policy::Clearance&, const Market&);

}  // namespace ajar::route
