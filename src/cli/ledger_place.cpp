// cli/ledger_place.cpp - the state folder looked into; the journal taken in before questions are asked.
#include "cli/ledger_place.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/home.hpp"
#include "ledger/store.hpp"

namespace ajar::cli {

Result<LedgerPlace> ledger_place(std::string_view option) {
  const std::filesystem::path home = home_folder(option);
  LedgerPlace place{.home = home, .journal = home / "journal", .database = home / "ledger.db"};
  std::error_code error;
  if (std::filesystem::is_directory(place.journal, error) || std::filesystem::exists(place.database, error)) return place;
  const bool barred = error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory;
  if (barred) return fail(Fault::storage, fmt::format("cannot look for a ledger in {}: {}", home.string(), error.message()));
  return fail(
      Fault::not_found,
      fmt::format("no ledger in {}: a gateway that is started (ajar up) makes one; for another state folder say --home or set AJAR_HOME",
                  home.string()));
}

Result<std::unique_ptr<ledger::Database>> open_ledger(const LedgerPlace& place) {
  std::string why;
  auto store = ledger::Store::open(place.database, place.journal);
  if (!store && store.error().code != "read_only" && store.error().code != "busy") return forward(std::move(store));
  if (!store) {
    why = store.error().message;
  } else {
    if (auto settled = ledger::settle_journal(place.journal); !settled) why = settled.error().message;
    if (auto taken = (*store)->take_all(); !taken) why = taken.error().message;
  }
  if (!why.empty()) fmt::print(stderr, "ajar: shown as far as the database has it: {}\n", why);
  auto database = ledger::Database::open(place.database, ledger::Database::Mode::read);
  if (!database) return forward(std::move(database));
  return std::make_unique<ledger::Database>(std::move(*database));
}

}  // namespace ajar::cli
