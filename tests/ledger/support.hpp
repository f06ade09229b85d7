// tests/ledger/support.hpp - a folder that goes away, entries to write, and what a journal or a database holds.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.hpp"
#include "ledger/database.hpp"
#include "ledger/journal.hpp"
#include "ledger/query.hpp"
#include "ledger/reader.hpp"
#include "ledger/record.hpp"
#include "ledger/store.hpp"

namespace ajar::ledger {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("ajar-ledger-test-" + random_text(12))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path journal() const { return path_ / "journal"; }
  std::filesystem::path database() const { return path_ / "ledger.db"; }

 private:
  std::filesystem::path path_;
};

inline Entry sample(std::string id, std::int64_t second = 0) {
  Entry e;
  e.id = std::move(id);
  e.began = WallTime(Nanos(1'795'532'749'123'456'789 + second * 1'000'000'000));
  e.tenant = "ward", e.key = "nurse", e.model = "assistant", e.deployment = "qwen-local";
  e.label = (std::uint64_t{1} << 63U) | 5U, e.label_words = "phi";
  e.snapshot = "0011aabb", e.provider = "vllm", e.upstream_model = "Qwen/Qwen3.6-35B", e.zone = "own", e.hosting = "own";
  e.stream = true, e.outcome = Outcome::answered, e.status = 200;
  e.usage = {.input = 1200,
             .cache_read = 300,
             .cache_write_5m = 7,
             .cache_write_1h = 9,
             .output = 350,
             .reasoning = 40,
             .audio_input = 1,
             .audio_output = 2,
             .image_input = 3,
             .reported = true};
  e.cost = Money{1'234'567}, e.price_id = "vllm/qwen/own/2026-11-01";
  e.first_token = Millis(210), e.duration = Millis(4300);
  e.attempts = {{.deployment = "qwen-b", .fault = Fault::timed_out, .status = 0, .duration = Millis(1000)},
                {.deployment = "qwen-local", .fault = std::nullopt, .status = 200, .duration = Millis(3300)}};
  e.reason = "first of 2 that accept phi";
  e.warnings = {"logit_bias was dropped"};
  e.upstream_id = "chatcmpl-1";
  return e;
}

inline void expect_same(const Entry& a, const Entry& b) {
  // One value has one encoding.
  EXPECT_EQ(bytes_of(a), bytes_of(b)) << a.id << " and " << b.id;
}

inline std::unique_ptr<Journal> open_journal(const JournalOptions& options) {
  auto journal = Journal::open(options);
  if (!journal) ADD_FAILURE() << journal.error().message;
  return journal ? std::move(*journal) : nullptr;
}

// Waits for another thread or process; a minute is a failure.
template <class Done>
void wait_until(Done done) {
  const SystemClock clock;
  const Instant until = clock.now() + std::chrono::seconds(60);
  while (!done()) {
    if (clock.now() > until) FAIL() << "waited for a minute";
    std::this_thread::yield();
  }
}

inline std::vector<Entry> all_of(const Database& database, const Filter& filter = {}) {
  std::vector<Entry> all;
  const auto done = newest(database, filter, 1'000'000, true, [&all](const Entry& e) { all.push_back(e); });
  if (!done) ADD_FAILURE() << done.error().message;
  return all;
}

// Everything that is in the journal, by way of the database.
inline std::unique_ptr<Store> filled(const Folder& folder) {
  const auto settled = settle_journal(folder.journal());
  if (!settled) ADD_FAILURE() << settled.error().message;
  auto store = Store::open(folder.database(), folder.journal());
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  const auto taken = (*store)->take_all();
  if (!taken) ADD_FAILURE() << taken.error().message;
  return std::move(*store);
}

}  // namespace ajar::ledger
