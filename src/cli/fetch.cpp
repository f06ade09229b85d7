// cli/fetch.cpp - addresses taken apart and asked in turn, on a loop of their own.
#include "cli/fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/text.hpp"
#include "net/client.hpp"
#include "net/listener.hpp"

namespace ajar::cli {
namespace {

struct Address {
  net::Site site;
  std::string authority, path;
  std::string text() const { return fmt::format("{}://{}{}", site.tls ? "https" : "http", authority, path); }
};

Result<Address> address_of(std::string_view text) {
  Address a;
  a.site.tls = text.starts_with("https://");
  if (!is_address(text)) return fail(Fault::config, fmt::format("\"{}\" is no address; write https://host/path", text));
  std::string_view rest = text.substr(text.find("//") + 2);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = rest.find_first_of("/?");
  a.authority = rest.substr(0, slash);
  a.path = slash == std::string_view::npos ? "/" : std::string(rest[slash] == '?' ? "/" : "") + std::string(rest.substr(slash));
  const bool odd = std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~'; });
  if (odd || a.authority.empty() || a.authority.contains('@'))
    return fail(Fault::config,
                fmt::format("\"{}\" is no address; write https://host/path, without a name or a password", clipped(text, 200)));
  const std::size_t colon = a.authority.rfind(':');
  const bool has_port = colon != std::string::npos && a.authority.find(']', colon) == std::string::npos;
  auto parted = net::split_address(has_port ? a.authority : fmt::format("{}:{}", a.authority, a.site.tls ? 443 : 80));
  if (!parted) return fail(Fault::config, fmt::format("\"{}\": {}", text, parted.error().message));
  a.site.host = std::move(parted->first);
  a.site.port = parted->second;
  return a;
}

// Relative to where the redirect came from.
Result<Address> target_of(const Address& from, std::string_view location) {
  auto to = location.starts_with("//")  ? address_of(fmt::format("{}:{}", from.site.tls ? "https" : "http", location))
            : location.starts_with('/') ? address_of(fmt::format("{}://{}{}", from.site.tls ? "https" : "http", from.authority, location))
                                        : address_of(location);
  if (to && from.site.tls && !to->site.tls)
    return fail(Fault::config, fmt::format("{} sends on to {}, which is not encrypted; not followed", from.text(), to->text()));
  return to;
}

net::Task<Result<std::string>> get(net::Pool& pool, Address at, Instant by) {
  for (int hop = 0; hop <= most_redirects; ++hop) {
    auto taken = co_await pool.take(at.site, true, by, nullptr);
    if (!taken) co_return fail(taken.error().fault, fmt::format("{}: {}", at.text(), taken.error().message));
    net::ClientCall call(pool, at.site, std::move(*taken));
    const std::string head =
        fmt::format("GET {} HTTP/1.1\r\nhost: {}\r\naccept: */*\r\naccept-encoding: identity\r\nuser-agent: ajar/" AJAR_VERSION
                    "\r\nconnection: close\r\n\r\n",
                    at.path, at.authority);
    if (auto sent = co_await call.send(head, {}, by, by, nullptr); !sent)
      co_return fail(sent.error().fault, fmt::format("{}: {}", at.text(), sent.error().message));
    const int status = call.head().status;
    if (status / 100 == 3) {
      auto next = target_of(at, call.head().find("location"));
      if (!next) co_return forward(std::move(next));
      at = std::move(*next);
      continue;
    }
    if (status != 200)
      co_return fail(Fault::upstream_unavailable, fmt::format("{} answers {} {}", at.text(), status, net::reason_of(status)));
    const auto body = co_await call.read_all(most_fetched, by, nullptr);
    if (!body)
      co_return fail(body.error().fault,
                     fmt::format("{}: {} (at most {} MiB are taken)", at.text(), body.error().message, most_fetched >> 20));
    co_return std::string(*body);
  }
  co_return fail(Fault::config, fmt::format("{}: more than {} redirects", at.text(), most_redirects));
}

net::Task<void> into(net::Pool& pool, Address at, Instant by, std::optional<Result<std::string>>& answer) {
  answer.emplace(co_await get(pool, std::move(at), by));
  pool.loop().stop();
}

}  // namespace

bool is_address(std::string_view text) noexcept { return text.starts_with("http://") || text.starts_with("https://"); }

Result<std::string> fetch(std::string_view address, const Clock& clock, Millis patience) {
  auto at = address_of(address);
  if (!at) return forward(std::move(at));
  const char* extra = std::getenv("SSL_CERT_FILE");
  auto tls = net::TlsClient::make(extra == nullptr ? "" : extra);
  if (!tls) return forward(std::move(tls));
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, tls->get());
  std::optional<Result<std::string>> answer;
  loop.spawn(into(pool, std::move(*at), clock.now() + patience, answer));
  loop.run();
  pool.drop_idle();
  return std::move(*answer);
}

}  // namespace ajar::cli
