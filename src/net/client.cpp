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
  if (wake == Wake::timed_out) return fail(Fault::timed_out, late, "connect_timeout");
  return fail(Fault::cancelled, wake == Wake::gone ? "the caller went away" : "the gateway is shutting down");
}

std::unexpected<Error> bad(std::string message) { return fail(Fault::upstream_unavailable, std::move(message), "bad_http"); }

// Nothing has come since the last answer: what would come now could be taken for the next one.
bool is_quiet(Transport& transport) {
  if (transport.source().hung_up() || transport.buffered()) return false;
  if (!transport.source().readable) return true;
  char byte = 0;  // nothing but a TLS record without content may be there
  return transport.try_read({&byte, 1}).state == Io::State::wait_read && !transport.buffered();
}

// Each of the addresses that are left gets its share of the time, so that one that swallows everything does not use it up.
Instant share_of(Instant now, Instant deadline, std::size_t left) {
  return deadline == never ? never : now + (deadline - now) / static_cast<std::int64_t>(left);
}

}  // namespace

Task<Result<int>> connect_to(Loop& loop, std::span<const SocketAddress> addresses, Instant deadline, Source* watch) {
  int error = ECONNREFUSED;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const SocketAddress& address = addresses[i];
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      error = errno;
      if (error == EAFNOSUPPORT) continue;  // a machine without this family may still reach another address
      co_return fail(Fault::overloaded, "no descriptor is left for a connection to the upstream", "descriptors");
    }
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) co_return fd;
    error = errno;
    if (error == EINPROGRESS) {
      Source source(loop, fd);
      source.writable = false;
      const Wake wake = co_await source.wait_writable(share_of(loop.now(), deadline, addresses.size() - i), watch);
      if (wake == Wake::timed_out && i + 1 < addresses.size()) continue;
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
      if (loop_.now() - last.since <= idle_for && is_quiet(*last.transport)) co_return Taken{std::move(last.transport), true};
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
  const Instant now = loop_.now();
  if (now >= next_clean_) {
    next_clean_ = now + idle_for;
    for (auto& [other, idle] : idle_)
      std::erase_if(idle, [now](const Idle& item) { return now - item.since > idle_for || item.transport->source().hung_up(); });
  }
  if (auto& idle = idle_[site]; idle.size() < idle_per_site) idle.push_back({std::move(transport), now});
}

std::size_t Pool::idle() const noexcept {
  std::size_t count = 0;
  for (const auto& [site, idle] : idle_) count += idle.size();
  return count;
}

ClientCall::~ClientCall() {
  if (taken_.transport && answered_ && decoder_.done() && head_.keep_alive && clean_ && !pool_.loop().stopping())
    pool_.give_back(site_, std::move(taken_.transport));
}

std::unexpected<Error> ClientCall::closed_early() const {
  return fail(Fault::upstream_unavailable, "the upstream closed the connection before it answered", taken_.reused ? "stale" : "cut");
}

Task<Status> ClientCall::send(std::string_view head, std::span<const iovec> body, Instant write_by, Instant answer_by, Source* watch) {
  std::vector<iovec> pieces;
  pieces.reserve(body.size() + 1);
  pieces.push_back({const_cast<char*>(head.data()), head.size()});
  pieces.insert(pieces.end(), body.begin(), body.end());
  std::string rest;
  auto written = write_now(*taken_.transport, pieces, rest);
  Status sent = written ? ok() : Status(forward(std::move(written)));
  if (!rest.empty()) sent = co_await write_all(*taken_.transport, rest, write_by, watch);
  if (!sent) {
    if (sent.error().fault == Fault::timed_out)
      co_return fail(Fault::timed_out, "the upstream did not take the request in time", "write_timeout");
    if (sent.error().fault != Fault::upstream_unavailable) co_return sent;
    clean_ = false;  // it may have answered before it closed: a refusal need not wait for the whole body
  }
  std::string().swap(rest);
  co_return co_await read_head(answer_by, watch);
}

