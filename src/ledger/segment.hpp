// ledger/segment.hpp - Segment: one preallocated file of a lane's records; how such files are named, found, and ended after a crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace ajar::ledger {

// A file begins with a head (magic, lane, number) of this size; records follow up to the first zero size.
inline constexpr std::size_t segment_head = 32;

struct SegmentFile {
  int lane = 0;
  std::int64_t number =
      0;  // when it was made, as the digits 20261124150549123 (UTC, milliseconds); grows within a lane, is never used again
  std::filesystem::path path;
};

// The number for a file made at this time in a lane whose last one was `last`.
std::int64_t segment_number(WallTime, std::int64_t last);

// The segments of a journal, by lane and then number; other files are passed over. Faults: storage.
Result<std::vector<SegmentFile>> segments_in(const std::filesystem::path& folder);

// Whether these are the first bytes of such a segment.
bool is_segment_head(std::string_view bytes, const SegmentFile&) noexcept;

// One file for writing. One thread at a time, but for flush, which may run beside append.
class Segment {
 public:
  // Makes the file in `folder` with all of its blocks, so that a full disk is an error here and not later. Faults: storage, naming the
  // folder and the remedy, code "disk_full" where that is why; then there is no file.
  static Result<std::unique_ptr<Segment>> make(const std::filesystem::path& folder, int lane, std::int64_t number, std::size_t bytes);
  ~Segment();  // the file stays
  Segment(const Segment&) = delete;

  std::int64_t number() const noexcept { return file_.number; }
  std::size_t used() const noexcept { return used_; }
  std::size_t left() const noexcept { return bytes_ - used_; }
  Status append(std::string_view records);  // precondition: not more than left(). Faults: storage; nothing is appended then
  Status flush(std::size_t used);           // to the disk, up to there. Faults: storage; then the next flush does all of it
  std::size_t flushed() const noexcept { return flushed_; }  // for whoever calls flush
  void end() noexcept;                                       // gives back what was not used; the file goes when it holds no record

 private:
  Segment(SegmentFile file, int fd, std::size_t bytes) : file_(std::move(file)), fd_(fd), bytes_(bytes) {}
  Status write_again(std::size_t from, std::size_t to);
  SegmentFile file_;
  int fd_;
  std::size_t bytes_, used_ = segment_head;
  std::size_t flushed_ = 0;
  bool failed_ = false;
};

// Writes a folder's list of files to the disk. Faults: storage.
Status flush_folder(const std::filesystem::path&);

// What a killed process left in a lane: files without a record go, the zeros behind the last record are given back. `files`: one lane's, by
// number. Gives the sequence number of the last record; 0 = none.
std::uint64_t end_left_over(std::vector<SegmentFile>& files);

// Held by the one gateway that writes to a journal.
class JournalLock {
 public:
  // Faults: storage; code "in_use" when another process has it, which the message names.
  static Result<JournalLock> take(const std::filesystem::path& folder);
  JournalLock(JournalLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~JournalLock();

 private:
  explicit JournalLock(int fd) : fd_(fd) {}
  int fd_;
};

// A storage fault of the system's: what could not be done, where, why, and the remedy.
std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int error);

// A file that may not grow because of a limit of the process is an error like others for this thread, and not the end of the process.
void let_large_writes_fail() noexcept;

}  // namespace ajar::ledger
