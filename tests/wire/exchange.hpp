// tests/wire/exchange.hpp - what the tests of the lanes share: carrying a request, answering it, streaming at every split.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "wire/quirks.hpp"
#include "wire/translation.hpp"

namespace ajar::wire::test {

constexpr std::chrono::seconds frozen{1767225600};  // 2026-01-01T00:00:00Z

inline Profile claude() {
  Profile p;
  p.engine = "anthropic";
  p.dialect = Dialect::anthropic_messages;
  p.max_output_tokens = 64000;
  p.thinking = Thinking::adaptive;
  p.efforts = {"low", "medium", "high", "xhigh", "max"};
  p.system_mid = true;
  return p;
}
inline Profile older_claude() {  // takes sampling, thinks by budget
  Profile p = claude();
  p.accepts_sampling = true;
  p.thinking = Thinking::budget;
  p.efforts.clear();
  p.system_mid = false;
  return p;
}
inline Profile gemini3() {
  Profile p;
  p.engine = "google";
  p.dialect = Dialect::gemini_generate;
  p.thinking = Thinking::level;
  p.image_url = p.signatures_required = true;
  return p;
}
inline Profile gemini2() {
  Profile p = gemini3();
  p.thinking = Thinking::budget;
  p.image_url = p.signatures_required = false;
  return p;
}
inline Profile ollama() {
  Profile p;
  p.engine = "ollama";
  p.dialect = Dialect::ollama_chat;
  return p;
}
inline Profile responses() {
  Profile p;
  p.engine = "openai";
  p.dialect = Dialect::openai_responses;
  p.reasoning_effort = true;
  return p;
}

inline Profile engine(std::string_view name) { return profile_for(name, Profile{}); }
inline Profile gpt() { return engine("openai"); }

// One exchange. Owns everything that the translation points into.
struct Exchange {
  std::string body, model;
  Profile profile;
  std::vector<Fetched> fetched;
  Envelope envelope;
  std::unique_ptr<Translation> lane;
  Outbound outbound;
  json::Value request;
  std::optional<Error> error;

  // One of "dropped:...", "approximated:...", "emulated:...".
  bool warned(std::string_view note) const { return std::ranges::find(outbound.warnings, note) != outbound.warnings.end(); }
  std::string warnings() const {
    std::string all;
    for (const std::string& w : outbound.warnings) all += all.empty() ? w : "," + w;
    return all;
  }
  std::string param() const { return error ? error->param : "(carried)"; }
};

inline json::Value parsed(std::string_view text) {
  auto value = json::read(text, {.depth = 64, .refuse_duplicates = false});
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : json::Value();
}

// Carries a whole body to a target with the profile.
inline std::unique_ptr<Exchange> carry_body(const Profile& profile, std::string body, std::string model = {},
                                            std::vector<Fetched> fetched = {}) {
  auto x = std::make_unique<Exchange>();
  x->body = std::move(body);
  x->profile = profile;
  x->fetched = std::move(fetched);
  auto envelope = inspect(Dialect::openai_chat, x->body);
  if (!envelope) {
    x->error = envelope.error();
    return x;
  }
  x->envelope = std::move(*envelope);
  x->model = model.empty() ? std::string(x->envelope.model) : std::move(model);
  const Target target{
      .profile = &x->profile, .model = x->model, .public_model = x->envelope.model, .now = WallTime(frozen), .fetched = x->fetched};
  auto lane = Translation::make(Dialect::openai_chat, x->envelope, target);
  if (!lane) {
    x->error = lane.error();
    return x;
  }
  x->lane = std::move(*lane);
  x->outbound = x->lane->take_request();
  x->request = parsed(x->outbound.body.text());
  return x;
}

// The same with `fields` beside a model and, where they bring none, one message.
inline std::unique_ptr<Exchange> carry(const Profile& profile, std::string_view fields, std::string model = {},
                                       std::vector<Fetched> fetched = {}) {
  std::string body = R"({"model":"m")";
  if (fields.find("\"messages\"") == std::string_view::npos) body += R"(,"messages":[{"role":"user","content":"hi"}])";
  if (!fields.empty()) body.append(",").append(fields);
  return carry_body(profile, body + "}", std::move(model), std::move(fetched));
}

// The caller's whole answer to an upstream's, as a tree; an error as {"status", "error"}.
inline json::Value answered(Exchange& x, std::string_view upstream) {
  if (!x.lane) return {};
  auto answer = x.lane->answer(upstream);
  if (answer) return parsed(answer->body);
  const Failure failed = failure(Dialect::openai_chat, answer.error());
  json::Value value = parsed(failed.body);
  value.set("status", failed.status);
  return value;
}

// What an upstream's answer that is no success becomes.
inline json::Value refused(int status, std::string_view body, const Headers& headers = {}, WallTime now = {}) {
  const Failure failed = failure(Dialect::openai_chat, upstream_failure(Profile{}, status, headers, body, now));
  json::Value value = parsed(failed.body);
  value.set("status", failed.status);
  value.set("retry", std::string(header(failed.headers, "retry-after")));
  return value;
}

// A streamed answer, cut into the given pieces: all bytes for the caller, or the error that came before the first content.
inline Result<std::string> stream(Exchange& x, std::span<const std::string_view> pieces) {
  std::string all;
  for (const std::string_view piece : pieces) {
    auto bytes = x.lane->feed(piece);
    if (!bytes) return forward(std::move(bytes));
    all.append(*bytes);
  }
  auto rest = x.lane->finish();
  if (!rest) return forward(std::move(rest));
  return all.append(*rest);
}

// A random id, where the upstream gives none, is the same in every comparison.
inline std::string without_random_id(std::string text) {
  constexpr std::string_view mark = "\"id\":\"chatcmpl-";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t from = at + mark.size();
    text.replace(from, text.find('"', from) - from, "x");
  }
  return text;
}

