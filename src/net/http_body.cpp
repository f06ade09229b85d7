// net/http_body.cpp - lengths and chunks.
#include "net/http_body.hpp"

#include <algorithm>
#include <cstring>

namespace ajar::net {
namespace {

constexpr std::size_t most_overhead = 16u << 10;  // more than the payload so far

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::string_view> BodyDecoder::decode(std::span<char> bytes) {
  consumed_ = 0;
  if (done_) return std::string_view{};
  if (kind_ == Framing::Kind::chunked) return decode_chunked(bytes);
  consumed_ = bytes.size();
  if (kind_ == Framing::Kind::length) {
    consumed_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= consumed_;
    done_ = left_ == 0;
  }
  return std::string_view(bytes.data(), consumed_);
}

bool BodyDecoder::step(char c) {
  switch (state_) {
    case State::size:
      if (const int digit = hex_digit(c); digit >= 0) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        return ++digits_ <= 15;
      }
      if (digits_ == 0) return false;
      if (c == ';')
        state_ = State::extension;
      else if (c == '\r')
        state_ = State::size_lf;
      else
        return false;
      return true;
    case State::extension:
      if (c == '\r') state_ = State::size_lf;
      return c != '\n' && ++overhead_ < most_overhead;
    case State::size_lf:
      digits_ = 0;
      state_ = left_ == 0 ? State::trailer : State::data;
      return c == '\n';
    case State::data:
      return false;  // handled in bulk
    case State::data_cr:
      state_ = State::data_lf;
      return c == '\r';
    case State::data_lf:
      state_ = State::size;
      return c == '\n';
    case State::trailer:
      state_ = c == '\r' ? State::end_lf : State::trailer_line;
      return c != '\n' && ++overhead_ < most_overhead;
    case State::trailer_line:
      if (c == '\r') state_ = State::trailer_lf;
      return c != '\n' && ++overhead_ < most_overhead;
    case State::trailer_lf:
      state_ = State::trailer;
      return c == '\n';
    case State::end_lf:
      done_ = true;
      return c == '\n';
  }
  return false;
}

Result<std::string_view> BodyDecoder::decode_chunked(std::span<char> bytes) {
  char* out = bytes.data();
  std::size_t at = 0;
  while (at < bytes.size() && !done_) {
    if (state_ != State::data) {
      if (!step(bytes[at++])) return fail(Fault::upstream_unavailable, "the chunked body is malformed", "bad_http");
      continue;
    }
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
    if (out != bytes.data() + at) std::memmove(out, bytes.data() + at, take);
    out += take;
    at += take;
    left_ -= take;
    overhead_ -= std::min(overhead_, take);  // a long stream may have an extension on every chunk
    if (left_ == 0) state_ = State::data_cr;
  }
  consumed_ = at;
  return std::string_view(bytes.data(), static_cast<std::size_t>(out - bytes.data()));
}

Status BodyDecoder::closed() {
  if (kind_ == Framing::Kind::until_close) done_ = true;
  if (!done_) return fail(Fault::upstream_unavailable, "the connection was cut in the middle of the body", "cut");
  return ok();
}

}  // namespace ajar::net
