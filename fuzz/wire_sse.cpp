// fuzz/wire_sse.cpp - server-sent events: the same events at every split.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "wire/sse.hpp"

namespace {

std::vector<std::string> events_of(std::string_view bytes, std::size_t step) {
  ajar::wire::SseDecoder decoder;
  std::vector<std::string> events;
  const auto take = [&events](std::string_view name, std::string_view data) {
    events.push_back(std::string(name) + "\n" + std::string(data));
    return ajar::ok();
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    const std::string piece(bytes.substr(0, step));
    if (!decoder.feed(piece, take)) return {"refused"};
  }
  if (!decoder.finish(take)) return {"refused"};
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto whole = events_of(bytes, std::string::npos);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{5}})
    if (events_of(bytes, step) != whole) std::abort();
  return 0;
}
