// cli/home.cpp - folders and files of the state.
#include "cli/home.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/facts.hpp"

namespace ajar::cli {
namespace {

constexpr std::string_view key_prefix = "ajar-";
constexpr std::size_t key_length = 40;

std::unexpected<Error> cannot(std::string_view verb, const std::filesystem::path& path, std::string_view why) {
  return fail(Fault::storage,
              fmt::format("cannot {} {}: {}; choose another state folder with --home or AJAR_HOME", verb, path.string(), why));
}

}  // namespace

std::filesystem::path home_folder(std::string_view option, std::string_view from_config) {
  if (!option.empty()) return option;
  if (!from_config.empty()) return from_config;
  if (const char* home = std::getenv("AJAR_HOME"); home != nullptr && *home != '\0') return home;
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') return std::filesystem::path(data) / "ajar";
  const char* user = std::getenv("HOME");
  return std::filesystem::path(user != nullptr && *user != '\0' ? user : ".") / ".local" / "share" / "ajar";
}

Status make_home(const std::filesystem::path& home) {
  std::error_code error;
  if (std::filesystem::is_directory(home, error)) {
    if (::access(home.c_str(), W_OK | X_OK) != 0) return cannot("write to the state folder", home, std::strerror(errno));
    return ok();
  }
  std::filesystem::create_directories(home, error);
  if (error) return cannot("make the state folder", home, error.message());
  ::chmod(home.c_str(), 0700);
  return ok();
}

Result<catalog::Catalog> catalog_in(const std::filesystem::path& home) {
  const std::filesystem::path file = home / config::accepted_prices;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return config::built_in_catalog();
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  return config::catalog_with_accepted(*text, file.string());
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return fail(Fault::storage, fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  return std::move(text).str();
}

Result<std::string> read_input(const std::string& file) {
  return file == "-" ? Result<std::string>(std::string(std::istreambuf_iterator<char>(std::cin), {})) : read_file(file);
}

std::string_view input_name(const std::string& file) noexcept { return file == "-" ? std::string_view("standard input") : file; }

Status write_private(const std::filesystem::path& path, std::string_view text) {
  // Written beside and moved into place: a reader sees the old text or the new one.
  const std::filesystem::path fresh = path.string() + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("write", path, std::strerror(errno));
  bool written = true;
  while (written && !text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    written = n > 0;
    if (written) text.remove_prefix(static_cast<std::size_t>(n));
  }
  written = ::fsync(fd) == 0 && written;
  const int error = errno;
  ::close(fd);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) return cannot("write", path, std::strerror(written ? errno : error));
  return ok();
}

Result<std::string> key_of(const std::filesystem::path& home) {
  const std::filesystem::path path = home / "key";
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    auto text = read_file(path);
    if (!text) return text;
    if (const std::string_view key = trim(*text); !key.empty()) return std::string(key);
  }
  std::string key = fresh_key();
  if (auto written = write_private(path, key + "\n"); !written) return forward(std::move(written));
  return key;
}

std::string fresh_key() { return std::string(key_prefix) + random_text(key_length); }

std::string hash_of(std::string_view secret) { return "sha256:" + to_hex(sha256(secret)); }

}  // namespace ajar::cli
