// ledger/journal.cpp - the journal's folder, its lanes, and the keeper's thread.
#include "ledger/journal.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "ledger/lane.hpp"

namespace ajar::ledger {
namespace {

constexpr Millis retry_every{100};  // after a segment could not be made
constexpr int quiet_passes = 200;   // without a record: then the keeper looks four times less often
constexpr std::size_t smallest_segment = 128u << 10;

class FileJournal final : public Journal {
 public:
  FileJournal(const JournalOptions& options, JournalLock lock) : options_(options), lock_(std::move(lock)) {}
  ~FileJournal() override;

  Status begin();
  Lane& lane(int index) override { return *lanes_[static_cast<std::size_t>(index)]; }
  bool healthy() const noexcept override { return healthy_.load(std::memory_order_relaxed); }

 private:
  Status begin_lane(int index, std::vector<SegmentFile> files, std::vector<std::string> left);
  void keep();
  Status pass(bool& wrote);
  void note(const Status& status);

  const JournalOptions options_;
  JournalLock lock_;
  SystemClock clock_;
  std::vector<std::unique_ptr<FileLane>> lanes_;
  std::atomic<bool> healthy_{true};

  // The keeper's.
  Instant next_try_{};
  Status prepared_;
  bool flush_failed_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread keeper_;
};

// Also lanes of an earlier start with more shards are looked after.
Status FileJournal::begin() {
  auto files = segments_in(options_.folder);
  if (!files) return forward(std::move(files));
  auto rings = Ring::left_in(options_.folder);
  if (!rings) return forward(std::move(rings));
  int lanes = options_.lanes;
  if (!files->empty()) lanes = std::max(lanes, files->back().lane + 1);
  if (!rings->empty()) lanes = std::max(lanes, rings->back().lane + 1);
  for (int index = 0; index < lanes; ++index) {
    std::vector<SegmentFile> own;
    std::ranges::copy_if(*files, std::back_inserter(own), [index](const SegmentFile& file) { return file.lane == index; });
    const auto ring = std::ranges::find(*rings, index, &Ring::Left::lane);
    if (auto begun = begin_lane(index, std::move(own), ring == rings->end() ? std::vector<std::string>() : std::move(ring->records));
        !begun)
      return begun;
    std::error_code ignored;
    if (index >= options_.lanes && ring != rings->end()) std::filesystem::remove(ring->path, ignored);
  }
  if (auto flushed = flush_folder(options_.folder); !flushed) return flushed;
  keeper_ = std::thread([this] { keep(); });
  return ok();
}

Status FileJournal::begin_lane(int index, std::vector<SegmentFile> files, std::vector<std::string> left) {
  const std::int64_t last = files.empty() ? 0 : files.back().number;
  const std::uint64_t sequence = end_left_over(files);
  auto lane = std::make_unique<FileLane>(options_, index, last, sequence);
  const Status adopted = lane->adopt(left);
  if (!adopted || index >= options_.lanes) {
    lane->end();
    return adopted;
  }
  lanes_.push_back(std::move(lane));
  return lanes_.back()->begin();
}

FileJournal::~FileJournal() {
  if (keeper_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    keeper_.join();
    for (const auto& lane : lanes_) [[maybe_unused]]
      const auto flushed = lane->flush();
  }
  for (const auto& lane : lanes_) lane->end();
}

void FileJournal::keep() {
  ::pthread_setname_np(::pthread_self(), "ajar-keeper");
  let_large_writes_fail();
  int quiet = 0;
  for (;;) {
    // A pause comes first: begin() has just looked after every lane, so what is appended at once is saved with what follows it.
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, options_.flush_every * (quiet < quiet_passes ? 1 : 4), [this] { return stopping_; })) return;
    }
    bool wrote = false;
    note(pass(wrote));
    quiet = wrote ? 0 : quiet + 1;
  }
}

// Every lane once: what is new to the disk, then segments ahead. Where flushing fails, no more intents are taken until it succeeds.
Status FileJournal::pass(bool& wrote) {
  Status flushed = ok();
  for (const auto& lane : lanes_) {
    if (auto one = lane->flush(); one)
      wrote = wrote || *one;
    else
      flushed = forward(std::move(one));
  }
  if (flush_failed_ == flushed.has_value()) {
    flush_failed_ = !flushed;
    for (const auto& lane : lanes_) lane->refuse(flush_failed_);
  }
  const bool full = std::ranges::any_of(lanes_, [](const auto& lane) { return lane->full(); });
  if (!full || clock_.now() >= next_try_) {
    prepared_ = ok();
    for (const auto& lane : lanes_)
      if (auto prepared = lane->prepare(); !prepared) prepared_ = std::move(prepared);
    if (!prepared_) next_try_ = clock_.now() + retry_every;
  }
  return flushed ? prepared_ : flushed;
}

void FileJournal::note(const Status& status) {
  if (healthy_.exchange(status.has_value(), std::memory_order_relaxed) == status.has_value()) return;
  if (options_.tell) options_.tell(status);
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options) {
  if (options.lanes < 1 || options.segment_bytes < smallest_segment || options.segment_bytes > UINT32_MAX)
    return fail(Fault::config, fmt::format("a journal needs a lane, and segments of {} KiB to 4 GiB", smallest_segment / 1024));
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return cannot("make the journal's folder", options.folder, error.value());
  auto lock = JournalLock::take(options.folder);
  if (!lock) return forward(std::move(lock));
  auto journal = std::make_unique<FileJournal>(options, std::move(*lock));
  if (auto begun = journal->begin(); !begun) return forward(std::move(begun));
  return journal;
}

}  // namespace ajar::ledger
