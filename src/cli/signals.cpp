// cli/signals.cpp - signals and changes of files as descriptors.
#include "cli/signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ajar::cli {
namespace {

constexpr int quiet_ms = 100;  // editors write in several steps: a burst ends when nothing has come for so long

sigset_t asked_for() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

void discard(int fd) {
  std::array<char, 4096> bytes;
  while (::read(fd, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

Signals::Signals() {
  const sigset_t set = asked_for();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
}

Signals::~Signals() {
  ::close(signals_);
  if (changes_ >= 0) ::close(changes_);
}

void Signals::watch(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (changes_ < 0) changes_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  // The folder, not the file: editors and orchestrators put a new file in its place.
  ::inotify_add_watch(changes_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE);
}

Signals::Ask Signals::next() {
  bool changed = false;
  while (true) {
    std::array<pollfd, 2> fds{{{signals_, POLLIN, 0}, {changes_, POLLIN, 0}}};
    const int ready = ::poll(fds.data(), changes_ < 0 ? 1 : 2, changed ? quiet_ms : -1);
    if (ready < 0 && errno != EINTR) return Ask::stop;
    if ((fds[0].revents & POLLIN) != 0) {
      signalfd_siginfo info{};
      if (::read(signals_, &info, sizeof info) == sizeof info)
        return info.ssi_signo == static_cast<unsigned>(SIGHUP) ? Ask::reload : Ask::stop;
    }
    if ((fds[1].revents & POLLIN) != 0) {
      discard(changes_);
      changed = true;
    } else if (ready == 0 && changed) {
      return Ask::changed;
    }
  }
}

void Signals::release() noexcept {
  const sigset_t set = asked_for();
  ::signal(SIGHUP, SIG_IGN);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace ajar::cli
