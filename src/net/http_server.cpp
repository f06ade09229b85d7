// net/http_server.cpp - the served side of HTTP/1.1.
#include "net/http_server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace ajar::net {
namespace {

constexpr std::size_t small_body = 32u << 10;  // up to here a copy is cheaper than giving the scratch buffer away
constexpr std::string_view next_chunk = "\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

iovec piece(std::string_view text) noexcept { return {const_cast<char*>(text.data()), text.size()}; }

// A caller that goes in the middle of its body, orderly or not, has gone: that is nobody's failure.
Status body_piece(const Result<std::span<char>>& got) {
  if (got ? got->empty() : got.error().fault == Fault::upstream_unavailable)
    return fail(Fault::cancelled, "the caller closed the connection in the middle of the body");
  return got ? ok() : Status(std::unexpected(got.error()));
}

}  // namespace

Task<Result<bool>> Call::next() {
  begun_ = ended_ = continued_ = false;
  release_body();
  complete_ = true;
  std::size_t looked = 0;
  bool first = true;
  Instant deadline = loop().now() + limits_.head * (pending_.empty() ? 4 : 1);
  while (true) {
    std::string_view bytes = pending_;
    bool in_scratch = false;
    if (!first || pending_.empty()) {
      auto got = co_await read_scratch(*transport_, deadline);
      if (!got) co_return forward(std::move(got));
      if (got->empty()) {
        if (pending_.empty()) co_return false;
        co_return fail(Fault::bad_request, "the connection was closed in the middle of the head", "bad_http");
      }
      if (pending_.empty()) {
        bytes = {got->data(), got->size()};
        in_scratch = true;
        deadline = loop().now() + limits_.head;
      } else {
        pending_.append(got->data(), got->size());
        bytes = pending_;
      }
    }
    first = false;
    const auto length = head_length(bytes, looked);
    if (length.value_or(bytes.size()) > limits_.head_bytes)
      co_return fail(Fault::too_large, fmt::format("the head is larger than {} bytes", limits_.head_bytes), "head_too_large");
    if (!length) {
      looked = bytes.size();
      if (in_scratch) pending_.assign(bytes);
      continue;
    }
    head_text_.assign(bytes.substr(0, *length));
    if (auto parsed = parse(head_text_, head_); !parsed) co_return forward(std::move(parsed));
    if (!head_.keep_alive) close_ = true;
    if (in_scratch) {
      take_body(loop().scratch.data() + *length, bytes.size() - *length, true);
    } else {
      std::string rest = pending_.substr(*length);
      pending_.clear();
      take_body(rest.data(), rest.size(), false);
    }
    co_return true;
  }
}

// Sorts the bytes that came with the head: body, or the beginning of the next request.
void Call::take_body(char* data, std::size_t size, bool in_scratch) {
  const Framing framing = head_.framing;
  if (framing.kind == Framing::Kind::none) {
    pending_.assign(data, size);
    return;
  }
  const bool whole = framing.kind == Framing::Kind::length && size >= framing.length;
  const std::size_t keep = whole ? static_cast<std::size_t>(framing.length) : size;
  if (whole) pending_.assign(data + keep, size - keep);
  complete_ = whole;
  size_ = keep;
  at_ = 0;
  if (keep == 0) return;
  if (in_scratch && (keep > small_body || !whole)) {
    at_ = static_cast<std::size_t>(data - loop().scratch.data());
    buffer_ = loop().take_scratch();
    return;
  }
  buffer_ = loop().buffers.get(keep + body_padding);
  std::memcpy(buffer_.data(), data, keep);
}

Task<Result<std::string_view>> Call::body() {
  if (head_.framing.kind == Framing::Kind::length && head_.framing.length > limits_.body_bytes)
    co_return fail(Fault::too_large, fmt::format("the body is larger than {} bytes", limits_.body_bytes), "body_too_large");
  if (complete_) co_return std::string_view(buffer_.data() + at_, size_);
  if (head_.expects_continue && size_ == 0 && !continued_) {
    continued_ = true;
    if (auto sent = co_await write_all(*transport_, "HTTP/1.1 100 Continue\r\n\r\n", loop().now() + limits_.write); !sent)
      co_return forward(std::move(sent));
  }
  if (head_.framing.kind == Framing::Kind::length) co_return co_await read_length();
  co_return co_await read_chunked();
}

