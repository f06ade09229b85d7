// bench/threads.cpp - reads /proc/PROCESS/task/THREAD/schedstat and comm.
#include "threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace bench {

std::vector<ThreadTime> thread_times(const std::vector<int>& processes) {
  std::vector<ThreadTime> times;
  for (const int process : processes) {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), gone)) {
      ThreadTime time{.process = process, .name = {}};
      const std::string id = entry.path().filename().string();
      std::from_chars(id.data(), id.data() + id.size(), time.thread);
      std::ifstream(entry.path() / "schedstat") >> time.ns;
      std::getline(std::ifstream(entry.path() / "comm"), time.name);
      times.push_back(std::move(time));
    }
  }
  return times;
}

std::vector<ThreadTime> used_between(const std::vector<ThreadTime>& before, const std::vector<ThreadTime>& after) {
  std::vector<ThreadTime> used = after;
  for (ThreadTime& time : used) {
    const auto earlier = std::ranges::find(before, time.thread, &ThreadTime::thread);
    if (earlier != before.end()) time.ns -= earlier->ns;
  }
  return used;
}

}  // namespace bench
