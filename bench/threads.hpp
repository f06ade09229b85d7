// bench/threads.hpp - how much CPU the threads of other processes have used, from /proc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct ThreadTime {
  int process = 0, thread = 0;
  std::string name;
  std::int64_t ns = 0;
};

// The scheduler's run time of every thread of these processes.
std::vector<ThreadTime> thread_times(const std::vector<int>& processes);

// What each used between two looks; a thread that is new in `after` began at nothing.
std::vector<ThreadTime> used_between(const std::vector<ThreadTime>& before, const std::vector<ThreadTime>& after);

}  // namespace bench
