// ledger/reader.hpp - Reader: the records of one segment in order, also while it is being written; JournalReader: of all segments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "ledger/segment.hpp"

namespace ajar::ledger {

class Reader {
 public:
  // Faults: storage.
  static Result<Reader> open(const SegmentFile&);
  ~Reader();
  Reader(Reader&&) noexcept;

  enum class Step : std::uint8_t {
    record,   // bytes() and sequence() are of the next one
    end,      // no more: for now when the segment is still written, else for ever
    damaged,  // bytes that are no record; while the segment is still written they may become one
  };
  Step next();
  bool waiting() const noexcept;                                                      // whether anything is where the next record begins
  std::string_view bytes() const noexcept { return {buffer_.get() + from_, size_}; }  // valid until the next call
  std::uint64_t sequence() const noexcept { return sequence_; }
  std::uint64_t offset() const noexcept { return offset_; }         // of that record in the file
  std::uint64_t after() const noexcept { return offset_ + size_; }  // where the next one begins
  void seek(std::uint64_t offset) noexcept;
  const SegmentFile& file() const noexcept { return file_; }

 private:
  Reader(SegmentFile file, int fd);
  std::string_view buffered() const noexcept { return {buffer_.get() + from_, to_ - from_}; }
  void refill() noexcept;

  SegmentFile file_;
  int fd_;
  std::unique_ptr<char[]> buffer_;
  std::size_t from_ = 0, to_ = 0, size_ = 0;
  std::uint64_t offset_ = segment_head, sequence_ = 0;
};

// All segments of a journal from where each was left; finds new ones as they come.
class JournalReader {
 public:
  // Where to begin in a segment; nothing when all of it was read before.
  using Begin = std::function<Result<std::optional<std::uint64_t>>(const SegmentFile&)>;
  JournalReader(std::filesystem::path folder, Begin begin) : folder_(std::move(folder)), begin_(std::move(begin)) {}

  struct Cursor {
    Reader reader;
    bool sealed = false;  // a later segment of the lane has begun, so nothing is added to this one any more
    std::int64_t id = 0;  // for whoever reads ...
    bool done = false;    // ... and who may finish it
  };
  // Looks for new segments and for sealed ones. The cursors, by lane and number, of those that may hold more. Valid until the next look.
  // Faults: storage.
  Result<std::vector<Cursor*>> look();
  void finish(const Cursor&);  // nothing more is wanted of this one; its cursor goes

 private:
  using Key = std::pair<int, std::int64_t>;
  Status find();
  std::filesystem::path folder_;
  Begin begin_;
  std::filesystem::file_time_type seen_{};
  int looks_ = 0;
  std::map<Key, std::unique_ptr<Cursor>> cursors_;  // nullptr: finished
};

}  // namespace ajar::ledger
