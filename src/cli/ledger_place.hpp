// cli/ledger_place.hpp - where the ledger of a state folder lies, and the ledger opened for questions.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "ledger/database.hpp"

namespace ajar::cli {

struct LedgerPlace {
  std::filesystem::path home, journal, database;
};
// `home`: the option; "" = AJAR_HOME or the usual folder. Faults: not_found, storage.
Result<LedgerPlace> ledger_place(std::string_view home);

// With everything that the journal holds where the database may be written; else as it is, and that is said on standard error.
Result<std::unique_ptr<ledger::Database>> open_ledger(const LedgerPlace&);

}  // namespace ajar::cli
