// tests/sim/harness.hpp - a simulated provider on a fake clock and a socket pair, and what it answers.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "net/http_body.hpp"
#include "net/http_head.hpp"
#include "sim/service.hpp"

namespace ajar::sim::test {

struct Answer {
  int status = 0;          // 0 = no head came, or none that is HTTP
  std::string head, body;  // the body out of its framing, as far as it came
  bool complete = false;   // the body came to its end
  bool closed = false;     // the connection was closed
  std::string header(std::string_view name) const {
    net::ResponseHead parsed;
    return net::parse(head, parsed) ? std::string(parsed.find(name)) : std::string();
  }
  json::Value json() const {
    auto value = json::read(body);
    EXPECT_TRUE(value) << body;
    return value ? std::move(*value) : json::Value();
  }
};

inline Answer parse_answer(std::string raw, bool closed) {
  Answer answer;
  answer.closed = closed;
  const auto length = net::head_length(raw);
  net::ResponseHead head;
  if (!length) return answer;
  answer.head = raw.substr(0, *length);
  if (!net::parse(answer.head, head)) return answer;
  answer.status = head.status;
  std::string rest = raw.substr(*length);
  net::BodyDecoder decoder(head.framing);
  auto body = decoder.decode(rest);
  EXPECT_TRUE(body);
  if (body) answer.body = *body;
  answer.complete = decoder.done();
  return answer;
}

// At once and without chance, unless a test says otherwise.
inline Script quick() {
  Script script;
  script.behaviour.latency_ms = script.behaviour.jitter_ms = 0;
  script.behaviour.tokens_per_second = 0;
  return script;
}

class Simulated {
 public:
  explicit Simulated(Script script = quick()) : service(std::move(script)) { connect(); }
  ~Simulated() {
    peer.reset();
    loop.cancel_waits();
    run();
  }

  void connect() {
    auto [server, client] = net::pair_of(loop);
    peer = std::move(client);
    loop.spawn(service.connection(std::move(server)));
  }
  void run() {
    while (loop.poll(Millis(0))) {
    }
  }
  void pass(Millis time) {
    clock.advance(time);
    run();
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(peer->source().fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      run();
    }
  }
  // Everything that has come so far.
  std::string receive() {
    std::string all;
    std::string piece(1 << 20, '\0');
    while (true) {
      run();
      const auto n = ::recv(peer->source().fd(), piece.data(), piece.size(), MSG_DONTWAIT);
      closed = closed || n == 0 || (n < 0 && errno == ECONNRESET);
      if (n <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(n));
    }
  }
  Answer ask(std::string_view method, std::string_view target, std::string_view body, std::string_view headers = {}) {
    if (closed) {
      closed = false;
      connect();
    }
    send(fmt::format("{} {} HTTP/1.1\r\nhost: sim\r\n{}content-length: {}\r\n\r\n{}", method, target, headers, body.size(), body));
    std::string raw = receive();
    return parse_answer(std::move(raw), closed);
  }
  Answer post(std::string_view target, std::string_view body, std::string_view headers = {}) { return ask("POST", target, body, headers); }
  Answer get(std::string_view target, std::string_view headers = {}) { return ask("GET", target, {}, headers); }

  FakeClock clock;
  net::Loop loop{clock};
  Service service;
  std::unique_ptr<net::Transport> peer;
  bool closed = false;
};

constexpr std::string_view version = "anthropic-version: 2023-06-01\r\n";

// One request in each dialect that says the same, for what is alike in all.
struct Spoken {
  std::string name, target, body, headers;
};
inline std::vector<Spoken> spoken(std::string_view model, std::string_view text, bool stream) {
  const std::string m = json::quote(model), t = json::quote(text);
  return {
      {"chat", "/v1/chat/completions",
       fmt::format(R"({{"model":{},"messages":[{{"role":"user","content":{}}}],"stream":{}}})", m, t, stream), ""},
      {"responses", "/v1/responses", fmt::format(R"({{"model":{},"input":{},"stream":{}}})", m, t, stream), ""},
      {"anthropic", "/v1/messages",
       fmt::format(R"({{"model":{},"max_tokens":1000,"messages":[{{"role":"user","content":{}}}],"stream":{}}})", m, t, stream),
       std::string(version)},
      {"gemini", fmt::format("/v1beta/models/{}:{}", model, stream ? "streamGenerateContent?alt=sse" : "generateContent"),
       fmt::format(R"({{"contents":[{{"role":"user","parts":[{{"text":{}}}]}}]}})", t), ""},
      {"ollama", "/api/chat", fmt::format(R"({{"model":{},"messages":[{{"role":"user","content":{}}}],"stream":{}}})", m, t, stream), ""},
  };
}

// The JSON of each event of a stream, whichever its framing; "[DONE]" as a string.
inline std::vector<json::Value> events(std::string_view body) {
  std::vector<json::Value> list;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    std::string_view line = body.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with("event:")) continue;
    if (line.starts_with("data: ")) line.remove_prefix(6);
    auto value = json::read(line);
    list.push_back(value ? std::move(*value) : json::Value(line));
  }
  return list;
}

}  // namespace ajar::sim::test
