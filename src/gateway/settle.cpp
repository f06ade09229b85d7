// gateway/settle.cpp - stage 8: what happened, for the ledger and the metrics.
#include "catalog/catalog.hpp"
#include "gateway/meters.hpp"
#include "gateway/stages.hpp"
#include "observe/log.hpp"

namespace ajar::gateway {
namespace {

ledger::Outcome outcome_of(const Exchange& x, const Status& status) {
  if (status) return ledger::Outcome::answered;
  if (status.error().fault == Fault::cancelled) return ledger::Outcome::cancelled;
  return x.content_sent ? ledger::Outcome::cut : ledger::Outcome::failed;
}

const catalog::Deployment* deployment_named(const Exchange& x) {
  for (const catalog::Deployment& d : x.snapshot().deployments)
    if (d.name == x.entry.deployment) return &d;
  return nullptr;
}

// The place where the answer came from, or the last place that was tried.
void note_place(Exchange& x) {
  if (!x.entry.attempts.empty()) x.entry.deployment = x.entry.attempts.back().deployment;
  const catalog::Deployment* d = deployment_named(x);
  if (d == nullptr) return;
  x.entry.provider = d->provider;
  x.entry.upstream_model = d->upstream_model;
  x.entry.zone = x.snapshot().zones[d->zone].name;
  x.entry.hosting = catalog::name_of(d->hosting);
  x.entry.simulated = d->simulated;
}

}  // namespace

void note_usage(Exchange& x, const wire::Report& report) {
  x.entry.usage = report.usage;
  const catalog::Deployment* d = deployment_named(x);
  if (d == nullptr || !report.usage.reported) return;
  const catalog::Price* price = catalog::price_of(x.snapshot().catalog, *d, x.entry.began, report.usage.total_input());
  if (price == nullptr) return;
  x.entry.cost = catalog::cost_of(report.usage, *price);
  x.entry.price_id = price->id;
}

void settle(Exchange& x, const Status& status) noexcept {
  const Instant now = x.services.clock.now();
  ledger::Entry& entry = x.entry;
  entry.duration = now - x.arrived;
  note_label(x);
  if (x.first_content && x.content_sent) entry.first_token = *x.first_content - x.arrived;
  entry.outcome = outcome_of(x, status);
  if (!status) entry.fault = status.error().fault;
  if (entry.status == 0) entry.status = x.content_sent ? 200 : entry.outcome == ledger::Outcome::cancelled ? 499 : 0;
  note_place(x);
  x.services.meters.settled(entry);
  if (!status && entry.outcome != ledger::Outcome::cancelled)
    observe::log(observe::Level::warn, "exchange failed",
                 {{"request_id", entry.id},
                  {"fault", name_of(status.error().fault)},
                  {"code", status.error().code},
                  {"message", status.error().message},
                  {"detail", status.error().detail},
                  {"tenant", entry.tenant},
                  {"model", entry.model},
                  {"deployment", entry.deployment}});
  // Only an identified caller is written down: strangers cannot make the ledger grow.
  if (entry.tenant.empty()) return;
  Status written = x.intended ? ok() : x.services.lane.intend(entry);
  if (written) written = x.services.lane.settle(entry);
  if (!written)
    observe::log(observe::Level::error, "the ledger could not record an exchange",
                 {{"request_id", entry.id}, {"message", written.error().message}});
}

}  // namespace ajar::gateway
