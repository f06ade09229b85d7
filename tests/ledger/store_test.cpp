// tests/ledger/store_test.cpp - the database holds what the journal holds, once, also while both are used by others.
#include "ledger/store.hpp"

#include <algorithm>
#include <fstream>

#include "base/text.hpp"
#include "ledger/format.hpp"
#include "ledger/support.hpp"

namespace ajar::ledger {
namespace {

JournalOptions options_of(const Folder& folder, int lanes = 1) {
  return {.folder = folder.journal(), .lanes = lanes, .segment_bytes = 128 << 10};
}

void append(Lane& lane, const Entry& entry) {
  ASSERT_TRUE(lane.intend(entry));
  ASSERT_TRUE(lane.settle(entry));
}

std::string dump(const Database& database) {
  std::vector<std::string> lines;
  for (const Entry& e : all_of(database)) lines.push_back(json_line(e));
  std::ranges::sort(lines);
  return join(lines, "");
}

TEST(Store, RowIsTheEntry) {
  const Folder folder;
  Entry other = sample("r2", 1);
  other.outcome = Outcome::failed, other.fault = Fault::upstream_unavailable, other.status = 502;
  other.cost.reset(), other.price_id.clear(), other.first_token.reset(), other.attempts.clear(), other.warnings.clear(), other.usage = {},
                                                                                                                         other.label = 0;
  other.simulated = true, other.stream = false;
  {
    const auto journal = open_journal(options_of(folder));
    append(journal->lane(0), sample("r1"));
    append(journal->lane(0), other);
  }
  const auto store = filled(folder);
  const auto all = all_of(store->database());
  ASSERT_EQ(all.size(), 2u);
  expect_same(all[0], sample("r1"));
  expect_same(all[1], other);
}

TEST(Store, TakingAgainChangesNothing) {
  const Folder folder;
  const auto journal = open_journal(options_of(folder));
  for (int i = 0; i < 100; ++i) append(journal->lane(0), sample(fmt::format("r{}", i), i));
  const auto first = filled(folder);
  wait_until([&] { return first->take_all() && all_of(first->database()).size() == 100; });
  const std::string before = dump(first->database());
  const auto second = filled(folder);
  EXPECT_EQ(dump(second->database()), before);
  append(journal->lane(0), sample("new", 500));
  // Two that take in turns from the same journal into the same database.
  wait_until([&] { return first->take_all() && second->take_all() && all_of(first->database()).size() == 101; });
  EXPECT_EQ(all_of(second->database()).size(), 101u);
}

TEST(Store, OpenExchangeIsShownAndThenSettledInItsRow) {
  const Folder folder;
  const auto journal = open_journal(options_of(folder));
  const Entry e = sample("slow");
  ASSERT_TRUE(journal->lane(0).intend(e));
  const auto store = filled(folder);
  wait_until([&] { return store->take_all() && all_of(store->database()).size() == 1; });
  const Entry open = all_of(store->database()).front();
  EXPECT_EQ(open.outcome, Outcome::open);
  EXPECT_EQ(open.id, "slow");
  EXPECT_EQ(open.deployment, e.deployment);
  EXPECT_EQ(open.label, e.label);
  EXPECT_FALSE(open.cost);
  ASSERT_TRUE(journal->lane(0).settle(e));
  wait_until([&] { return store->take_all() && all_of(store->database()).front().outcome == Outcome::answered; });
  ASSERT_EQ(all_of(store->database()).size(), 1u);
  expect_same(all_of(store->database()).front(), e);
}

TEST(Store, ExchangeAcrossSegmentsIsOneRow) {
  const Folder folder;
  constexpr int count = 12'000;
  {
    auto options = options_of(folder);
    options.segment_bytes = 1 << 20;  // more than is taken at once
    const auto journal = open_journal(options);
    // Three are always open, so that each segment begins with settlements of what began in the one before.
    for (int i = 0; i < count + 3; ++i) {
      if (i < count) ASSERT_TRUE(journal->lane(0).intend(sample(fmt::format("r{}", i), i)));
      if (i >= 3) ASSERT_TRUE(journal->lane(0).settle(sample(fmt::format("r{}", i - 3), i - 3)));
    }
  }
  ASSERT_GT(segments_in(folder.journal())->size(), 4u);
  const auto store = filled(folder);
  std::size_t rows = 0;
  ASSERT_TRUE(newest(store->database(), {}, 1'000'000, true, [&rows](const Entry& e) {
    ++rows;
    EXPECT_EQ(e.outcome, Outcome::answered) << e.id;
  }));
  EXPECT_EQ(rows, static_cast<std::size_t>(count));
}

TEST(Store, SameIdTwiceIsTwoRows) {
  const Folder folder;
  Entry one = sample("same", 1), two = sample("same", 2);
  two.status = 201;
  {
    const auto journal = open_journal(options_of(folder, 2));
    // At the same time, in both orders, in one lane and in two; even with the same time of arrival.
    Lane& lane = journal->lane(0);
    ASSERT_TRUE(lane.intend(one));
    ASSERT_TRUE(lane.intend(two));
    ASSERT_TRUE(journal->lane(1).intend(one));
    ASSERT_TRUE(lane.settle(two));
    ASSERT_TRUE(lane.settle(one));
    ASSERT_TRUE(journal->lane(1).settle(one));
    ASSERT_TRUE(lane.intend(one));
    ASSERT_TRUE(lane.intend(one));
    ASSERT_TRUE(lane.settle(one));
  }
  const auto store = filled(folder);
  const auto all = all_of(store->database());
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(std::ranges::count(all, Outcome::open, &Entry::outcome), 1);
  EXPECT_EQ(std::ranges::count(all, 201, &Entry::status), 1);
  EXPECT_EQ(std::ranges::count(all, std::string("same"), &Entry::id), 5);
}

TEST(Store, RebuiltEqualsFilled) {
  const Folder folder;
  {
    const auto journal = open_journal(options_of(folder, 2));
    for (int i = 0; i < 1500; ++i) {
      const Entry e = sample(fmt::format("r{}", i), i);
      ASSERT_TRUE(journal->lane(i % 2).intend(e));
      if (i % 50 != 0) ASSERT_TRUE(journal->lane(i % 2).settle(e));
    }
  }
  const std::string before = dump(filled(folder)->database());
  for (const bool removed : {false, true}) {
    if (removed) std::filesystem::remove(folder.database());
    const auto rebuilt = rebuild(folder.journal(), folder.database());
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->entries, 1500);
    EXPECT_EQ(rebuilt->open, 30);
    EXPECT_EQ(rebuilt->kept, 0);
    EXPECT_TRUE(rebuilt->damaged.empty());
    EXPECT_EQ(dump(filled(folder)->database()), before);
  }
}

TEST(Store, RebuildWhileAGatewayRuns) {
  const Folder folder;
  const auto journal = open_journal(options_of(folder));
  auto filler = Filler::start({.journal = folder.journal(), .database = folder.database(), .every = Millis(1), .tell = [](const Status& s) {
                                 EXPECT_TRUE(s) << s.error().message;
                               }});
  ASSERT_TRUE(filler) << filler.error().message;
  for (int i = 0; i < 300; ++i) append(journal->lane(0), sample(fmt::format("r{}", i), i));
  ASSERT_TRUE(rebuild(folder.journal(), folder.database()));
  for (int i = 300; i < 600; ++i) append(journal->lane(0), sample(fmt::format("r{}", i), i));
  const auto database = Database::open(folder.database(), Database::Mode::read);
  ASSERT_TRUE(database);
  wait_until([&] { return all_of(*database).size() == 600; });
  for (const Entry& e : all_of(*database)) ASSERT_EQ(e.outcome, Outcome::answered);
}

TEST(Store, DamagedDatabaseIsSaidAndRebuilt) {
  const Folder folder;
  {
    const auto journal = open_journal(options_of(folder));
    append(journal->lane(0), sample("r1"));
    std::ofstream(folder.database()) << std::string(8192, 'x');
    const auto store = Store::open(folder.database(), folder.journal());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, "damaged");
    EXPECT_NE(store.error().message.find("ajar ledger rebuild"), std::string::npos);
    const auto refused = rebuild(folder.journal(), folder.database());  // the gateway may hold the file
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "in_use");
  }
  const auto rebuilt = rebuild(folder.journal(), folder.database());
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->entries, 1);
}

