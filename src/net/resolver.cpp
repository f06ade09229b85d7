// net/resolver.cpp - name look-up off the loops.
#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

#include <cstring>
#include <memory>

namespace ajar::net {
namespace {

std::vector<SocketAddress> literal(const std::string& host) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    address.length = sizeof(sockaddr_in);
    return {address};
  }
  if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    address.length = sizeof(sockaddr_in6);
    return {address};
  }
  return {};
}

std::vector<SocketAddress> look_up(const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<SocketAddress> addresses;
  for (const addrinfo* item = found; item != nullptr; item = item->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.length = item->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return addresses;
}

void set_port(std::vector<SocketAddress>& addresses, std::uint16_t port) {
  for (SocketAddress& address : addresses) {
    if (address.storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    else reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  }
}

}  // namespace

Resolver::Resolver(const Clock& clock) : clock_(clock), thread_([this] { work(); }) { ::pthread_setname_np(thread_.native_handle(), "ajar-resolver"); }

Resolver::~Resolver() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  asked_.notify_all();
  thread_.join();
}

void Resolver::work() {
  while (true) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      asked_.wait(lock, [this] { return stop_ || !questions_.empty(); });
      if (stop_) return;
      question = std::move(questions_.front());
      questions_.pop_front();
      const auto known = answers_.find(question.host);
      if (known != answers_.end() && clock_.now() - known->second.at < remembered) {
        question.answered();
        continue;
      }
    }
    auto addresses = look_up(question.host);
    {
      std::lock_guard lock(mutex_);
      if (addresses.empty()) answers_.erase(question.host);   // a failure is asked again
      else answers_[question.host] = {std::move(addresses), clock_.now()};
      question.answered();
    }
  }
}

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(Loop& loop, const std::string& host, std::uint16_t port, Instant deadline, Source* watch) {
  auto addresses = literal(host);
  if (addresses.empty()) {
    bool fresh = false;
    {
      std::lock_guard lock(mutex_);
      if (const auto known = answers_.find(host); known != answers_.end() && clock_.now() - known->second.at < remembered) {
        addresses = known->second.addresses;
        fresh = true;
      }
    }
    if (!fresh) {
      // The event outlives this frame when the wait ends early: the answer may still arrive.
      auto event = std::make_shared<Event>(loop);
      {
        std::lock_guard lock(mutex_);
        questions_.push_back({host, [event, &loop] { loop.post([event] { event->set(); }); }});
      }
      asked_.notify_one();
      const Wake wake = co_await event->wait(deadline, watch);
      if (wake == Wake::timed_out) co_return fail(Fault::timed_out, fmt::format("the name of host {} was not resolved in time", host));
      if (wake != Wake::ready) co_return fail(Fault::cancelled, "the caller went away");
      std::lock_guard lock(mutex_);
      if (const auto known = answers_.find(host); known != answers_.end()) addresses = known->second.addresses;
    }
  }
  if (addresses.empty()) co_return fail(Fault::upstream_unavailable, "the upstream's host name cannot be resolved", "unresolved");
  set_port(addresses, port);
  co_return addresses;
}

}  // namespace ajar::net
