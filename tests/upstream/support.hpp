// tests/upstream/support.hpp - an order against scripted providers on loopback, on a clock that moves when nothing else does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/support.hpp"
#include "policy/support.hpp"
#include "upstream/dispatch.hpp"

namespace ajar::upstream {

using net::answer_of;
using net::Peer;
using net::Step;
using Then = net::Step::Then;

inline const std::string credential = "credential-canary-77";

inline std::string event(std::string_view content) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":")" +
         std::string(content) + R"("},"finish_reason":null}]})" + "\n\n";
}
inline const std::string last_events =
    R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
    "\n\ndata: [DONE]\n\n";
inline const std::string whole =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})";
inline std::string error_body(std::string_view message) {
  return R"({"error":{"message":")" + std::string(message) + R"(","type":"server_error","code":null}})";
}

inline const std::string stream_head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
inline std::string chunk(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t left = text.size(); left != 0; left /= 16) size.insert(size.begin(), digits[left % 16]);
  return size + "\r\n" + std::string(text) + "\r\n";
}
inline const std::string last_chunk = "0\r\n\r\n";
inline std::string stream_of(std::string_view content) { return stream_head + chunk(event(content)) + chunk(last_events) + last_chunk; }

struct Upstream : testing::Test {
  Upstream()
      : zones{policy::zone("own", policy::top_label), policy::zone("external", policy::public_label)},
        health(8),
        clearance(policy::cleared(policy::public_label)) {
    ask(false);
  }
  void ask(bool stream) {
    body = std::string(R"({"model":"assistant","stream":)") + (stream ? "true" : "false") +
           R"(,"messages":[{"role":"user","content":"the secret question"}]})";
    auto inspected = wire::inspect(wire::Dialect::openai_chat, body);
    ASSERT_TRUE(inspected);
    envelope = std::move(*inspected);
  }
  std::shared_ptr<Peer> provider(Peer::Script script, std::uint32_t zone = 1) {
    auto peer = Peer::open(rig.loop, std::move(script));
    add(peer->port(), zone);
    return peer;
  }
  std::shared_ptr<Peer> provider(Step step, std::uint32_t zone = 1) {
    return provider([step](std::size_t, const std::string&) { return step; }, zone);
  }
  void add(std::uint16_t port, std::uint32_t zone = 1) {
    catalog::Deployment d;
    d.index = static_cast<std::uint32_t>(deployments.size());
    d.name = std::string(1, static_cast<char>('a' + d.index));
    d.upstream_model = "m-" + d.name;
    d.public_model = "assistant";
    d.zone = zone;
    d.endpoint = {.tls = false, .host = "127.0.0.1", .port = port, .base_path = "/base"};
    d.auth = catalog::Auth::bearer;
    d.credential = credential;
    deployments.push_back(std::move(d));
    route.order.push_back(deployments.back().index);
  }
  void decide() {
    market = {.deployments = deployments, .zones = zones, .catalog = nullptr, .health = &health, .wall = {}, .now = rig.clock.now()};
    auto chosen = route::choose(envelope, route, policy::cleared(policy::public_label), market);
    ASSERT_TRUE(chosen);
    decision.emplace(std::move(*chosen));
  }
  Order order() {
    return {.dialect = wire::Dialect::openai_chat,
            .envelope = envelope,
            .clearance = clearance,
            .decision = *decision,
            .market = market,
            .health = health,
            .pool = rig.pool,
            .patience = patience,
            .deadline = deadline,
            .trace = {"req-1", ""},
            .caller = caller};
  }
  // Runs the loop; when nothing happens the clock moves, and `waited` says by how much in all.
  template <class T>
  T drive(net::Task<T> task) {
    std::optional<T> result;
    rig.loop.spawn(net::keep_result(std::move(task), result));
    const Instant began = rig.clock.now();
    for (int pass = 0; pass < 20'000 && !result; ++pass)
      if (!rig.loop.poll(Millis(1))) rig.clock.advance(Millis(100));
    waited = rig.clock.now() - began;
    if (!result) {
      ADD_FAILURE() << "the task did not end";
      rig.loop.cancel_waits();
    }
    return std::move(*result);
  }
  Result<Reply> run() {
    decide();
    kept.emplace(order());
    return drive(dispatch(*kept, attempts));
  }
  // The rest of a stream; the error that ended it, if one did.
  std::optional<Error> rest(Reply& reply, std::string& text) {
    text += reply.first;
    while (reply.call) {
      auto more = drive(next(reply, *kept, next_by(reply, *kept)));
      if (!more) return more.error();
      text += *more;
    }
    return std::nullopt;
  }
  // "a:200 b:0:timed_out"
  std::string tried() const {
    std::string text;
    for (const ledger::Attempt& a : attempts) {
      text += (text.empty() ? "" : " ") + a.deployment + ":" + std::to_string(a.status);
      if (a.fault) text += ":" + std::string(name_of(*a.fault));
    }
    return text;
  }

  net::Rig rig;
  std::string body;
  wire::Envelope envelope;
  std::vector<policy::Zone> zones;
  std::vector<catalog::Deployment> deployments;
  route::Route route{.name = "assistant", .order = {}, .cheapest_first = false, .label = {}};
  route::Health health;
  policy::Clearance clearance;
  route::Market market;
  std::optional<route::Decision> decision;
  Patience patience;
  Instant deadline = net::never;
  net::Source* caller = nullptr;
  std::optional<Order> kept;
  std::vector<ledger::Attempt> attempts;
  Nanos waited{};
};

}  // namespace ajar::upstream
