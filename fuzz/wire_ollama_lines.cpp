// fuzz/wire_ollama_lines.cpp - Ollama's own stream of lines: the same for the caller at every split.
#include "wire_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string stream(data, data + size);
  ajar::wire::Profile profile = ajar::fuzz::profile_of("ollama");
  profile.dialect = ajar::wire::Dialect::ollama_chat;
  ajar::fuzz::check_stream(profile, stream);
  return 0;
}
