// net/loop.cpp - the epoll loop: readiness in, coroutines on.
#include "net/loop.hpp"

#include <fmt/chrono.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace ajar::net {
namespace {

constexpr Nanos sweep_every = std::chrono::milliseconds(50);
constexpr std::size_t scratch_bytes = 128u << 10;

// A frame that frees itself at its end: the only coroutine that nobody awaits.
struct Spawned {
  struct promise_type {
    Spawned get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::abort(); }
  };
};

Spawned run_counted(Task<void> task, std::size_t& count) {
  ++count;
  co_await task;
  --count;
}

}  // namespace

Source::Source(Loop& loop, int fd) : loop_(loop), fd_(fd) {
  const auto slot = static_cast<std::size_t>(fd);
  if (loop.sources_.size() <= slot) loop.sources_.resize(std::max(slot + 1, loop.sources_.size() * 2));
  loop.sources_[slot] = this;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(loop.epoll_, EPOLL_CTL_ADD, fd, &event) != 0) std::abort();  // only for lack of kernel memory
}

Source::~Source() {
  if (fd_ < 0) return;
  loop_.sources_[static_cast<std::size_t>(fd_)] = nullptr;
  std::replace(loop_.batch_.begin(), loop_.batch_.begin() + static_cast<std::ptrdiff_t>(loop_.batch_size_), this,
               static_cast<Source*>(nullptr));
  ::close(fd_);
}

void Source::cancel() {
  // Each may end the life of this source's user, but not of the source.
  if (reader_ != nullptr) loop_.wake(reader_, Wake::cancelled);
  if (writer_ != nullptr) loop_.wake(writer_, Wake::cancelled);
}

int Source::release() noexcept {
  loop_.sources_[static_cast<std::size_t>(fd_)] = nullptr;
  std::replace(loop_.batch_.begin(), loop_.batch_.begin() + static_cast<std::ptrdiff_t>(loop_.batch_size_), this,
               static_cast<Source*>(nullptr));
  ::epoll_ctl(loop_.epoll_, EPOLL_CTL_DEL, fd_, nullptr);
  return std::exchange(fd_, -1);
}

Source::Wait Source::wait_readable(Instant deadline, Source* watch, bool at_once) noexcept {
  return {*this, &Source::reader_, readable || at_once, deadline, watch};
}
Source::Wait Source::wait_writable(Instant deadline, Source* watch) noexcept {
  return {*this, &Source::writer_, writable, deadline, watch};
}

bool Source::Wait::await_ready() noexcept {
  if (source_.loop_.cancelling_) {
    waiter_.wake = Wake::cancelled;
    return true;
  }
  if (watch_ != nullptr && watch_->hung_up_) {
    waiter_.wake = Wake::gone;
    return true;
  }
  return ready_;
}

void Source::Wait::await_suspend(std::coroutine_handle<> handle) noexcept {
  waiter_.handle = handle;
  suspended_ = true;
  source_.*slot_ = &waiter_;
  if (watch_ != nullptr) watch_->watcher_ = &waiter_;
  source_.loop_.earliest_ = std::min(source_.loop_.earliest_, waiter_.deadline);
}

Wake Source::Wait::await_resume() noexcept {
  if (suspended_) {
    source_.*slot_ = nullptr;
    if (watch_ != nullptr && watch_->watcher_ == &waiter_) watch_->watcher_ = nullptr;
  }
  return waiter_.wake;
}

bool SleepWait::await_ready() noexcept {
  if (loop_.cancelling_)
    waiter_.wake = Wake::cancelled;
  else if (watch_ != nullptr && watch_->hung_up_)
    waiter_.wake = Wake::gone;
  else
    return false;
  return true;
}

void SleepWait::await_suspend(std::coroutine_handle<> handle) {
  waiter_.handle = handle;
  suspended_ = true;
  place_ = loop_.timers_.emplace(waiter_.deadline, &waiter_);
  if (watch_ != nullptr) watch_->watcher_ = &waiter_;
}

Wake SleepWait::await_resume() noexcept {
  if (suspended_) {
    loop_.timers_.erase(place_);
    if (watch_ != nullptr && watch_->watcher_ == &waiter_) watch_->watcher_ = nullptr;
  }
  return waiter_.wake;
}

void Event::set() noexcept {
  set_ = true;
  if (waiter_ != nullptr) loop_.wake(waiter_, Wake::ready);
}

Event::Wait Event::wait(Instant deadline, Source* watch) noexcept { return {*this, deadline, watch}; }

Mailbox::Mailbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) std::abort();
}

Mailbox::~Mailbox() { ::close(event_); }

void Mailbox::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    posted_.push_back(std::move(work));
  }
  ring();
}

