// net/listener.cpp - listening and accepting.
#include "net/listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace ajar::net {

Result<std::pair<std::string, std::uint16_t>> split_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const auto port = to_int(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return fail(Fault::config, fmt::format("\"{}\" is not ADDRESS:PORT, e.g. 127.0.0.1:8080", text));
  const bool bracketed = host.size() > 1 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return fail(Fault::config, fmt::format("\"{}\" is not ADDRESS:PORT; an IPv6 address stands in brackets, e.g. [::1]:8080", text));
  return std::pair{std::string(host.empty() ? "127.0.0.1" : host), static_cast<std::uint16_t>(*port)};
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, std::string_view address, std::uint16_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  const std::string host(address), service = std::to_string(port);
  if (const int error = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found); error != 0)
    return fail(Fault::config,
                fmt::format("cannot listen on {}:{}: {}; give an address of this machine", address, port, ::gai_strerror(error)));
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int one = 1;
  const bool listening = fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                         ::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, 4096) == 0;
  const int error = errno;
  ::freeaddrinfo(found);
  if (!listening) {
    if (fd >= 0) ::close(fd);
    std::string remedy = "give an address of this machine";
    if (error == EADDRINUSE)
      remedy = "another program uses this port: stop it, or choose another with --listen ADDRESS:PORT (port 0 takes a free one)";
    if (error == EACCES) remedy = "ports below 1024 need a privilege: choose a higher one";
    return fail(Fault::config, fmt::format("cannot listen on {}:{}: {}; {}", address, port, std::strerror(error), remedy));
  }
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length);
  const in_port_t taken =
      bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port : reinterpret_cast<sockaddr_in*>(&bound)->sin_port;
  return std::make_unique<Listener>(loop, fd, host, ntohs(taken));
}

std::string Listener::address() const {
  return host_.find(':') == std::string::npos ? fmt::format("{}:{}", host_, port_) : fmt::format("[{}]:{}", host_, port_);
}

void Listener::close() {
  if (!source_) return;
  const std::unique_ptr<Source> closing = std::move(source_);
  closing->cancel();
}

Task<void> Listener::run(std::function<void(int fd)> accepted) {
  while (source_) {
    const Wake wake = co_await source_->wait_readable(never);
    if (wake != Wake::ready) co_return;
    if (!source_) co_return;  // closed while there was something to accept
    const int fd = ::accept4(source_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted(fd);
      continue;
    }
    if (errno == EAGAIN)
      source_->readable = false;
    else if (errno != EINTR && errno != ECONNABORTED) {  // out of descriptors or memory: leave the queue alone for a moment
      Loop& loop = source_->loop();
      if (co_await loop.sleep_until(loop.now() + Millis(50)) == Wake::cancelled) co_return;
    }
  }
}

}  // namespace ajar::net
