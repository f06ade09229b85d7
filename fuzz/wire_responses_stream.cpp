// fuzz/wire_responses_stream.cpp - Responses' event stream: the same for the caller at every split.
#include "wire_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string stream(data, data + size);
  ajar::wire::Profile profile = ajar::fuzz::profile_of("openai");
  profile.dialect = ajar::wire::Dialect::openai_responses;
  ajar::fuzz::check_stream(profile, stream);
  return 0;
}
