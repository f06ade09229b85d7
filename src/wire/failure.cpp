// wire/failure.cpp - upstream answers to Errors, and Errors to each caller's dialect.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

// How engines say that a prompt does not fit; their wording changes, so it is data. Compared in lower case.
constexpr std::array<std::string_view, 7> too_long{"maximum context length", "context window", "prompt is too long", "longer than the model's context length",
                                                   "exceeds the maximum number of tokens", "exceed_context_size_error", "context_length_exceeded"};

struct Row { int status; std::string_view type, code; };

Row openai_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request: return {400, "invalid_request_error", ""};
    case Fault::too_large: return {413, "invalid_request_error", "request_too_large"};
    case Fault::context_too_long: return {400, "invalid_request_error", "context_length_exceeded"};
    case Fault::unauthenticated: return {401, "invalid_request_error", "invalid_api_key"};
    case Fault::forbidden: return {403, "invalid_request_error", "policy_blocked"};
    case Fault::not_found: return {404, "invalid_request_error", "model_not_found"};
    case Fault::rate_limited: return {429, "rate_limit_error", "rate_limit_exceeded"};
    case Fault::over_budget: return {429, "insufficient_quota", "insufficient_quota"};
    case Fault::upstream_auth: return {502, "server_error", "upstream_auth"};
    case Fault::upstream_refused: return {400, "invalid_request_error", ""};
    case Fault::upstream_unavailable: return {502, "server_error", "upstream_error"};
    case Fault::overloaded: return {503, "server_error", "overloaded"};
    case Fault::timed_out: return {504, "server_error", "timeout"};
    case Fault::cancelled: return {499, "server_error", "cancelled"};
    case Fault::config: return {500, "server_error", "configuration"};
    case Fault::storage: return {507, "server_error", "ledger_unavailable"};
    case Fault::internal: return {500, "server_error", "internal"};
  }
  return {500, "server_error", "internal"};
}

Row anthropic_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request:
    case Fault::context_too_long:
    case Fault::upstream_refused: return {400, "invalid_request_error", ""};
    case Fault::too_large: return {413, "request_too_large", ""};
    case Fault::unauthenticated: return {401, "authentication_error", ""};
    case Fault::forbidden: return {403, "permission_error", ""};
    case Fault::not_found: return {404, "not_found_error", ""};
    case Fault::rate_limited:
    case Fault::over_budget: return {429, "rate_limit_error", ""};
    case Fault::overloaded: return {529, "overloaded_error", ""};
    case Fault::timed_out: return {504, "timeout_error", ""};
    case Fault::cancelled: return {499, "api_error", ""};
    case Fault::storage: return {507, "api_error", ""};
    case Fault::upstream_auth:
    case Fault::upstream_unavailable:
    case Fault::config:
    case Fault::internal: return {500, "api_error", ""};
  }
  return {500, "api_error", ""};
}

Row gemini_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request:
    case Fault::too_large:
    case Fault::context_too_long:
    case Fault::upstream_refused: return {400, "INVALID_ARGUMENT", ""};
    case Fault::unauthenticated: return {401, "UNAUTHENTICATED", ""};
    case Fault::forbidden: return {403, "PERMISSION_DENIED", ""};
    case Fault::not_found: return {404, "NOT_FOUND", ""};
    case Fault::rate_limited:
    case Fault::over_budget: return {429, "RESOURCE_EXHAUSTED", ""};
    case Fault::overloaded: return {503, "UNAVAILABLE", ""};
    case Fault::timed_out: return {504, "DEADLINE_EXCEEDED", ""};
    case Fault::cancelled: return {499, "CANCELLED", ""};
    case Fault::upstream_auth:
    case Fault::upstream_unavailable:
    case Fault::config:
    case Fault::storage:
    case Fault::internal: return {500, "INTERNAL", ""};
  }
  return {500, "INTERNAL", ""};
}

// "45.3s", "1m2s", "250ms" or plain seconds.
std::optional<Millis> duration_of(std::string_view text) {
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    double scale = 1000;
    if (text.starts_with("ms")) scale = 1, text.remove_prefix(2);
    else if (text.starts_with('s')) text.remove_prefix(1);
    else if (text.starts_with('m')) scale = 60'000, text.remove_prefix(1);
    else if (text.starts_with('h')) scale = 3'600'000, text.remove_prefix(1);
    else if (!text.empty()) return std::nullopt;
    total += number * scale;
  }
  if (total < 0 || total > 86'400'000) return std::nullopt;
  return Millis(static_cast<std::int64_t>(std::ceil(total)));
}

std::optional<Millis> retry_after(const Headers& headers, const json::Value& body) {
  if (const auto ms = to_int(header(headers, "retry-after-ms")); ms && *ms >= 0) return Millis(*ms);
  if (const auto told = header(headers, "retry-after"); !told.empty())
    if (const auto found = duration_of(told)) return found;
  if (const json::Array* details = body["error"]["details"].array())
    for (const json::Value& detail : *details)
      if (const auto delay = detail["retryDelay"].text(); !delay.empty()) return duration_of(delay);
  for (const std::string_view name : {"x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"})
    if (const auto told = header(headers, name); !told.empty())
      if (const auto found = duration_of(told)) return found;
  return std::nullopt;
}

