// audit/log.cpp - tiles: full ones are written once and never again, the last one of each level beside them as a partial.
#include "audit/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace ajar::audit {
namespace {

constexpr int bits_of_tile = 8;

std::unexpected<Error> wrong(std::string message) { return fail(Fault::bad_request, std::move(message)); }

std::unexpected<Error> cannot(std::string_view verb, const std::filesystem::path& path) {
  return fail(Fault::storage, fmt::format("cannot {} {}: {}", verb, path.string(), std::strerror(errno)));
}

// 1234067 is x001/x234/067; a partial one has its width behind it.
std::filesystem::path tile_path(std::string_view level, std::uint64_t index, std::size_t width) {
  std::string text = fmt::format("{:03}", index % 1000);
  while (index >= 1000) {
    index /= 1000;
    text = fmt::format("x{:03}/{}", index % 1000, text);
  }
  if (width < tile_width) text += fmt::format(".p/{}", width);
  return std::filesystem::path("tile") / std::string(level) / text;
}

Result<std::string> read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return cannot("read", path);
  return std::move(text).str();
}

// Whole and on the disk before it has its name.
Status write(const std::filesystem::path& path, std::string_view bytes, int mode = 0600) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const std::filesystem::path fresh = path.string() + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return cannot("write", fresh);
  bool good = true;
  for (std::size_t done = 0; good && done < bytes.size();) {
    const ::ssize_t wrote = ::write(fd, bytes.data() + done, bytes.size() - done);
    good = wrote > 0 || (wrote < 0 && errno == EINTR);
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  good = good && ::fdatasync(fd) == 0;
  ::close(fd);
  if (!good || ::rename(fresh.c_str(), path.c_str()) != 0) return cannot("write", path);
  return ok();
}

std::string bytes_of(std::span<const Digest> digests) {
  std::string out;
  for (const Digest& d : digests)
    for (const std::uint8_t byte : d) out.push_back(static_cast<char>(byte));
  return out;
}

std::size_t width_of(std::uint64_t count, std::uint64_t index) noexcept {
  const std::uint64_t begin = index * tile_width;
  return count >= begin + tile_width ? tile_width : static_cast<std::size_t>(count - begin);
}

// Of a tile that may have grown since: the full one, or a wider partial one, begins with the same bytes.
Result<std::string> read_tile(const std::filesystem::path& folder, std::string_view level, std::uint64_t index, std::size_t width) {
  const std::filesystem::path full = folder / tile_path(level, index, tile_width), part = folder / tile_path(level, index, width);
  std::error_code error;
  if (width < tile_width && std::filesystem::exists(part, error)) return read(part);
  return read(full);
}

}  // namespace

Result<LogReader> LogReader::open(const std::filesystem::path& folder, const std::string& given) {
  std::error_code error;
  if (!std::filesystem::exists(folder / "checkpoint", error))
    return fail(Fault::not_found, fmt::format("there is no audit log in {}", folder.string()));
  auto text = given.empty() ? read(folder / "verifier") : Result<std::string>(given);
  if (!text) return std::unexpected(text.error());
  const auto verifier = verifier_named(trim(*text));
  if (!verifier) return std::unexpected(verifier.error());
  auto note = read(folder / "checkpoint");
  if (!note) return std::unexpected(note.error());
  auto checkpoint = checkpoint_of(*note, *verifier);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  return LogReader(folder, std::move(*note), std::move(*checkpoint));
}

Result<std::vector<std::string>> LogReader::records_of_tile(std::uint64_t index) const {
  const std::size_t width = width_of(size(), index);
  const auto bytes = read_tile(folder_, "entries", index, width);
  if (!bytes) return std::unexpected(bytes.error());
  std::vector<std::string> records;
  std::string_view rest = *bytes;
  while (records.size() < width) {
    const std::size_t length =
        rest.size() < 2 ? 0 : static_cast<std::size_t>(static_cast<unsigned char>(rest[0]) * 256 + static_cast<unsigned char>(rest[1]));
    if (length == 0 || rest.size() < 2 + length)
      return wrong(fmt::format("record {} is cut: the log is shorter than its checkpoint says", index * tile_width + records.size()));
    records.emplace_back(rest.substr(2, length));
    rest.remove_prefix(2 + length);
  }
  return records;
}

