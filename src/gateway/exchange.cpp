// gateway/exchange.cpp - the beginning of an exchange, and one configuration at work.
#include "gateway/exchange.hpp"

#include "observe/request_id.hpp"

namespace ajar::gateway {

Runtime::Runtime(std::shared_ptr<const config::Snapshot> compiled)
    : snapshot(std::move(compiled)), health(snapshot->deployments.size()), in_flight(snapshot->keys.keys().size()) {
  patience = {.connect = snapshot->deadlines.connect,
              .first_byte = snapshot->deadlines.first_byte,
              .idle = snapshot->deadlines.idle,
              .per_deployment = snapshot->retries.per_deployment,
              .total = snapshot->retries.total,
              .backoff = snapshot->retries.backoff,
              .longest = snapshot->retries.longest};
}

Runtime::Runtime(std::shared_ptr<const config::Snapshot> compiled, const Runtime& before) : Runtime(std::move(compiled)) {
  in_flight = admit::InFlight(snapshot->keys, before.in_flight, before.snapshot->keys);
  for (const catalog::Deployment& now : snapshot->deployments)
    for (const catalog::Deployment& old : before.snapshot->deployments)
      if (old.name == now.name && old.endpoint.authority() == now.endpoint.authority()) health.inherit(now.index, before.health, old.index);
}

Exchange::Exchange(net::Call& from, std::shared_ptr<const Runtime> with, const Services& shard, wire::Dialect in)
    : call(from),
      runtime(std::move(with)),
      services(shard),
      dialect(in),
      arrived(shard.clock.now()),
      deadline(arrived + runtime->snapshot->deadlines.total) {
  entry.began = services.clock.wall();
  entry.id = observe::accept_request_id(call.head().find("x-request-id"));
  entry.snapshot = runtime->snapshot->id;
  asked_label = call.head().all("ajar-label");
  if (const auto trace = call.head().find("traceparent"); observe::is_traceparent(trace)) traceparent = trace;
}

}  // namespace ajar::gateway
