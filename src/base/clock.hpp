// base/clock.hpp - Clock: monotonic and wall time as an interface, so that tests own time.
#pragma once

#include <chrono>
#include <cstdint>

namespace ajar {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Nanos>;   // monotonic
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;  // UTC

struct Clock {
  virtual Instant now() const noexcept = 0;
  virtual WallTime wall() const noexcept = 0;
  virtual ~Clock() = default;
};

struct SystemClock final : Clock {
  Instant now() const noexcept override;
  WallTime wall() const noexcept override;
};

// Moves only when told.
struct FakeClock final : Clock {
  Instant now() const noexcept override { return instant; }
  WallTime wall() const noexcept override { return time; }
  void advance(Nanos by) noexcept {
    instant += by;
    time += by;
  }
  Instant instant{};
  WallTime time{};
};

}  // namespace ajar
