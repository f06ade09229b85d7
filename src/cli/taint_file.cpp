// cli/taint_file.cpp - read at the start, added to as labels come.
#include "cli/taint_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/home.hpp"
#include "observe/log.hpp"

namespace ajar::cli {
namespace {

constexpr std::size_t key_bytes = 32, entry_bytes = 24;

// Closes it with the last who writes.
struct File {
  int fd;
  ~File() { ::close(fd); }
};

std::string entry_of(const policy::Fingerprint& f, policy::Label label) {
  std::string out;
  for (const std::uint8_t byte : f) out.push_back(static_cast<char>(byte));
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>((label.bits >> (8 * i)) & 0xFF));
  return out;
}

std::uint8_t byte_of(char c) noexcept { return static_cast<std::uint8_t>(c); }

}  // namespace

Result<std::unique_ptr<policy::Taint>> taint_in(const std::filesystem::path& home) {
  const std::filesystem::path path = home / "conversations";
  std::error_code error;
  std::string bytes;
  if (std::filesystem::exists(path, error)) {
    auto read = read_file(path);
    if (!read) return std::unexpected(read.error());
    bytes = std::move(*read);
    if (bytes.size() < key_bytes)
      return fail(Fault::config, fmt::format("{} is no file of labelled conversations; move it away", path.string()));
  } else {
    Digest fresh{};
    fill_random(fresh);
    for (const std::uint8_t byte : fresh) bytes.push_back(static_cast<char>(byte));
    if (auto written = write_private(path, bytes); !written) return std::unexpected(written.error());
  }
  const std::size_t whole = key_bytes + (bytes.size() - key_bytes) / entry_bytes * entry_bytes;
  if (whole != bytes.size()) std::filesystem::resize_file(path, whole, error);
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return fail(Fault::storage, fmt::format("cannot write to {}: {}", path.string(), std::strerror(errno)));
  const auto file = std::make_shared<File>(fd);
  Digest key{};
  std::transform(bytes.begin(), bytes.begin() + key_bytes, key.begin(), byte_of);
  auto taint = std::make_unique<policy::Taint>(key, [file, path](const policy::Fingerprint& f, policy::Label label) {
    const std::string entry = entry_of(f, label);
    // It is in memory all the same; a restart would not know it.
    if (::write(file->fd, entry.data(), entry.size()) != static_cast<::ssize_t>(entry.size()))
      observe::log(observe::Level::error, "the label of a conversation could not be kept", {{"file", path.string()}});
  });
  for (std::size_t at = key_bytes; at < whole; at += entry_bytes) {
    policy::Fingerprint f{};
    std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + f.size()), f.begin(),
                   byte_of);
    policy::Label label;
    for (std::size_t i = 0; i < 8; ++i) label.bits |= std::uint64_t{byte_of(bytes[at + f.size() + i])} << (8 * i);
    taint->load(f, label);
  }
  return taint;
}

}  // namespace ajar::cli
