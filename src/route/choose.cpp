// route/choose.cpp - policy, abilities, health, cost: in this order.
#include "route/choose.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ajar::route {
namespace {

constexpr std::int64_t assumed_output = 512;      // tokens, for the estimate when the caller gave no limit
constexpr std::int64_t most_output = 10'000'000;  // what a caller asks for beyond this is no estimate

std::optional<Rejection> cannot(const wire::Envelope& e, const catalog::Deployment& d) {
  const auto no = [&](Reason reason, std::string detail = {}) { return Rejection{d.index, reason, std::move(detail)}; };
  if (e.needs.tools && !d.tools) return no(Reason::no_tools);
  if (e.needs.images && !d.images) return no(Reason::no_images);
  if (e.needs.audio && !d.audio) return no(Reason::no_audio);
  if (e.needs.files && !d.files) return no(Reason::no_files);
  if (e.needs.structured && !d.structured) return no(Reason::no_structured);
  if (e.needs.logprobs && !d.logprobs) return no(Reason::no_logprobs);
  // The estimate is rough: only what is far beyond the window is turned away here.
  if (d.context_tokens != 0 && e.input_estimate > d.context_tokens + d.context_tokens / 2)
    return no(Reason::context_too_small, fmt::format("about {} tokens, window {}", e.input_estimate, d.context_tokens));
  return std::nullopt;
}

Candidate candidate_of(const wire::Envelope& e, const catalog::Deployment& d, const Market& market) {
  Candidate candidate{.deployment = d.index, .estimate = std::nullopt, .price_id = {}};
  if (market.catalog == nullptr) return candidate;
  Usage usage;
  usage.input = e.input_estimate;
  usage.output =
      std::min(e.max_output_tokens != 0 ? e.max_output_tokens : assumed_output, most_output) * std::min<std::int64_t>(e.choices, 1000);
  if (const catalog::Price* price = catalog::price_of(*market.catalog, d, market.wall, usage.input)) {
    candidate.estimate = catalog::cost_of(usage, *price);
    candidate.price_id = price->id;
  }
  return candidate;
}

// The field of a request by Chat that no deployment can serve.
std::string_view field_of(Reason reason) {
  switch (reason) {
    case Reason::no_tools:
      return "tools";
    case Reason::no_images:
    case Reason::no_audio:
    case Reason::no_files:
      return "messages";
    case Reason::no_structured:
      return "response_format";
    case Reason::no_logprobs:
      return "logprobs";
    case Reason::label_not_accepted:
    case Reason::context_too_small:
    case Reason::circuit_open:
      break;
  }
  return {};
}

Error nothing_left(const std::vector<Rejection>& rejected) {
  const auto all = [&](Reason reason) {
    return std::ranges::all_of(rejected, [reason](const Rejection& r) { return r.reason == reason; });
  };
  const bool label = std::ranges::any_of(rejected, [](const Rejection& r) { return r.reason == Reason::label_not_accepted; });
  Error error;
  if (rejected.empty() || label) {
    error.fault = Fault::forbidden;
    error.code = "policy_blocked";
    error.message = "no deployment of this model stands in a zone that accepts the request's label";
    if (!all(Reason::label_not_accepted)) error.message += " and can do what is asked";
    return error;
  }
  if (all(Reason::context_too_small)) {
    error.fault = Fault::context_too_long;
    error.message = fmt::format("the request is too long for every deployment of this model ({})", rejected.front().detail);
    return error;
  }
  error.fault = Fault::bad_request;
  error.code = "unsupported_by_route";
  error.message = fmt::format("no deployment of this model can do what is asked: {}", name_of(rejected.front().reason));
  error.param = field_of(rejected.front().reason);
  return error;
}

}  // namespace

std::string_view name_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::label_not_accepted:
      return "label_not_accepted";
    case Reason::no_tools:
      return "no_tools";
    case Reason::no_images:
      return "no_images";
    case Reason::no_audio:
      return "no_audio";
    case Reason::no_files:
      return "no_files";
    case Reason::no_structured:
      return "no_structured";
    case Reason::no_logprobs:
      return "no_logprobs";
    case Reason::context_too_small:
      return "context_too_small";
    case Reason::circuit_open:
      return "circuit_open";
  }
  return "unknown";
}

std::string Decision::why(const Market& market) const {
  std::string text = chain_.size() == 1 ? "only" : by_cost_ ? "cheapest" : "first";
  text.append(" of ").append(std::to_string(chain_.size()));
  for (const Rejection& r : rejected_)
    text.append("; not ").append(market.deployments[r.deployment].name).append(": ").append(name_of(r.reason));
  return text;
}

Result<Decision> choose(const wire::Envelope& e, const Route& route, const policy::Clearance& clearance, const Market& market) {
  Decision decision;
  std::vector<Candidate> sick;
  for (const std::uint32_t index : route.order) {
    const catalog::Deployment& d = market.deployments[index];
    if (!policy::allows(market.zones[d.zone], clearance.label())) {
      decision.rejected_.push_back({index, Reason::label_not_accepted, "zone " + market.zones[d.zone].name});
      continue;
    }
    if (auto rejection = cannot(e, d)) {
      decision.rejected_.push_back(std::move(*rejection));
      continue;
    }
    Candidate candidate = candidate_of(e, d, market);
    candidate.circuit_open = market.health != nullptr && market.health->circuit(index, market.now) == Circuit::open;
    (candidate.circuit_open ? sick : decision.chain_).push_back(std::move(candidate));
  }
  // The last healthy one is never taken away: those with an open circuit are tried when there is nothing else.
  if (decision.chain_.empty())
    decision.chain_ = std::move(sick);
  else
    for (const Candidate& c : sick) decision.rejected_.push_back({c.deployment, Reason::circuit_open, {}});
  if (decision.chain_.empty()) return std::unexpected(nothing_left(decision.rejected_));
  decision.by_cost_ = route.cheapest_first;
  if (route.cheapest_first) {
    // An unpriced deployment is tried after the priced ones, unless it is an own engine, which costs nothing more per request.
    const auto key = [&](const Candidate& c) {
      const bool own = market.deployments[c.deployment].hosting == catalog::Hosting::own;
      return c.estimate ? c.estimate->nanos : own ? 0 : INT64_MAX;
    };
    // Chains are short; insertion keeps the written order among equals.
    for (std::size_t i = 1; i < decision.chain_.size(); ++i)
      for (std::size_t k = i; k > 0 && key(decision.chain_[k]) < key(decision.chain_[k - 1]); --k)
        std::swap(decision.chain_[k], decision.chain_[k - 1]);
  }
  return decision;
}

}  // namespace ajar::route
