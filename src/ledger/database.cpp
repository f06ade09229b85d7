// ledger/database.cpp - SQLite behind Results, and the schema, step by step.
#include "ledger/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>

namespace ajar::ledger {
namespace {

constexpr int patience_ms = 2000;  // for another program that writes

// Forward only: a step that was ever released is never changed; a new one goes to the end. A database's user_version counts those it has
// had.
constexpr std::array migrations{
    R"(CREATE TABLE segments(
         id INTEGER PRIMARY KEY,
         lane INTEGER NOT NULL,
         number INTEGER NOT NULL,
         taken INTEGER NOT NULL,                -- up to this offset its records are in `entries`
         done INTEGER NOT NULL DEFAULT 0,       -- 1: nothing more comes in it
         damaged_at INTEGER,                    -- offset of bytes that are no record; what followed is lost
         UNIQUE(lane, number)) STRICT;
       CREATE TABLE entries(
         position INTEGER PRIMARY KEY,          -- of the intent in the journal: segments.id * 2^32 + offset
         settled_in INTEGER,                    -- segments.id of the settlement; NULL: open
         id TEXT NOT NULL,
         began INTEGER NOT NULL,                -- nanoseconds since 1970, UTC
         tenant TEXT NOT NULL, key TEXT NOT NULL,
         model TEXT NOT NULL, deployment TEXT NOT NULL, provider TEXT NOT NULL, upstream_model TEXT NOT NULL,
         zone TEXT NOT NULL, hosting TEXT NOT NULL,
         label INTEGER NOT NULL, label_words TEXT NOT NULL,
         snapshot TEXT NOT NULL,
         stream INTEGER NOT NULL, simulated INTEGER NOT NULL,
         outcome TEXT NOT NULL, fault TEXT, status INTEGER NOT NULL,
         input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
         output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
         audio_input INTEGER NOT NULL, audio_output INTEGER NOT NULL, image_input INTEGER NOT NULL,
         usage_reported INTEGER NOT NULL,
         cost_nanos INTEGER,                    -- 1e-9 USD; NULL: unpriced
         price_id TEXT NOT NULL,
         first_token_us INTEGER, duration_us INTEGER NOT NULL,
         attempts TEXT NOT NULL,                -- JSON
         reason TEXT NOT NULL,
         warnings TEXT NOT NULL,                -- JSON
         upstream_id TEXT NOT NULL) STRICT;
       -- None by id: ids are random, and keeping such an index costs as much as everything else.
       CREATE INDEX entries_by_time ON entries(began);
       CREATE INDEX open_entries ON entries(id, began) WHERE settled_in IS NULL;)",
};

std::unexpected<Error> failed(sqlite3* db, const std::filesystem::path& path, int code) {
  const std::string_view why = db == nullptr ? "out of memory" : sqlite3_errmsg(db);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(Fault::storage, fmt::format("the ledger's database {} is in use by another program; try again", path.string()), "busy");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(
          Fault::storage,
          fmt::format("the ledger's database {} is damaged ({}): `ajar ledger rebuild` makes it anew from the journal", path.string(), why),
          "damaged");
    case SQLITE_FULL:
      return fail(Fault::storage,
                  fmt::format("the disk is full: cannot write the ledger's database {}; free some space there", path.string()),
                  "disk_full");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return fail(Fault::storage,
                  fmt::format("cannot open the ledger's database {} ({}); make it and its folder writable, or choose another state folder "
                              "with --home or AJAR_HOME",
                              path.string(), why),
                  "read_only");
    default:
      return fail(Fault::storage, fmt::format("the ledger's database {}: {}", path.string(), why));
  }
}

std::filesystem::path path_of(sqlite3* db) {
  const char* name = sqlite3_db_filename(db, "main");
  return name == nullptr ? "" : name;
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::bind(int index, std::int64_t value) noexcept { sqlite3_bind_int64(statement_, index, value); }
void Statement::bind(int index, std::string_view value) noexcept {
  sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
}
void Statement::bind_null(int index) noexcept { sqlite3_bind_null(statement_, index); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* const db = sqlite3_db_handle(statement_);
  auto error = failed(db, path_of(db), code);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) return forward(std::move(row));
    if (*row) continue;
    reset();
    return ok();
  }
}

void Statement::reset() noexcept { sqlite3_reset(statement_); }

std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const noexcept {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

bool Statement::is_null(int column) const noexcept { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  sqlite3* db = nullptr;
  const int flags = (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  Database database(path, db);
  if (code != SQLITE_OK) return failed(db, path, code);
  sqlite3_busy_timeout(db, patience_ms);
  if (mode == Mode::write) {
    // NORMAL: a loss of power may take the last transactions, never the file; the journal still has them.
    for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"})
      if (auto set = database.run(sql); !set) return forward(std::move(set));
    if (auto migrated = database.migrate(); !migrated) return forward(std::move(migrated));
    return database;
  }
  auto version = database.version();
  if (!version) return forward(std::move(version));
  if (*version < static_cast<std::int64_t>(migrations.size()))
    return fail(
        Fault::storage,
        fmt::format("the ledger's database {} is of an older version and may not be written here to bring it up to date", path.string()),
        "read_only");
  return database;
}

Result<std::int64_t> Database::version() const {
  auto statement = prepare("PRAGMA user_version");
  if (!statement) return forward(std::move(statement));
  auto row = statement->step();
  if (!row) return forward(std::move(row));
  const std::int64_t version = statement->integer(0);
  if (version > static_cast<std::int64_t>(migrations.size()))
    return fail(
        Fault::storage,
        fmt::format("the ledger's database {} was made by a newer Ajar: use that one, or move the file away and run `ajar ledger rebuild`",
                    path_.string()),
        "newer");
  return version;
}

Status Database::migrate() const {
  auto version = this->version();
  if (!version) return forward(std::move(version));
  if (*version == static_cast<std::int64_t>(migrations.size())) return ok();
  auto transaction = Transaction::begin(*this);
  if (!transaction) return forward(std::move(transaction));
  version = this->version();  // another program may have been first
  if (!version) return forward(std::move(version));
  for (auto step = static_cast<std::size_t>(*version); step < migrations.size(); ++step) {
    if (auto done = run(migrations[step]); !done) return done;
    if (auto counted = run(fmt::format("PRAGMA user_version={}", step + 1).c_str()); !counted) return counted;
  }
  return transaction->commit();
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failed(db_.get(), path_, code);
  return Statement(statement);
}

Status Database::run(const char* sql) const {
  const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(db_.get(), path_, code);
  return ok();
}

std::int64_t Database::changes() const noexcept { return sqlite3_changes64(db_.get()); }

Result<Transaction> Transaction::begin(const Database& database) {
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return forward(std::move(begun));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) [[maybe_unused]]
    const auto ended = database_->run("ROLLBACK");
}

Status Transaction::commit() {
  if (auto committed = database_->run("COMMIT"); !committed) return committed;
  database_ = nullptr;
  return ok();
}

}  // namespace ajar::ledger
