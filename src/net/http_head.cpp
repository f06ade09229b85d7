// net/http_head.cpp - the strict head parser.
#include "net/http_head.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "base/text.hpp"

namespace ajar::net {
namespace {

constexpr std::array<bool, 256> token_table = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_token(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text)
    if (!token_table[static_cast<unsigned char>(c)]) return false;
  return true;
}

// Visible characters, blanks, tabs and bytes above ASCII; no other control character.
bool is_value(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

std::unexpected<Error> bad(std::string message) { return fail(Fault::bad_request, std::move(message), "bad_http"); }

// What the framing fields said so far.
struct Seen {
  int hosts = 0;
  bool length = false, chunked = false, close = false, keep = false;
  std::uint64_t bytes = 0;
};

Status note_length(std::string_view value, Seen& seen) {
  if (seen.length) return bad("the head repeats Content-Length");
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, seen.bytes);
  if (error != std::errc{} || stop != end || value.empty()) return bad("Content-Length is not a number");
  seen.length = true;
  return ok();
}

void note_connection(std::string_view value, Seen& seen) {
  for (const std::string_view option : split(value, ',')) {
    if (iequal(trim(option), "close")) seen.close = true;
    if (iequal(trim(option), "keep-alive")) seen.keep = true;
  }
}

Status note(const Field& field, Seen& seen) {
  switch (field.name.size()) {
    case 4:
      if (iequal(field.name, "host")) ++seen.hosts;
      break;
    case 10:
      if (iequal(field.name, "connection")) note_connection(field.value, seen);
      break;
    case 14:
      if (iequal(field.name, "content-length")) return note_length(field.value, seen);
      break;
    case 17:
      if (iequal(field.name, "transfer-encoding")) {
        if (seen.chunked || !iequal(field.value, "chunked")) return bad("Transfer-Encoding must be exactly \"chunked\", once");
        seen.chunked = true;
      }
      break;
    default:
      break;
  }
  return ok();
}

// The lines after the first one.
Status parse_fields(std::string_view rest, std::vector<Field>& fields, Seen& seen) {
  fields.clear();
  while (true) {
    const auto* end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    if (end == nullptr || end == rest.data() || end[-1] != '\r') return bad("a line of the head does not end with CR LF");
    const std::string_view line(rest.data(), static_cast<std::size_t>(end - rest.data()) - 1);
    rest.remove_prefix(line.size() + 2);
    if (line.empty()) return rest.empty() ? ok() : bad("bytes follow the head");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return bad("a header name is not a token directly followed by a colon");
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (!is_value(value)) return bad("a header value holds a control character");
    if (fields.size() == most_fields) return bad("the head has more than 100 fields");
    fields.push_back({line.substr(0, colon), value});
    if (auto noted = note(fields.back(), seen); !noted) return noted;
  }
}

Status frame(const Seen& seen, int minor, Framing& framing, bool& keep_alive) {
  if (seen.chunked && seen.length) return bad("the head has both Transfer-Encoding and Content-Length");
  if (seen.chunked && minor == 0) return bad("Transfer-Encoding is not part of HTTP/1.0");
  framing = {};
  if (seen.chunked) framing.kind = Framing::Kind::chunked;
  if (seen.length) framing = {seen.bytes == 0 ? Framing::Kind::none : Framing::Kind::length, seen.bytes};
  keep_alive = !seen.close && (minor == 1 || seen.keep);
  return ok();
}

std::string_view find_in(const std::vector<Field>& fields, std::string_view name) noexcept {
  for (const Field& field : fields)
    if (field.name.size() == name.size() && iequal(field.name, name)) return field.value;
  return {};
}

std::optional<int> minor_of(std::string_view version) noexcept {
  if (version == "HTTP/1.1") return 1;
  if (version == "HTTP/1.0") return 0;
  return std::nullopt;
}

}  // namespace

std::string_view RequestHead::find(std::string_view name) const noexcept { return find_in(fields, name); }
std::string RequestHead::all(std::string_view name) const {
  std::string values;
  for (const Field& field : fields)
    if (iequal(field.name, name)) values.append(values.empty() ? "" : ",").append(field.value);
  return values;
}
std::string_view ResponseHead::find(std::string_view name) const noexcept { return find_in(fields, name); }

std::optional<std::size_t> head_length(std::string_view bytes, std::size_t from) noexcept {
  const std::size_t at = bytes.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  if (at == std::string_view::npos) return std::nullopt;
  return at + 4;
}

Status parse(std::string_view head, RequestHead& into) {
  const std::size_t line_end = head.find('\n');
  if (line_end == std::string_view::npos || line_end == 0 || head[line_end - 1] != '\r')
    return bad("the request line does not end with CR LF");
  const std::string_view line = head.substr(0, line_end - 1);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("the request line is not METHOD TARGET VERSION");
  into.method = line.substr(0, first);
  into.target = line.substr(first + 1, last - first - 1);
  const auto minor = minor_of(line.substr(last + 1));
  if (!minor) return bad("only HTTP/1.1 and HTTP/1.0 are spoken here");
  into.minor = *minor;
  if (!is_token(into.method)) return bad("the method is not a token");
  if (into.target.empty() || into.target.front() != '/') return bad("the target does not begin with '/'");
  for (const char c : into.target)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#') return bad("the target holds a blank, a control character or '#'");
  Seen seen;
  if (auto parsed = parse_fields(head.substr(line_end + 1), into.fields, seen); !parsed) return parsed;
  if (seen.hosts > 1 || (seen.hosts == 0 && into.minor == 1)) return bad("the head must have exactly one Host");
  const std::string_view expect = into.find("expect");
  into.expects_continue = into.minor == 1 && iequal(expect, "100-continue");
  if (!expect.empty() && !iequal(expect, "100-continue")) return bad("only 100-continue may be expected");
  return frame(seen, into.minor, into.framing, into.keep_alive);
}

Status parse(std::string_view head, ResponseHead& into) {
  const std::size_t line_end = head.find('\n');
  if (line_end == std::string_view::npos || line_end < 13 || head[line_end - 1] != '\r') return bad("the status line is malformed");
  const auto minor = minor_of(head.substr(0, 8));
  const std::string_view digits = head.substr(9, 3);
  const auto status = to_int(digits);
  if (!minor || head[8] != ' ' || !status || *status < 100 || (head[12] != ' ' && head[12] != '\r'))
    return bad("the status line is malformed");
  into.minor = *minor;
  into.status = static_cast<int>(*status);
  Seen seen;
  if (auto parsed = parse_fields(head.substr(line_end + 1), into.fields, seen); !parsed) return parsed;
  if (auto framed = frame(seen, into.minor, into.framing, into.keep_alive); !framed) return framed;
  if (into.status < 200 || into.status == 204 || into.status == 304)
    into.framing = {};
  else if (!seen.length && !seen.chunked) {
    into.framing.kind = Framing::Kind::until_close;
    into.keep_alive = false;
  }
  return ok();
}

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

}  // namespace ajar::net
