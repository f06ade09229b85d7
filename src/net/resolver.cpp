// net/resolver.cpp - name look-up off the loops.
#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

#include <algorithm>
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
    if (address.storage.ss_family == AF_INET6)
      reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    else
      reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  }
}

// Which host it was is the operator's matter.
std::unexpected<Error> unresolved(Fault fault, const char* message, const char* code, const std::string& host) {
  auto failed = fail(fault, message, code);
  failed.error().detail = "host " + host;
  return failed;
}

}  // namespace

Resolver::Resolver(const Clock& clock) : clock_(clock) {
  for (std::size_t i = 0; i < threads; ++i)
    ::pthread_setname_np(threads_.emplace_back([this] { work(); }).native_handle(), "ajar-resolver");
}

Resolver::~Resolver() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  asked_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Resolver::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    // A host that another thread looks up already is left to it: all that ask for it are answered together.
    const auto next = [this] { return std::ranges::find_if(questions_, [this](const Question& q) { return !asking_.contains(q.host); }); };
    asked_.wait(lock, [&] { return stop_ || next() != questions_.end(); });
    if (stop_) return;
    const std::string host = next()->host;
    asking_.insert(host);
    lock.unlock();
    auto addresses = look_up(host);
    lock.lock();
    asking_.erase(host);
    if (!addresses.empty())
      answers_[host] = {std::move(addresses), clock_.now()};  // a failure leaves what was known, until it is no longer usable
    std::erase_if(questions_, [&](const Question& q) {
      if (q.host != host) return false;
      if (q.answered) q.answered();
      return true;
    });
  }
}

std::vector<SocketAddress> Resolver::known(const std::string& host) {
  std::lock_guard lock(mutex_);
  const auto found = answers_.find(host);
  if (found == answers_.end()) return {};
  const Nanos age = clock_.now() - found->second.at;
  if (age >= usable) return {};
  if (age >= fresh && !asking_.contains(host) && std::ranges::find(questions_, host, &Question::host) == questions_.end()) {
    questions_.push_back({host, {}});
    asked_.notify_one();
  }
  return found->second.addresses;
}

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(Loop& loop, const std::string& host, std::uint16_t port, Instant deadline,
                                                           Source* watch) {
  auto addresses = literal(host);
  if (addresses.empty()) addresses = known(host);
  if (addresses.empty()) {
    // The event outlives this frame when the wait ends early, and the mailbox outlives the loop: the answer may still arrive.
    auto event = std::make_shared<Event>(loop);
    {
      std::lock_guard lock(mutex_);
      questions_.push_back({host, [event, mailbox = loop.mailbox()] { mailbox->post([event] { event->set(); }); }});
    }
    asked_.notify_one();
    const Wake wake = co_await event->wait(deadline, watch);
    if (wake == Wake::timed_out)
      co_return unresolved(Fault::timed_out, "the upstream's host name was not resolved in time", "connect_timeout", host);
    if (wake != Wake::ready) co_return fail(Fault::cancelled, wake == Wake::gone ? "the caller went away" : "the gateway is shutting down");
    addresses = known(host);
  }
  if (addresses.empty())
    co_return unresolved(Fault::upstream_unavailable, "the upstream's host name cannot be resolved", "unresolved", host);
  set_port(addresses, port);
  co_return addresses;
}

}  // namespace ajar::net
