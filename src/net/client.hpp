// net/client.hpp - Pool: one loop's connections to upstreams; ClientCall: one request on one of them and its answer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "net/http_body.hpp"
#include "net/http_head.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

namespace ajar::net {

struct Site {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  bool operator==(const Site&) const = default;
};

class Pool {
 public:
  Pool(Loop& loop, Resolver& resolver, TlsClient* tls) : loop_(loop), resolver_(resolver), tls_(tls) {}

  struct Taken {
    std::unique_ptr<Transport> transport;
    bool reused = false;
  };
  // An idle connection, or a new one when none is good or `fresh` is asked for.
  // Faults: upstream_unavailable (codes "unresolved", "refused", "tls"), timed_out, cancelled.
  Task<Result<Taken>> take(const Site&, bool fresh, Instant deadline, Source* watch);
  void give_back(const Site&, std::unique_ptr<Transport>);
  void drop_idle() noexcept { idle_.clear(); }
  std::size_t idle() const noexcept;  // connections kept
  Loop& loop() noexcept { return loop_; }

  static constexpr std::size_t idle_per_site = 512;
  static constexpr Millis idle_for{50'000};  // most servers close after 60 s or more

 private:
  struct Idle {
    std::unique_ptr<Transport> transport;
    Instant since;
  };
  struct Hash {
    std::size_t operator()(const Site& s) const noexcept {
      return std::hash<std::string>{}(s.host) ^ (static_cast<std::size_t>(s.port) << 1) ^ static_cast<std::size_t>(s.tls);
    }
  };
  Loop& loop_;
  Resolver& resolver_;
  TlsClient* tls_;
  std::unordered_map<Site, std::vector<Idle>, Hash> idle_;
  Instant next_clean_{};
};

// Opens a connected descriptor: each address in turn until one accepts. Faults: upstream_unavailable (code "refused"), timed_out (code
// "connect_timeout"), overloaded, cancelled.
Task<Result<int>> connect_to(Loop&, std::span<const SocketAddress>, Instant deadline, Source* watch);

class ClientCall {
 public:
  ClientCall(Pool& pool, Site site, Pool::Taken taken) : pool_(pool), site_(std::move(site)), taken_(std::move(taken)) {}
  ~ClientCall();  // gives the connection back when the answer was complete, else closes it
  ClientCall(const ClientCall&) = delete;

  // Writes the request and reads the answer's head. Body bytes that came with it are still in the loop's scratch: read() before the next
  // suspension. Faults: upstream_unavailable (code "stale" when a reused connection had been closed before a byte of the answer came: to be
  // repeated on a fresh one; else "cut" or "bad_http"), timed_out (code "first_byte_timeout" or "write_timeout"), cancelled.
  Task<Status> send(std::string_view head, std::span<const iovec> body, Instant write_by, Instant answer_by, Source* watch);
  const ResponseHead& head() const noexcept { return head_; }

  // The next bytes of the body, in the loop's scratch: to be used before the next suspension. Empty when done(). Faults: timed_out (code
  // "idle_timeout"), upstream_unavailable (codes "cut", "bad_http"), cancelled.
  Task<Result<std::string_view>> read(Instant deadline, Source* watch);
  bool done() const noexcept { return decoder_.done(); }
  // Everything that is left of the body, up to `bound` bytes, with at most `idle` between two reads. Points into the scratch when it was
  // there in one piece, else into this call.
  Task<Result<std::string_view>> read_all(std::size_t bound, Instant deadline, Source* watch, Nanos idle = Nanos::max());
  // Until read() has something to give or to say, by an awaiter that needs no frame: for streams that wait long.
  Source::Wait more(Instant deadline, Source* watch) noexcept {
    return taken_.transport->source().wait_readable(deadline, watch, !in_hand_.empty() || decoder_.done() || taken_.transport->buffered());
  }
  void forget_head() noexcept;  // gives back the memory of the head's fields: a stream lives long
  bool reused() const noexcept { return taken_.reused; }

 private:
  Task<Status> read_head(Instant answer_by, Source* watch);
  std::unexpected<Error> closed_early() const;

  Pool& pool_;
  Site site_;
  Pool::Taken taken_;
  std::string head_text_;
  ResponseHead head_;
  BodyDecoder decoder_;
  std::span<char> in_hand_;  // body bytes that came with the head, still in the scratch
  std::string body_;         // only for read_all over several reads
  bool answered_ = false;    // the answer's head has been read and is good
  bool clean_ = true;        // nothing follows the answer
};

}  // namespace ajar::net