Status LogReader::each(std::uint64_t from, std::uint64_t to, const std::function<void(std::uint64_t, std::string_view)>& take) const {
  to = std::min(to, size());
  for (std::uint64_t index = from / tile_width; index * tile_width < to; ++index) {
    const auto records = records_of_tile(index);
    if (!records) return std::unexpected(records.error());
    for (std::size_t i = 0; i < records->size(); ++i)
      if (const std::uint64_t n = index * tile_width + i; n >= from && n < to) take(n, (*records)[i]);
  }
  return ok();
}

Result<std::vector<Digest>> LogReader::tile(int level, std::uint64_t index, std::size_t width) const {
  const auto bytes = read_tile(folder_, std::to_string(level), index, width);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < width * 32) return wrong(fmt::format("tile {} of level {} is cut", index, level));
  std::vector<Digest> digests(width);
  for (std::size_t i = 0; i < width; ++i)
    std::transform(bytes->begin() + static_cast<std::ptrdiff_t>(i * 32), bytes->begin() + static_cast<std::ptrdiff_t>(i * 32 + 32),
                   digests[i].begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return digests;
}

Result<Digest> LogReader::subtree(std::uint64_t from, std::uint64_t to) const {
  const std::uint64_t count = to - from;
  if (count == 0) return root_of({});
  if (!std::has_single_bit(count)) {
    const std::uint64_t middle = from + split_of(count);
    const auto left = subtree(from, middle), right = subtree(middle, to);
    if (!left || !right) return left ? right : left;
    return node_hash(*left, *right);
  }
  // A whole subtree: some neighbours in one tile of the level below it.
  const int height = std::countr_zero(count), level = height / bits_of_tile;
  const std::uint64_t first = from >> (level * bits_of_tile), needed = std::uint64_t{1} << (height % bits_of_tile);
  const std::uint64_t index = first / tile_width;
  const auto digests = tile(level, index, width_of(size() >> (level * bits_of_tile), index));
  if (!digests) return std::unexpected(digests.error());
  const std::size_t offset = static_cast<std::size_t>(first % tile_width);
  if (offset + needed > digests->size()) return wrong("the tiles of hashes are narrower than the checkpoint says");
  return root_of(std::span(*digests).subspan(offset, static_cast<std::size_t>(needed)));
}

Status LogReader::verify() const {
  // Level by level: what the records hash to has to be what the tiles hold, and so on up to the root.
  std::vector<Digest> level_hashes;
  std::vector<std::vector<Digest>> tops;
  for (std::uint64_t index = 0; index * tile_width < size(); ++index) {
    const auto records = records_of_tile(index);
    if (!records) return std::unexpected(records.error());
    std::vector<Digest> leaves;
    for (const std::string& record : *records) leaves.push_back(leaf_hash(record));
    const auto known = tile(0, index, leaves.size());
    if (!known) return std::unexpected(known.error());
    for (std::size_t i = 0; i < leaves.size(); ++i)
      if (leaves[i] != (*known)[i])
        return wrong(fmt::format("record {} was changed: it is not what its hash was made of", index * tile_width + i));
    level_hashes.push_back(root_of(leaves));
  }
  // Nodes of equal size side by side: their root is that of the whole.
  if (const Digest root = root_of(level_hashes); root != checkpoint_.root)
    return wrong("the records do not come to the root that the checkpoint signs: some were added, cut or put elsewhere");
  if (const auto by_tiles = subtree(0, size()); !by_tiles || *by_tiles != checkpoint_.root)
    return wrong("the tiles of hashes do not come to the root that the checkpoint signs");
  return ok();
}

Result<std::unique_ptr<Log>> Log::open(const std::filesystem::path& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Fault::storage, fmt::format("cannot make {}: {}", folder.string(), error.message()));
  ::chmod(folder.c_str(), 0700);
  SigningKey key{};
  if (std::filesystem::exists(folder / "key", error)) {
    const auto text = read(folder / "key");
    if (!text) return std::unexpected(text.error());
    const auto bytes = from_base64(trim(*text));
    if (!bytes || bytes->size() != key.size()) return wrong(fmt::format("{} holds no key", (folder / "key").string()));
    std::transform(bytes->begin(), bytes->end(), key.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  } else {
    if (std::filesystem::exists(folder / "checkpoint", error)) return wrong(fmt::format("the log in {} has lost its key", folder.string()));
    fill_random(key);
    std::string bytes;
    for (const std::uint8_t byte : key) bytes.push_back(static_cast<char>(byte));
    if (auto written = write(folder / "key", to_base64(bytes) + "\n"); !written) return std::unexpected(written.error());
  }
  std::unique_ptr<Log> log(new Log(folder, name, key));
  if (auto written = write(folder / "verifier", verifier_of(name, verifying_key(key)) + "\n", 0644); !written)
    return std::unexpected(written.error());
  if (std::filesystem::exists(folder / "checkpoint", error)) {
    const auto reader = LogReader::open(folder);
    if (!reader) return std::unexpected(reader.error());
    if (auto loaded = log->load(*reader); !loaded) return std::unexpected(loaded.error());
  } else if (auto written = log->checkpoint(); !written) {
    return std::unexpected(written.error());
  }
  return log;
}

