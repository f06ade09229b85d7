// base/clock.cpp - the only place that reads the system's clocks.
#include "base/clock.hpp"

namespace ajar {

Instant SystemClock::now() const noexcept { return std::chrono::steady_clock::now(); }
WallTime SystemClock::wall() const noexcept { return std::chrono::system_clock::now(); }

}  // namespace ajar
