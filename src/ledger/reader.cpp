// ledger/reader.cpp - reads a segment in blocks; at its end it reads anew each time, since more may have come.
#include "ledger/reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ledger/record.hpp"

namespace ajar::ledger {
namespace {

constexpr std::size_t block = 256 * 1024;
constexpr int looks_between_lists = 64;  // of a folder whose time did not change; times are coarse

}  // namespace

Reader::Reader(SegmentFile file, int fd) : file_(std::move(file)), fd_(fd) {}

Reader::Reader(Reader&& other) noexcept
    : file_(std::move(other.file_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      from_(other.from_),
      to_(other.to_),
      size_(other.size_),
      offset_(other.offset_),
      sequence_(other.sequence_) {}

Reader::~Reader() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Reader> Reader::open(const SegmentFile& file) {
  const int fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(Fault::storage, fmt::format("cannot read the journal segment {}: {}", file.path.string(), std::strerror(errno)));
  return Reader(file, fd);
}

void Reader::seek(std::uint64_t offset) noexcept {
  offset_ = offset;
  from_ = to_ = size_ = 0;
}

bool Reader::waiting() const noexcept {
  std::uint32_t size = 0;
  return ::pread(fd_, &size, sizeof size, static_cast<off_t>(after())) == sizeof size && size != 0;
}

void Reader::refill() noexcept {
  if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(block);
  const ssize_t n = ::pread(fd_, buffer_.get(), block, static_cast<off_t>(offset_));
  from_ = 0;
  to_ = n > 0 ? static_cast<std::size_t>(n) : 0;
}

Reader::Step Reader::next() {
  offset_ += size_;
  from_ += size_;
  size_ = 0;
  if (offset_ == segment_head && to_ == 0) {
    std::array<char, segment_head> head{};
    const ssize_t n = ::pread(fd_, head.data(), head.size(), 0);
    const std::string_view read(head.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    if (read.find_first_not_of('\0') == std::string_view::npos) return Step::end;  // killed while it was made
    if (!is_segment_head(read, file_)) return Step::damaged;
  }
  for (const bool fresh : {false, true}) {
    if (fresh && !waiting()) break;  // at the end nothing is read in vain
    if (fresh) refill();
    sequence_ = intact(buffered());
    if (sequence_ != 0) {
      size_ = claimed_size(buffered());
      return Step::record;
    }
  }
  from_ = to_ = 0;
  return waiting() ? Step::damaged : Step::end;
}

Status JournalReader::find() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(folder_, error);
  if (!error && changed == seen_ && looks_++ % looks_between_lists != 0) return ok();
  seen_ = changed;
  auto files = segments_in(folder_);
  if (!files) return forward(std::move(files));
  std::map<Key, std::unique_ptr<Cursor>> found;
  for (const SegmentFile& file : *files) {
    const Key key(file.lane, file.number);
    if (const auto known = cursors_.find(key); known != cursors_.end()) {
      found[key] = std::move(known->second);
      continue;
    }
    auto begin = begin_(file);
    if (!begin) return forward(std::move(begin));
    auto& cursor = found[key];
    if (!*begin) continue;
    auto reader = Reader::open(file);
    if (!reader) return forward(std::move(reader));
    reader->seek(**begin);
    cursor = std::make_unique<Cursor>(std::move(*reader));
  }
  cursors_ = std::move(found);
  return ok();
}

Result<std::vector<JournalReader::Cursor*>> JournalReader::look() {
  if (auto listed = find(); !listed) {
    cursors_.clear();
    seen_ = {};
    return forward(std::move(listed));
  }
  std::vector<Cursor*> open;
  int lane = -1;
  bool later = false;
  for (auto it = cursors_.rbegin(); it != cursors_.rend(); ++it) {
    if (it->first.first != lane) later = false;
    lane = it->first.first;
    Cursor* const cursor = it->second.get();
    if (cursor != nullptr) {
      cursor->sealed = later;
      open.insert(open.begin(), cursor);
    }
    later = later || cursor == nullptr || cursor->reader.after() > segment_head || cursor->reader.waiting();
  }
  return open;
}

void JournalReader::finish(const Cursor& cursor) { cursors_[Key(cursor.reader.file().lane, cursor.reader.file().number)].reset(); }

}  // namespace ajar::ledger
