// ledger/store.hpp - Store: the SQLite database behind the journal; Filler: the thread that fills it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "ledger/database.hpp"
#include "ledger/reader.hpp"

namespace ajar::ledger {

// Several programs may take from one journal into one database at the same time: how far was taken is written in the same transaction as
// the rows, and looked up again in each.
class Store {
 public:
  // Makes the database when there is none. Faults: as Database's.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& database, const std::filesystem::path& journal);

  // Takes what the journal holds beyond what was taken. One call takes at most a block of each segment, each in one transaction; gives
  // whether there may be more. Faults: as Database's, and storage when the journal cannot be read.
  Result<bool> take();
  Status take_all();

  const Database& database() const noexcept { return database_; }

 private:
  friend Result<struct Rebuilt> rebuild(const std::filesystem::path&, const std::filesystem::path&);
  Store(Database database, std::filesystem::path journal);
  Status prepare();
  Result<std::optional<std::uint64_t>> taken_of(const SegmentFile& file);
  Result<bool> pass(Result<bool> (Store::*take_one)(JournalReader::Cursor&));
  Result<bool> take_from(JournalReader::Cursor& cursor);  // in a transaction of its own
  Result<bool> take_block(JournalReader::Cursor& cursor);
  Status note_taken(const JournalReader::Cursor& cursor, bool damaged);
  Database database_;
  JournalReader reader_;
  std::unique_ptr<class Rows> rows_;

 public:
  ~Store();
};

// Puts into segments what a killed gateway left in its rings, when no gateway uses the journal now. Faults: storage.
Status settle_journal(const std::filesystem::path& journal);

struct Rebuilt {
  std::int64_t entries = 0, open = 0;
  std::int64_t kept = 0;             // rows whose segments are not in the journal's folder any more
  std::vector<std::string> damaged;  // segments with bytes that are no record, and where
};
// Makes the database anew from the journal. While a gateway runs it sees the old rows until it is done. A damaged database is removed
// first, which only works when no gateway runs. Rows of segments that were moved away stay. Faults: storage.
Result<Rebuilt> rebuild(const std::filesystem::path& journal, const std::filesystem::path& database);

struct FillerOptions {
  std::filesystem::path journal, database;
  Millis every{200};
  // Called by the filler's thread when it cannot go on, with why, and when it can again, with ok(); empty: nobody is told.
  std::function<void(const Status&)> tell = {};
};

class Filler {
 public:
  // Opens the database and starts the thread. Faults: as Database's.
  static Result<std::unique_ptr<Filler>> start(FillerOptions);
  ~Filler();  // catches up, for at most two seconds

 private:
  explicit Filler(FillerOptions options) : options_(std::move(options)) {}
  void fill();
  Status catch_up();
  FillerOptions options_;
  std::unique_ptr<Store> store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ajar::ledger