Status Log::load(const LogReader& reader) {
  size_ = reader.size();
  const std::uint64_t last = size_ / tile_width;
  if (size_ % tile_width != 0) {
    const auto records = reader.records_of_tile(last);
    if (!records) return std::unexpected(records.error());
    for (const std::string& record : *records) {
      entries_.push_back(static_cast<char>(record.size() >> 8));
      entries_.push_back(static_cast<char>(record.size() & 0xFF));
      entries_ += record;
    }
  }
  for (int level = 0; (size_ >> (level * bits_of_tile)) > 0; ++level) {
    const std::uint64_t count = size_ >> (level * bits_of_tile), begin = count / tile_width * tile_width;
    std::vector<Digest> nodes;
    for (std::uint64_t n = begin; n < count; ++n) {
      const auto node = reader.subtree(n << (level * bits_of_tile), (n + 1) << (level * bits_of_tile));
      if (!node) return std::unexpected(node.error());
      nodes.push_back(*node);
    }
    partial_.push_back(std::move(nodes));
  }
  if (root() != reader.checkpoint().root)
    return wrong(
        fmt::format("the log in {} does not come to its own checkpoint's root; `ajar audit verify` tells where", folder_.string()));
  return ok();
}

Status Log::push(int level, const Digest& digest) {
  if (partial_.size() <= static_cast<std::size_t>(level)) partial_.emplace_back();
  std::vector<Digest>& nodes = partial_[static_cast<std::size_t>(level)];
  nodes.push_back(digest);
  if (nodes.size() < tile_width) return ok();
  const std::uint64_t index = ((size_ + 1) >> ((level + 1) * bits_of_tile)) - 1;
  if (auto written = write(folder_ / tile_path(std::to_string(level), index, tile_width), bytes_of(nodes)); !written) return written;
  const Digest up = root_of(nodes);
  nodes.clear();
  return push(level + 1, up);
}

Status Log::append(std::string_view record) {
  if (record.empty() || record.size() > largest_record)
    return wrong(fmt::format("a record of {} bytes; 1 to {} can be written", record.size(), largest_record));
  entries_.push_back(static_cast<char>(record.size() >> 8));
  entries_.push_back(static_cast<char>(record.size() & 0xFF));
  entries_ += record;
  if ((size_ + 1) % tile_width == 0) {
    if (auto written = write(folder_ / tile_path("entries", size_ / tile_width, tile_width), entries_); !written) return written;
    entries_.clear();
  }
  if (auto pushed = push(0, leaf_hash(record)); !pushed) return pushed;
  ++size_;
  return ok();
}

Digest Log::root() const {
  // From the smallest up: what is left of a level is the last, smaller node of the next.
  std::optional<Digest> rest;
  for (const std::vector<Digest>& level : partial_) {
    std::vector<Digest> nodes = level;
    if (rest) nodes.push_back(*rest);
    if (!nodes.empty()) rest = root_of(nodes);
  }
  return rest.value_or(root_of({}));
}

Status Log::checkpoint() {
  if (const std::size_t width = size_ % tile_width; width != 0)
    if (auto written = write(folder_ / tile_path("entries", size_ / tile_width, width), entries_); !written) return written;
  for (std::size_t level = 0; level < partial_.size(); ++level) {
    if (partial_[level].empty()) continue;
    const std::uint64_t index = (size_ >> (level * bits_of_tile)) / tile_width;
    if (auto written = write(folder_ / tile_path(std::to_string(level), index, partial_[level].size()), bytes_of(partial_[level]));
        !written)
      return written;
  }
  return write(folder_ / "checkpoint", signed_note({name_, size_, root()}, key_), 0644);
}

}  // namespace ajar::audit
