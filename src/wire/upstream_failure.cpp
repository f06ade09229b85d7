// wire/upstream_failure.cpp - what upstreams and engines say when they refuse or fail, as Errors.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/retry_after.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

// How engines say that a prompt does not fit; their wording changes, so it is data. Compared in lower case.
constexpr std::array<std::string_view, 7> too_long{"maximum context length",
                                                   "context window",
                                                   "prompt is too long",
                                                   "longer than the model's context length",
                                                   "exceeds the maximum number of tokens",
                                                   "exceed_context_size_error",
                                                   "context_length_exceeded"};

// Codes and types of an account that has nothing left; waiting does not help.
constexpr std::array<std::string_view, 6> spent{"insufficient_quota",           "billing_error",
                                                "billing_hard_limit_reached",   "enforced_spend_limit_reached",
                                                "contract_spend_limit_reached", "ramp_limit_exceeded"};

// The status that a word of an error stands for, where the error came with a status of success.
constexpr std::array<std::pair<std::string_view, int>, 23> statuses{{{"overloaded_error", 529},        {"rate_limit_error", 429},
                                                                     {"rate_limit_exceeded", 429},     {"insufficient_quota", 429},
                                                                     {"invalid_request_error", 400},   {"invalid_prompt", 400},
                                                                     {"authentication_error", 401},    {"permission_error", 403},
                                                                     {"not_found_error", 404},         {"request_too_large", 413},
                                                                     {"billing_error", 402},           {"timeout_error", 504},
                                                                     {"BadRequestError", 400},         {"exceed_context_size_error", 400},
                                                                     {"context_length_exceeded", 400}, {"INVALID_ARGUMENT", 400},
                                                                     {"FAILED_PRECONDITION", 400},     {"PERMISSION_DENIED", 403},
                                                                     {"UNAUTHENTICATED", 401},         {"NOT_FOUND", 404},
                                                                     {"RESOURCE_EXHAUSTED", 429},      {"UNAVAILABLE", 503},
                                                                     {"DEADLINE_EXCEEDED", 504}}};

// The shapes: {"error":{...}}, the same in an array, flat (SGLang), {"error":"text"} (Ollama), {"error","error_type"} (TGI),
// {"detail":...} (FastAPI). Anything else, such as a page of HTML, says nothing.
struct Told {
  json::Value body;
  const json::Value& inner() const { return body["error"].is_object() ? body["error"] : body; }
  std::string_view message() const {
    const json::Value& detail = body["detail"];
    const std::string_view flat = detail.text(detail.at(0)["msg"].text(body["message"].text()));
    return inner()["message"].text(body["error"].text(flat));
  }
  // Code, type and the like: the words that machines read.
  std::array<std::string_view, 5> words() const {
    const json::Value& e = inner();
    return {e["code"].text(), e["type"].text(), e["status"].text(), body["error_type"].text(), e["details"]["error_code"].text()};
  }
  bool says(std::span<const std::string_view> list) const {
    return std::ranges::any_of(words(),
                               [&](std::string_view word) { return !word.empty() && std::ranges::find(list, word) != list.end(); });
  }
};

Told told_by(std::string_view body) {
  auto read = json::read(body, {.depth = 64, .refuse_duplicates = false});
  if (!read) return {};
  return {read->is_array() ? json::Value(read->at(0)) : std::move(*read)};
}

// Some engines put the status that counts into the body.
int status_of(int status, const Told& told) {
  const auto code = told.inner()["code"].integer();
  const bool meant = code && *code >= 400 && *code < 600;
  if (status >= 400) return meant && status >= 500 && *code < 500 ? static_cast<int>(*code) : status;
  if (meant) return static_cast<int>(*code);
  for (const std::string_view word : told.words())
    for (const auto& [name, number] : statuses)
      if (word == name) return number;
  return 500;
}

bool is_too_long(int status, const Told& told) {
  if (status != 400 && status != 413 && status != 422 && status < 500) return false;
  std::string all(told.message());
  for (const std::string_view word : told.words()) all.append(" ").append(word);
  all = to_lower(all);
  return std::ranges::any_of(too_long, [&](std::string_view words) { return all.find(words) != std::string::npos; });
}

bool is_bad_key(const Told& told) {
  const json::Array* details = told.inner()["details"].array();
  return details != nullptr && std::ranges::any_of(*details, [](const json::Value& d) { return d["reason"].text() == "API_KEY_INVALID"; });
}

Fault fault_of(int status, const Told& told) {
  if (is_too_long(status, told)) return Fault::context_too_long;
  if (status == 402 || told.says(spent)) return Fault::over_budget;
  if (status == 401 || status == 403 || is_bad_key(told)) return Fault::upstream_auth;
  if (status == 408 || status == 504) return Fault::timed_out;
  if (status == 429) return Fault::rate_limited;
  if (status == 503 || status == 529) return Fault::overloaded;
  if (status == 424 || status == 499) return Fault::upstream_unavailable;  // TGI: failed while generating; Gemini: cancelled there
  if (status >= 400 && status < 500) return Fault::upstream_refused;
  return Fault::upstream_unavailable;
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '*';
}

// Keys have a long stretch of letters and digits mixed; words, names of fields and of models have not.
bool is_secret(std::string_view word) {
  if (word.find("**") != std::string_view::npos) return true;
  std::size_t run = 0;
  bool digit = false, letter = false;
  for (const char c : word) {
    const bool number = c >= '0' && c <= '9';
    if (c == '-' || c == '_') {
      run = 0;
      digit = letter = false;
      continue;
    }
    digit = digit || number;
    letter = letter || !number;
    if (++run >= 16 && digit && letter) return true;
  }
  return false;
}

// Providers quote keys in their messages; whatever looks like one is cut out. At most about 1,000 bytes are kept.
std::string scrubbed(std::string_view message) {
  std::string out;
  bool whole = true;
  for (std::size_t at = 0; at < message.size() && out.size() < 1000;) {
    const std::size_t end = static_cast<std::size_t>(
        std::find_if_not(message.begin() + static_cast<std::ptrdiff_t>(at), message.end(), is_word) - message.begin());
    const std::string_view word = message.substr(at, end - at);
    out.append(is_secret(word) ? std::string_view("[redacted]") : word);
    if (end < message.size()) out.push_back(message[end]);
    at = end + 1;
    whole = at >= message.size();
  }
  if (whole) return out;
  // The cut may have left a part of a character behind.
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
  if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  return out;
}

}  // namespace

Error upstream_failure(const Profile&, int status, const Headers& headers, std::string_view body, WallTime now) {
  const Told told = told_by(body);
  Error error;
  error.upstream_status = status_of(status, told);
  error.fault = fault_of(error.upstream_status, told);
  if (error.fault != Fault::over_budget) error.retry_after = retry_after(error.upstream_status, headers, told.inner(), now);
  if (error.fault == Fault::upstream_refused)
    error.code = error.upstream_status == 404 ? "model_not_found" : std::string(told.inner()["code"].text());
  if (error.fault == Fault::upstream_refused || error.fault == Fault::context_too_long) error.param = told.inner()["param"].text();
  const std::string message = scrubbed(told.message());
  if (error.fault == Fault::upstream_auth) {
    error.message = "the upstream refused the gateway's credential or account; the operator must look at it";
    error.detail = message;
  } else {
    error.message = message.empty() ? fmt::format("the upstream answered with status {}", error.upstream_status) : message;
  }
  return error;
}

}  // namespace ajar::wire
