// net/resolver.hpp - Resolver: names to addresses on threads of its own, with a memory; literal addresses are answered at once.
#pragma once

#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
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

// Shared by all loops, and may outlive them. The system's resolver is asked, so hosts files and search domains hold. A known answer is
// given at once for as long as it is usable; when it is no longer fresh it is asked for anew meanwhile, so that requests do not wait for
// it.
class Resolver {
 public:
  explicit Resolver(const Clock&);
  ~Resolver();
  Resolver(const Resolver&) = delete;

  // Faults: upstream_unavailable (no such name), timed_out, cancelled.
  Task<Result<std::vector<SocketAddress>>> resolve(Loop&, const std::string& host, std::uint16_t port, Instant deadline, Source* watch);

  static constexpr Millis fresh{30'000};
  static constexpr Millis usable{600'000};

 private:
  struct Answer {
    std::vector<SocketAddress> addresses;
    Instant at{};
  };
  struct Question {
    std::string host;
    std::function<void()> answered;
  };
  static constexpr std::size_t threads = 4;  // a name that is slow to resolve does not hold up the others
  void work();
  std::vector<SocketAddress> known(const std::string& host);  // empty: nothing usable; asks anew what is not fresh

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Question> questions_;
  std::set<std::string> asking_;  // hosts that a thread is looking up
  std::unordered_map<std::string, Answer> answers_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ajar::net
