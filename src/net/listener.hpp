// net/listener.hpp - Listener: a listening socket on a loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/loop.hpp"

namespace ajar::net {

class Listener {
 public:
  // Faults: config, with the remedy (port in use, address not of this machine, no permission). Port 0 takes a free one.
  static Result<std::unique_ptr<Listener>> open(Loop&, std::string_view address, std::uint16_t port);

  std::uint16_t port() const noexcept { return port_; }
  std::string address() const;                           // "127.0.0.1:8080", "[::1]:8080"
  Task<void> run(std::function<void(int fd)> accepted);  // until the loop is cancelled or close()
  void close();                                          // on the loop's thread; run() ends

  Listener(Loop& loop, int fd, std::string host, std::uint16_t port)
      : source_(std::make_unique<Source>(loop, fd)), host_(std::move(host)), port_(port) {}

 private:
  std::unique_ptr<Source> source_;
  std::string host_;
  std::uint16_t port_;
};

// "HOST:PORT" or "[V6]:PORT" taken apart. Faults: config.
Result<std::pair<std::string, std::uint16_t>> split_address(std::string_view);

}  // namespace ajar::net
