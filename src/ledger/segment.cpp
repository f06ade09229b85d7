// ledger/segment.cpp - segment files and the journal's folder.
#include "ledger/segment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "ledger/reader.hpp"

namespace ajar::ledger {
namespace {

constexpr std::string_view magic = "AJARJNL1", prefix = "lane-", suffix = ".journal";

std::array<char, segment_head> head_of(const SegmentFile& file) noexcept {
  std::array<char, segment_head> head{};
  const auto lane = static_cast<std::uint32_t>(file.lane);
  std::memcpy(head.data(), magic.data(), 8);
  std::memcpy(head.data() + 8, &file.number, 8);
  std::memcpy(head.data() + 16, &lane, 4);
  const std::uint32_t sum = crc32c({head.data(), 20});
  std::memcpy(head.data() + 20, &sum, 4);
  return head;
}

std::optional<SegmentFile> parse(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  std::string_view rest = name;
  if (!rest.starts_with(prefix) || !rest.ends_with(suffix)) return std::nullopt;
  rest.remove_prefix(prefix.size());
  rest.remove_suffix(suffix.size());
  const std::size_t dash = rest.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto lane = to_int(rest.substr(0, dash)), number = to_int(rest.substr(dash + 1));
  if (!lane || !number || *lane < 0 || *lane > 9999 || *number <= 0) return std::nullopt;
  return SegmentFile{.lane = static_cast<int>(*lane), .number = *number, .path = path};
}

// All of it, or an error.
bool write_all(int fd, std::string_view bytes, std::size_t offset) noexcept {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(Fault::storage,
              fmt::format("cannot {} {}: {}; {}, or choose another state folder with --home or AJAR_HOME", what, path.string(),
                          std::strerror(error), full ? "free some space there" : "make it writable"),
              full ? "disk_full" : "");
}

std::int64_t segment_number(WallTime time, std::int64_t last) {
  std::string digits = rfc3339(time);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return std::max(to_int(digits).value_or(1), last + 1);
}

Result<std::vector<SegmentFile>> segments_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<SegmentFile> files;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (auto file = parse(entry->path())) files.push_back(std::move(*file));
  if (error) return fail(Fault::storage, fmt::format("cannot read the journal's folder {}: {}", folder.string(), error.message()));
  std::ranges::sort(files, {}, [](const SegmentFile& file) { return std::pair(file.lane, file.number); });
  return files;
}

bool is_segment_head(std::string_view bytes, const SegmentFile& file) noexcept {
  const auto head = head_of(file);
  return bytes.starts_with(std::string_view(head.data(), head.size()));
}

Result<std::unique_ptr<Segment>> Segment::make(const std::filesystem::path& folder, int lane, std::int64_t number, std::size_t bytes) {
  let_large_writes_fail();
  SegmentFile file{.lane = lane, .number = number, .path = folder / fmt::format("{}{}-{}{}", prefix, lane, number, suffix)};
  const int fd = ::open(file.path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("make the journal segment", file.path, errno);
  const auto head = head_of(file);
  int error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  if (error == 0 && !write_all(fd, {head.data(), head.size()}, 0)) error = errno;
  if (error != 0) {
    ::close(fd);
    ::unlink(file.path.c_str());
    return cannot(fmt::format("make a journal segment of {} KiB:", bytes / 1024), file.path, error);
  }
  return std::unique_ptr<Segment>(new Segment(std::move(file), fd, bytes));
}

Segment::~Segment() { ::close(fd_); }

Status Segment::append(std::string_view records) {
  if (!write_all(fd_, records, used_)) return cannot("write the journal segment", file_.path, errno);
  used_ += records.size();
  return ok();
}

Status Segment::flush(std::size_t used) {
  if (used == flushed_) return ok();
  if (failed_)
    if (auto again = write_again(flushed_, used); !again) return again;
  failed_ = ::fdatasync(fd_) != 0;
  if (failed_) return cannot("flush the journal segment", file_.path, errno);
  flushed_ = used;
  return ok();
}

// After a failed flush the kernel may take its pages for clean: they are made dirty once more, so that a success means what it says.
Status Segment::write_again(std::size_t from, std::size_t to) {
  std::array<char, 16384> block;  // not initialised: read into first
  while (from < to) {
    const ssize_t n = ::pread(fd_, block.data(), std::min(block.size(), to - from), static_cast<off_t>(from));
    if (n <= 0 || !write_all(fd_, {block.data(), static_cast<std::size_t>(n)}, from))
      return cannot("write the journal segment again", file_.path, errno);
    from += static_cast<std::size_t>(n);
  }
  return ok();
}

void Segment::end() noexcept {
  if (used_ == segment_head)
    ::unlink(file_.path.c_str());
  else [[maybe_unused]]
    const int truncated = ::ftruncate(fd_, static_cast<off_t>(used_));
}

Status flush_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return cannot("open the journal's folder", folder, errno);
  const int error = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (error != 0) return cannot("flush the journal's folder", folder, error);
  return ok();
}

namespace {

// Offset behind the last byte that is not zero: what is torn stays to be looked at, what was never used is given back.
off_t used_bytes(int fd, off_t size) noexcept {
  std::array<char, 65536> block;  // not initialised: read into first
  while (size > 0) {
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(block.size()));
    const ssize_t n = ::pread(fd, block.data(), static_cast<std::size_t>(size - from), from);
    if (n != size - from) return size;
    const std::string_view read(block.data(), static_cast<std::size_t>(n));
    if (const std::size_t last = read.find_last_not_of('\0'); last != std::string_view::npos) return from + static_cast<off_t>(last) + 1;
    size = from;
  }
  return 0;
}

void give_back(const SegmentFile& file) noexcept {
  const int fd = ::open(file.path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  struct stat about{};
  if (::fstat(fd, &about) == 0)
    if (const off_t end = (used_bytes(fd, about.st_size) + 7) / 8 * 8; end < about.st_size) [[maybe_unused]]
      const int truncated = ::ftruncate(fd, end);
  ::close(fd);
}

}  // namespace

std::uint64_t end_left_over(std::vector<SegmentFile>& files) {
  while (!files.empty()) {
    const SegmentFile file = files.back();
    auto reader = Reader::open(file);
    if (!reader) return 0;
    std::uint64_t last = 0;
    while (reader->next() == Reader::Step::record) last = reader->sequence();
    if (last != 0) {
      give_back(file);
      return last;
    }
    // Without a record. One whose bytes are damaged stays.
    files.pop_back();
    if (reader->next() == Reader::Step::end) ::unlink(file.path.c_str());
  }
  return 0;
}

Result<JournalLock> JournalLock::take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("open", path, errno);
  JournalLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot("lock", path, errno);
    std::array<char, 24> pid{};
    const ssize_t n = ::pread(fd, pid.data(), pid.size(), 0);
    const std::string_view who = trim({pid.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))});
    return fail(Fault::storage,
                fmt::format("another gateway{} uses the journal in {}: stop it, or choose another state folder with --home or AJAR_HOME",
                            who.empty() ? "" : fmt::format(" (process {})", who), folder.string()),
                "in_use");
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 || !write_all(fd, pid, 0)) return cannot("write", path, errno);
  return lock;
}

JournalLock::~JournalLock() {
  if (fd_ >= 0) ::close(fd_);
}

void let_large_writes_fail() noexcept {
  thread_local const bool done = [] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    return ::pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0;
  }();
  static_cast<void>(done);
}

}  // namespace ajar::ledger
