// upstream/open.cpp - request heads for upstreams, and the one call that sends.
#include "upstream/open.hpp"

#include <fmt/format.h>

#include <vector>

namespace ajar::upstream {
namespace {

void append(std::string& out, std::string_view name, std::string_view value) { out.append(name).append(": ").append(value).append("\r\n"); }

std::string head_of(const wire::Outbound& outbound, const catalog::Deployment& to, Trace trace) {
  std::string head;
  head.reserve(512);
  const fmt::format_int size(outbound.body.size());
  head.append("POST ").append(to.endpoint.base_path).append(outbound.path).append(" HTTP/1.1\r\n");
  append(head, "host", to.endpoint.authority());
  append(head, "content-length", {size.data(), size.size()});
  switch (to.auth) {
    case catalog::Auth::none:
      break;
    case catalog::Auth::bearer:
      head.append("authorization: Bearer ").append(to.credential).append("\r\n");
      break;
    case catalog::Auth::x_api_key:
      append(head, "x-api-key", to.credential);
      break;
    case catalog::Auth::x_goog_api_key:
      append(head, "x-goog-api-key", to.credential);
      break;
  }
  for (const auto& [name, value] : outbound.headers) append(head, name, value);
  append(head, "x-request-id", trace.request_id);
  if (!trace.traceparent.empty()) append(head, "traceparent", trace.traceparent);
  head.append("user-agent: ajar/" AJAR_VERSION "\r\n\r\n");
  return head;
}

}  // namespace

net::Task<Result<std::unique_ptr<net::ClientCall>>> open(policy::EgressTicket&& ticket, const catalog::Deployment& to, net::Pool& pool,
                                                         Bounds bounds, Trace trace, net::Source* watch) {
  if (!ticket.valid() || ticket.deployment() != to.index)
    co_return fail(Fault::forbidden, "this request may not be sent there", "policy_blocked");
  const policy::EgressTicket used = std::move(ticket);
  const wire::Outbound& outbound = used.outbound();
  const net::Site site{to.endpoint.tls, to.endpoint.host, to.endpoint.port};
  const std::string head = head_of(outbound, to, trace);
  std::vector<iovec> pieces;
  pieces.reserve(outbound.body.spans.size());
  for (const auto& span : outbound.body.spans) {
    const std::string_view piece = outbound.body.piece(span);
    pieces.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  for (bool fresh = false;; fresh = true) {
    auto taken = co_await pool.take(site, fresh, bounds.connect_by, watch);
    if (!taken) co_return forward(std::move(taken));
    auto call = std::make_unique<net::ClientCall>(pool, site, std::move(*taken));
    auto sent = co_await call->send(head, pieces, bounds.answer_by, bounds.answer_by, watch);
    if (sent) co_return call;
    // A kept connection may be closed by its server just when it is used again; one more try on a fresh one.
    if (fresh || sent.error().code != "stale") co_return forward(std::move(sent));
  }
}

}  // namespace ajar::upstream