TEST(Store, SegmentsThatWereMovedAwayKeepTheirRows) {
  const Folder folder;
  for (int round = 0; round < 3; ++round) append(open_journal(options_of(folder))->lane(0), sample(fmt::format("r{}", round), round));
  const std::string before = dump(filled(folder)->database());
  const auto files = segments_in(folder.journal());
  const auto away = folder.path() / "away";
  std::filesystem::rename(files->front().path, away);
  const auto rebuilt = rebuild(folder.journal(), folder.database());
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(rebuilt->entries, 3);
  EXPECT_EQ(rebuilt->kept, 1);
  EXPECT_EQ(dump(filled(folder)->database()), before);
  // Put back, they are read like others.
  std::filesystem::rename(away, files->front().path);
  std::filesystem::remove(folder.database());
  EXPECT_EQ(dump(filled(folder)->database()), before);
}

TEST(Store, DamageInASegmentIsToldAndTheNextOneIsRead) {
  const Folder folder;
  for (int round = 0; round < 2; ++round) {
    const auto journal = open_journal(options_of(folder));
    for (int i = 0; i < 3; ++i) append(journal->lane(0), sample(fmt::format("r{}-{}", round, i), i));
  }
  const auto files = segments_in(folder.journal());
  std::fstream file(files->front().path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(files->front().path) / 2));
  file.put('\x55').put('\xAA').flush();
  const auto rebuilt = rebuild(folder.journal(), folder.database());
  ASSERT_TRUE(rebuilt);
  ASSERT_EQ(rebuilt->damaged.size(), 1u);
  EXPECT_NE(rebuilt->damaged.front().find(fmt::to_string(files->front().number)), std::string::npos);
  const auto database = Database::open(folder.database(), Database::Mode::read);
  const auto all = all_of(*database);
  EXPECT_EQ(std::ranges::count_if(all, [](const Entry& e) { return e.id.starts_with("r1-") && e.outcome == Outcome::answered; }), 3);
  EXPECT_TRUE(std::ranges::any_of(all, [](const Entry& e) { return e.id == "r0-0" && e.outcome == Outcome::answered; }));
}

