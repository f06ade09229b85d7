// fuzz/wire_openai_stream.cpp - OpenAI's stream, forwarded as it is: the same for the caller at every split.
#include "wire_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string stream(data, data + size);
  ajar::fuzz::check_stream(ajar::fuzz::profile_of("openai"), stream);
  return 0;
}
