// fuzz/wire_vllm_stream.cpp - an engine's OpenAI-like stream with reasoning in its own field: the same for the caller at every split.
#include "wire_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string stream(data, data + size);
  ajar::fuzz::check_stream(ajar::fuzz::profile_of("vllm"), stream);
  return 0;
}
