// sim/server.hpp - Server: the simulated provider behind an address, on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "sim/script.hpp"

namespace ajar::sim {

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 takes a free one
  Script script;
};

class Server {
 public:
  // Faults: config, with the remedy (port in use, address not of this machine).
  static Result<std::unique_ptr<Server>> start(const Options&);
  ~Server();  // ends all answers
  Server(const Server&) = delete;

  const std::string& address() const noexcept { return address_; }  // "127.0.0.1:8090"
  std::uint16_t port() const noexcept { return port_; }
  std::uint64_t requests() const noexcept;  // for an answer, so far; from any thread
  void stop() noexcept;                     // returns when its thread has ended; again is harmless

 private:
  struct Works;
  explicit Server(std::unique_ptr<Works>);
  std::unique_ptr<Works> works_;
  std::string address_;
  std::uint16_t port_ = 0;
};

}  // namespace ajar::sim
