// gateway/server.cpp - shards, connections, and which endpoint answers what.
#include "gateway/server.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <future>

#include "base/text.hpp"
#include "gateway/endpoints.hpp"
#include "gateway/exchange.hpp"
#include "gateway/meters.hpp"
#include "observe/log.hpp"

namespace ajar::gateway {

// One thread with its loop, its connections and its pool. Everything here belongs to that thread, but for the atomics.
class Shard final : public net::Handler {
 public:
  Shard(const Foundation& foundation, int index, std::shared_ptr<const Runtime> runtime, std::vector<std::unique_ptr<Shard>>& all)
      : loop_(foundation.clock),
        pool_(loop_, foundation.resolver, foundation.tls),
        foundation_(foundation),
        meters_(foundation.registry, index, *runtime->snapshot),
        services_{foundation.clock, pool_, foundation.journal.lane(index), meters_, memory_, foundation.taint, foundation.pseudonyms},
        runtime_(std::move(runtime)),
        index_(index),
        all_(all) {
    apply();
  }

  Result<std::string> listen(const config::Listen& listen, std::size_t most_connections) {
    if (!listen.tls_certificate.empty()) {
      auto tls = net::TlsServer::make(listen.tls_certificate, listen.tls_key);
      if (!tls) return forward(std::move(tls));
      server_tls_ = std::move(*tls);
    }
    auto opened = net::Listener::open(loop_, listen.address, listen.port);
    if (!opened) return forward(std::move(opened));
    listener_ = std::move(*opened);
    most_connections_ = most_connections;
    return listener_->address();
  }

  void start() {
    thread_ = std::thread([this] {
      ::pthread_setname_np(::pthread_self(), fmt::format("ajar-shard-{}", index_).c_str());
      if (listener_) loop_.spawn(listener_->run([this](int fd) { hand_over(fd); }));
      loop_.run();
    });
  }

  // Returns when it is in force: whatever is accepted afterwards runs under it.
  void set_runtime(const std::shared_ptr<const Runtime>& runtime) {
    std::promise<void> in_force;
    loop_.post([this, &runtime, &in_force] {
      runtime_ = runtime;
      apply();
      meters_.configure(*runtime_->snapshot);
      in_force.set_value();
    });
    in_force.get_future().wait();
  }

  // Stops taking connections and closes idle upstream ones; false while exchanges run.
  bool drained() {
    std::promise<bool> answer;
    auto done = answer.get_future();
    loop_.post([this, &answer] {
      draining_ = true;
      pool_.drop_idle();
      answer.set_value(running_ == 0);
    });
    return done.get();
  }

  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::atomic<std::int64_t> live{0};  // connections; read by the accepting shard

  net::Task<void> serve(net::Call& call) override {
    ++running_;
    co_await answer(call, {runtime_, services_, foundation_, draining_});
    if (draining_) call.abort();
    --running_;
  }

  net::Task<void> refuse(net::Call& call, const Error& error) override { co_await refuse_head(call, error); }

 private:
  // Fewest live connections first; the accepting shard only when it is no worse.
  void hand_over(int fd) {
    std::int64_t total = 0;
    Shard* best = this;
    for (const auto& shard : all_) {
      const std::int64_t count = shard->live.load(std::memory_order_relaxed);
      total += count;
      if (count < best->live.load(std::memory_order_relaxed)) best = shard.get();
    }
    if (draining_ || total >= static_cast<std::int64_t>(most_connections_)) {
      net::Source refused(loop_, fd);  // closes
      if (!draining_) meters_.refused_connection();
      return;
    }
    best->live.fetch_add(1, std::memory_order_relaxed);
    if (best == this)
      loop_.spawn(connection(fd));
    else
      best->loop_.post([best, fd] { best->loop_.spawn(best->connection(fd)); });
  }

  net::Task<void> connection(int fd) {
    net::TlsServer* tls = all_.front()->server_tls_.get();
    if (tls == nullptr) {
      co_await net::serve(net::plain(loop_, fd), *this, limits_);
    } else if (auto secured = co_await tls->accept(loop_, fd, loop_.now() + limits_.head)) {
      co_await net::serve(std::move(*secured), *this, limits_);
    }
    live.fetch_sub(1, std::memory_order_relaxed);
  }

  void apply() {
    const config::Snapshot& s = *runtime_->snapshot;
    limits_ = {.head_bytes = s.limits.head_bytes,
               .body_bytes = s.limits.body_bytes,
               .head = s.deadlines.head,
               .body = s.deadlines.body,
               .write = s.deadlines.idle};
  }

  net::Loop loop_;
  net::Pool pool_;
  const Foundation& foundation_;
  Meters meters_;
  policy::Memory memory_;
  Services services_;
  std::shared_ptr<const Runtime> runtime_;
  net::ServerLimits limits_;
  std::unique_ptr<net::TlsServer> server_tls_;
  std::unique_ptr<net::Listener> listener_;
  std::size_t most_connections_ = 0;
  int index_;
  int running_ = 0;
  bool draining_ = false;
  std::vector<std::unique_ptr<Shard>>& all_;
  std::thread thread_;
};

int Server::shards_of(const config::Snapshot& snapshot) {
  if (snapshot.shards > 0) return snapshot.shards;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
}

Result<std::unique_ptr<Server>> Server::start(const Foundation& foundation, std::shared_ptr<const config::Snapshot> snapshot) {
  std::unique_ptr<Server> server(new Server);
  server->foundation_ = std::make_unique<Foundation>(foundation);
  const auto runtime = std::make_shared<const Runtime>(snapshot);
  server->runtime_ = runtime;
  for (int i = 0; i < shards_of(*snapshot); ++i)
    server->shards_.push_back(std::make_unique<Shard>(*server->foundation_, i, runtime, server->shards_));
  auto address = server->shards_.front()->listen(snapshot->listen, snapshot->limits.connections);
  if (!address) return forward(std::move(address));
  server->address_ = std::move(*address);
  for (const auto& shard : server->shards_) shard->start();
  return server;
}

Server::~Server() {
  for (const auto& shard : shards_) shard->stop();
}

void Server::reload(std::shared_ptr<const config::Snapshot> snapshot) {
  runtime_ = std::make_shared<const Runtime>(std::move(snapshot), *runtime_);
  for (const auto& shard : shards_) shard->set_runtime(runtime_);
}

void Server::drain(Millis patience) {
  const Instant until = foundation_->clock.now() + patience;
  // The listening shard refuses first, so that no shard is handed a connection after it said that it is done.
  while (foundation_->clock.now() < until) {
    if (std::ranges::all_of(shards_, [](const auto& shard) { return shard->drained(); })) break;
    std::this_thread::sleep_for(Millis(20));
  }
  for (const auto& shard : shards_) shard->stop();
}

}  // namespace ajar::gateway
