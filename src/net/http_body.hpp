// net/http_body.hpp - BodyDecoder: takes an HTTP/1.1 body out of its framing, in place, at any split.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "net/http_head.hpp"

namespace ajar::net {

class BodyDecoder {
 public:
  BodyDecoder() = default;
  explicit BodyDecoder(Framing framing) noexcept : kind_(framing.kind), left_(framing.length), done_(framing.kind == Framing::Kind::none) {}

  // Moves the payload of `bytes` to its front and gives it. `consumed()` says how many of the bytes belonged to this body.
  // Faults: upstream_unavailable for malformed chunks (the caller of a server turns it into bad_request).
  Result<std::string_view> decode(std::span<char> bytes);
  std::size_t consumed() const noexcept { return consumed_; }
  bool done() const noexcept { return done_; }

  // The peer closed. Faults: upstream_unavailable when the body was not complete.
  Status closed();

 private:
  enum class State : std::uint8_t { size, extension, size_lf, data, data_cr, data_lf, trailer, trailer_line, trailer_lf, end_lf };
  Result<std::string_view> decode_chunked(std::span<char> bytes);
  bool step(char c);  // one byte outside of chunk data; false: malformed

  Framing::Kind kind_ = Framing::Kind::none;
  State state_ = State::size;
  std::uint64_t left_ = 0;
  int digits_ = 0;            // of the chunk size being read
  std::size_t overhead_ = 0;  // bytes of extensions and trailers beyond those of payload, bounded
  std::size_t consumed_ = 0;
  bool done_ = true;
};

}  // namespace ajar::net
