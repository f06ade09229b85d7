// ledger/lane.cpp - appending without a system call, and saving behind it.
#include "ledger/lane.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/record.hpp"

namespace ajar::ledger {
namespace {

// For the gateway's caller; the folder is in the detail, which only the operator sees.
std::unexpected<Error> cannot_record(std::string detail) {
  auto failed = fail(Fault::storage, "this gateway cannot record exchanges now, so it sends none; try again later");
  failed.error().detail = std::move(detail);
  return failed;
}

std::size_t ring_bytes(const JournalOptions& options) noexcept { return options.segment_bytes / 4 / 4096 * 4096; }

}  // namespace

FileLane::FileLane(const JournalOptions& options, int index, std::int64_t last, std::uint64_t sequence)
    : options_(options), index_(index), sequence_(sequence), last_number_(last) {}

Status FileLane::adopt(const std::vector<std::string>& records) {
  std::unique_lock lock(mutex_);
  for (const std::string& record : records) {
    const std::uint64_t sequence = intact(record);
    if (sequence <= sequence_) continue;
    if (sequence != sequence_ + 1) break;  // a page of the ring from another time
    if (live_.empty() || live_.back()->left() < record.size())
      if (auto moved = next_segment(lock); !moved) return moved;
    if (auto appended = live_.back()->append(record); !appended) return appended;
    sequence_ = sequence;
  }
  for (const auto& segment : live_)
    if (auto flushed = segment->flush(segment->used()); !flushed) return flushed;
  return live_.empty() ? ok() : flush_folder(options_.folder);
}

Status FileLane::begin() {
  auto ring = Ring::make(options_.folder, index_, ring_bytes(options_));
  if (!ring) return forward(std::move(ring));
  ring_ = std::move(*ring);
  return make_spare();
}

void FileLane::end() noexcept {
  for (const auto* list : {&live_, &spares_})
    for (const auto& segment : *list) segment->end();
  // What could not be saved waits in the ring for the next start.
  if (ring_ != nullptr && ring_->saved().load() == ring_->head().load()) ring_->remove();
}

Status FileLane::intend(const Intent& intent) {
  if (refusing_.load(std::memory_order_relaxed)) return cannot_record("the journal could not be written to the disk: see the log");
  while (head_ + largest_intent + (open_ + 1) * largest_record > limit_.load(std::memory_order_acquire)) {
    // The disk is full, and the keeper tries again; or it did not keep up.
    if (full()) return cannot_record(fmt::format("no room for the journal in {}: free some space there", options_.folder.string()));
    if (auto made = make_spare(); !made) return cannot_record(made.error().message);
  }
  auto at = place(largest_intent);
  if (!at) return forward(std::move(at));
  appended(encode(intent, ++sequence_, *at));
  open_seen_.store(++open_, std::memory_order_relaxed);
  return ok();
}

Status FileLane::settle(const Entry& entry) {
  auto at = place(largest_record);
  if (!at) return forward(std::move(at));
  appended(encode(entry, ++sequence_, *at));
  if (open_ > 0) open_seen_.store(--open_, std::memory_order_relaxed);
  return ok();
}

// Where the next record of at most so many bytes goes. When the ring is full because the keeper waits for the disk, saves by itself.
Result<char*> FileLane::place(std::size_t most) {
  const std::size_t until_end = ring_->until_end(head_);
  const std::size_t need = until_end < most ? until_end + most : most;
  if (head_ + need - ring_->saved().load(std::memory_order_acquire) > ring_->bytes()) {
    std::unique_lock lock(mutex_);
    if (auto saved = save(lock); !saved) return cannot_record(saved.error().message);
  }
  if (until_end < most) {
    ring_->mark_end(head_);
    head_ += until_end;
  }
  return ring_->at(head_);
}

void FileLane::appended(std::size_t size) noexcept {
  head_ += size;
  ring_->head().store(head_, std::memory_order_release);
}

// Making takes its time, so no lock is held meanwhile.
Status FileLane::make_spare() {
  std::unique_lock lock(mutex_);
  const std::int64_t number = last_number_ = segment_number(SystemClock().wall(), last_number_);
  lock.unlock();
  auto made = Segment::make(options_.folder, index_, number, options_.segment_bytes);
  full_.store(!made, std::memory_order_relaxed);
  if (!made) return forward(std::move(made));
  lock.lock();
  // The owner and the keeper may make one at once: they are used in the order of their numbers.
  const auto after = std::ranges::find_if(spares_, [number](const auto& spare) { return spare->number() > number; });
  spares_.insert(after, std::move(*made));
  count_room();
  return ok();
}

Status FileLane::next_segment(std::unique_lock<std::mutex>& lock) {
  if (spares_.empty()) {  // only for settlements without an intent: others have their room
    lock.unlock();
    auto made = make_spare();
    lock.lock();
    if (!made) return made;
  }
  live_.push_back(std::move(spares_.front()));
  spares_.pop_front();
  return ok();
}

// Copies what the ring holds into segments.
Status FileLane::save(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t head = ring_->head().load(std::memory_order_acquire);
  std::uint64_t position = ring_->saved().load(std::memory_order_relaxed);
  while (position < head) {
    const std::string_view records = ring_->piece(position, head, live_.empty() ? 0 : live_.back()->left());
    if (records.empty()) {
      if (auto moved = next_segment(lock); !moved) return moved;
      continue;
    }
    if (auto appended = live_.back()->append(records); !appended) return appended;
    position += records.size();
    ring_->saved().store(position, std::memory_order_release);
  }
  count_room();
  return ok();
}

void FileLane::count_room() noexcept {
  if (ring_ == nullptr) return;
  std::uint64_t room = ring_->saved().load(std::memory_order_relaxed);
  const auto add = [&room](const Segment& segment) { room += segment.left() > largest_record ? segment.left() - largest_record : 0; };
  if (!live_.empty()) add(*live_.back());
  for (const auto& spare : spares_) add(*spare);
  limit_.store(room, std::memory_order_release);
}

Result<bool> FileLane::flush() {
  std::unique_lock lock(mutex_);
  if (auto saved = save(lock); !saved) return forward(std::move(saved));
  bool any = false;
  while (!live_.empty()) {
    Segment& segment = *live_.front();
    const std::size_t used = segment.used();
    const bool left_behind = live_.size() > 1;
    any = any || used != segment.flushed();
    lock.unlock();
    auto flushed = segment.flush(used);
    lock.lock();
    if (!flushed) return forward(std::move(flushed));
    if (!left_behind) break;
    live_.pop_front();
  }
  return any;
}

Status FileLane::prepare() {
  bool made_any = false;
  while (limit_.load(std::memory_order_relaxed) < ring_->head().load(std::memory_order_relaxed) +
                                                      open_seen_.load(std::memory_order_relaxed) * largest_record +
                                                      options_.segment_bytes / 2) {
    if (auto made = make_spare(); !made) return made;
    made_any = true;
  }
  return made_any ? flush_folder(options_.folder) : ok();
}

}  // namespace ajar::ledger
