// bench/sys.hpp - the operating system as the rig needs it: the clock, loopback sockets, epoll, command lines.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace bench {

constexpr std::int64_t second = 1'000'000'000, millisecond = 1'000'000;

// One clock for all processes of this machine, so that a time stamp made by the upstream means something to the load generator.
inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] inline void die(std::string_view what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(2);
}
[[noreturn]] inline void die_of(std::string_view call) { die(fmt::format("{}: {}", call, std::strerror(errno))); }

// Timers of this process fire when they are due, not up to 50 us later.
inline void be_punctual() {
  const int fd = ::open("/proc/self/timerslack_ns", O_WRONLY);
  if (fd < 0) return;
  [[maybe_unused]] const auto written = ::write(fd, "1", 1);
  ::close(fd);
}

inline void set_no_delay(int fd) {
  const int on = 1;
  if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die_of("TCP_NODELAY");
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A connected non-blocking socket; connecting itself waits, which takes microseconds on loopback.
inline int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die_of("socket");
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die_of(fmt::format("connect to port {}", port));
  set_no_delay(fd);
  if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) die_of("O_NONBLOCK");
  return fd;
}

class Poller {
 public:
  Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) die_of("epoll_create1");
  }
  ~Poller() { ::close(fd_); }
  Poller(const Poller&) = delete;

  // Edge-triggered, both directions: never touched again until the descriptor is closed.
  void add(int fd, std::uint32_t index) const {
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = index}};
    if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) die_of("epoll_ctl");
  }

  // What is ready, after at most `patience` nanoseconds; a negative patience is none.
  std::span<const epoll_event> wait(std::int64_t patience) {
    patience = patience < 0 ? 0 : patience;
    const timespec limit{.tv_sec = patience / second, .tv_nsec = patience % second};
    const int count = ::epoll_pwait2(fd_, events_.data(), static_cast<int>(events_.size()), &limit, nullptr);
    if (count < 0 && errno != EINTR) die_of("epoll_pwait2");
    return {events_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
  }

 private:
  int fd_;
  std::array<epoll_event, 256> events_{};
};

// "--name value" pairs and lone "--flags".
class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string_view word = words[i];
      if (!word.starts_with("--")) die(fmt::format("unexpected \"{}\": options are written --name value", word));
      const bool has_value = i + 1 < count && !std::string_view(words[i + 1]).starts_with("--");
      values_[std::string(word.substr(2))] = has_value ? words[++i] : "";
    }
  }
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name, std::string otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  double number(const std::string& name, double otherwise) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return otherwise;
    double value = 0;
    const std::string& text = found->second;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        error != std::errc() || end != text.data() + text.size())
      die(fmt::format("--{} needs a number, not \"{}\"", name, text));
    return value;
  }
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const {
    return static_cast<std::int64_t>(number(name, static_cast<double>(otherwise)));
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
