// net/http_head.hpp - HTTP/1.1 heads, parsed strictly: whatever two parsers could read in two ways is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace ajar::net {

struct Field {
  std::string_view name, value;
};

// What a head says about the body's length.
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;
};

// Views point into the parsed bytes.
struct RequestHead {
  std::string_view method, target;
  int minor = 1;              // HTTP/1.minor
  std::vector<Field> fields;  // in order of arrival; reused between parses
  Framing framing;
  bool keep_alive = true;
  bool expects_continue = false;
  std::string_view find(std::string_view name) const noexcept;  // first value, name without case; "" when absent
  std::string all(std::string_view name) const;                 // every value of a list, joined by commas
  std::string_view path() const noexcept { return target.substr(0, target.find('?')); }
};

struct ResponseHead {
  int status = 0;
  int minor = 1;
  std::vector<Field> fields;
  Framing framing;  // before the method is known to be HEAD
  bool keep_alive = true;
  std::string_view find(std::string_view name) const noexcept;
};

inline constexpr std::size_t most_fields = 100;

// Length of the head in `bytes` with its empty line, or nothing when it is not complete. Looks from `from` on (what was looked at before).
std::optional<std::size_t> head_length(std::string_view bytes, std::size_t from = 0) noexcept;

// Parses one complete head. Faults: bad_request, saying what is wrong. Refused: bare LF or CR, folded lines, blank before a colon, names
// that are no tokens, control characters in values, any Transfer-Encoding but a single "chunked", Transfer-Encoding in HTTP/1.0 or beside a
// Content-Length, repeated or malformed Content-Length, a missing or repeated Host, targets that do not begin with '/', more than 100
// fields.
Status parse(std::string_view head, RequestHead& into);
Status parse(std::string_view head, ResponseHead& into);

// Standard reason phrase of a status.
std::string_view reason_of(int status) noexcept;

}  // namespace ajar::net