void Mailbox::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

std::vector<std::function<void()>> Mailbox::collect() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(event_, &count, sizeof count);
  std::lock_guard lock(mutex_);
  return std::exchange(posted_, {});
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;  // destroyed without the lock
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(posted_);
}

Loop::Loop(const Clock& clock) : clock_(clock), mailbox_(std::make_shared<Mailbox>()) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, mailbox_->fd(), &event) != 0) std::abort();
  scratch = buffers.get(scratch_bytes);
}

Loop::~Loop() {
  mailbox_->close();
  ::close(epoll_);
}

Buffer Loop::take_scratch() { return std::exchange(scratch, buffers.get(scratch_bytes)); }

std::string_view Loop::date() {
  const WallTime now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  if (date_.empty() || now != date_at_) {
    date_at_ = now;
    date_ = fmt::format(
        "{:%a, %d %b %Y %H:%M:%S} GMT",
        fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(now))));
  }
  return date_;
}

void Loop::spawn(Task<void> task) { run_counted(std::move(task), tasks_); }

void Loop::post(std::function<void()> work) { mailbox_->post(std::move(work)); }

void Loop::stop() noexcept {
  stop_.store(true, std::memory_order_release);
  mailbox_->ring();
}

void Loop::run_posted() {
  for (const auto& work : mailbox_->collect()) work();
}

void Loop::wake(Waiter* waiter, Wake why) {
  if (!waiter->handle) return;  // already on its way
  waiter->wake = why;
  std::exchange(waiter->handle, nullptr).resume();
}

void Loop::dispatch(std::size_t index, std::uint32_t events) {
  Source& source = *batch_[index];
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) source.hung_up_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) source.readable = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) source.writable = true;
  if (source.reader_ != nullptr && source.readable) wake(source.reader_, Wake::ready);
  if (batch_[index] != nullptr && source.writer_ != nullptr && source.writable) wake(source.writer_, Wake::ready);
  if (batch_[index] != nullptr && source.watcher_ != nullptr && source.hung_up_) wake(source.watcher_, Wake::gone);
}

int Loop::timeout(Millis longest) const {
  const Instant now = clock_.now();
  Instant until = longest == Millis::max() ? never : now + longest;
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first);
  if (earliest_ != never) until = std::min(until, std::max(earliest_, next_sweep_));
  if (until == never) return -1;
  if (until <= now) return 0;
  return static_cast<int>(std::min<std::int64_t>(std::chrono::ceil<Millis>(until - now).count(), 60'000));
}

bool Loop::poll(Millis longest) {
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout(longest));
  bool posted = false;
  batch_size_ = count < 0 ? 0 : static_cast<std::size_t>(count);
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    batch_[at] = static_cast<Source*>(events[at].data.ptr);
    batch_events_[at] = events[at].events;
    if (batch_[at] == nullptr) posted = true;
  }
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (batch_[at] != nullptr) dispatch(at, batch_events_[at]);
    batch_[at] = nullptr;
  }
  batch_size_ = 0;
  if (posted) run_posted();
  const Instant now = clock_.now();
  bool timed = false;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    timed = true;
    wake(timers_.begin()->second, Wake::timed_out);
  }
  if (now >= earliest_ && now >= next_sweep_) {
    next_sweep_ = now + sweep_every;
    timed = sweep(now) || timed;
  }
  return count > 0 || timed;
}

bool Loop::sweep(Instant now) {
  bool woken = false;
  earliest_ = never;  // found anew; waits that begin meanwhile lower it too
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    for (Waiter* Source::* slot : {&Source::reader_, &Source::writer_}) {
      Source* source = sources_[i];  // looked up again: who was woken may have closed it
      if (source == nullptr || source->*slot == nullptr) continue;
      if ((source->*slot)->deadline > now)
        earliest_ = std::min(earliest_, (source->*slot)->deadline);
      else
        wake(source->*slot, Wake::timed_out), woken = true;
    }
  }
  return woken;
}

void Loop::cancel_waits() {
  cancelling_ = true;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (Source* source = sources_[i]; source != nullptr && source->reader_ != nullptr) wake(source->reader_, Wake::cancelled);
    if (Source* source = sources_[i]; source != nullptr && source->writer_ != nullptr) wake(source->writer_, Wake::cancelled);
  }
  while (!timers_.empty()) wake(timers_.begin()->second, Wake::cancelled);
}

void Loop::run() {
  while (!stop_.load(std::memory_order_acquire)) poll(Millis::max());
  run_posted();
  cancel_waits();
  while (tasks_ != 0) {
    poll(Millis(10));
    cancel_waits();
  }
}

}  // namespace ajar::net
