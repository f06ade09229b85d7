// fuzz/ledger_record.cpp - journal records: any bytes are safe to read, and what is accepted is encoded again to the same bytes.
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "ledger/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace ajar::ledger;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  // Once as it is, once with size and checksum set right, so that the fields are reached.
  for (const bool mended : {false, true}) {
    if (mended) {
      if (bytes.size() <= record_head) return 0;
      bytes.resize(bytes.size() / 8 * 8);
      const auto whole = static_cast<std::uint32_t>(bytes.size());
      std::memcpy(bytes.data(), &whole, 4);
      const std::uint32_t sum = ajar::crc32c(std::string_view(bytes).substr(8), ajar::crc32c(std::string_view(bytes).substr(0, 4)));
      std::memcpy(bytes.data() + 4, &sum, 4);
    }
    Record record;
    if (!decode(bytes, record)) continue;
    const std::string again =
        record.settled ? bytes_of(record.entry, record.sequence) : bytes_of(static_cast<const Intent&>(record.entry), record.sequence);
    if (again != bytes.substr(0, record.size)) std::abort();
  }
  return 0;
}