TEST(Store, NewerDatabaseIsLeftAlone) {
  const Folder folder;
  {
    const auto database = Database::open(folder.database(), Database::Mode::write);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA user_version=99"));
  }
  const auto store = Store::open(folder.database(), folder.journal());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "newer");
}

TEST(Store, DatabaseThatCannotBeMadeIsNamed) {
  const Folder folder;
  const auto store = Store::open(folder.path() / "none" / "ledger.db", folder.journal());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().fault, Fault::storage);
  EXPECT_EQ(store.error().code, "read_only");
  EXPECT_NE(store.error().message.find("none/ledger.db"), std::string::npos);
}

TEST(Filler, CatchesUpAtTheEnd) {
  const Folder folder;
  auto journal = open_journal(options_of(folder));
  auto filler = Filler::start({.journal = folder.journal(), .database = folder.database(), .every = std::chrono::hours(1)});
  ASSERT_TRUE(filler);
  for (int i = 0; i < 200; ++i) append(journal->lane(0), sample(fmt::format("r{}", i), i));
  journal.reset();
  filler->reset();
  const auto database = Database::open(folder.database(), Database::Mode::read);
  ASSERT_TRUE(database);
  EXPECT_EQ(all_of(*database).size(), 200u);
}

TEST(Filler, TellsWhenItCannotGoOnAndWhenItCan) {
  const Folder folder;
  const auto journal = open_journal(options_of(folder));
  std::atomic<int> told{0};
  auto filler = Filler::start(
      {.journal = folder.path() / "elsewhere", .database = folder.database(), .every = Millis(1), .tell = [&told](const Status& s) {
         told += s ? 100 : 1;
       }});
  ASSERT_TRUE(filler);
  wait_until([&] { return told == 1; });
  std::filesystem::create_directories(folder.path() / "elsewhere");
  wait_until([&] { return told == 101; });
}

}  // namespace
}  // namespace ajar::ledger
