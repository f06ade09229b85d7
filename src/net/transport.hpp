// net/transport.hpp - Transport: a connected byte stream, erased; its system calls are tried at once and waited for apart.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace ajar::net {

struct Io {
  enum class State : std::uint8_t { done, wait_read, wait_write, closed, broken };
  State state = State::done;
  std::size_t bytes = 0;
};

class Transport {
 public:
  explicit Transport(Source& source) noexcept : source_(source) {}
  virtual ~Transport() = default;
  virtual Io try_read(std::span<char>) noexcept = 0;
  virtual Io try_write(std::span<const iovec>) noexcept = 0;  // may write a part: then done, with fewer bytes
  virtual bool buffered() const noexcept { return false; }    // bytes already taken from the socket are waiting to be read
  Source& source() noexcept { return source_; }
  Loop& loop() noexcept { return source_.loop(); }

 private:
  Source& source_;
};

// Reads what is there into `into`, waiting first when nothing is; gives the bytes. Empty = the peer closed. Faults: timed_out, cancelled
// (watched peer gone or shutdown), upstream_unavailable (broken).
Task<Result<std::span<char>>> read_some(Transport&, std::span<char> into, Instant deadline, Source* watch = nullptr);

// The same into the loop's scratch as it is after the wait, for others take it meanwhile. To be used before the next suspension.
Task<Result<std::span<char>>> read_scratch(Transport&, Instant deadline, Source* watch = nullptr);

// Bytes that may be read (not written) after the end of what read_scratch() and Call::body() give: parsers look ahead.
inline constexpr std::size_t body_padding = 64;

// Waits until a read would give something, without a buffer in hand.
Task<Status> wait_readable(Transport&, Instant deadline, Source* watch = nullptr);

// Tries to write everything at once; true = done. What is left is appended to `rest` in order.
Result<bool> write_now(Transport&, std::span<const iovec>, std::string& rest);

// Writes all of it; the bytes must stay until the end.
Task<Status> write_all(Transport&, std::string_view bytes, Instant deadline, Source* watch = nullptr);

// A connected plain socket; takes ownership of the descriptor and sets TCP_NODELAY where it applies.
std::unique_ptr<Transport> plain(Loop&, int fd);

// Two ends of a socket pair, for tests and in-process peers.
std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> pair_of(Loop&);

}  // namespace ajar::net
