// fuzz/wire_anthropic_stream.cpp - Anthropic's event stream: the same for the caller at every split.
#include "wire_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string stream(data, data + size);
  ajar::fuzz::check_stream(ajar::fuzz::profile_of("anthropic"), stream);
  return 0;
}
