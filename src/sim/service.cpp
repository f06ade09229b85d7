// sim/service.cpp - from a request to its scripted answer.
#include "sim/service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "sim/chance.hpp"
#include "sim/gemini.hpp"
#include "sim/lists.hpp"

namespace ajar::sim {
namespace {

constexpr net::Field simulated{"x-ajar-simulated", "true"};
constexpr net::Field as_json{"content-type", "application/json"};
constexpr net::ServerLimits limits{
    .head_bytes = 64u << 10, .body_bytes = 64u << 20, .head = Millis(60'000), .body = Millis(60'000), .write = Millis(600'000)};
constexpr std::size_t write_size = 16u << 10;  // what is due is sent when it has grown to so much
constexpr std::size_t most_remembered = 1u << 20;

Trouble trouble_of(const Error& error) {
  return {.status = error.fault == Fault::too_large ? 413 : 400, .message = error.message, .code = error.code, .param = error.param};
}

Trouble scripted(const Behaviour& b) {
  Trouble t{.status = static_cast<int>(b.fail_status),
            .message = fmt::format("A simulated failure with status {}.", b.fail_status),
            .code = {},
            .param = {},
            .retry_after = b.retry_after,
            .quota = b.quota};
  if (b.quota) t.message = "You exceeded your current quota, please check your plan and billing details. (simulated)";
  if (b.context) {
    t.message =
        "prompt is too long: This model's maximum context length is 131072 tokens. However, your messages resulted in 200000 tokens. "
        "(simulated)";
    t.code = "context_length_exceeded";
    t.param = "messages";
  }
  return t;
}

}  // namespace

struct Service::Turn {
  net::Call& call;
  net::Transport& raw;
  const Speech& speech;
  std::uint64_t number;
  Ask ask;
  Behaviour behaviour;
  Reply reply;
  std::string request_id;

  // The piece before which the fault comes, and whether there is one.
  std::int64_t fault_at() const {
    std::int64_t at = -1;
    for (const std::int64_t after : {behaviour.cut_after, behaviour.stall_after, behaviour.malformed_after, behaviour.error_after})
      if (after >= 0 && (at < 0 || after < at)) at = after;
    return at;
  }
};

// The handler of one connection: it knows the transport, for answers that are not HTTP.
class Service::Visitor final : public net::Handler {
 public:
  Visitor(Service& service, net::Transport& raw) : service_(service), raw_(raw) {}
  net::Task<void> serve(net::Call& call) override { co_await service_.serve(call, raw_); }
  net::Task<void> refuse(net::Call& call, const Error& error) override {
    co_await service_.trouble(call, *service_.chat_, trouble_of(error));
  }

 private:
  Service& service_;
  net::Transport& raw_;
};

Service::Service(Script script)
    : script_(std::move(script)),
      chat_(chat_speech(script_.engine)),
      responses_(responses_speech()),
      anthropic_(anthropic_speech()),
      gemini_(gemini_speech()),
      ollama_(ollama_speech()) {}

net::Task<void> Service::connection(std::unique_ptr<net::Transport> transport) {
  Visitor visitor(*this, *transport);
  co_await net::serve(std::move(transport), visitor, limits);
}

bool Service::refuses_connection() noexcept { return share_of(mix(script_.seed + 2, ++connections_)) < script_.refuse_connections; }

const Speech* Service::speech_for(const net::RequestHead& head) const noexcept {
  const std::string_view path = head.path();
  if (path.ends_with("/chat/completions")) return chat_.get();
  if (path.ends_with("/responses")) return responses_.get();
  if (path.ends_with("/messages") || path.ends_with("/messages/count_tokens")) return anthropic_.get();
  if (path == "/api/chat") return ollama_.get();
  const std::string_view method = gemini_path(head.target).method;
  return method == "generateContent" || method == "streamGenerateContent" || method == "countTokens" ? gemini_.get() : nullptr;
}

bool Service::knows(const net::RequestHead& head) const {
  if (script_.key.empty()) return true;
  const std::string_view bearer = head.find("authorization");
  return bearer == "Bearer " + script_.key || head.find("x-api-key") == script_.key || head.find("x-goog-api-key") == script_.key;
}

net::Task<void> Service::serve(net::Call& call, net::Transport& raw) {
  const net::RequestHead& head = call.head();
  const Speech* speech = speech_for(head);
  if (speech != nullptr && head.method == "POST") {
    ++open_;
    const bool counting = head.path().ends_with("/count_tokens") || gemini_path(head.target).method == "countTokens";
    if (counting)
      co_await count(call, *speech);
    else
      co_await answer(call, raw, *speech);
    --open_;
    co_return;
  }
  (void)co_await call.body();  // whatever it is, so that the connection can go on
  const net::Field headers[] = {as_json, simulated};
  if (head.path() == "/sim/stats" || head.path() == "/sim/last") {
    (void)co_await call.respond(200, headers, head.path() == "/sim/stats" ? stats() : last_.empty() ? "null" : last_);
  } else if (speech != nullptr) {
    co_await trouble(call, *speech, {.status = 405, .message = fmt::format("Not allowed: {} is asked for with POST", head.path())});
  } else if (!knows(head) && head.path() != "/health") {
    co_await trouble(call, *chat_, {.status = 401, .message = "Incorrect API key provided."});
  } else if (const auto found = listing(script_, head)) {
    const net::Field typed[] = {{"content-type", found->type}, simulated};
    (void)co_await call.respond(found->status, typed, found->body);
  } else {
    co_await trouble(
        call, *chat_,
        {.status = 404,
         .message = fmt::format("The simulator ({}) has nothing at {} {}", name_of(script_.engine), head.method, head.path())});
  }
}

net::Task<void> Service::trouble(net::Call& call, const Speech& speech, const Trouble& t) {
  ++failures_;
  const std::string retry = std::to_string(t.retry_after), body = speech.error(t);
  std::vector<net::Field> headers{as_json, simulated};
  if (t.retry_after >= 0) headers.push_back({"retry-after", retry});
  (void)co_await call.respond(t.status, headers, body);
}

net::Task<void> Service::count(net::Call& call, const Speech& speech) {
  const auto body = co_await call.body();
  const auto json = body ? json::read(*body) : Result<json::Value>(std::unexpected(body.error()));
  if (!json) {
    co_await trouble(call, speech, trouble_of(json.error()));
    co_return;
  }
  Ask ask;
  collect(*json, ask);
  const auto tokens = static_cast<std::int64_t>((ask.prompt.size() + 3) / 4) + 256 * ask.media;
  const std::string_view key = &speech == gemini_.get() ? "totalTokens" : "input_tokens";
  const net::Field headers[] = {as_json, simulated};
  (void)co_await call.respond(200, headers, json::write(json::Value{{key, tokens}}));
}

net::Task<void> Service::answer(net::Call& call, net::Transport& raw, const Speech& speech) {
  Turn turn{.call = call,
            .raw = raw,
            .speech = speech,
            .number = requests_.fetch_add(1, std::memory_order_relaxed) + 1,
            .ask = {},
            .behaviour = {},
            .reply = {},
            .request_id = {}};
  turn.request_id = fmt::format("req_sim_{}", turn.number);
  const auto body = co_await call.body();
  if (!body && body.error().fault == Fault::cancelled) co_return;
  auto json = body ? json::read(*body) : Result<json::Value>(std::unexpected(body.error()));
  if (body) remember(call.head(), *body);
  if (json && !json->is_object()) json = fail(Fault::bad_request, "the body must be a JSON object");
  if (!json) {
    co_await trouble(call, speech, trouble_of(json.error()));
    co_return;
  }
  if (!knows(call.head())) {
    co_await trouble(call, speech, {.status = 401, .message = "Incorrect API key provided."});
    co_return;
  }
  auto ask = speech.read(*json, call.head());
  auto behaviour = ask ? behaviour_of(*ask, call.head()) : Result<Behaviour>(std::unexpected(ask.error()));
  if (!behaviour) {
    co_await trouble(call, speech, trouble_of(behaviour.error()));
    co_return;
  }
  turn.ask = std::move(*ask);
  turn.behaviour = std::move(*behaviour);
  call.release_body();
  co_await act(turn);
}

Result<Behaviour> Service::behaviour_of(const Ask& ask, const net::RequestHead& head) {
  auto b = script_.behaviour_for(ask.model, head.fields, ask.last_user);
  if (!b || b->first < 0) return b;
  // A command counts for its own text, so that requests that share a model do not disturb each other.
  const bool commanded = ask.last_user.find("[sim ") != std::string::npos;
  if (++turns_[commanded ? ask.model + "\n" + ask.last_user : ask.model] > b->first) b->clear_faults();
  return b;
}

net::Task<void> Service::act(Turn& turn) {
  const Behaviour& b = turn.behaviour;
  net::Loop& loop = turn.call.loop();
  const auto jitter = static_cast<std::int64_t>(share_of(mix(script_.seed + 1, turn.number)) * static_cast<double>(b.jitter_ms + 1));
  const auto late = Millis(b.latency_ms + jitter);
  if (late > Millis(0) && !co_await wait(turn.call, loop.now() + late)) co_return;
  if (b.silent) {
    (void)co_await wait(turn.call, net::never);
    co_return;
  }
  if (b.close) co_return;
  if (b.garbage) {
    turn.call.abort();
    (void)co_await net::write_all(turn.raw, "HTTP/1.1 oops\r\nthis is: \x01not HTTP\r\n\r\n\x02", loop.now() + limits.write);
    co_return;
  }
  if (share_of(mix(script_.seed, turn.number)) < b.fail) {
    co_await trouble(turn.call, turn.speech, scripted(b));
    co_return;
  }
  turn.reply = reply_to(turn.ask, b, {.seed = script_.seed, .number = turn.number, .now = loop.clock().wall()}, cache_);
  if (turn.ask.stream)
    co_await stream(turn);
  else
    co_await whole(turn);
}

net::Task<void> Service::whole(Turn& turn) {
  const Behaviour& b = turn.behaviour;
  net::Call& call = turn.call;
  if (b.tokens_per_second > 0) {
    const auto took = std::chrono::duration_cast<Nanos>(
        std::chrono::duration<double>(static_cast<double>(turn.reply.usage.total_output()) / b.tokens_per_second));
    if (!co_await wait(call, call.loop().now() + took)) co_return;
  }
  const std::string body = turn.speech.whole(turn.ask, turn.reply);
  const net::Field headers[] = {as_json, simulated, {turn.speech.id_header(), turn.request_id}};
  const std::string_view half = std::string_view(body).substr(0, body.size() / 2);
  const std::int64_t at = turn.fault_at();
  if (at < 0) {
    (void)co_await call.respond(200, headers, body);
  } else if (at == b.malformed_after) {
    (void)co_await call.respond(200, headers, half);
  } else if (at == b.error_after) {
    (void)co_await call.respond(200, headers, turn.speech.error(scripted(b)));
  } else {  // the answer ends, or falls silent, in the middle
    (void)co_await call.begin(200, headers, half);
    if (at == b.stall_after) (void)co_await wait(call, net::never);
  }
}

net::Task<void> Service::stream(Turn& turn) {
  const Behaviour& b = turn.behaviour;
  net::Call& call = turn.call;
  const net::Field headers[] = {{"content-type", turn.speech.stream_type(turn.ask)},
                                {"cache-control", "no-cache"},
                                simulated,
                                {turn.speech.id_header(), turn.request_id}};
  const auto encoder = turn.speech.encoder(turn.ask, turn.reply);
  Pieces pieces(turn.reply);
  std::string out;
  encoder->open(out);
  if (!co_await call.begin(200, headers, out)) co_return;
  out.clear();
  const Instant start = call.loop().now();
  const std::int64_t fault_at = turn.fault_at();
  for (std::int64_t n = 0;; ++n) {
    const auto piece = pieces.next();
    if (fault_at >= 0 && (n == fault_at || !piece)) {
      if (!co_await write(turn, out)) co_return;
      if (fault_at == b.stall_after) (void)co_await wait(call, net::never);
      if (fault_at == b.cut_after || fault_at == b.stall_after) co_return;  // without the end of the body
      out = fault_at == b.error_after ? turn.speech.error_event(scripted(b)) : turn.speech.broken_event();
      if (co_await write(turn, out)) (void)co_await call.end();
      co_return;
    }
    if (!piece) break;
    Nanos due = Millis(b.slow_ms) * (n + 1);
    if (b.tokens_per_second > 0)
      due += std::chrono::duration_cast<Nanos>(std::chrono::duration<double>(static_cast<double>(n) / b.tokens_per_second));
    const bool early = start + due > call.loop().now();
    if (early || out.size() >= write_size)
      if (!co_await write(turn, out)) co_return;
    if (early && !co_await wait(call, start + due)) co_return;
    encoder->piece(*piece, out);
  }
  encoder->close(out);
  if (co_await write(turn, out)) (void)co_await call.end();
}

// Sends what there is and forgets it.
net::Task<Status> Service::write(Turn& turn, std::string& out) {
  const std::size_t step = turn.behaviour.drip > 0 ? static_cast<std::size_t>(turn.behaviour.drip) : out.size();
  for (std::size_t at = 0; at < out.size(); at += step) {
    if (auto written = co_await turn.call.write(std::string_view(out).substr(at, step)); !written) {
      ++hung_up_;
      co_return written;
    }
  }
  out.clear();
  co_return ok();
}

net::Task<bool> Service::wait(net::Call& call, Instant until) {
  const net::Wake wake = co_await call.loop().sleep_until(until, &call.peer());
  if (wake == net::Wake::gone) ++hung_up_;
  co_return wake == net::Wake::timed_out;
}

// Credentials are not kept.
void Service::remember(const net::RequestHead& head, std::string_view body) {
  json::Value headers(json::Object{});
  for (const net::Field& f : head.fields) {
    const std::string name = to_lower(f.name);
    const bool secret = name == "authorization" || name == "x-api-key" || name == "x-goog-api-key" || name == "cookie";
    headers.set(name, secret ? std::string_view("(hidden)") : f.value);
  }
  last_ = fmt::format(R"({{"path":{},"headers":{},"body":{}}})", json::quote(head.path()), json::write(headers),
                      json::quote(body.substr(0, most_remembered)));
}

std::string Service::stats() const {
  return json::write(json::Value{{"requests", static_cast<std::int64_t>(requests())},
                                 {"failures", static_cast<std::int64_t>(failures_)},
                                 {"hung_up", static_cast<std::int64_t>(hung_up_)},
                                 {"open", static_cast<std::int64_t>(open_)}});
}

}  // namespace ajar::sim