Task<Result<std::string_view>> Call::read_length() {
  const auto length = static_cast<std::size_t>(head_.framing.length);
  const Instant deadline = loop().now() + limits_.body;
  if (!buffer_ || buffer_.size() - at_ < length + body_padding) {
    Buffer larger = loop().buffers.get(length + body_padding);
    if (size_ != 0) std::memcpy(larger.data(), buffer_.data() + at_, size_);
    buffer_ = std::move(larger);
    at_ = 0;
  }
  while (size_ < length) {
    const auto room = buffer_.from(at_ + size_);
    auto got = co_await read_some(*transport_, room.first(room.size() - body_padding), deadline);
    if (auto came = body_piece(got); !came) co_return forward(std::move(came));
    size_ += got->size();
  }
  if (size_ > length) pending_.assign(buffer_.data() + at_ + length, size_ - length);
  size_ = length;
  complete_ = true;
  co_return std::string_view(buffer_.data() + at_, size_);
}

Task<Result<std::string_view>> Call::read_chunked() {
  BodyDecoder decoder(head_.framing);
  const Instant deadline = loop().now() + limits_.body;
  std::size_t raw = size_;  // undecoded bytes at the end of what is there
  size_ = 0;
  while (true) {
    if (raw != 0) {
      char* from = buffer_.data() + at_ + size_;
      auto payload = decoder.decode({from, raw});
      if (!payload) co_return fail(Fault::bad_request, "the chunked body is malformed", "bad_http");
      if (decoder.done()) pending_.assign(from + decoder.consumed(), raw - decoder.consumed());
      size_ += payload->size();
    }
    if (size_ > limits_.body_bytes)
      co_return fail(Fault::too_large, fmt::format("the body is larger than {} bytes", limits_.body_bytes), "body_too_large");
    if (decoder.done()) break;
    if (!buffer_ || buffer_.size() - at_ - size_ < Buffers::smallest) {
      Buffer larger = loop().buffers.get(std::max<std::size_t>(64u << 10, 2 * size_));
      if (size_ != 0) std::memcpy(larger.data(), buffer_.data() + at_, size_);
      buffer_ = std::move(larger);
      at_ = 0;
    }
    const auto room = buffer_.from(at_ + size_);
    auto got = co_await read_some(*transport_, room.first(room.size() - body_padding), deadline);
    if (auto came = body_piece(got); !came) co_return forward(std::move(came));
    raw = got->size();
  }
  complete_ = true;
  co_return std::string_view(buffer_.data() + at_, size_);
}

void Call::release_body() noexcept {
  buffer_.reset();
  at_ = size_ = 0;
}

void Call::forget_head() noexcept {
  std::vector<Field>().swap(head_.fields);
  std::string().swap(head_text_);
  head_.method = head_.target = {};
}

void Call::write_head(std::string& out, int status, std::span<const Field> headers, bool chunked, std::size_t length) {
  out.clear();
  const fmt::format_int code(status), size(length);
  out.append("HTTP/1.1 ").append(code.data(), code.size()).append(" ").append(reason_of(status)).append("\r\ndate: ");
  out.append(loop().date()).append("\r\n");
  for (const Field& field : headers) {
    out.append(field.name).append(": ");
    const std::size_t value = out.size();
    out.append(field.value);
    // A value may come from an upstream: nothing in it may end the line.
    for (std::size_t i = value; i < out.size(); ++i)
      if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
    out.append("\r\n");
  }
  if (!complete_) close_ = true;  // an unread body cannot be told from the next request
  if (chunked && head_.minor == 0)
    close_ = true;
  else if (chunked)
    out.append("transfer-encoding: chunked\r\n");
  else
    out.append("content-length: ").append(size.data(), size.size()).append("\r\n");
  if (close_ || loop().stopping())
    out.append("connection: close\r\n");
  else if (head_.minor == 0)
    out.append("connection: keep-alive\r\n");
  out.append("\r\n");
}