Task<Status> ClientCall::read_head(Instant answer_by, Source* watch) {
  bool begun = false;     // a byte of an answer has come
  std::span<char> fresh;  // read, not looked at yet
  while (true) {
    if (fresh.empty()) {
      auto got = co_await read_scratch(*taken_.transport, answer_by, watch);
      if (!got && got.error().fault == Fault::timed_out)
        co_return fail(Fault::timed_out, "the upstream did not answer in time", "first_byte_timeout");
      if (!got && got.error().fault == Fault::cancelled) co_return forward(std::move(got));
      if (!got || got->empty()) {
        if (!begun) co_return closed_early();
        co_return fail(Fault::upstream_unavailable, "the upstream closed the connection in the middle of its head", "cut");
      }
      fresh = *got;
      begun = true;
    }
    const std::string_view text(fresh.data(), fresh.size());
    if (head_text_.empty()) {  // the usual case: the head is there in one piece, and only it is copied
      const auto length = head_length(text);
      head_text_.assign(text.substr(0, length.value_or(std::min(text.size(), most_head))));
      fresh = fresh.subspan(head_text_.size());
      if (!length) {
        if (head_text_.size() >= most_head) co_return bad("the upstream's head is too large");
        continue;
      }
    } else {
      const std::size_t before = head_text_.size();
      head_text_.append(text.substr(0, most_head));
      const auto length = head_length(head_text_, before);
      if (!length) {
        if (head_text_.size() >= most_head) co_return bad("the upstream's head is too large");
        fresh = {};
        continue;
      }
      head_text_.resize(*length);
      head_text_.shrink_to_fit();  // a stream keeps it for long
      fresh = fresh.subspan(*length - before);
    }
    if (auto parsed = parse(head_text_, head_); !parsed)
      co_return bad(fmt::format("the upstream's head is malformed: {}", parsed.error().message));
    if (head_.status == 101) co_return bad("the upstream wants to speak another protocol");
    if (head_.status < 200) {  // interim answers are dropped
      head_text_.clear();
      continue;
    }
    decoder_ = BodyDecoder(head_.framing);
    in_hand_ = fresh;
    answered_ = true;
    if (decoder_.done() && !in_hand_.empty()) clean_ = false;
    co_return ok();
  }
}

Task<Result<std::string_view>> ClientCall::read(Instant deadline, Source* watch) {
  while (!decoder_.done()) {
    std::span<char> bytes = std::exchange(in_hand_, {});
    if (bytes.empty()) {
      auto got = co_await read_scratch(*taken_.transport, deadline, watch);
      if (!got) {
        Error& error = got.error();
        if (error.fault == Fault::timed_out)
          co_return fail(Fault::timed_out, "the upstream fell silent in the middle of its answer", "idle_timeout");
        if (error.fault == Fault::upstream_unavailable)
          co_return fail(Fault::upstream_unavailable, "the upstream broke the connection in the middle of its answer", "cut");
        co_return forward(std::move(got));
      }
      if (got->empty()) {
        if (auto closed = decoder_.closed(); !closed) co_return forward(std::move(closed));
        break;
      }
      bytes = *got;
    }
    auto payload = decoder_.decode(bytes);
    if (!payload) co_return payload;
    if (decoder_.consumed() < bytes.size()) clean_ = false;
    if (!payload->empty()) co_return payload;
  }
  co_return std::string_view{};
}

Task<Result<std::string_view>> ClientCall::read_all(std::size_t bound, Instant deadline, Source* watch, Nanos idle) {
  const auto too_large = [bound] {
    return fail(Fault::upstream_unavailable, fmt::format("the upstream's answer is larger than {} bytes", bound), "answer_too_large");
  };
  body_.clear();
  if (head_.framing.kind == Framing::Kind::length && head_.framing.length > bound) co_return too_large();
  while (true) {
    const Instant by = idle == Nanos::max() ? deadline : std::min(deadline, pool_.loop().now() + idle);
    auto piece = co_await read(by, watch);
    if (!piece) co_return piece;
    if (body_.size() + piece->size() > bound) co_return too_large();
    if (decoder_.done() && body_.empty()) co_return piece;
    if (body_.empty() && head_.framing.kind == Framing::Kind::length) body_.reserve(static_cast<std::size_t>(head_.framing.length));
    body_.append(*piece);
    if (decoder_.done()) co_return std::string_view(body_);
  }
}

void ClientCall::forget_head() noexcept {
  std::string().swap(head_text_);
  std::vector<Field>().swap(head_.fields);
}

}  // namespace ajar::net
