// fuzz/net_http_body.cpp - bodies: the same payload, verdict and end at every split.
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_body.hpp"

namespace {

using ajar::net::BodyDecoder;
using ajar::net::Framing;

struct Outcome {
  std::string payload;
  bool good = true, done = false;
  std::size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

// Feeds the bytes in pieces of `step`; 0 = all at once.
Outcome decode(Framing framing, std::string bytes, std::size_t step) {
  BodyDecoder decoder(framing);
  Outcome out;
  const std::size_t size = bytes.size();
  for (std::size_t at = 0; at < size && !decoder.done();) {
    const std::size_t length = step == 0 ? size - at : std::min(step, size - at);
    const auto got = decoder.decode({bytes.data() + at, length});
    if (!got) return {.payload = {}, .good = false, .done = false, .consumed = 0};
    if (decoder.consumed() > length) std::abort();
    out.payload += *got;
    out.consumed += decoder.consumed();
    at += length;
  }
  out.done = decoder.done();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const Framing::Kind kinds[] = {Framing::Kind::chunked, Framing::Kind::length, Framing::Kind::until_close};
  const Framing framing{kinds[data[0] % 3], data[1]};
  const std::string bytes(data + 2, data + size);
  const Outcome whole = decode(framing, bytes, 0);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}})
    if (decode(framing, bytes, step) != whole) std::abort();
  return 0;
}
