// audit/log.hpp - Log: an append-only log of records in files, laid out as c2sp.org/tlog-tiles says, with a signed checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/tree.hpp"
#include "base/error.hpp"

namespace ajar::audit {

inline constexpr std::size_t tile_width = 256;
inline constexpr std::size_t largest_record = 65'535;

// Reads a log's folder: checkpoint, tile/LEVEL/..., tile/entries/..., verifier.
class LogReader {
 public:
  // Takes the log's own verifier when none is given. Faults: not_found when there is no log; bad_request when the checkpoint is wrong;
  // storage.
  static Result<LogReader> open(const std::filesystem::path& folder, const std::string& verifier = {});

  const Checkpoint& checkpoint() const noexcept { return checkpoint_; }
  const std::string& note() const noexcept { return note_; }
  std::uint64_t size() const noexcept { return checkpoint_.size; }
  // Of one tile of entries. Faults: storage, bad_request when it is cut or not as long as the checkpoint says.
  Result<std::vector<std::string>> records_of_tile(std::uint64_t tile) const;
  // Calls `take` with each record in order. Faults: as above.
  Status each(std::uint64_t from, std::uint64_t to, const std::function<void(std::uint64_t, std::string_view)>& take) const;
  // By the tiles of hashes. Faults: storage, bad_request.
  Result<Digest> subtree(std::uint64_t from, std::uint64_t to) const;
  // That every record, every tile of hashes and the root agree. Faults: bad_request, saying what does not.
  Status verify() const;

 private:
  LogReader(std::filesystem::path folder, std::string note, Checkpoint checkpoint)
      : folder_(std::move(folder)), note_(std::move(note)), checkpoint_(std::move(checkpoint)) {}
  Result<std::vector<Digest>> tile(int level, std::uint64_t index, std::size_t width) const;
  std::filesystem::path folder_;
  std::string note_;
  Checkpoint checkpoint_;
};

// Adds to a log. One at a time has it.
class Log {
 public:
  // Makes the folder, a key and an empty log where there is none; what was written after the last checkpoint is not part of the log.
  // Faults: storage; bad_request when the folder holds another log or a damaged one.
  static Result<std::unique_ptr<Log>> open(const std::filesystem::path& folder, const std::string& name);

  std::uint64_t size() const noexcept { return size_; }
  // In memory until the next checkpoint. Faults: storage; bad_request when the record is empty or too large.
  Status append(std::string_view record);
  // Everything is on the disk, and a new checkpoint says so. Faults: storage.
  Status checkpoint();
  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  Log(std::filesystem::path folder, std::string name, SigningKey key) : folder_(std::move(folder)), name_(std::move(name)), key_(key) {}
  Status load(const LogReader&);
  Status push(int level, const Digest&);
  Digest root() const;

  std::filesystem::path folder_;
  std::string name_;
  SigningKey key_;
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> partial_;  // the last tile of each level, not yet full
  std::string entries_;                       // of the last tile of entries
};

}  // namespace ajar::audit
