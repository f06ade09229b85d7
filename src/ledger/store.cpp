// ledger/store.cpp - from the journal's segments into the database, block by block.
#include "ledger/store.hpp"

#include <fmt/format.h>

#include "ledger/journal.hpp"
#include "ledger/ring.hpp"
#include "ledger/rows.hpp"

namespace ajar::ledger {
namespace {

constexpr std::uint64_t block = 512 * 1024;

}  // namespace

Store::Store(Database database, std::filesystem::path journal)
    : database_(std::move(database)), reader_(std::move(journal), [this](const SegmentFile& file) { return taken_of(file); }) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, const std::filesystem::path& journal) {
  auto database = Database::open(path, Database::Mode::write);
  if (!database) return forward(std::move(database));
  std::unique_ptr<Store> store(new Store(std::move(*database), journal));
  auto rows = Rows::prepare(store->database_);
  if (!rows) return forward(std::move(rows));
  store->rows_ = std::move(*rows);
  return store;
}

Result<std::optional<std::uint64_t>> Store::taken_of(const SegmentFile& file) {
  auto find = database_.prepare("SELECT taken, done FROM segments WHERE lane = ? AND number = ?");
  if (!find) return forward(std::move(find));
  find->bind(1, std::int64_t{file.lane});
  find->bind(2, file.number);
  auto row = find->step();
  if (!row) return forward(std::move(row));
  if (!*row) return segment_head;
  if (find->integer(1) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(find->integer(0));
}

Result<bool> Store::take() { return pass(&Store::take_from); }

// A lane's segments one after the other: the settlement in one may belong to an intent in the one before.
Result<bool> Store::pass(Result<bool> (Store::*take_one)(JournalReader::Cursor&)) {
  auto cursors = reader_.look();
  if (!cursors) return forward(std::move(cursors));
  bool more = false;
  int not_yet = -1;
  for (JournalReader::Cursor* cursor : *cursors) {
    const int lane = cursor->reader.file().lane;
    if (lane == not_yet) continue;
    if (!cursor->sealed) not_yet = lane;  // by the look above; it may have been left since, for the next one
    if (!cursor->sealed && !cursor->reader.waiting()) continue;
    auto taken = (this->*take_one)(*cursor);
    if (!taken) return taken;
    if (!cursor->done)
      not_yet = lane;
    else
      reader_.finish(*cursor);
    more = more || *taken;
  }
  return more;
}

Status Store::take_all() {
  for (;;) {
    auto more = take();
    if (!more) return forward(std::move(more));
    if (!*more) return ok();
  }
}

Result<bool> Store::take_from(JournalReader::Cursor& cursor) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return forward(std::move(transaction));
  const std::uint64_t before = cursor.reader.after();
  auto taken = take_block(cursor);
  if (taken)
    if (auto committed = transaction->commit(); !committed) taken = forward(std::move(committed));
  if (!taken) {
    rows_->forget_block();
    cursor.reader.seek(before);
    cursor.id = 0;  // its row may have been made in this transaction
    cursor.done = false;
  }
  return taken;
}

Result<bool> Store::take_block(JournalReader::Cursor& cursor) {
  const SegmentFile& file = cursor.reader.file();
  if (cursor.id == 0) {
    auto make = database_.prepare(
        "INSERT INTO segments(lane, number, taken) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET lane = lane RETURNING id");
    if (!make) return forward(std::move(make));
    make->bind(1, std::int64_t{file.lane});
    make->bind(2, file.number);
    make->bind(3, static_cast<std::int64_t>(segment_head));
    auto row = make->step();
    if (!row) return row;
    cursor.id = make->integer(0);
    if (auto finished = make->run(); !finished) return forward(std::move(finished));
  }
  // Another program may have taken some of it meanwhile.
  auto known = taken_of(file);
  if (!known) return forward(std::move(known));
  cursor.done = !*known;
  if (cursor.done) return false;
  if (**known != cursor.reader.after()) cursor.reader.seek(**known);
  const std::uint64_t from = cursor.reader.after();
  while (cursor.reader.after() - from < block) {
    const Reader::Step step = cursor.reader.next();
    if (step != Reader::Step::record) {
      if (auto ended = rows_->end_block(); !ended) return forward(std::move(ended));
      cursor.done = cursor.sealed;
      if (auto noted = note_taken(cursor, step == Reader::Step::damaged && cursor.sealed); !noted) return forward(std::move(noted));
      return false;
    }
    if (auto put = rows_->put(cursor.reader.bytes(), cursor.id, cursor.reader.offset()); !put) return forward(std::move(put));
  }
  if (auto ended = rows_->end_block(); !ended) return forward(std::move(ended));
  if (auto noted = note_taken(cursor, false); !noted) return forward(std::move(noted));
  return true;
}