Fault fault_of(int status, const std::string& code, std::string_view all) {
  const std::string lower = to_lower(all);
  if (status == 400 || status == 413 || status == 422 || status >= 500)
    for (const std::string_view words : too_long)
      if (lower.find(words) != std::string::npos) return Fault::context_too_long;
  if (lower.find("input token count") != std::string::npos && lower.find("exceeds") != std::string::npos) return Fault::context_too_long;
  if (code == "insufficient_quota" || status == 402) return Fault::upstream_auth;   // the operator's account, not the caller's budget
  if (status == 401 || status == 403) return Fault::upstream_auth;
  if (status == 404) return Fault::upstream_refused;
  if (status == 408 || status == 504) return Fault::timed_out;
  if (status == 429) return Fault::rate_limited;
  if (status == 503 || status == 529) return Fault::overloaded;
  if (status >= 400 && status < 500) return Fault::upstream_refused;
  return Fault::upstream_unavailable;
}

// Providers quote keys in their messages; whatever looks like one is cut out. At most 1,000 bytes are kept.
std::string scrubbed(std::string_view message) {
  std::string out;
  std::size_t at = 0;
  while (at < message.size() && out.size() < 1000) {
    std::size_t end = at;
    const auto is_word = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '*'; };
    while (end < message.size() && is_word(message[end])) ++end;
    const std::string_view word = message.substr(at, end - at);
    const bool secret = word.size() >= 20 || (word.size() > 8 && (word.starts_with("sk-") || word.starts_with("AIza") || word.find("***") != std::string_view::npos));
    out.append(secret && word.find(' ') == std::string_view::npos ? std::string_view("[redacted]") : word);
    if (end < message.size()) out.push_back(message[end++]);
    at = end;
  }
  return out;
}

}  // namespace

Error upstream_failure(const Profile&, int status, const Headers& headers, std::string_view body) {
  Error error;
  error.upstream_status = status;
  const auto read = json::read(body, {.depth = 64, .refuse_duplicates = false});
  json::Value parsed = read ? *read : json::Value();
  if (const json::Array* list = parsed.array(); list != nullptr && !list->empty()) parsed = json::Value(list->front());   // Gemini's streams
  const json::Value& inner = parsed["error"].is_object() ? parsed["error"] : parsed;
  std::string_view message = inner["message"].text(parsed["error"].text(parsed["detail"].text(parsed["message"].text())));
  // Some engines put the status that counts into the body.
  if (const auto code = inner["code"].integer(); code && *code >= 400 && *code < 600 && status < 400) error.upstream_status = static_cast<int>(*code);
  error.fault = fault_of(error.upstream_status, std::string(inner["code"].text(inner["type"].text())), fmt::format("{} {} {}", message, inner["type"].text(), inner["code"].text()));
  error.retry_after = retry_after(headers, parsed);
  if (error.fault == Fault::upstream_refused) {
    error.code = error.upstream_status == 404 ? "model_not_found" : std::string(inner["code"].text());
    error.param = inner["param"].text();
  }
  if (error.fault == Fault::upstream_auth) error.message = "the upstream refused the gateway's credential or account; the operator must look at it";
  else error.message = message.empty() ? fmt::format("the upstream answered with status {}", error.upstream_status) : scrubbed(message);
  if (error.fault == Fault::upstream_auth) error.detail = scrubbed(message);
  return error;
}

Failure failure(Dialect inbound, const Error& error) {
  Failure out;
  json::Value body;
  switch (inbound) {
    case Dialect::anthropic_messages: {
      const Row row = anthropic_row(error.fault);
      out.status = row.status;
      body = json::Value{{"type", "error"}, {"error", json::Value{{"type", row.type}, {"message", error.message}}}};
      break;
    }
    case Dialect::gemini_generate: {
      const Row row = gemini_row(error.fault);
      out.status = row.status;
      body = json::Value{{"error", json::Value{{"code", row.status}, {"message", error.message}, {"status", row.type}}}};
      break;
    }
    case Dialect::openai_chat:
    case Dialect::openai_responses:
    case Dialect::ollama_chat: {
      const Row row = openai_row(error.fault);
      out.status = row.status;
      // An upstream's refusal keeps its status where it says more than 400.
      if (error.fault == Fault::upstream_refused && error.upstream_status > 400 && error.upstream_status < 500) out.status = error.upstream_status;
      const std::string_view code = error.fault == Fault::upstream_unavailable || error.fault == Fault::timed_out || error.code.empty() ? row.code : std::string_view(error.code);
      body = json::Value{{"error", json::Value{{"message", error.message}, {"type", row.type}, {"param", error.param.empty() ? json::Value() : json::Value(error.param)},
                                               {"code", code.empty() ? json::Value() : json::Value(code)}}}};
      break;
    }
  }
  if (error.retry_after) out.headers.emplace_back("retry-after", std::to_string((error.retry_after->count() + 999) / 1000));
  out.body = json::write(body);
  return out;
}

}  // namespace ajar::wire
