// fuzz/net_http_head.cpp - request and answer heads: whatever is accepted is unambiguous, and reads the same when written out again.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "net/http_head.hpp"

namespace {

using ajar::iequal;

void expect(bool holds) {
  if (!holds) std::abort();
}

// The fields of an accepted head leave no room for a second reading.
template <class Head>
void check_fields(const Head& head) {
  long lengths = 0, encodings = 0;
  for (const ajar::net::Field& field : head.fields) {
    expect(!field.name.empty());
    expect(field.name.find_first_of(" \t\r\n:") == std::string_view::npos);
    expect(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    lengths += iequal(field.name, "content-length") ? 1 : 0;
    encodings += iequal(field.name, "transfer-encoding") ? 1 : 0;
  }
  expect(head.fields.size() <= ajar::net::most_fields);
  expect(lengths + encodings <= 1);
  expect(head.framing.kind != ajar::net::Framing::Kind::chunked || encodings == 1);
}

void check_request(std::string_view bytes) {
  ajar::net::RequestHead head;
  if (!ajar::net::parse(bytes, head)) return;
  check_fields(head);
  expect(head.framing.kind != ajar::net::Framing::Kind::until_close);
  expect(head.target.starts_with('/'));
  std::string again = std::string(head.method) + " " + std::string(head.target) + " HTTP/1." + std::to_string(head.minor) + "\r\n";
  for (const ajar::net::Field& field : head.fields) again += std::string(field.name) + ": " + std::string(field.value) + "\r\n";
  again += "\r\n";
  ajar::net::RequestHead second;
  expect(ajar::net::parse(again, second).has_value());
  expect(second.method == head.method && second.target == head.target && second.keep_alive == head.keep_alive);
  expect(second.framing.kind == head.framing.kind && second.framing.length == head.framing.length);
  expect(
      std::ranges::equal(second.fields, head.fields, [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; }));
}

void check_response(std::string_view bytes) {
  ajar::net::ResponseHead head;
  if (!ajar::net::parse(bytes, head)) return;
  check_fields(head);
  expect(head.status >= 100 && head.status <= 999);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto length = ajar::net::head_length(bytes);
  if (!length) return 0;
  expect(*length <= bytes.size());
  const std::string_view head = std::string_view(bytes).substr(0, *length);
  check_request(head);
  check_response(head);
  return 0;
}
