// gateway/meters.cpp - what is counted per exchange.
#include "gateway/meters.hpp"

namespace ajar::gateway {
namespace {

double seconds(Nanos n) { return std::chrono::duration<double>(n).count(); }

}  // namespace

Meters::Meters(observe::Registry& registry, int shard, const config::Snapshot& snapshot)
    : registry_(registry),
      shard_(shard),
      refused_(registry.counter("ajar_connections_refused_total", "Connections closed at once because there were too many.", {}, shard)) {
  configure(snapshot);
}

Meters::Deployment Meters::make(const std::string& name, const std::string& provider, const std::string& model) {
  const observe::MetricLabels labels{{"deployment", name}, {"gen_ai_system", provider}, {"gen_ai_request_model", model}};
  const auto tokens = [&](const char* kind) {
    auto typed = labels;
    typed.emplace_back("gen_ai_token_type", kind);
    return &registry_.counter("gen_ai_client_token_usage_total", "Tokens by class; input includes what was read from a cache.", typed,
                              shard_);
  };
  return {.input = tokens("input"),
          .cached = tokens("input_cached"),
          .output = tokens("output"),
          .cost_nanos =
              &registry_.counter("ajar_cost_nanodollars_total", "Cost of settled exchanges; unpriced ones are not in it.", labels, shard_),
          .duration =
              &registry_.histogram("gen_ai_client_operation_duration_seconds", "From arrival to the end of the answer.", labels, shard_),
          .first_token = &registry_.histogram("gen_ai_server_time_to_first_token_seconds", "From arrival to the first content relayed.",
                                              labels, shard_),
          .answered = &registry_.counter("ajar_exchanges_total", "Exchanges by how they ended.",
                                         {{"deployment", name}, {"outcome", "answered"}, {"fault", ""}}, shard_)};
}

void Meters::configure(const config::Snapshot& snapshot) {
  deployments_.clear();
  for (const catalog::Deployment& d : snapshot.deployments) deployments_.emplace(d.name, make(d.name, d.provider, d.model));
}

void Meters::settled(const ledger::Entry& entry) noexcept {
  const auto found = deployments_.find(entry.deployment);
  if (entry.outcome != ledger::Outcome::answered || found == deployments_.end()) {
    const std::string fault(entry.fault ? name_of(*entry.fault) : "");
    registry_
        .counter("ajar_exchanges_total", "Exchanges by how they ended.",
                 {{"deployment", entry.deployment}, {"outcome", std::string(name_of(entry.outcome))}, {"fault", fault}}, shard_)
        .add();
  } else {
    found->second.answered->add();
  }
  if (entry.attempts.size() > 1)
    registry_
        .counter("ajar_extra_attempts_total", "Tries beyond the first, by where they ended.", {{"deployment", entry.deployment}}, shard_)
        .add(entry.attempts.size() - 1);
  if (found == deployments_.end()) return;
  const Deployment& d = found->second;
  d.duration->observe(seconds(entry.duration));
  if (entry.first_token) d.first_token->observe(seconds(*entry.first_token));
  d.input->add(static_cast<std::uint64_t>(entry.usage.total_input()));
  d.cached->add(static_cast<std::uint64_t>(entry.usage.cache_read));
  d.output->add(static_cast<std::uint64_t>(entry.usage.total_output()));
  if (entry.cost) d.cost_nanos->add(static_cast<std::uint64_t>(entry.cost->nanos));
}

}  // namespace ajar::gateway
