// cli/signals.hpp - Signals: what the operator or a changed file asks of a running program.
#pragma once

#include <filesystem>

#include "base/clock.hpp"

namespace ajar::cli {

class Signals {
 public:
  enum class Ask : std::uint8_t { stop, reload, changed };

  // Blocks SIGINT, SIGTERM and SIGHUP for this thread and those that it starts: to be made before any other thread.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;

  // Also tells when something changes in the folder of this file; once per burst.
  void watch(const std::filesystem::path& file);

  Ask next();               // waits
  void release() noexcept;  // from here on a second signal ends the program at once

 private:
  int signals_ = -1, changes_ = -1;
};

}  // namespace ajar::cli
