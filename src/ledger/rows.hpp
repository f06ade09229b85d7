// ledger/rows.hpp - Rows: writes records into the tables; entry_of: reads a row back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/database.hpp"
#include "ledger/record.hpp"

namespace ajar::ledger {

// The columns of `entries` that make an Entry, in the order of entry_of.
extern const std::string_view entry_columns;
Entry entry_of(const Statement& row);

// An exchange is one row, from its intent on. An intent whose settlement comes in the same block is written only once.
class Rows {
 public:
  static Result<std::unique_ptr<Rows>> prepare(const Database&);

  // Records of one segment, in order. `segment`: its number in the database. Faults: as Database's.
  Status put(std::string_view bytes, std::int64_t segment, std::uint64_t offset);
  Status end_block();   // writes the intents that are still open
  void forget_block();  // the transaction failed

 private:
  Rows(Statement insert, Statement find) : insert_(std::move(insert)), find_(std::move(find)) {}
  struct Waiting {
    std::int64_t position;
    std::string bytes;
  };
  Result<std::int64_t> place_of(const Entry&, std::int64_t own);
  Status write(const Entry&, std::int64_t position, std::optional<std::int64_t> settled_in);

  Statement insert_, find_;
  Record record_;
  std::string attempts_, warnings_, key_;
  std::unordered_map<std::string, std::vector<Waiting>> waiting_;  // by id and time of arrival; ids are the callers' and may be the same
};

}  // namespace ajar::ledger