Task<Status> Call::flush(std::span<const iovec> pieces) {
  auto written = write_now(*transport_, pieces, rest_);
  if (written && !*written) {
    const Status done = co_await write_all(*transport_, rest_, loop().now() + limits_.write);
    rest_.clear();
    rest_.shrink_to_fit();
    if (!done) {
      close_ = true;
      co_return fail(done.error().fault == Fault::timed_out ? Fault::timed_out : Fault::cancelled, "the caller stopped taking the answer");
    }
  } else if (!written) {
    close_ = true;
    co_return fail(Fault::cancelled, "the caller went away");
  }
  co_return ok();
}

Task<Status> Call::respond(int status, std::span<const Field> headers, std::string_view body) {
  begun_ = ended_ = true;
  std::string& head = loop().text;
  write_head(head, status, headers, false, body.size());
  const iovec pieces[2] = {piece(head), piece(head_.method == "HEAD" ? std::string_view() : body)};
  co_return co_await flush(pieces);
}

Task<Status> Call::begin(int status, std::span<const Field> headers, std::string_view first) {
  begun_ = true;
  std::string& head = loop().text;
  write_head(head, status, headers, true, 0);
  const bool chunked = head_.minor == 1;
  if (chunked && !first.empty()) fmt::format_to(std::back_inserter(head), "{:x}\r\n", first.size());
  const iovec pieces[3] = {piece(head), piece(first), piece(chunked && !first.empty() ? next_chunk : std::string_view())};
  co_return co_await flush(pieces);
}

Task<Status> Call::write(std::string_view bytes) {
  if (bytes.empty()) co_return ok();
  if (head_.minor == 0) {
    const iovec raw = piece(bytes);
    co_return co_await flush({&raw, 1});
  }
  char size[20];
  const auto size_end = fmt::format_to(size, "{:x}\r\n", bytes.size());
  const iovec pieces[3] = {{size, static_cast<std::size_t>(size_end - size)}, piece(bytes), piece(next_chunk)};
  co_return co_await flush(pieces);
}

Task<Status> Call::end(std::string_view last) {
  ended_ = true;
  if (head_.minor == 0) co_return co_await write(last);
  char size[20];
  const auto size_end = last.empty() ? size : fmt::format_to(size, "{:x}\r\n", last.size());
  const iovec pieces[4] = {{size, static_cast<std::size_t>(size_end - size)},
                           piece(last),
                           piece(last.empty() ? std::string_view() : next_chunk),
                           piece(last_chunk)};
  co_return co_await flush(pieces);
}

// A connection that is closed with unread bytes is reset, and the caller may lose our answer: take some of what it still sends first.
Task<void> Call::linger() {
  ::shutdown(peer().fd(), SHUT_WR);
  const Instant deadline = loop().now() + Millis(1000);
  for (std::size_t taken = 0; taken < (4u << 20);) {
    const auto got = co_await read_scratch(*transport_, deadline);
    if (!got || got->empty()) break;
    taken += got->size();
  }
}

Task<void> serve(std::unique_ptr<Transport> transport, Handler& handler, const ServerLimits& limits) {
  Call call(std::move(transport), limits);
  while (true) {
    auto more = co_await call.next();
    if (!more) {
      if (const Fault fault = more.error().fault;
          fault == Fault::bad_request || fault == Fault::too_large || (fault == Fault::timed_out && !call.pending_.empty())) {
        call.close_ = true;
        call.head_ = {};
        co_await handler.refuse(call, more.error());
        co_await call.linger();
      }
      co_return;
    }
    if (!*more) co_return;
    co_await handler.serve(call);
    if (!call.ended_) co_return;  // an answer cut short: closing says so
    if (call.close_ || call.loop().stopping()) {
      if (!call.complete_) co_await call.linger();
      co_return;
    }
  }
}

}  // namespace ajar::net
