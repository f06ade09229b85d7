// net/resolver.hpp - Resolver: names to addresses on a thread of its own, with a short memory; literal addresses are answered at once.
#pragma once

#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace ajar::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// Shared by all loops. The system's resolver is asked, so hosts files and search domains hold.
class Resolver {
 public:
  explicit Resolver(const Clock&);
  ~Resolver();
  Resolver(const Resolver&) = delete;

  // Faults: upstream_unavailable (no such name), timed_out, cancelled.
  Task<Result<std::vector<SocketAddress>>> resolve(Loop&, const std::string& host, std::uint16_t port, Instant deadline, Source* watch);

  static constexpr Millis remembered{30'000};

 private:
  struct Answer { std::vector<SocketAddress> addresses; Instant at{}; };
  struct Question { std::string host; std::function<void()> answered; };
  void work();

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Question> questions_;
  std::unordered_map<std::string, Answer> answers_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace ajar::net
