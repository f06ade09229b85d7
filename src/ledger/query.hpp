// ledger/query.hpp - questions to the ledger: the newest entries, sums in groups, and entries as they come.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "ledger/database.hpp"
#include "ledger/entry.hpp"

namespace ajar::ledger {

// What is left empty lets everything through.
struct Filter {
  std::optional<WallTime> since, until;  // of arrival; from since on, before until
  std::string model, deployment, tenant, key, id;
};
bool matches(const Filter&, const Entry&) noexcept;

// Whether the exchange may have cost something that is not known: it was answered, at least in part, or used tokens, and has no cost.
bool is_unpriced(const Entry&) noexcept;

using See = std::function<void(const Entry&)>;

// The newest, at most `limit`; the newest last when `ascending`. Faults: as Database's.
Status newest(const Database&, const Filter&, std::int64_t limit, bool ascending, const See&);

enum class By : std::uint8_t { model, deployment, tenant, key, day, zone, provider, outcome };
std::span<const std::string_view> by_names() noexcept;
std::optional<By> by_named(std::string_view) noexcept;
std::string_view name_of(By) noexcept;

struct Sum {
  std::string group;       // "" = not known, e.g. the zone of what was refused
  bool simulated = false;  // simulated exchanges are never added to real ones
  std::int64_t requests = 0, answered = 0, failed = 0, cut = 0, cancelled = 0, open = 0, unpriced = 0;
  Usage usage;
  Money cost;  // of those that have one
};
// Groups with the most requests first, days in order. Faults: as Database's.
Result<std::vector<Sum>> sums(const Database&, const Filter&, By);
Sum total(const std::vector<Sum>&, bool simulated);  // of one kind

// Entries as they are settled, from the journal itself: sooner than the database has them, and nothing twice.
class Follow {
 public:
  // First shows what `newest` would, oldest first. Faults: as Database's, and storage.
  static Result<std::unique_ptr<Follow>> start(const Database&, const std::filesystem::path& journal, Filter, std::int64_t limit,
                                               const See&);
  Status next(const See&);  // what came since
  ~Follow();

 private:
  struct State;
  explicit Follow(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ajar::ledger