// Streams at once, byte by byte, and in two pieces cut at every byte; all must be equal. Gives the bytes, or "error FAULT CODE: MESSAGE".
inline std::string stream_everywhere(const Profile& profile, const std::string& request, std::string_view upstream,
                                     bool random_id = false) {
  const auto once = [&](std::span<const std::string_view> pieces) {
    auto x = carry_body(profile, request);
    EXPECT_TRUE(x->lane) << request;
    if (!x->lane) return std::string("not carried");
    auto bytes = stream(*x, pieces);
    if (!bytes)
      return std::string("error ") + std::string(name_of(bytes.error().fault)) + " " + bytes.error().code + ": " + bytes.error().message;
    return random_id ? without_random_id(*bytes) : *bytes;
  };
  const std::vector<std::string_view> whole{upstream};
  const std::string expected = once(whole);
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < upstream.size(); ++i) single.push_back(upstream.substr(i, 1));
  EXPECT_EQ(once(single), expected) << "byte by byte";
  for (std::size_t i = 1; i < upstream.size(); ++i) {
    const std::vector<std::string_view> two{upstream.substr(0, i), upstream.substr(i)};
    if (const std::string got = once(two); got != expected) {
      ADD_FAILURE() << "split at byte " << i << " gives\n" << got << "\ninstead of\n" << expected;
      break;
    }
  }
  return expected;
}

// The data of each event of a Chat stream; "[DONE]" as a string.
inline std::vector<json::Value> events(std::string_view sse) {
  std::vector<json::Value> list;
  for (std::size_t at = 0; at < sse.size();) {
    const std::size_t end = sse.find("\n\n", at);
    EXPECT_NE(end, std::string_view::npos) << "an event without end: " << sse.substr(at);
    if (end == std::string_view::npos) break;
    std::string_view event = sse.substr(at, end - at);
    at = end + 2;
    if (event.starts_with(':')) continue;
    EXPECT_TRUE(event.starts_with("data: ")) << event;
    event.remove_prefix(std::min<std::size_t>(6, event.size()));
    list.push_back(event == "[DONE]" ? json::Value("[DONE]") : parsed(event));
  }
  return list;
}

}  // namespace ajar::wire::test
