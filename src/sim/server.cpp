// sim/server.cpp - the thread, its loop and its listener.
#include "sim/server.hpp"

#include <pthread.h>

#include <thread>

#include "net/listener.hpp"
#include "sim/service.hpp"

namespace ajar::sim {

// In the order in which they may be destroyed backwards: the listener leaves the loop before that ends.
struct Server::Works {
  explicit Works(Script script) : service(std::move(script)) {}
  SystemClock clock;
  Service service;
  net::Loop loop{clock};
  std::unique_ptr<net::Listener> listener;
  std::thread thread;

  void take(int fd) {
    if (service.refuses_connection()) {
      net::Source refused(loop, fd);  // closes
      return;
    }
    loop.spawn(service.connection(net::plain(loop, fd)));
  }
};

Server::Server(std::unique_ptr<Works> works) : works_(std::move(works)) {}

Result<std::unique_ptr<Server>> Server::start(const Options& options) {
  auto works = std::make_unique<Works>(options.script);
  auto opened = net::Listener::open(works->loop, options.address, options.port);
  if (!opened) return forward(std::move(opened));
  works->listener = std::move(*opened);
  std::unique_ptr<Server> server(new Server(std::move(works)));
  Works& w = *server->works_;
  server->address_ = w.listener->address();
  server->port_ = w.listener->port();
  w.thread = std::thread([&w] {
    ::pthread_setname_np(::pthread_self(), "ajar-sim");
    w.loop.spawn(w.listener->run([&w](int fd) { w.take(fd); }));
    w.loop.run();
  });
  return server;
}

Server::~Server() { stop(); }

std::uint64_t Server::requests() const noexcept { return works_->service.requests(); }

void Server::stop() noexcept {
  works_->loop.stop();
  if (works_->thread.joinable()) works_->thread.join();
}

}  // namespace ajar::sim
