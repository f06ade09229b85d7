// wire/retry_after.hpp - when an upstream says that one may come back.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "wire/dialect.hpp"

namespace ajar::wire {

// From retry-after(-ms), RetryInfo in the error, or, of a 429, the resets of the rate limits that are used up. Points of time are
// counted from the answer's Date or else from `now`; without either they say nothing. More than a day says nothing either.
std::optional<std::chrono::milliseconds> retry_after(int status, const Headers&, const json::Value& error, WallTime now);

}  // namespace ajar::wire
