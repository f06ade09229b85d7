// base/error.hpp - Fault, Error, Result<T>, Status: how every room says that something went wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/small_text.hpp"

namespace ajar {

// What went wrong, independent of dialect. wire::failure turns each into a status and a body.
enum class Fault : std::uint8_t {
  bad_request,           // the caller's request cannot be understood or carried
  too_large,             // a head or body beyond its limit
  context_too_long,      // prompt longer than the model's context window
  unauthenticated,       // missing or wrong virtual key
  forbidden,             // policy: no zone that may be used accepts the label
  not_found,             // unknown model or path
  rate_limited,          // the upstream's or our own rate limit
  over_budget,           // quota or budget exhausted
  upstream_auth,         // the upstream refused Ajar's credential (never shown as 401)
  upstream_refused,      // the upstream answered 4xx for another reason
  upstream_unavailable,  // 5xx, unreachable, cut, malformed
  overloaded,            // too much work here or there
  timed_out,             // a deadline passed
  cancelled,             // the caller went away
  config,                // configuration or command line
  storage,               // disk, journal, database
  internal,              // our bug
};

// Creating an Error has no side effect; it is logged once, when the exchange is settled.
// Small, since it stands in every Result and so in every frame that waits for one.
struct Error {
  Fault fault = Fault::internal;
  SmallText message;                                     // safe for the caller: no content, keys or upstream bodies
  SmallText code;                                        // machine-readable reason, e.g. "policy_blocked"; "" = the fault's default
  SmallText param;                                       // the field concerned, e.g. "messages[2].content"; "" = none
  SmallText detail;                                      // for the operator only: cause, place
  int upstream_status = 0;                               // HTTP status that the upstream gave; 0 = none
  std::optional<std::chrono::milliseconds> retry_after;  // as told by the upstream or by our own limits
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline Status ok() { return {}; }

[[nodiscard]] inline std::unexpected<Error> fail(Fault fault, std::string message, std::string code = {}, std::string param = {}) {
  return std::unexpected(Error{.fault = fault,
                               .message = std::move(message),
                               .code = std::move(code),
                               .param = std::move(param),
                               .detail = {},
                               .upstream_status = 0,
                               .retry_after = {}});
}

// Hands a failed result's error on, whatever its value type was.
template <class T>
[[nodiscard]] std::unexpected<Error> forward(Result<T>&& failed) {
  return std::unexpected(std::move(failed).error());
}

// The fault's name as it stands in ledger, logs and metrics, e.g. "timed_out".
std::string_view name_of(Fault) noexcept;

}  // namespace ajar
