// bench/load.hpp - what the modes of the load generator share: the plan, what was counted, and how it is told.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>
#include <vector>

#include "histogram.hpp"
#include "sys.hpp"
#include "threads.hpp"

namespace bench {

struct Plan {
  std::uint16_t port = 0;
  std::string key;           // what the Authorization header bears
  std::string shown_model;   // the model that answers must name
  std::vector<int> watched;  // processes whose CPU is read at both ends of the window
  std::size_t size = 2048;   // of a request's body
  int connections = 16;
  double rate = 0;  // requests a second, or events a second of each stream; 0 in requests: closed loop
  bool poisson = true;
  bool loose = false;  // answers may differ from the upstream's bytes: only the status and the form are checked
  std::int64_t warmup = 0, duration = second, patience = 10 * second;
  std::uint64_t count = 0;  // ends the window earlier; 0: none
  int streams = 0, opening = 50;
};

// What a run found. Latencies and answers are those of the window; failures are those of the whole run.
struct Findings {
  Histogram due;     // from when a request or an event was due
  Histogram sent;    // from when a request was really sent: what a generator that waits for answers would tell
  Histogram behind;  // how late requests were sent though a connection was free: the generator's own fault
  std::uint64_t answers = 0, bytes = 0, failures = 0;
  std::string first_failure;
  std::int64_t began = 0, ended = 0;
  std::vector<ThreadTime> before, after;
  double own_before = 0, own_after = 0;  // this process' CPU seconds

  void fail(std::string_view what) {
    if (failures++ == 0) first_failure = what;
  }
};

// Opens and closes the window in which is counted.
class Window {
 public:
  Window(const Plan& plan, Findings& findings) : plan_(plan), findings_(findings) {}

  void open() {
    findings_.own_before = own_seconds();
    findings_.before = thread_times(plan_.watched);
    findings_.began = now_ns();
    open_ = true;
  }
  void close() {
    findings_.ended = now_ns();
    findings_.after = thread_times(plan_.watched);
    findings_.own_after = own_seconds();
    open_ = false;
    closed_ = true;
  }
  bool is_open() const noexcept { return open_; }
  bool was_closed() const noexcept { return closed_; }

 private:
  static double own_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  const Plan& plan_;
  Findings& findings_;
  bool open_ = false, closed_ = false;
};

std::string request_text(const Plan&, std::string_view body);

void run_requests(const Plan&, Findings&);  // closed loop, or open loop at a rate
void run_streams(const Plan&, Findings&);   // streams at a rate, counted event by event
void hold_streams(const Plan&, Findings&);  // opens streams that fall silent; holds them until standard input ends
bool self_test();                           // histogram, reader and events against what is known

}  // namespace bench
