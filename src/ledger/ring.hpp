// ledger/ring.hpp - Ring: where a lane appends: a mapped file that outlives the process, emptied into segments by the keeper.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ajar::ledger {

// Why not map the segments themselves: flushing a mapped page takes away the right to write to it, so that the request's thread runs into a
// fault at its next record and waits for the file system (measured: 5 us each, at times 100 ms). Nobody flushes the ring.
//
// Positions only grow; position p lies at byte p modulo the size. Records lie in one piece, one after the other; where the next one does
// not fit before the end of the file, a mark says so. One thread appends, one at a time saves.
class Ring {
 public:
  // A fresh file in place of an older one, with all of its blocks. `bytes`: a multiple of 4096. Faults: storage.
  static Result<std::unique_ptr<Ring>> make(const std::filesystem::path& folder, int lane, std::size_t bytes);
  ~Ring();  // the file stays
  Ring(const Ring&) = delete;
  void remove() noexcept;  // the file goes

  std::size_t bytes() const noexcept { return bytes_; }
  char* at(std::uint64_t position) noexcept { return data_ + position % bytes_; }
  std::size_t until_end(std::uint64_t position) const noexcept { return bytes_ - position % bytes_; }

  // Up to where records are whole: stored by who appends. Up to where they are in segments: stored by who saves.
  std::atomic<std::uint64_t>& head() noexcept { return top_->head; }
  std::atomic<std::uint64_t>& saved() noexcept { return top_->saved; }

  void mark_end(std::uint64_t position) noexcept;

  // The records from `position` on that lie in one piece, as many as fit into `most` bytes; `position` is moved over a mark first.
  // Empty: none is left before `head`, or the next is larger than `most`.
  std::string_view piece(std::uint64_t& position, std::uint64_t head, std::size_t most) noexcept;

  // The rings that a killed process left in a folder, by lane, with the records after `saved`, whole ones only. Faults: storage.
  struct Left {
    int lane = 0;
    std::filesystem::path path;
    std::vector<std::string> records;
  };
  static Result<std::vector<Left>> left_in(const std::filesystem::path& folder);

 private:
  struct Top {
    std::uint64_t magic, bytes;
    alignas(64) std::atomic<std::uint64_t> head;
    alignas(64) std::atomic<std::uint64_t> saved;
  };
  Ring(std::filesystem::path path, char* map, std::size_t bytes);
  std::filesystem::path path_;
  Top* top_;
  char* data_;
  std::size_t bytes_;
};

}  // namespace ajar::ledger
