// net/client.cpp - connecting, pooling and the client side of HTTP/1.1.
#include "net/client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ajar::net {
namespace {

constexpr std::size_t most_head = 64u << 10;

std::unexpected<Error> ended(Wake wake, const char* late) {
  if (wake == Wake::timed_out) return fail(Fault::timed_out, late);
  return fail(Fault::cancelled, wake == Wake::gone ? "the caller went away" : "the gateway is shutting down");
}

}  // namespace

Task<Result<int>> connect_to(Loop& loop, std::span<const SocketAddress> addresses, Instant deadline, Source* watch) {
  int error = ECONNREFUSED;
  for (const SocketAddress& address : addresses) {
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) co_return fail(Fault::overloaded, "no descriptor is left for a connection to the upstream", "descriptors");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) co_return fd;
    error = errno;
    if (error == EINPROGRESS) {
      Source source(loop, fd);
      source.writable = false;
      const Wake wake = co_await source.wait_writable(deadline, watch);
      if (wake != Wake::ready) co_return ended(wake, "the upstream did not accept the connection in time");
      source.release();
      socklen_t size = sizeof error;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) co_return fd;
    }
    ::close(fd);
  }
  co_return fail(Fault::upstream_unavailable, fmt::format("the upstream cannot be reached: {}", std::strerror(error)), "refused");
}

Task<Result<Pool::Taken>> Pool::take(const Site& site, bool fresh, Instant deadline, Source* watch) {
  if (auto found = idle_.find(site); !fresh && found != idle_.end()) {
    auto& idle = found->second;
    while (!idle.empty()) {
      Idle last = std::move(idle.back());
      idle.pop_back();
      Source& source = last.transport->source();
      if (source.hung_up() || (!site.tls && source.readable) || loop_.now() - last.since > idle_for) continue;
      co_return Taken{std::move(last.transport), true};
    }
  }
  auto addresses = co_await resolver_.resolve(loop_, site.host, site.port, deadline, watch);
  if (!addresses) co_return forward(std::move(addresses));
  auto fd = co_await connect_to(loop_, *addresses, deadline, watch);
  if (!fd) co_return forward(std::move(fd));
  if (!site.tls) co_return Taken{plain(loop_, *fd), false};
  if (tls_ == nullptr) {
    ::close(*fd);
    co_return fail(Fault::config, "TLS is not available");
  }
  auto transport = co_await tls_->connect(loop_, *fd, site.host, deadline, watch);
  if (!transport) co_return forward(std::move(transport));
  co_return Taken{std::move(*transport), false};
}

void Pool::give_back(const Site& site, std::unique_ptr<Transport> transport) {
  auto& idle = idle_[site];
  const Instant now = loop_.now();
  if (idle.size() >= idle_per_site) return;
  // The oldest stand first: drop those that have waited too long.
  const auto stale = std::ranges::find_if(idle, [&](const Idle& item) { return now - item.since <= idle_for; });
  if (stale != idle.begin()) idle.erase(idle.begin(), stale);
  idle.push_back({std::move(transport), now});
}

ClientCall::~ClientCall() {
  if (taken_.transport && head_.status != 0 && decoder_.done() && head_.keep_alive && clean_ && !pool_.loop().stopping())
    pool_.give_back(site_, std::move(taken_.transport));
}

Task<Status> ClientCall::send(std::string_view head, std::span<const iovec> body, Instant write_by, Instant answer_by, Source* watch) {
  Loop& loop = pool_.loop();
  Transport& transport = *taken_.transport;
  std::vector<iovec> pieces;
  pieces.reserve(body.size() + 1);
  pieces.push_back({const_cast<char*>(head.data()), head.size()});
  pieces.insert(pieces.end(), body.begin(), body.end());
  std::string rest;
  auto written = write_now(transport, pieces, rest);
  const auto stale = [this] { return fail(Fault::upstream_unavailable, "the upstream closed the connection before it answered", taken_.reused ? "stale" : "cut"); };
  if (!written) co_return stale();
  if (!*written) {
    if (auto done = co_await write_all(transport, rest, write_by, watch); !done) {
      if (done.error().fault == Fault::upstream_unavailable) co_return stale();
      co_return done;
    }
  }
  head_text_.clear();
  std::span<char> fresh;   // read, not looked at yet
  while (true) {
    if (fresh.empty()) {
      const std::span<char> room(loop.scratch.data(), loop.scratch.size() - 64);
      auto got = co_await read_some(transport, room, answer_by, watch);
      if (!got && got.error().fault == Fault::timed_out) co_return fail(Fault::timed_out, "the upstream did not answer in time", "first_byte_timeout");
      if (!got && got.error().fault == Fault::cancelled) co_return forward(std::move(got));
      if (!got || *got == 0) {
        if (head_text_.empty()) co_return stale();
        co_return fail(Fault::upstream_unavailable, "the upstream closed the connection in the middle of its head", "cut");
      }
      fresh = room.first(*got);
    }
    const std::size_t before = head_text_.size();
    head_text_.append(fresh.data(), std::min(fresh.size(), most_head));
    const auto length = head_length(head_text_, before);
    if (!length) {
      if (head_text_.size() > most_head) co_return fail(Fault::upstream_unavailable, "the upstream's head is too large", "bad_http");
      fresh = {};
      continue;
    }
    head_text_.resize(*length);
    fresh = fresh.subspan(*length - before);
    if (auto parsed = parse(head_text_, head_); !parsed)
      co_return fail(Fault::upstream_unavailable, fmt::format("the upstream's head is malformed: {}", parsed.error().message), "bad_http");
    if (head_.status < 200) {   // interim answers are dropped
      head_text_.clear();
      continue;
    }
    decoder_ = BodyDecoder(head_.framing);
    in_hand_ = fresh;
    if (decoder_.done() && !in_hand_.empty()) clean_ = false;
    co_return ok();
  }
}

Task<Result<std::string_view>> ClientCall::read(Instant deadline, Source* watch) {
  Loop& loop = pool_.loop();
  while (!decoder_.done()) {
    std::span<char> bytes = std::exchange(in_hand_, {});
    if (bytes.empty()) {
      const std::span<char> room(loop.scratch.data(), loop.scratch.size() - 64);
      auto got = co_await read_some(*taken_.transport, room, deadline, watch);
      if (!got && got.error().fault == Fault::timed_out) co_return fail(Fault::timed_out, "the upstream fell silent in the middle of its answer", "idle_timeout");
      if (!got) co_return forward(std::move(got));
      if (*got == 0) {
        if (auto closed = decoder_.closed(); !closed) co_return forward(std::move(closed));
        break;
      }
      bytes = room.first(*got);
    }
    auto payload = decoder_.decode(bytes);
    if (!payload) co_return payload;
    if (decoder_.consumed() < bytes.size()) clean_ = false;
    if (!payload->empty()) co_return payload;
  }
  co_return std::string_view{};
}

Task<Result<std::string_view>> ClientCall::read_all(std::size_t bound, Instant deadline, Source* watch) {
  body_.clear();
  while (true) {
    auto piece = co_await read(deadline, watch);
    if (!piece) co_return piece;
    if (decoder_.done() && body_.empty()) co_return piece;
    if (body_.size() + piece->size() > bound) co_return fail(Fault::upstream_unavailable, fmt::format("the upstream's answer is larger than {} bytes", bound), "answer_too_large");
    body_.append(*piece);
    if (decoder_.done()) co_return std::string_view(body_);
  }
}

}  // namespace ajar::net
