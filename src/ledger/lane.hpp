// ledger/lane.hpp - FileLane: appends into a ring, and what the keeper does with it: segments ahead, saving, flushing.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/journal.hpp"
#include "ledger/ring.hpp"
#include "ledger/segment.hpp"

namespace ajar::ledger {

// Room is counted in bytes of segments. Records of at most `largest_record` bytes never waste that much of a segment's end, so all but so
// much of each counts; `limit_` is the position in the ring up to which records are sure of their place. An intent is taken only when that
// holds for it, for its settlement, and for the settlements of all open exchanges, each at its largest.
class FileLane final : public Lane {
 public:
  // `last`: of the lane's segments so far. `sequence`: of its last record.
  FileLane(const JournalOptions& options, int index, std::int64_t last, std::uint64_t sequence);

  // Before anything else: puts records that a killed process left in its ring into a segment and on the disk. Those that are there already
  // are passed over. Faults: storage; then nothing is lost and it can be tried again.
  Status adopt(const std::vector<std::string>& records);
  Status begin();       // makes ring and first segment. Faults: storage
  void end() noexcept;  // no more records; everything was flushed

  // The owner's side, on one thread.
  Status intend(const Intent& intent) override;
  Status settle(const Entry& entry) override;

  // The keeper's side.
  Result<bool> flush();  // saves and writes to the disk; gives whether there was anything new. Faults: storage
  Status prepare();      // makes segments ahead. Faults: storage
  void refuse(bool on) noexcept { refusing_.store(on, std::memory_order_relaxed); }
  bool full() const noexcept { return full_.load(std::memory_order_relaxed); }

 private:
  Result<char*> place(std::size_t most);
  void appended(std::size_t size) noexcept;
  Status make_spare();
  Status next_segment(std::unique_lock<std::mutex>& lock);
  Status save(std::unique_lock<std::mutex>& lock);
  void count_room() noexcept;

  const JournalOptions& options_;
  const int index_;
  std::unique_ptr<Ring> ring_;

  // The owner's.
  std::uint64_t head_ = 0, sequence_;
  std::size_t open_ = 0;  // exchanges with an intent and no settlement yet

  std::atomic<std::uint64_t> limit_{0};
  std::atomic<std::size_t> open_seen_{0};
  std::atomic<bool> refusing_{false}, full_{false};

  std::mutex mutex_;                                    // guards what follows; taken by the owner only when the keeper does not keep up
  std::deque<std::unique_ptr<Segment>> spares_, live_;  // live_: those not flushed to their end, the last is in use
  std::int64_t last_number_;
};

}  // namespace ajar::ledger