Status Store::note_taken(const JournalReader::Cursor& cursor, bool damaged) {
  auto note = database_.prepare("UPDATE segments SET taken = ?, done = ?, damaged_at = ? WHERE id = ?");
  if (!note) return forward(std::move(note));
  const auto taken = static_cast<std::int64_t>(cursor.reader.after());
  note->bind(1, taken);
  note->bind(2, std::int64_t{cursor.done ? 1 : 0});
  note->bind(3, damaged ? std::optional(taken) : std::nullopt);
  note->bind(4, cursor.id);
  return note->run();
}

Status settle_journal(const std::filesystem::path& journal) {
  auto left = Ring::left_in(journal);
  if (!left) return forward(std::move(left));
  if (left->empty()) return ok();
  // Opening does it, and so does closing.
  auto opened = Journal::open({.folder = journal});
  if (!opened && opened.error().code != "in_use") return forward(std::move(opened));
  return ok();
}

namespace {

// A database for the rebuild: the one that is there, or a new one in place of a damaged one.
Result<std::unique_ptr<Store>> store_for_rebuild(const std::filesystem::path& journal, const std::filesystem::path& database) {
  auto store = Store::open(database, journal);
  if (store || store.error().code != "damaged") return store;
  auto lock = JournalLock::take(journal);
  if (!lock) {
    lock.error().message = "the database is damaged and must be removed first: " + lock.error().message;
    return forward(std::move(lock));
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    std::filesystem::remove(database.string() + suffix, error);
    if (error) return cannot("remove", database.string() + suffix, error.value());
  }
  return Store::open(database, journal);
}

// The rows of present segments go, and those segments count as not taken.
Status forget_present(const Database& database, const std::vector<SegmentFile>& present) {
  if (auto made = database.run("CREATE TEMP TABLE present(id INTEGER PRIMARY KEY)"); !made) return made;
  auto insert = database.prepare("INSERT INTO present SELECT id FROM segments WHERE lane = ? AND number = ?");
  if (!insert) return forward(std::move(insert));
  for (const SegmentFile& file : present) {
    insert->bind(1, std::int64_t{file.lane});
    insert->bind(2, file.number);
    if (auto inserted = insert->run(); !inserted) return inserted;
  }
  for (const char* sql : {"DELETE FROM entries WHERE coalesce(settled_in, position >> 32) IN (SELECT id FROM present)",
                          "UPDATE segments SET taken = 32, done = 0, damaged_at = NULL WHERE id IN (SELECT id FROM present)"})
    if (auto done = database.run(sql); !done) return done;
  return ok();
}

Result<std::int64_t> count(const Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  if (!statement) return forward(std::move(statement));
  auto row = statement->step();
  if (!row) return forward(std::move(row));
  return statement->integer(0);
}

Result<Rebuilt> counted(const Database& database, std::int64_t kept) {
  auto entries = count(database, "SELECT count(*) FROM entries");
  if (!entries) return forward(std::move(entries));
  auto open = count(database, "SELECT count(*) FROM entries WHERE settled_in IS NULL");
  if (!open) return forward(std::move(open));
  Rebuilt rebuilt{.entries = *entries, .open = *open, .kept = kept, .damaged = {}};
  auto damaged = database.prepare("SELECT lane, number, damaged_at FROM segments WHERE damaged_at IS NOT NULL ORDER BY lane, number");
  if (!damaged) return forward(std::move(damaged));
  for (;;) {
    auto row = damaged->step();
    if (!row) return forward(std::move(row));
    if (!*row) return rebuilt;
    rebuilt.damaged.push_back(fmt::format("lane {} segment {} at byte {}", damaged->integer(0), damaged->integer(1), damaged->integer(2)));
  }
}

}  // namespace

Result<Rebuilt> rebuild(const std::filesystem::path& journal, const std::filesystem::path& database) {
  static_assert(segment_head == 32);  // as in forget_present
  if (auto settled = settle_journal(journal); !settled) return forward(std::move(settled));
  auto opened = store_for_rebuild(journal, database);
  if (!opened) return forward(std::move(opened));
  Store& store = **opened;
  auto present = segments_in(journal);
  if (!present) return forward(std::move(present));
  auto transaction = Transaction::begin(store.database_);
  if (!transaction) return forward(std::move(transaction));
  if (auto forgotten = forget_present(store.database_, *present); !forgotten) return forward(std::move(forgotten));
  auto kept = count(store.database_, "SELECT count(*) FROM entries");
  if (!kept) return forward(std::move(kept));
  for (bool more = true; more;) {
    auto taken = store.pass(&Store::take_block);
    if (!taken) return forward(std::move(taken));
    more = *taken;
  }
  auto rebuilt = counted(store.database_, *kept);
  if (!rebuilt) return rebuilt;
  if (auto committed = transaction->commit(); !committed) return forward(std::move(committed));
  return rebuilt;
}

}  // namespace ajar::ledger
