// ledger/record.hpp - Record: an intent or a settlement as bytes with length and checksum, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ledger/entry.hpp"

namespace ajar::ledger {

// A record is its size in bytes (u32, a multiple of 8), a CRC-32C over all the rest (u32), its sequence number in its lane (u64), and the
// body: version, kind, then the fields in order and zeros up to the size. Numbers are little-endian; most are variable-length, the shortest
// form only. One value has one encoding, so whatever decodes is encoded again to the same bytes.
inline constexpr std::size_t record_head = 16;

// No record of its kind is larger: names are cut at 128 bytes, longer texts as well, too many attempts or warnings are left out from the
// middle. Nothing that a caller or an upstream sends can make a record larger.
inline constexpr std::size_t largest_intent = 840;
inline constexpr std::size_t largest_record = 4616;

// Writes to `at`, which has room for the largest of its kind; gives the size. No allocation.
std::size_t encode(const Intent&, std::uint64_t sequence, char* at) noexcept;
std::size_t encode(const Entry&, std::uint64_t sequence, char* at) noexcept;

struct Record {
  bool settled = false;  // false: only what an intent holds is set
  Entry entry;
  std::uint64_t sequence = 0;
  std::size_t size = 0;
};

// The size that a record at the beginning of `bytes` claims; 0 = none is there.
std::uint32_t claimed_size(std::string_view bytes) noexcept;

// The sequence number of the record at the beginning of `bytes` when size and checksum hold; 0 = no whole record. Cheaper than decode.
std::uint64_t intact(std::string_view bytes) noexcept;

// The record at the beginning of `bytes`, into `record`, whose memory is used again. Total over any bytes. Faults: storage.
Status decode(std::string_view bytes, Record& record);

// The record as text. `sequence` is at least 1.
std::string bytes_of(const Intent&, std::uint64_t sequence = 1);
std::string bytes_of(const Entry&, std::uint64_t sequence = 1);

}  // namespace ajar::ledger
