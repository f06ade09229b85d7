// net/http_server.hpp - Call: one request on a served connection and its answer; serve(): the keep-alive loop; Handler: who answers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_body.hpp"
#include "net/http_head.hpp"
#include "net/transport.hpp"

namespace ajar::net {

struct ServerLimits {
  std::size_t head_bytes = 64u << 10;
  std::size_t body_bytes = 32u << 20;
  Millis head{10'000};   // from the first byte of a head to its end; a connection may idle four times as long between requests
  Millis body{60'000};   // for the whole body
  Millis write{60'000};  // for the caller to take what is written
};

class Call {
 public:
  Call(std::unique_ptr<Transport> transport, const ServerLimits& limits) : limits_(limits), transport_(std::move(transport)) {}

  const RequestHead& head() const noexcept { return head_; }  // valid until the answer is complete
  Loop& loop() noexcept { return transport_->loop(); }
  Source& peer() noexcept { return transport_->source(); }  // to be watched for hang-up

  // The whole body, with `body_padding` readable bytes behind it; stays until release_body(). Faults: too_large, timed_out, cancelled,
  // bad_request (framing).
  Task<Result<std::string_view>> body();
  void release_body() noexcept;
  // Gives back the memory of the head; from here on it is empty. For streams, once they have begun.
  void forget_head() noexcept;

  // A whole answer, once. Content-Length and Connection are added.
  Task<Status> respond(int status, std::span<const Field> headers, std::string_view body);

  // A streamed answer: begin, any number of writes, end. The first bytes travel with the head. Faults: cancelled, timed_out.
  Task<Status> begin(int status, std::span<const Field> headers, std::string_view first);
  Task<Status> write(std::string_view bytes);
  Task<Status> end(std::string_view last = {});
  bool answered() const noexcept { return begun_; }
  void abort() noexcept { close_ = true; }  // the connection ends after this call, complete or not

 private:
  friend Task<void> serve(std::unique_ptr<Transport>, class Handler&, const ServerLimits&);
  Task<Result<bool>> next();  // reads the next head; false: the peer closed between requests
  void take_body(char* data, std::size_t size, bool in_scratch);
  Task<Result<std::string_view>> read_length();
  Task<Result<std::string_view>> read_chunked();
  void write_head(std::string& out, int status, std::span<const Field> headers, bool chunked, std::size_t length);
  Task<Status> flush(std::span<const iovec> pieces);
  Task<void> linger();

  ServerLimits limits_;
  std::unique_ptr<Transport> transport_;
  std::string head_text_;  // the head's own copy: its views stay valid whatever is read later
  RequestHead head_;
  std::string pending_;   // bytes of the next request
  std::string rest_;      // answer bytes that the socket did not take at once
  Buffer buffer_;         // the body
  std::size_t at_ = 0;    // where it begins in the buffer
  std::size_t size_ = 0;  // how much of it is there
  bool complete_ = true;  // the whole body has been read
  bool begun_ = false, ended_ = false, close_ = false, continued_ = false;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<void> serve(Call&) = 0;
  virtual Task<void> refuse(Call&, const Error&) = 0;  // the head could not be read: answer in some form; the connection closes afterwards
};

// Serves one connection until it closes.
Task<void> serve(std::unique_ptr<Transport>, Handler&, const ServerLimits&);

}  // namespace ajar::net
