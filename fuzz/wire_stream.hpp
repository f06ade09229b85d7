// fuzz/wire_stream.hpp - an upstream's stream in one dialect: the caller sees the same at every split, and an honest end.
#pragma once

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/quirks.hpp"
#include "wire/translation.hpp"

namespace ajar::fuzz {

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "differs: %s\n", what);
  std::abort();
}

// Ids that a translation had to make up are random.
inline std::string masked(std::string text) {
  for (const std::string_view prefix : {"chatcmpl-", "call_"})
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;)
      for (at += prefix.size(); at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0; ++at) text[at] = '*';
  return text;
}

struct Seen {
  std::string bytes;             // what the caller got
  std::optional<Fault> refused;  // failed before any content
  wire::Report report;
};

inline Seen replay(const wire::Envelope& envelope, const wire::Profile& profile, std::string_view stream, std::size_t step) {
  wire::Target target;
  target.profile = &profile;
  target.model = "model";
  target.public_model = "model";
  auto made = wire::Translation::make(wire::Dialect::openai_chat, envelope, target);
  if (!made) std::abort();
  wire::Translation& translation = **made;
  translation.take_request();
  Seen seen;
  while (!stream.empty() && !seen.refused) {
    const std::string piece(stream.substr(0, step));  // of its own, so that reading past its end is noticed
    stream.remove_prefix(piece.size());
    const auto got = translation.feed(piece);
    if (got)
      seen.bytes += *got;
    else
      seen.refused = got.error().fault;
  }
  if (!seen.refused) {
    const auto rest = translation.finish();
    if (rest)
      seen.bytes += *rest;
    else
      seen.refused = rest.error().fault;
  }
  seen.report = translation.report();
  return seen;
}

inline wire::Profile profile_of(std::string_view engine) {
  wire::Profile model;
  model.max_output_tokens = 1000;
  return wire::profile_for(engine, model);
}

inline void check_stream(const wire::Profile& profile, std::string_view stream) {
  static const std::string request =
      R"({"model":"model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]})";
  static const auto envelope = wire::inspect(wire::Dialect::openai_chat, request);
  if (!envelope) std::abort();
  const Seen whole = replay(*envelope, profile, stream, std::string_view::npos);
  expect(!(whole.report.content && whole.refused), "content, and then a failure that the caller is not told of");
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
    const Seen split = replay(*envelope, profile, stream, step);
    expect(split.refused == whole.refused, "refusal");
    if (split.refused) continue;  // what a refused stream had given before goes nowhere
    expect(masked(split.bytes) == masked(whole.bytes), "bytes");
    expect(split.report.usage == whole.report.usage, "usage");
    expect(split.report.finish_reason == whole.report.finish_reason, "finish reason");
    expect(split.report.content == whole.report.content && split.report.finished == whole.report.finished, "progress");
    expect(split.report.failure.has_value() == whole.report.failure.has_value(), "failure");
  }
}

}  // namespace ajar::fuzz
