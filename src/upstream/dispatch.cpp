// upstream/dispatch.cpp - attempts, retries and fallback.
#include "upstream/dispatch.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace ajar::upstream {
namespace {

constexpr std::size_t most_error_body = 256u << 10;
constexpr std::size_t most_answer_body = 64u << 20;
constexpr std::size_t most_before_content = 1u << 20;  // of a stream that never comes to the point
constexpr Millis after_end{1'000};                     // for a finished stream to close, so that its connection can be used again

// What to do after a failed try.
enum class Next : std::uint8_t { give_up, same, other };

// `status` is that of the upstream's answer; 0 = it gave none.
Next after(const Error& error, int status) {
  switch (error.fault) {
    case Fault::rate_limited:
    case Fault::upstream_unavailable:
    case Fault::overloaded:
      return Next::same;
    case Fault::timed_out:
    case Fault::context_too_long:
    case Fault::upstream_auth:
    case Fault::over_budget:  // the account there is spent
    case Fault::not_found:
    case Fault::forbidden:
      return Next::other;
    case Fault::upstream_refused:
      return error.upstream_status == 404 || error.upstream_status == 405 ? Next::other : Next::give_up;  // else the caller's mistake
    case Fault::bad_request:
      return status == 0 ? Next::other : Next::give_up;  // 0: what this target's dialect cannot carry, another's may
    case Fault::too_large:
    case Fault::unauthenticated:
    case Fault::cancelled:
    case Fault::config:
    case Fault::storage:
    case Fault::internal:
      return Next::give_up;
  }
  return Next::give_up;
}

// Speaks against the deployment rather than against the request.
bool is_illness(Fault fault) {
  return fault == Fault::rate_limited || fault == Fault::upstream_unavailable || fault == Fault::overloaded || fault == Fault::timed_out ||
         fault == Fault::upstream_auth || fault == Fault::over_budget;
}

// Counts a request as in flight at a deployment while it lives.
class InFlight {
 public:
  InFlight(route::Health& health, std::uint32_t deployment) : cell_(health.in_flight(deployment)) {
    cell_.fetch_add(1, std::memory_order_relaxed);
  }
  ~InFlight() { cell_.fetch_sub(1, std::memory_order_relaxed); }
  InFlight(const InFlight&) = delete;

 private:
  std::atomic<std::int64_t>& cell_;
};

std::string request_id_of(const net::ResponseHead& head) {
  for (const std::string_view name : {"x-request-id", "request-id", "x-goog-request-id"})
    if (const auto value = head.find(name); !value.empty()) return std::string(value.substr(0, 128));
  return {};
}

// A provider may quote the credential that it was sent: it stays here.
void hide(SmallText& text, std::string_view credential) {
  if (credential.empty() || text.str().find(credential) == std::string::npos) return;
  std::string hidden = text;
  for (std::size_t at = 0; (at = hidden.find(credential, at)) != std::string::npos;)
    hidden.replace(at, credential.size(), "[redacted]"), at += 10;
  text = std::move(hidden);
}

Error refused(const catalog::Deployment& to, int status, const wire::Headers& headers, std::string_view body, WallTime now) {
  Error error = wire::upstream_failure(to.profile, status, headers, body, now);
  for (SmallText* text : {&error.message, &error.detail, &error.code, &error.param}) hide(*text, to.credential);
  return error;
}

wire::Headers headers_of(const net::ResponseHead& head) {
  wire::Headers headers;
  headers.reserve(head.fields.size());
  for (const net::Field& field : head.fields) headers.emplace_back(field.name, field.value);
  return headers;
}

// Reads a stream until its first content, so that a failure before it can still go elsewhere.
net::Task<Status> first_content(Reply& reply, const Order& order, Instant by) {
  while (!reply.translation->report().content && !reply.translation->report().finished) {
    auto bytes = co_await reply.call->read(std::min(by, order.deadline), order.caller);
    if (!bytes) co_return forward(std::move(bytes));
    if (bytes->empty()) {
      auto last = reply.translation->finish();
      if (!last) co_return forward(std::move(last));
      reply.first.append(*last);
      if (reply.translation->report().failure) co_return std::unexpected(*reply.translation->report().failure);
      reply.call.reset();
      break;
    }
    auto out = reply.translation->feed(*bytes);
    if (!out) co_return forward(std::move(out));
    reply.first.append(*out);
    if (reply.first.size() > most_before_content)
      co_return fail(Fault::upstream_unavailable, "the upstream sends a stream without content", "bad_answer");
  }
  co_return ok();
}

// One try at one deployment.
net::Task<Result<Reply>> attempt(const Order& order, const catalog::Deployment& to, int& status) {
  const net::Loop& loop = order.pool.loop();
  const policy::Replaced* replaced = order.clearance.replaced();
  if (replaced != nullptr && order.envelope.body.data() != replaced->body.data())
    co_return fail(Fault::forbidden, "this body is not the one that was cleared", "policy_blocked");
  const wire::Target target{.profile = &to.profile,
                            .model = to.upstream_model,
                            .public_model = order.envelope.model,
                            .now = order.market.wall,
                            .fetched = {},
                            .restore = replaced ? &replaced->restore : nullptr};
  auto translation = wire::Translation::make(order.dialect, order.envelope, target);
  if (!translation) co_return forward(std::move(translation));
  Reply reply;
  reply.deployment = &to;
  reply.translation = std::move(*translation);
  wire::Outbound outbound = reply.translation->take_request();
  reply.warnings = std::move(outbound.warnings);
  if (order.strict)
    if (auto kept = wire::keeps_all(reply.warnings); !kept) co_return forward(std::move(kept));
  auto ticket = policy::mint(order.clearance, order.market.zones, to, std::move(outbound));
  if (!ticket) co_return forward(std::move(ticket));
  const Instant now = loop.now();
  const Bounds bounds{.connect_by = std::min(now + order.patience.connect, order.deadline),
                      .answer_by = std::min(now + order.patience.first_byte, order.deadline)};
  auto call = co_await open(std::move(*ticket), to, order.pool, bounds, order.trace, order.caller);
  if (!call) co_return forward(std::move(call));
  reply.call = std::move(*call);
  const net::ResponseHead& head = reply.call->head();
  status = head.status;
  reply.upstream_id = request_id_of(head);
  if (status < 200 || status > 299) {
    auto body = co_await reply.call->read_all(most_error_body, bounds.answer_by, order.caller);
    if (!body && body.error().fault == Fault::cancelled) co_return forward(std::move(body));
    co_return std::unexpected(refused(to, status, headers_of(head), body ? *body : std::string_view(), order.market.wall));
  }
  if (order.envelope.stream) {
    if (auto begun = co_await first_content(reply, order, bounds.answer_by); !begun) co_return forward(std::move(begun));
    if (reply.call) reply.call->forget_head();
    co_return reply;
  }
  auto body = co_await reply.call->read_all(most_answer_body, order.deadline, order.caller, order.patience.idle);
  if (!body) co_return forward(std::move(body));
  auto answer = reply.translation->answer(*body);
  if (!answer) co_return forward(std::move(answer));
  reply.call.reset();
  reply.whole = std::make_unique<wire::Answer>(std::move(*answer));
  co_return reply;
}

// One try, noted in `attempts` and told to the breaker.
net::Task<Result<Reply>> counted_attempt(const Order& order, const catalog::Deployment& to, std::vector<ledger::Attempt>& attempts) {
  const net::Loop& loop = order.pool.loop();
  const Instant began = loop.now();
  const InFlight counted(order.health, to.index);
  int status = 0;
  auto reply = co_await attempt(order, to, status);
  const Nanos took = loop.now() - began;
  if (reply) {
    order.health.succeeded(to.index, took);
    attempts.push_back({.deployment = to.name, .fault = std::nullopt, .status = status, .duration = took});
    co_return reply;
  }
  Error& error = reply.error();
  if (error.code == "stale") error.code = "cut";
  if (error.upstream_status == 0) error.upstream_status = status;
  attempts.push_back({.deployment = to.name, .fault = error.fault, .status = status, .duration = took});
  if (is_illness(error.fault)) order.health.failed(to.index, loop.now(), error.retry_after);
  co_return reply;
}

// Doubles per try, with up to half of it as jitter; an upstream's own Retry-After wins.
Nanos pause_before(const Patience& patience, int tries, const Error& error) {
  if (error.retry_after) return *error.retry_after;
  std::uint8_t random = 0;
  fill_random({&random, 1});
  const Nanos base = patience.backoff * (1 << std::min(tries - 1, 6));
  return base + base * random / 512;
}

}  // namespace

net::Task<Result<Reply>> dispatch(const Order& order, std::vector<ledger::Attempt>& attempts) {
  net::Loop& loop = order.pool.loop();
  Error last{.fault = Fault::upstream_unavailable,
             .message = "no deployment could be tried",
             .code = {},
             .param = {},
             .detail = {},
             .upstream_status = 0,
             .retry_after = {}};
  int total = 0;
  // A deployment that is being probed by another request is passed over; when that leaves nobody, it is tried all the same.
  for (const bool probing : {true, false}) {
    if (!probing && total != 0) break;
    int left = static_cast<int>(order.decision.chain().size());  // deployments that have not had their first try
    for (const route::Candidate& candidate : order.decision.chain()) {
      --left;
      const catalog::Deployment& to = order.market.deployments[candidate.deployment];
      if (probing && order.health.circuit(to.index, loop.now()) == route::Circuit::half_open &&
          !order.health.take_probe(to.index, loop.now()))
        continue;
      for (int tries = 1; tries <= order.patience.per_deployment; ++tries) {
        ++total;
        auto reply = co_await counted_attempt(order, to, attempts);
        if (reply) co_return reply;
        last = std::move(reply).error();
        const Next next = after(last, attempts.back().status);
        if (next == Next::give_up || loop.now() >= order.deadline) co_return std::unexpected(std::move(last));
        // A second try here never takes the place of the first one elsewhere.
        if (next == Next::other || tries == order.patience.per_deployment || total + left >= order.patience.total) break;
        const Nanos pause = pause_before(order.patience, tries, last);
        if (pause > order.patience.longest || loop.now() + pause >= order.deadline) break;
        const net::Wake wake = co_await loop.sleep_until(loop.now() + pause, order.caller);
        if (wake != net::Wake::timed_out)
          co_return fail(Fault::cancelled, wake == net::Wake::gone ? "the caller went away" : "the gateway is shutting down");
      }
    }
  }
  co_return std::unexpected(std::move(last));
}

Instant next_by(const Reply& reply, const Order& order) {
  // Once the answer is whole, only the end of the connection's use is waited for.
  return std::min(order.pool.loop().now() + (reply.translation->report().finished ? after_end : order.patience.idle), order.deadline);
}

net::Task<Result<std::string_view>> next(Reply& reply, const Order& order, Instant by) {
  while (reply.call) {
    const bool finished = reply.translation->report().finished;  // then what happens to the connection is no failure
    auto bytes = co_await reply.call->read(by, order.caller);
    if (!bytes && (!finished || bytes.error().fault == Fault::cancelled)) co_return bytes;
    if (!bytes || bytes->empty()) {
      reply.call.reset();
      co_return reply.translation->finish();
    }
    auto out = reply.translation->feed(*bytes);
    if (!out || !out->empty()) co_return out;
    by = next_by(reply, order);
  }
  co_return std::string_view{};
}

}  // namespace ajar::upstream
