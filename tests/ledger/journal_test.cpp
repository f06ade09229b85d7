// tests/ledger/journal_test.cpp - what was appended is there, whatever happens to the process, the disk or the folder.
#include "ledger/journal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "ledger/lane.hpp"
#include "ledger/support.hpp"

namespace ajar::ledger {
namespace {

JournalOptions options_of(const Folder& folder, int lanes = 1) {
  return {.folder = folder.journal(), .lanes = lanes, .segment_bytes = 256 << 10};
}

void append(Lane& lane, const Entry& entry) {
  const auto intended = lane.intend(entry);
  ASSERT_TRUE(intended) << intended.error().detail;
  ASSERT_TRUE(lane.settle(entry));
}

std::vector<std::string> ids_in(const Folder& folder) {
  std::vector<std::string> ids;
  const auto files = segments_in(folder.journal());
  EXPECT_TRUE(files);
  for (const SegmentFile& file : *files) {
    auto reader = Reader::open(file);
    EXPECT_TRUE(reader);
    Record record;
    while (reader->next() == Reader::Step::record) {
      EXPECT_TRUE(decode(reader->bytes(), record));
      if (record.settled) ids.push_back(record.entry.id);
    }
  }
  return ids;
}

TEST(Journal, ClosedJournalHoldsWhatWasAppendedAndNoSpareRoom) {
  const Folder folder;
  {
    const auto journal = open_journal(options_of(folder, 2));
    for (int i = 0; i < 10; ++i) append(journal->lane(i % 2), sample(fmt::format("r{}", i)));
    EXPECT_TRUE(journal->healthy());
  }
  std::vector<std::string> ids = ids_in(folder);
  std::ranges::sort(ids);
  EXPECT_EQ(ids, (std::vector<std::string>{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"}));
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.journal())) bytes += entry.file_size();
  EXPECT_LT(bytes, 10'000u);
}

TEST(Journal, ManySegmentsInOrder) {
  const Folder folder;
  constexpr int count = 5000;
  {
    const auto journal = open_journal(options_of(folder));
    for (int i = 0; i < count; ++i) append(journal->lane(0), sample(fmt::format("r{}", i)));
  }
  const auto files = segments_in(folder.journal());
  ASSERT_TRUE(files);
  EXPECT_GT(files->size(), 5u);
  const std::vector<std::string> ids = ids_in(folder);
  ASSERT_EQ(ids.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) ASSERT_EQ(ids[static_cast<std::size_t>(i)], fmt::format("r{}", i));
}

TEST(Journal, ReopenedGoesOnInANewSegment) {
  const Folder folder;
  for (int round = 0; round < 3; ++round) append(open_journal(options_of(folder))->lane(0), sample(fmt::format("r{}", round)));
  const auto files = segments_in(folder.journal());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 3u);
  EXPECT_EQ(ids_in(folder), (std::vector<std::string>{"r0", "r1", "r2"}));
}

TEST(Journal, UnusedJournalLeavesNothing) {
  const Folder folder;
  open_journal(options_of(folder, 3)).reset();
  const auto files = segments_in(folder.journal());
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
}

TEST(Journal, ManyOpenExchangesHaveRoomForTheirSettlements) {
  const Folder folder;
  constexpr int count = 1000;  // at their largest they fill many segments
  Entry large = sample("");
  large.warnings.assign(8, std::string(128, 'w'));
  large.reason = std::string(400, 'r');
  {
    const auto journal = open_journal(options_of(folder));
    for (int i = 0; i < count; ++i) {
      large.id = fmt::format("r{}", i);
      ASSERT_TRUE(journal->lane(0).intend(large));
    }
    for (int i = 0; i < count; ++i) {
      large.id = fmt::format("r{}", i);
      ASSERT_TRUE(journal->lane(0).settle(large));
    }
  }
  EXPECT_EQ(ids_in(folder).size(), static_cast<std::size_t>(count));
}

TEST(Journal, SecondWriterIsRefusedAndToldWho) {
  const Folder folder;
  const auto journal = open_journal(options_of(folder));
  const auto second = Journal::open(options_of(folder));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::storage);
  EXPECT_EQ(second.error().code, "in_use");
  EXPECT_EQ(
      second.error().message,
      fmt::format("another gateway (process {}) uses the journal in {}: stop it, or choose another state folder with --home or AJAR_HOME",
                  ::getpid(), folder.journal().string()));
}

TEST(Journal, FolderThatCannotBeMadeIsNamed) {
  const Folder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto journal = Journal::open({.folder = folder.path() / "file" / "journal"});
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().fault, Fault::storage);
  EXPECT_EQ(
      journal.error().message,
      fmt::format(
          "cannot make the journal's folder {}: Not a directory; make it writable, or choose another state folder with --home or AJAR_HOME",
          (folder.path() / "file" / "journal").string()));
}

TEST(Journal, FolderThatCannotBeWrittenIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const Folder folder;
  std::filesystem::create_directories(folder.journal());
  std::filesystem::permissions(folder.journal(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const auto journal = Journal::open(options_of(folder));
  std::filesystem::permissions(folder.journal(), std::filesystem::perms::owner_all);
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find("Permission denied"), std::string::npos);
}

// Runs in a process of its own, which ends as the function says or is killed; gives how it ended.
template <class Child>
int in_child(Child child, int kill_when_readable = -1) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(child());
  if (kill_when_readable >= 0) {
    char byte = 0;
    EXPECT_EQ(::read(kill_when_readable, &byte, 1), 1);
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

// The writer tells through a pipe what is settled and what is only intended, each after it was appended; then it is killed in full flight.
TEST(Journal, KilledWriterLosesNothing) {
  const Folder folder;
  int reports[2], signal[2];
  ASSERT_EQ(::pipe2(reports, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(signal, O_CLOEXEC), 0);
  ASSERT_GT(::fcntl(reports[1], F_SETPIPE_SZ, 1 << 20), 0);
  const int status = in_child(
      [&] {
        auto journal = Journal::open(options_of(folder));
        if (!journal) return 3;
        Lane& lane = (*journal)->lane(0);
        for (std::uint32_t i = 0;; ++i) {
          Entry entry = sample(fmt::format("r{}", i));
          if (!lane.intend(entry)) return 4;
          if (i % 64 != 63 && !lane.settle(entry)) return 5;
          if (::write(reports[1], &i, sizeof i) != sizeof i) return 6;
          if (i == 5000 && ::write(signal[1], "x", 1) != 1) return 7;
        }
      },
      signal[0]);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  ::close(reports[1]);
  std::uint32_t last = 0, seen = 0;
  while (::read(reports[0], &seen, sizeof seen) == sizeof seen) last = seen;
  for (const int fd : {reports[0], signal[0], signal[1]}) ::close(fd);
  ASSERT_GE(last, 5000u);

  const auto store = filled(folder);
  std::vector<std::string> settled, open;
  for (const Entry& e : all_of(store->database())) (e.outcome == Outcome::open ? open : settled).push_back(e.id);
  std::ranges::sort(settled);
  std::ranges::sort(open);
  for (std::uint32_t i = 0; i <= last; ++i)
    ASSERT_TRUE(std::ranges::binary_search(i % 64 != 63 ? settled : open, fmt::format("r{}", i))) << i << " of " << last;
  EXPECT_LE(settled.size() + open.size(), last + 2);  // at most the one under way
  // The next start goes on, and nothing comes twice.
  append(open_journal(options_of(folder))->lane(0), sample("after"));
  EXPECT_TRUE(store->take_all());
  EXPECT_EQ(all_of(store->database()).size(), settled.size() + open.size() + 1);
}

TEST(Journal, RecordsOnlyInTheRingOfAKilledWriterAreSavedOnce) {
  const Folder folder;
  // The keeper comes too late: everything is in the ring alone. Two lanes; the next start has one.
  const int status = in_child([&] {
    auto options = options_of(folder, 2);
    options.flush_every = std::chrono::hours(1);
    auto journal = Journal::open(options);
    if (!journal) return 3;
    for (int i = 0; i < 30; ++i)
      if (const Entry e = sample(fmt::format("r{}", i)); !(*journal)->lane(i % 2).intend(e) || !(*journal)->lane(i % 2).settle(e)) return 4;
    ::kill(::getpid(), SIGKILL);
    return 5;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  for (int round = 0; round < 3; ++round) {
    open_journal(options_of(folder)).reset();
    EXPECT_EQ(ids_in(folder).size(), 30u);
  }
}

TEST(Journal, KilledWhileSavingSavesTheRestOnly) {
  const Folder folder;
  const auto ring = folder.journal() / "lane-0.ring", copy = folder.path() / "ring";
  {
    auto options = options_of(folder);
    options.flush_every = std::chrono::hours(1);
    const auto journal = open_journal(options);
    for (int i = 0; i < 30; ++i) append(journal->lane(0), sample(fmt::format("r{}", i)));
    std::filesystem::copy_file(ring, copy);
  }
  // The segment has half of what the ring has, and the ring does not know.
  const auto files = segments_in(folder.journal());
  ASSERT_EQ(files->size(), 1u);
  std::filesystem::resize_file(files->front().path, std::filesystem::file_size(files->front().path) / 2);
  std::filesystem::rename(copy, ring);
  open_journal(options_of(folder)).reset();
  const std::vector<std::string> ids = ids_in(folder);
  ASSERT_EQ(ids.size(), 30u);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(ids[i], fmt::format("r{}", i));
}

TEST(Journal, TornTailEndsASegmentAndLosesNothingBefore) {
  const Folder folder;
  {
    const auto journal = open_journal(options_of(folder));
    for (int i = 0; i < 5; ++i) append(journal->lane(0), sample(fmt::format("r{}", i)));
  }
  const auto files = segments_in(folder.journal());
  ASSERT_EQ(files->size(), 1u);
  const auto path = files->front().path;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);  // within the last settlement
  append(open_journal(options_of(folder))->lane(0), sample("after"));
  EXPECT_EQ(ids_in(folder), (std::vector<std::string>{"r0", "r1", "r2", "r3", "after"}));
  const auto store = filled(folder);
  const auto all = all_of(store->database());
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(std::ranges::count(all, Outcome::open, &Entry::outcome), 1);  // r4: its intent is whole
}

TEST(Journal, StaleRingIsNotTaken) {
  const Folder folder;
  std::string ring;
  {
    const auto journal = open_journal(options_of(folder));
    for (int i = 0; i < 5; ++i) append(journal->lane(0), sample(fmt::format("r{}", i)));
    // As after a loss of power: a ring of another time, whose marks say that nothing was saved.
    std::ifstream in(folder.journal() / "lane-0.ring", std::ios::binary);
    ring.assign(std::istreambuf_iterator<char>(in), {});
    std::memset(ring.data() + 128, 0, 8);
  }
  std::ofstream(folder.journal() / "lane-0.ring", std::ios::binary) << ring;
  open_journal(options_of(folder)).reset();
  EXPECT_EQ(ids_in(folder).size(), 5u);
  // Nor one whose bytes are anything.
  for (std::size_t i = 4096; i < ring.size(); i += 3) ring[i] = static_cast<char>(i);
  std::ofstream(folder.journal() / "lane-0.ring", std::ios::binary) << ring;
  open_journal(options_of(folder)).reset();
  std::ofstream(folder.journal() / "lane-0.ring", std::ios::binary) << "no ring";
  open_journal(options_of(folder)).reset();
  EXPECT_EQ(ids_in(folder).size(), 5u);
}

TEST(Journal, SlowKeeperIsHelpedByTheLane) {
  const Folder folder;
  auto options = options_of(folder);
  options.flush_every = std::chrono::hours(1);
  {
    const auto journal = open_journal(options);
    for (int i = 0; i < 3000; ++i) append(journal->lane(0), sample(fmt::format("r{}", i)));  // far more than the ring holds
    EXPECT_TRUE(journal->healthy());
  }
  EXPECT_EQ(ids_in(folder).size(), 3000u);
}

void limit_files_to(rlim_t bytes) {
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

// A limit on the size of files stands in for a full disk: no new segment can be made. SIGXFSZ would end the process if it were let through.
TEST(Journal, FullDiskRefusesIntentsKeepsSettlementsAndRecovers) {
  const Folder folder;
  const int status = in_child([&] {
    std::atomic<int> told{0};
    auto options = options_of(folder);
    options.tell = [&told](const Status& status) { told += status ? 100 : 1; };
    auto journal = Journal::open(options);
    if (!journal) return 10;
    Lane& lane = (*journal)->lane(0);
    if (!lane.intend(sample("first"))) return 11;
    limit_files_to(128 << 10);  // less than a segment, more than what is written into each here
    int intended = 0;
    Status last = ok();
    while (intended < 100'000 && (last = lane.intend(sample(fmt::format("r{}", intended))))) ++intended;
    if (last || last.error().fault != Fault::storage) return 12;
    if (last.error().message.find(folder.path().string()) != std::string::npos) return 13;  // callers do not see folders
    if (last.error().detail.find(folder.path().string()) == std::string::npos) return 14;
    wait_until([&] { return !(*journal)->healthy(); });
    for (int i = 0; i < intended; ++i)
      if (!lane.settle(sample(fmt::format("r{}", i)))) return 15;
    if (!lane.settle(sample("first"))) return 16;
    limit_files_to(RLIM_INFINITY);
    wait_until([&] { return (*journal)->healthy() && told == 101; });
    if (!lane.intend(sample("again")) || !lane.settle(sample("again"))) return 17;
    return testing::Test::HasFailure() ? 18 : 0;
  });
  ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const auto store = filled(folder);
  for (const Entry& e : all_of(store->database())) ASSERT_EQ(e.outcome, Outcome::answered) << e.id;
  Filter again;
  again.id = "again";
  EXPECT_EQ(all_of(store->database(), again).size(), 1u);
}

TEST(Journal, FullDiskAtTheStartIsNamed) {
  const Folder folder;
  const int status = in_child([&] {
    limit_files_to(64 << 10);
    const auto journal = Journal::open(options_of(folder));
    if (journal || journal.error().fault != Fault::storage || journal.error().code != "disk_full") return 1;
    const std::string& message = journal.error().message;
    return message.find(folder.path().string()) != std::string::npos && message.find("free some space there") != std::string::npos ? 0 : 2;
  });
  ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Journal, SegmentNumbersGrowEvenWhenTheClockDoesNot) {
  const WallTime time{Nanos(1'795'532'749'123'456'789)};
  EXPECT_EQ(segment_number(time, 0), 20261124150549123 + 0);
  EXPECT_EQ(segment_number(time, 20261124150549123), 20261124150549124);
  EXPECT_EQ(segment_number(time, 30000000000000000), 30000000000000001);
}

}  // namespace
}  // namespace ajar::ledger
