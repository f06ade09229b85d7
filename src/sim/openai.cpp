// sim/openai.cpp - errors and logprobs in OpenAI's shapes.
#include "sim/openai.hpp"

#include "sim/tokens.hpp"

namespace ajar::sim {
namespace {

struct Kind {
  std::string_view type, code;
};

Kind kind_of(const Trouble& t) {
  if (t.quota) return {"insufficient_quota", "insufficient_quota"};
  switch (t.status) {
    case 401:
      return {"invalid_request_error", "invalid_api_key"};
    case 403:
      return {"invalid_request_error", "permission_denied"};
    case 404:
      return {"invalid_request_error", "model_not_found"};
    case 413:
      return {"invalid_request_error", "request_too_large"};
    case 429:
      return {"requests", "rate_limit_exceeded"};
    case 503:
      return {"service_unavailable_error", "server_is_overloaded"};
    case 529:
      return {"service_unavailable_error", "server_is_overloaded"};
    default:
      return {t.status < 500 ? "invalid_request_error" : "server_error", {}};
  }
}

json::Value text_or_null(std::string_view text) { return text.empty() ? json::Value() : json::Value(text); }

json::Value bytes_of(std::string_view token) {
  json::Array bytes;
  for (const char c : token) bytes.emplace_back(static_cast<int>(static_cast<unsigned char>(c)));
  return json::Value(std::move(bytes));
}

}  // namespace

json::Value openai_error_value(const Trouble& t) {
  const Kind kind = kind_of(t);
  return json::Value{{"message", t.message},
                     {"type", kind.type},
                     {"param", text_or_null(t.param)},
                     {"code", text_or_null(t.code.empty() ? kind.code : std::string_view(t.code))}};
}

std::string openai_error(Engine engine, const Trouble& t) {
  const std::string_view type = t.status < 500 ? "BadRequestError" : "InternalServerError";
  switch (engine) {
    case Engine::vllm:
      return json::write(json::Value{
          {"error", json::Value{{"message", t.message}, {"type", type}, {"param", text_or_null(t.param)}, {"code", t.status}}}});
    case Engine::sglang:
      return json::write(
          json::Value{{"object", "error"}, {"message", t.message}, {"type", type}, {"param", text_or_null(t.param)}, {"code", t.status}});
    case Engine::llamacpp:
      return json::write(json::Value{
          {"error",
           json::Value{{"code", t.status}, {"message", t.message}, {"type", t.status < 500 ? "invalid_request_error" : "server_error"}}}});
    case Engine::tgi:
      return json::write(json::Value{{"error", t.message},
                                     {"error_type", t.status < 500    ? "validation"
                                                    : t.status == 503 ? "overloaded"
                                                                      : "generation"}});
    case Engine::none:
    case Engine::openai:
    case Engine::ollama:
    case Engine::lmstudio:
      break;
  }
  return json::write(json::Value{{"error", openai_error_value(t)}});
}

json::Value logprob_value(std::string_view token, std::int64_t top) {
  const Logprob p = logprob_of(token);
  json::Array others;
  if (top > 0) others.push_back(json::Value{{"token", token}, {"logprob", p.value}, {"bytes", bytes_of(token)}});
  if (top > 1) others.push_back(json::Value{{"token", p.other}, {"logprob", p.other_value}, {"bytes", bytes_of(p.other)}});
  return json::Value{{"token", token}, {"logprob", p.value}, {"bytes", bytes_of(token)}, {"top_logprobs", std::move(others)}};
}

json::Value logprobs_value(std::string_view text, std::int64_t top) {
  json::Array all;
  for (; !text.empty(); text.remove_prefix(token_length(text))) all.push_back(logprob_value(text.substr(0, token_length(text)), top));
  return json::Value(std::move(all));
}

}  // namespace ajar::sim
