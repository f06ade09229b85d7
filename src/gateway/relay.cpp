// gateway/relay.cpp - stage 7: the answer to the caller, and errors in the caller's dialect.
#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "gateway/stages.hpp"

namespace ajar::gateway {
namespace {

// The answer's headers: who answered and why. Values point into the exchange and the reply.
class AnswerHeaders {
 public:
  AnswerHeaders(const Exchange& x, const upstream::Reply& reply, std::string_view content_type) : warnings_(join(reply.warnings, ", ")) {
    add("content-type", content_type);
    if (x.envelope.stream) add("cache-control", "no-cache");
    add("x-request-id", x.entry.id);
    add("x-ajar-model", reply.deployment->upstream_model);
    add("x-ajar-deployment", reply.deployment->name);
    add("x-ajar-reason", x.entry.reason);
    if (!warnings_.empty()) add("x-ajar-warnings", warnings_);
    if (!reply.upstream_id.empty()) add("x-ajar-upstream-request-id", reply.upstream_id);
    if (reply.deployment->simulated) add("x-ajar-simulated", "true");
  }
  std::span<const net::Field> fields() const noexcept { return {fields_.data(), count_}; }

 private:
  void add(std::string_view name, std::string_view value) { fields_[count_++] = {name, value}; }
  std::array<net::Field, 10> fields_;
  std::size_t count_ = 0;
  std::string warnings_;
};

void note_reply(Exchange& x, upstream::Reply& reply) {
  const catalog::Deployment& d = *reply.deployment;
  x.entry.deployment = d.name;
  x.entry.warnings = reply.warnings;
  x.entry.upstream_id = reply.upstream_id;
}

net::Task<Status> relay_stream(Exchange& x, upstream::Reply& reply, const upstream::Order& order) {
  {
    const AnswerHeaders headers(x, reply, "text/event-stream; charset=utf-8");
    if (auto begun = co_await x.call.begin(200, headers.fields(), reply.first); !begun) co_return begun;
  }
  x.content_sent = true;
  std::string().swap(reply.first);
  x.call.release_body();  // no fallback is possible any more
  Status outcome = ok();
  std::string_view last;
  while (reply.call) {
    auto bytes = co_await upstream::next(reply, order);
    if (!bytes) {
      if (bytes.error().fault == Fault::cancelled) co_return forward(std::move(bytes));
      outcome = std::unexpected(bytes.error());
      last = reply.translation->break_off(bytes.error());
      break;
    }
    if (!reply.call)
      last = *bytes;
    else if (auto written = co_await x.call.write(*bytes); !written)
      co_return written;
  }
  if (outcome && reply.translation->report().failure) outcome = std::unexpected(*reply.translation->report().failure);
  if (auto ended = co_await x.call.end(last); !ended) co_return ended;
  co_return outcome;
}

}  // namespace

net::Task<Status> relay(Exchange& x, upstream::Reply& reply, const upstream::Order& order) {
  note_reply(x, reply);
  x.first_content = x.services.clock.now();
  if (x.envelope.stream) {
    Status outcome = co_await relay_stream(x, reply, order);
    note_usage(x, reply.translation->report());
    co_return outcome;
  }
  const AnswerHeaders headers(x, reply, "application/json");
  note_usage(x, reply.report);
  auto sent = co_await x.call.respond(200, headers.fields(), reply.body);
  x.content_sent = sent.has_value();
  co_return sent;
}

net::Task<void> refuse(Exchange& x, const Error& error) {
  const wire::Failure failure = wire::failure(x.dialect, error);
  x.entry.status = failure.status;
  std::vector<net::Field> fields{{"content-type", "application/json"}, {"x-request-id", x.entry.id}};
  for (const auto& [name, value] : failure.headers) fields.push_back({name, value});
  if (!x.entry.reason.empty()) fields.push_back({"x-ajar-reason", x.entry.reason});
  // The caller may be gone already; then there is nobody to tell.
  [[maybe_unused]] const Status sent = co_await x.call.respond(failure.status, fields, failure.body);
}

}  // namespace ajar::gateway
