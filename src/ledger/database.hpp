// ledger/database.hpp - Database and Statement: SQLite with Results; the schema and its migrations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ajar::ledger {

// Faults are storage, with the file's name. Codes: "busy" (another program writes, try again), "damaged" (no database, or a broken one),
// "newer" (made by a later version of Ajar), "read_only" (may not be written here).
class Statement {
 public:
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  ~Statement();

  // Parameters count from 1. Texts are not copied: they live until the next reset.
  void bind(int index, std::int64_t value) noexcept;
  void bind(int index, std::string_view value) noexcept;
  void bind_null(int index) noexcept;
  void bind(int index, std::optional<std::int64_t> value) noexcept { value ? bind(index, *value) : bind_null(index); }

  Result<bool> step();  // whether there is a row
  Status run();         // to the end, and reset
  void reset() noexcept;

  // Columns count from 0; of the present row.
  std::int64_t integer(int column) const noexcept;
  std::string_view text(int column) const noexcept;  // until the next step or reset
  bool is_null(int column) const noexcept;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  sqlite3_stmt* statement_;
};

class Database {
 public:
  enum class Mode : std::uint8_t { write, read };
  // write: makes the file when there is none, and brings its schema up to date. read: the file and its schema must be there.
  static Result<Database> open(const std::filesystem::path&, Mode);

  Result<Statement> prepare(std::string_view sql) const;
  Status run(const char* sql) const;      // statements without rows
  std::int64_t changes() const noexcept;  // rows that the last statement changed
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  Database(std::filesystem::path path, sqlite3* db) : path_(std::move(path)), db_(db) {}
  Status migrate() const;
  Result<std::int64_t> version() const;
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> db_;
};

// Ends a transaction that was not committed.
class Transaction {
 public:
  static Result<Transaction> begin(const Database&);  // for writing
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(const Database& database) noexcept : database_(&database) {}
  const Database* database_;
};

}  // namespace ajar::ledger
