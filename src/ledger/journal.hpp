// ledger/journal.hpp - Journal: the durable record, one append-only memory-mapped lane per shard; kill -9 loses nothing that was appended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "ledger/entry.hpp"

namespace ajar::ledger {

// One shard's lane. Appending is a copy into a shared mapping of a preallocated file: no system call, no lock, durable against the
// end of the process at once and against the loss of power after the next group flush (see Journal).
class Lane {
 public:
  virtual ~Lane() = default;
  virtual Status intend(const Intent&) = 0;  // faults: storage (no room for a new segment); then nothing may be sent
  virtual Status settle(const Entry&) = 0;   // room for it was kept back by intend, so this fails only when the disk does
};

struct JournalOptions {
  std::filesystem::path folder;
  int lanes = 1;
  std::size_t segment_bytes = 8u << 20;
  Millis flush_every{5};  // fdatasync of what is new, by the keeper thread
  // Called by the keeper when recording fails, with why, and when it is possible again, with ok(); empty: nobody is told.
  std::function<void(const Status&)> tell = {};
};

class Journal {
 public:
  // Takes the folder for this process alone, saves and ends what a crash left, starts the keeper thread. Each lane begins a new segment.
  // Faults: storage, naming folder and remedy; code "in_use" when another gateway has the folder.
  static Result<std::unique_ptr<Journal>> open(const JournalOptions&);
  virtual ~Journal() = default;
  virtual Lane& lane(int index) = 0;
  virtual bool healthy() const noexcept = 0;  // false: disk full or flush failed; /readyz says so
};

}  // namespace ajar::ledger
