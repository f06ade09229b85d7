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

// Usage is noted however the stream ends.
class UsageNoted {
 public:
  UsageNoted(Exchange& x, const upstream::Reply& reply) : x_(x), reply_(reply) {}
  ~UsageNoted() { note_usage(x_, reply_.translation->report()); }
  UsageNoted(const UsageNoted&) = delete;

 private:
  Exchange& x_;
  const upstream::Reply& reply_;
};

// Afterwards no fallback is possible any more: what only a further attempt would need is given back, since a stream lives long.
net::Task<Status> begin_stream(Exchange& x, upstream::Reply& reply) {
  const AnswerHeaders headers(x, reply, "text/event-stream; charset=utf-8");
  auto begun = co_await x.call.begin(200, headers.fields(), reply.first);
  if (!begun) co_return begun;
  x.content_sent = true;
  std::string().swap(reply.first);
  std::vector<wire::Envelope::Field>().swap(x.envelope.fields);
  x.call.release_body();
  x.call.forget_head();
  co_return begun;
}

net::Task<Status> relay_stream(Exchange& x, upstream::Reply& reply, const upstream::Order& order) {
  const UsageNoted noted(x, reply);
  if (auto begun = co_await begin_stream(x, reply); !begun) co_return begun;
  Status outcome = ok();
  std::string_view last;
  while (reply.call) {
    const Instant by = upstream::next_by(reply, order);
    reply.translation->fall_silent();
    co_await reply.call->more(by, order.caller);  // a silent stream holds no more than this frame
    auto bytes = co_await upstream::next(reply, order, by);
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
    if (reply.translation->report().failure) break;  // told just now; the caller may hang up on it
  }
  if (outcome && reply.translation->report().failure) outcome = std::unexpected(*reply.translation->report().failure);
  auto ended = co_await x.call.end(last);
  co_return outcome ? ended : outcome;
}

net::Task<Status> relay_whole(Exchange& x, const upstream::Reply& reply) {
  const AnswerHeaders headers(x, reply, "application/json");
  note_usage(x, reply.whole->report);
  auto sent = co_await x.call.respond(200, headers.fields(), reply.whole->body);
  x.content_sent = sent.has_value();
  co_return sent;
}

}  // namespace

net::Task<Status> relay(Exchange& x, upstream::Reply& reply, const upstream::Order& order) {
  note_reply(x, reply);
  x.first_content = x.services.clock.now();
  return x.envelope.stream ? relay_stream(x, reply, order) : relay_whole(x, reply);
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
