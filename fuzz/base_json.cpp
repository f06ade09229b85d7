// fuzz/base_json.cpp - JSON: what is read is written, read again and the same; the strict reader never accepts what it could not keep.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto value = ajar::json::read(text);
  if (!value) return 0;
  const std::string once = ajar::json::write(*value);
  const auto again = ajar::json::read(once);
  if (!again || ajar::json::write(*again) != once) std::abort();
  const auto pretty = ajar::json::read(ajar::json::write_pretty(*value));
  if (!pretty || ajar::json::write(*pretty) != once) std::abort();
  return 0;
}
