// net/transport.cpp - plain sockets, and reading and writing over any transport.
#include "net/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdlib>

namespace ajar::net {
namespace {

struct OwnedSource {
  Source owned;
};

// The source is a base so that it is made before, and ends after, the transport that refers to it.
class Plain final : OwnedSource, public Transport {
 public:
  Plain(Loop& loop, int fd) : OwnedSource{{loop, fd}}, Transport(OwnedSource::owned) {}

  Io try_read(std::span<char> into) noexcept override {
    Source& s = OwnedSource::owned;
    const ssize_t n = ::recv(s.fd(), into.data(), into.size(), 0);
    if (n > 0) {
      // A short read means that the socket was empty; after a hang-up the end of the stream is still to be read.
      if (static_cast<std::size_t>(n) < into.size() && !s.hung_up()) s.readable = false;
      return {Io::State::done, static_cast<std::size_t>(n)};
    }
    if (n == 0) return {Io::State::closed, 0};
    if (errno == EINTR) return {Io::State::wait_read, 0};
    if (errno == EAGAIN) {
      s.readable = false;
      return {Io::State::wait_read, 0};
    }
    return {Io::State::broken, 0};
  }

  Io try_write(std::span<const iovec> pieces) noexcept override {
    Source& s = OwnedSource::owned;
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    std::size_t total = 0;
    for (const iovec& piece : pieces) total += piece.iov_len;
    const ssize_t n = ::sendmsg(s.fd(), &message, MSG_NOSIGNAL);
    if (n >= 0) {
      if (static_cast<std::size_t>(n) < total) s.writable = false;  // the socket is full
      return {Io::State::done, static_cast<std::size_t>(n)};
    }
    if (errno == EINTR) return {Io::State::wait_write, 0};
    if (errno == EAGAIN) {
      s.writable = false;
      return {Io::State::wait_write, 0};
    }
    return {Io::State::broken, 0};
  }
};

Error why(Wake wake) {
  if (wake == Wake::timed_out)
    return {.fault = Fault::timed_out,
            .message = "a deadline passed while waiting for the peer",
            .code = {},
            .param = {},
            .detail = {},
            .upstream_status = 0,
            .retry_after = {}};
  return {.fault = Fault::cancelled,
          .message = wake == Wake::gone ? "the caller went away" : "the gateway is shutting down",
          .code = {},
          .param = {},
          .detail = {},
          .upstream_status = 0,
          .retry_after = {}};
}

std::unexpected<Error> broken() { return fail(Fault::upstream_unavailable, "the connection was broken by the peer"); }

}  // namespace

Task<Status> wait_readable(Transport& transport, Instant deadline, Source* watch) {
  if (transport.buffered()) co_return ok();
  const Wake wake = co_await transport.source().wait_readable(deadline, watch);
  if (wake != Wake::ready) co_return std::unexpected(why(wake));
  co_return ok();
}

Task<Result<std::span<char>>> read_some(Transport& transport, std::span<char> into, Instant deadline, Source* watch) {
  while (true) {
    if (!transport.buffered()) {
      const Wake wake = co_await transport.source().wait_readable(deadline, watch);
      if (wake != Wake::ready) co_return std::unexpected(why(wake));
    }
    Buffer& scratch = transport.loop().scratch;  // another than before the wait, perhaps
    const std::span<char> room = into.empty() ? scratch.from(0).first(scratch.size() - body_padding) : into;
    const Io io = transport.try_read(room);
    if (io.state == Io::State::done) co_return room.first(io.bytes);
    if (io.state == Io::State::closed) co_return std::span<char>{};
    if (io.state == Io::State::broken) co_return broken();
    if (io.state == Io::State::wait_write) {
      const Wake wake = co_await transport.source().wait_writable(deadline, watch);
      if (wake != Wake::ready) co_return std::unexpected(why(wake));
    }
  }
}

Task<Result<std::span<char>>> read_scratch(Transport& transport, Instant deadline, Source* watch) {
  return read_some(transport, {}, deadline, watch);
}

Result<bool> write_now(Transport& transport, std::span<const iovec> pieces, std::string& rest) {
  std::size_t total = 0;
  for (const iovec& piece : pieces) total += piece.iov_len;
  const Io io = transport.try_write(pieces);
  if (io.state == Io::State::broken || io.state == Io::State::closed) return broken();
  std::size_t written = io.bytes;
  if (written == total) return true;
  for (const iovec& piece : pieces) {
    const std::size_t skip = std::min(written, piece.iov_len);
    written -= skip;
    rest.append(static_cast<const char*>(piece.iov_base) + skip, piece.iov_len - skip);
  }
  return false;
}

Task<Status> write_all(Transport& transport, std::string_view bytes, Instant deadline, Source* watch) {
  while (!bytes.empty()) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const Io io = transport.try_write({&piece, 1});
    if (io.state == Io::State::broken || io.state == Io::State::closed) co_return broken();
    bytes.remove_prefix(io.bytes);
    if (bytes.empty()) break;
    const Wake wake = io.state == Io::State::wait_read ? co_await transport.source().wait_readable(deadline, watch)
                                                       : co_await transport.source().wait_writable(deadline, watch);
    if (wake != Wake::ready) co_return std::unexpected(why(wake));
  }
  co_return ok();
}

std::unique_ptr<Transport> plain(Loop& loop, int fd) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // fails harmlessly on a socket pair
  return std::make_unique<Plain>(loop, fd);
}

std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> pair_of(Loop& loop) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
  return {plain(loop, fds[0]), plain(loop, fds[1])};
}

}  // namespace ajar::net
