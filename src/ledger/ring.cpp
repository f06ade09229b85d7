// ledger/ring.cpp - the mapped file, and reading what is left in one whose writer was killed.
#include "ledger/ring.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>

#include "base/text.hpp"
#include "ledger/record.hpp"
#include "ledger/segment.hpp"

namespace ajar::ledger {
namespace {

constexpr std::uint64_t magic = 0x31474E52524A41;  // "AJRRNG1"
constexpr std::size_t top_bytes = 4096;
constexpr std::uint32_t end_mark = UINT32_MAX;
constexpr std::string_view prefix = "lane-", suffix = ".ring";

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

std::optional<int> lane_of(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  const auto lane = to_int(std::string_view(name).substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
  if (!lane || *lane < 0 || *lane > 9999) return std::nullopt;
  return static_cast<int>(*lane);
}

}  // namespace

Result<std::unique_ptr<Ring>> Ring::make(const std::filesystem::path& folder, int lane, std::size_t bytes) {
  static_assert(sizeof(Top) <= top_bytes);
  let_large_writes_fail();
  std::filesystem::path path = folder / fmt::format("{}{}{}", prefix, lane, suffix);
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("make", path, errno);
  int error = ::posix_fallocate(fd, 0, static_cast<off_t>(top_bytes + bytes));
  void* map = MAP_FAILED;
  if (error == 0) {
    map = ::mmap(nullptr, top_bytes + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) error = errno;
  }
  ::close(fd);
  if (error != 0) {
    ::unlink(path.c_str());
    return cannot("make", path, error);
  }
  return std::unique_ptr<Ring>(new Ring(std::move(path), static_cast<char*>(map), bytes));
}

Ring::Ring(std::filesystem::path path, char* map, std::size_t bytes)
    : path_(std::move(path)),
      top_(new(map) Top{.magic = magic, .bytes = bytes, .head = 0, .saved = 0}),
      data_(map + top_bytes),
      bytes_(bytes) {}

Ring::~Ring() { ::munmap(top_, top_bytes + bytes_); }

void Ring::remove() noexcept { ::unlink(path_.c_str()); }

void Ring::mark_end(std::uint64_t position) noexcept { std::memcpy(at(position), &end_mark, sizeof end_mark); }

std::string_view Ring::piece(std::uint64_t& position, std::uint64_t head, std::size_t most) noexcept {
  const auto size_at = [this](std::uint64_t where) { return claimed_size({at(where), sizeof end_mark}); };
  if (position < head && size_at(position) == end_mark) position += until_end(position);
  std::size_t taken = 0;
  for (const std::size_t end = until_end(position); position + taken < head && taken < end;) {
    const std::uint32_t size = size_at(position + taken);
    if (size == end_mark || taken + size > most) break;
    taken += size;
  }
  return {at(position), taken};
}

namespace {

// Nothing here is trusted: after a loss of power the file's pages may be of different times. Records that are whole carry their number, and
// who saves them takes only those that follow the last one saved.
std::vector<std::string> left_records(std::string_view file) {
  std::vector<std::string> records;
  std::uint64_t magic_read = 0, bytes = 0, head = 0, saved = 0;
  if (file.size() <= top_bytes) return records;
  std::memcpy(&magic_read, file.data(), 8);
  std::memcpy(&bytes, file.data() + 8, 8);
  std::memcpy(&head, file.data() + 64, 8);
  std::memcpy(&saved, file.data() + 128, 8);
  const std::string_view data = file.substr(top_bytes);
  if (magic_read != magic || bytes != data.size() || head < saved || head - saved > bytes) return records;
  while (saved < head) {
    const std::string_view rest = data.substr(saved % bytes);
    const std::uint32_t size = claimed_size(rest);
    if (size == end_mark) {
      saved += rest.size();
      continue;
    }
    if (intact(rest) == 0) break;
    records.emplace_back(rest.substr(0, size));
    saved += size;
  }
  return records;
}

}  // namespace

Result<std::vector<Ring::Left>> Ring::left_in(const std::filesystem::path& folder) {
  static_assert(offsetof(Top, head) == 64 && offsetof(Top, saved) == 128);
  std::error_code error;
  std::vector<Left> left;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto lane = lane_of(entry->path());
    if (!lane) continue;
    std::ifstream in(entry->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    left.push_back({.lane = *lane, .path = entry->path(), .records = left_records(std::move(text).str())});
  }
  if (error) return fail(Fault::storage, fmt::format("cannot read the journal's folder {}: {}", folder.string(), error.message()));
  std::ranges::sort(left, {}, &Left::lane);
  return left;
}

}  // namespace ajar::ledger
