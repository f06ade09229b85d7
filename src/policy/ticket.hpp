// policy/ticket.hpp - EgressTicket: move-only permission to send exactly this body to exactly this destination, once.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "catalog/deployment.hpp"
#include "policy/clear.hpp"
#include "wire/translation.hpp"

namespace ajar::policy {

class EgressTicket {
 public:
  EgressTicket(EgressTicket&& other) noexcept
      : deployment_(other.deployment_), body_(std::move(other.body_)), valid_(std::exchange(other.valid_, false)) {}
  EgressTicket& operator=(EgressTicket&&) = delete;
  EgressTicket(const EgressTicket&) = delete;
  std::uint32_t deployment() const noexcept { return deployment_; }
  const wire::Outbound& outbound() const noexcept { return body_; }
  bool valid() const noexcept { return valid_; }  // false once moved from

 private:
  EgressTicket(std::uint32_t deployment, wire::Outbound body) : deployment_(deployment), body_(std::move(body)) {}
  friend Result<EgressTicket> mint(const Clearance&, std::span<const Zone>, const catalog::Deployment&, wire::Outbound);
  std::uint32_t deployment_;
  wire::Outbound body_;
  bool valid_ = true;
};

// Checks the clearance against the zone where the deployment stands again, whatever choose decided. Faults: forbidden (code
// "policy_blocked").
Result<EgressTicket> mint(const Clearance&, std::span<const Zone>, const catalog::Deployment&, wire::Outbound);

}  // namespace ajar::policy
