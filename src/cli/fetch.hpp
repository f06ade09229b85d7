// cli/fetch.hpp - a public document by its address: one GET, redirects followed, bounded in size and time.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace ajar::cli {

inline constexpr std::size_t most_fetched = 64u << 20;  // bytes
inline constexpr int most_redirects = 5;

bool is_address(std::string_view text) noexcept;  // begins with http:// or https://

// Nothing is sent but the request: no key, no cookie. Certificates are checked against the system's and those in the file that
// SSL_CERT_FILE names. Faults: config (an address that is none, a redirect from https to http or without an end),
// upstream_unavailable (no answer, a status other than 200, too large), timed_out.
Result<std::string> fetch(std::string_view address, const Clock&, Millis patience = Millis(60'000));

}  // namespace ajar::cli
