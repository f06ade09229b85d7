// fuzz/policy_content.cpp - any bytes as a body and as a text: every finding lies in the text, and nothing else happens.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "detect/scan.hpp"
#include "policy/content.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& f : ajar::detect::scan(text))
    if (f.start >= f.end || f.end > size) std::abort();
  (void)ajar::policy::look_at(text);
  return 0;
}
