// gateway/endpoints.cpp - the table of paths, and the small endpoints.
#include "gateway/endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/meters.hpp"
#include "gateway/pipeline.hpp"
#include "gateway/stages.hpp"
#include "observe/request_id.hpp"

namespace ajar::gateway {
namespace {

constexpr wire::Dialect default_dialect = wire::Dialect::openai_chat;

net::Task<void> send(net::Call& call, int status, std::string_view type, std::string_view body) {
  const std::array<net::Field, 1> fields{{{"content-type", type}}};
  [[maybe_unused]] const Status sent = co_await call.respond(status, fields, body);  // a caller that is gone needs no answer
}

net::Task<void> send_failure(net::Call& call, Error error, std::string_view allow = {}) {
  const wire::Failure failure = wire::failure(default_dialect, error);
  const std::string id = observe::accept_request_id(call.head().find("x-request-id"));
  std::vector<net::Field> fields{{"content-type", "application/json"}, {"x-request-id", id}};
  for (const auto& [name, value] : failure.headers) fields.push_back({name, value});
  if (!allow.empty()) fields.push_back({"allow", allow});
  [[maybe_unused]] const Status sent = co_await call.respond(allow.empty() ? failure.status : 405, fields, failure.body);
}

// A route is simulated when everything that may answer it is.
std::vector<wire::ListedModel> listed(const config::Snapshot& snapshot, const admit::Caller& caller) {
  std::vector<wire::ListedModel> models;
  for (const auto& [name, index] : snapshot.route_by_model) {
    if (!admit::may_use(caller, name)) continue;
    const auto& order = snapshot.routes[index].order;
    const bool simulated = std::ranges::all_of(order, [&](std::uint32_t d) { return snapshot.deployments[d].simulated; });
    models.push_back({.id = name,
                      .owned_by = simulated ? "ajar-simulated" : snapshot.deployments[order.front()].provider,
                      .created = 0,
                      .simulated = simulated});
  }
  std::ranges::sort(models, {}, &wire::ListedModel::id);
  return models;
}

net::Task<void> models(net::Call& call, Context context) {
  const config::Snapshot& snapshot = *context.runtime->snapshot;
  const auto caller = admit::identify(credential_of(call.head()), snapshot.keys);
  if (!caller) {
    co_await send_failure(call, caller.error());
    co_return;
  }
  const auto all = listed(snapshot, *caller);
  const std::string_view path = call.head().path();
  constexpr std::string_view one = "/v1/models/";
  if (!path.starts_with(one)) {
    co_await send(call, 200, "application/json", wire::models_list(default_dialect, all));
    co_return;
  }
  const auto found = std::ranges::find(all, path.substr(one.size()), &wire::ListedModel::id);
  if (found == all.end())
    co_await send_failure(
        call,
        fail(Fault::not_found, "this model does not exist here; GET /v1/models lists those that do", "model_not_found", "model").error());
  else
    co_await send(call, 200, "application/json", wire::model_entry(default_dialect, *found));
}

net::Task<void> ready(net::Call& call, Context context) {
  std::string why;
  if (context.draining)
    why = "draining";
  else if (!context.foundation.journal.healthy())
    why = "the ledger cannot record: see the log";
  else if (context.foundation.ready)
    if (const Status further = context.foundation.ready(); !further) why = further.error().message;
  co_await send(call, why.empty() ? 200 : 503, "text/plain", why.empty() ? "ready\n" : why + "\n");
}

net::Task<void> metrics(net::Call& call, Context context) {
  co_await send(call, 200, "text/plain; version=0.0.4; charset=utf-8", context.foundation.registry.exposition());
}

net::Task<void> chat(net::Call& call, Context context) {
  Exchange exchange(call, context.runtime, context.services, wire::Dialect::openai_chat);
  co_await carry(exchange);
}

}  // namespace

// No coroutine itself: its frame would be kept as long as a stream runs.
net::Task<void> answer(net::Call& call, Context context) {
  const std::string_view method = call.head().method, path = call.head().path();
  const bool get = method == "GET" || method == "HEAD";
  std::string_view allow = "GET";
  if (path == "/v1/chat/completions") {
    if (method == "POST") return chat(call, context);
    allow = "POST";
  } else if (path == "/v1/models" || path.starts_with("/v1/models/")) {
    if (get) return models(call, context);
  } else if (path == "/healthz") {
    if (get) return send(call, 200, "text/plain", "ok\n");
  } else if (path == "/readyz") {
    if (get) return ready(call, context);
  } else if (path == "/metrics") {
    if (get) return metrics(call, context);
  } else {
    return send_failure(
        call, fail(Fault::not_found,
                   "this path does not exist here; there are POST /v1/chat/completions, GET /v1/models, /healthz, /readyz, /metrics",
                   "unknown_path")
                  .error());
  }
  return send_failure(call, fail(Fault::bad_request, fmt::format("this path is for {}", allow), "method_not_allowed").error(), allow);
}

net::Task<void> refuse_head(net::Call& call, const Error& error) {
  const wire::Failure failure = wire::failure(default_dialect, error);
  const std::array<net::Field, 1> fields{{{"content-type", "application/json"}}};
  const int status = error.fault == Fault::too_large ? 431 : error.fault == Fault::timed_out ? 408 : failure.status;
  [[maybe_unused]] const Status sent = co_await call.respond(status, fields, failure.body);
}

}  // namespace ajar::gateway
