// net/loop.hpp - Loop: one thread's epoll loop; Source: one descriptor in it; waits with deadlines and with an eye on another peer.
#pragma once

#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/buffers.hpp"
#include "net/task.hpp"

namespace ajar::net {

class Loop;

// Why a wait ended.
enum class Wake : std::uint8_t {
  ready,
  timed_out,
  gone,       // the watched peer hung up
  cancelled,  // the loop is being shut down
};

inline constexpr Instant never = Instant::max();

// One suspended coroutine and what ended its wait. Lives in the coroutine's frame.
struct Waiter {
  std::coroutine_handle<> handle;
  Instant deadline = never;
  Wake wake = Wake::ready;
};

// A non-blocking descriptor, registered once, edge-triggered, for reading, writing and hang-up. Belongs to one loop.
// A short read or write clears the readiness; the next edge sets it again.
class Source {
 public:
  Source(Loop&, int fd);  // takes ownership of fd
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  int fd() const noexcept { return fd_; }
  Loop& loop() const noexcept { return loop_; }
  bool hung_up() const noexcept { return hung_up_; }
  int release() noexcept;  // leaves the loop; the descriptor is the caller's again
  void cancel();           // ends the waits on this source with Wake::cancelled
  bool readable = true;    // tried first; a fresh descriptor may already hold data
  bool writable = true;

  class Wait;
  // Until readable, the deadline, or `watch` hangs up. One reader at a time.
  Wait wait_readable(Instant deadline, Source* watch = nullptr, bool at_once = false) noexcept;  // at_once: there is something already
  Wait wait_writable(Instant deadline, Source* watch = nullptr) noexcept;

 private:
  friend class Loop;
  friend class SleepWait;
  Loop& loop_;
  int fd_;
  bool hung_up_ = false;
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
  Waiter* watcher_ = nullptr;  // somebody who wants to know when this peer hangs up
};

class Source::Wait {
 public:
  Wait(Source& source, Waiter* Source::* slot, bool ready, Instant deadline, Source* watch) noexcept
      : source_(source), slot_(slot), watch_(watch), ready_(ready) {
    waiter_.deadline = deadline;
  }
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> handle) noexcept;
  Wake await_resume() noexcept;

 private:
  Source& source_;
  Waiter* Source::* slot_;
  Source* watch_;
  Waiter waiter_;
  bool ready_;
  bool suspended_ = false;
};

class SleepWait {
 public:
  SleepWait(Loop& loop, Instant until, Source* watch) noexcept : loop_(loop), watch_(watch) { waiter_.deadline = until; }
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> handle);
  Wake await_resume() noexcept;  // timed_out: slept through

 protected:
  Loop& loop_;
  Source* watch_;
  Waiter waiter_;
  std::multimap<Instant, Waiter*>::iterator place_;
  bool suspended_ = false;
};

// Something that one task waits for and another sets, on one loop.
class Event {
 public:
  explicit Event(Loop& loop) noexcept : loop_(loop) {}
  void set() noexcept;
  bool is_set() const noexcept { return set_; }
  class Wait;
  Wait wait(Instant deadline, Source* watch = nullptr) noexcept;  // ready: set; else timed_out, gone, cancelled

 private:
  Loop& loop_;
  bool set_ = false;
  Waiter* waiter_ = nullptr;
};

class Event::Wait : public SleepWait {
 public:
  Wait(Event& event, Instant deadline, Source* watch) noexcept : SleepWait(event.loop_, deadline, watch), event_(event) {}
  bool await_ready() noexcept { return event_.set_ || SleepWait::await_ready(); }
  void await_suspend(std::coroutine_handle<> handle) {
    SleepWait::await_suspend(handle);
    event_.waiter_ = &waiter_;
  }
  Wake await_resume() noexcept {
    event_.waiter_ = nullptr;
    return SleepWait::await_resume();
  }

 private:
  Event& event_;
};

// Where other threads leave work for a loop. It may outlive the loop; what is posted then is dropped.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  void post(std::function<void()> work);
  void ring() noexcept;  // wakes the loop
  std::vector<std::function<void()>> collect();
  void close();
  int fd() const noexcept { return event_; }

 private:
  int event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  bool closed_ = false;
};

class Loop {
 public:
  explicit Loop(const Clock&);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                        // until stop(); then cancels every wait and returns once all spawned tasks have ended
  void stop() noexcept;              // from any thread
  void post(std::function<void()>);  // from any thread; runs on the loop's thread
  std::shared_ptr<Mailbox> mailbox() const noexcept { return mailbox_; }  // for threads that may outlive the loop
  bool poll(Millis longest);                                              // one pass; false: nothing happened. For tests with a fake clock

  // Runs a task that nobody awaits; the loop counts it and run() waits for it.
  void spawn(Task<void>);
  std::size_t tasks() const noexcept { return tasks_; }

  // Until the time, or until `watch` hangs up.
  SleepWait sleep_until(Instant until, Source* watch = nullptr) noexcept { return {*this, until, watch}; }
  Instant now() const noexcept { return clock_.now(); }
  const Clock& clock() const noexcept { return clock_; }
  bool stopping() const noexcept { return cancelling_; }
  void cancel_waits();  // ends every wait with Wake::cancelled; later waits end at once

  // Space that any code on this thread may use between two suspensions, never across one.
  Buffers buffers;
  Buffer scratch;    // 128 KiB, for reads; a taker replaces it by take_scratch(), so look it up after each suspension
  std::string text;  // for heads being written
  Buffer take_scratch();
  std::string_view date();  // value of the Date header, kept for a second

 private:
  friend class Source;
  friend class Source::Wait;
  friend class SleepWait;
  friend class Event;
  void wake(Waiter* waiter, Wake why);
  void dispatch(std::size_t index, std::uint32_t events);
  bool sweep(Instant now);  // wakes whose deadline has passed; false: nobody
  void run_posted();
  int timeout(Millis longest) const;

  const Clock& clock_;
  int epoll_ = -1;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<Source*> sources_;      // by descriptor
  std::array<Source*, 256> batch_{};  // events being handed out
  std::size_t batch_size_ = 0;
  std::array<std::uint32_t, 256> batch_events_{};
  std::multimap<Instant, Waiter*> timers_;
  Instant next_sweep_{};
  Instant earliest_ = never;  // no deadline of a wait on a source is before this
  std::size_t tasks_ = 0;
  bool cancelling_ = false;
  std::atomic<bool> stop_{false};
  std::string date_;
  WallTime date_at_{};
};

}  // namespace ajar::net
