// wire/failure.cpp - Errors in each caller's dialect.
#include "base/json.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

struct Row {
  int status;
  std::string_view type, code;
};

Row openai_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request:
      return {400, "invalid_request_error", ""};
    case Fault::too_large:
      return {413, "invalid_request_error", "request_too_large"};
    case Fault::context_too_long:
      return {400, "invalid_request_error", "context_length_exceeded"};
    case Fault::unauthenticated:
      return {401, "invalid_request_error", "invalid_api_key"};
    case Fault::forbidden:
      return {403, "invalid_request_error", "policy_blocked"};
    case Fault::not_found:
      return {404, "invalid_request_error", "model_not_found"};
    case Fault::rate_limited:
      return {429, "rate_limit_error", "rate_limit_exceeded"};
    case Fault::over_budget:
      return {429, "insufficient_quota", "insufficient_quota"};
    case Fault::upstream_auth:
      return {502, "server_error", "upstream_auth"};
    case Fault::upstream_refused:
      return {400, "invalid_request_error", ""};
    case Fault::upstream_unavailable:
      return {502, "server_error", "upstream_error"};
    case Fault::overloaded:
      return {503, "server_error", "overloaded"};
    case Fault::timed_out:
      return {504, "server_error", "timeout"};
    case Fault::cancelled:
      return {499, "server_error", "cancelled"};
    case Fault::config:
      return {500, "server_error", "configuration"};
    case Fault::storage:
      return {503, "server_error", "ledger_unavailable"};
    case Fault::internal:
      return {500, "server_error", "internal"};
  }
  return {500, "server_error", "internal"};
}

Row anthropic_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request:
    case Fault::context_too_long:
    case Fault::upstream_refused:
      return {400, "invalid_request_error", ""};
    case Fault::too_large:
      return {413, "request_too_large", ""};
    case Fault::unauthenticated:
      return {401, "authentication_error", ""};
    case Fault::forbidden:
      return {403, "permission_error", ""};
    case Fault::not_found:
      return {404, "not_found_error", ""};
    case Fault::rate_limited:
    case Fault::over_budget:
      return {429, "rate_limit_error", ""};
    case Fault::overloaded:
      return {529, "overloaded_error", ""};
    case Fault::timed_out:
      return {504, "timeout_error", ""};
    case Fault::cancelled:
      return {499, "api_error", ""};
    case Fault::storage:
      return {503, "api_error", ""};
    case Fault::upstream_auth:
    case Fault::upstream_unavailable:
    case Fault::config:
    case Fault::internal:
      return {500, "api_error", ""};
  }
  return {500, "api_error", ""};
}

Row gemini_row(Fault fault) {
  switch (fault) {
    case Fault::bad_request:
    case Fault::too_large:
    case Fault::context_too_long:
    case Fault::upstream_refused:
      return {400, "INVALID_ARGUMENT", ""};
    case Fault::unauthenticated:
      return {401, "UNAUTHENTICATED", ""};
    case Fault::forbidden:
      return {403, "PERMISSION_DENIED", ""};
    case Fault::not_found:
      return {404, "NOT_FOUND", ""};
    case Fault::rate_limited:
    case Fault::over_budget:
      return {429, "RESOURCE_EXHAUSTED", ""};
    case Fault::overloaded:
      return {503, "UNAVAILABLE", ""};
    case Fault::timed_out:
      return {504, "DEADLINE_EXCEEDED", ""};
    case Fault::cancelled:
      return {499, "CANCELLED", ""};
    case Fault::upstream_auth:
    case Fault::upstream_unavailable:
    case Fault::config:
    case Fault::storage:
    case Fault::internal:
      return {500, "INTERNAL", ""};
  }
  return {500, "INTERNAL", ""};
}

}  // namespace

Failure failure(Dialect inbound, const Error& error) {
  Failure out;
  json::Value body;
  switch (inbound) {
    case Dialect::anthropic_messages: {
      const Row row = anthropic_row(error.fault);
      out.status = row.status;
      body = json::Value{{"type", "error"}, {"error", json::Value{{"type", row.type}, {"message", error.message.str()}}}};
      break;
    }
    case Dialect::gemini_generate: {
      const Row row = gemini_row(error.fault);
      out.status = row.status;
      body = json::Value{{"error", json::Value{{"code", row.status}, {"message", error.message.str()}, {"status", row.type}}}};
      break;
    }
    case Dialect::openai_chat:
    case Dialect::openai_responses:
    case Dialect::ollama_chat: {
      const Row row = openai_row(error.fault);
      out.status = row.status;
      // An upstream's refusal keeps its status where it says more than 400.
      const bool telling = error.upstream_status == 404 || error.upstream_status == 413;
      if (error.fault == Fault::upstream_refused && telling) out.status = error.upstream_status;
      const std::string_view code = error.fault == Fault::upstream_unavailable || error.fault == Fault::timed_out || error.code.empty()
                                        ? row.code
                                        : std::string_view(error.code);
      body = json::Value{{"error", json::Value{{"message", error.message.str()},
                                               {"type", row.type},
                                               {"param", error.param.empty() ? json::Value() : json::Value(error.param.str())},
                                               {"code", code.empty() ? json::Value() : json::Value(code)}}}};
      break;
    }
  }
  if (error.retry_after) out.headers.emplace_back("retry-after", std::to_string((error.retry_after->count() + 999) / 1000));
  out.body = json::write(body);
  return out;
}

}  // namespace ajar::wire
