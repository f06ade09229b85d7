// route/health.cpp - the breaker's lock-free cells.
#include "route/health.hpp"

#include <algorithm>
#include <new>

namespace ajar::route {
namespace {

constexpr int failures_to_open = 5;
constexpr Nanos first_pause = std::chrono::seconds(5);
constexpr Nanos longest_pause = std::chrono::seconds(120);
constexpr Nanos probe_every = std::chrono::seconds(5);

std::int64_t count_of(Instant at) noexcept { return at.time_since_epoch().count(); }

}  // namespace

struct alignas(64) Health::Cell {
  std::atomic<std::int32_t> failures{0};    // in a row
  std::atomic<std::int32_t> openings{0};    // in a row; doubles the pause
  std::atomic<std::int64_t> open_until{0};  // monotonic nanoseconds; 0 = closed
  std::atomic<std::int64_t> probe_at{0};    // when the last probe was let through
  std::atomic<std::int64_t> latency{0};
  std::atomic<std::int64_t> in_flight{0};
};

void Health::Free::operator()(Cell* cells) const noexcept { delete[] cells; }

Health::Health(std::size_t deployments) : count_(deployments), cells_(new Cell[deployments]) {}

void Health::inherit(std::uint32_t deployment, const Health& before, std::uint32_t old) noexcept {
  Cell& to = cells_.get()[deployment];
  const Cell& from = before.cells_.get()[old];
  to.failures.store(from.failures.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.openings.store(from.openings.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.open_until.store(from.open_until.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.probe_at.store(from.probe_at.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to.latency.store(from.latency.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void Health::succeeded(std::uint32_t deployment, Nanos first_byte) noexcept {
  Cell& cell = cells_.get()[deployment];
  if (cell.failures.load(std::memory_order_relaxed) != 0) cell.failures.store(0, std::memory_order_relaxed);
  if (cell.openings.load(std::memory_order_relaxed) != 0) cell.openings.store(0, std::memory_order_relaxed);
  if (cell.open_until.load(std::memory_order_relaxed) != 0) cell.open_until.store(0, std::memory_order_relaxed);
  const std::int64_t before = cell.latency.load(std::memory_order_relaxed);
  cell.latency.store(before == 0 ? first_byte.count() : before + (first_byte.count() - before) / 8, std::memory_order_relaxed);
}

void Health::failed(std::uint32_t deployment, Instant now, std::optional<Nanos> retry_after) noexcept {
  Cell& cell = cells_.get()[deployment];
  std::int64_t until = cell.open_until.load(std::memory_order_relaxed);
  if (until > count_of(now)) return;  // open already: requests that were under way say nothing new
  const std::int32_t failures = cell.failures.fetch_add(1, std::memory_order_relaxed) + 1;
  if (failures < failures_to_open && until == 0) return;  // else: a probe that failed opens it again
  const std::int32_t openings = std::min(cell.openings.load(std::memory_order_relaxed), 6);
  Nanos pause = std::min(first_pause * (1 << openings), longest_pause);
  if (retry_after) pause = std::clamp(*retry_after, Nanos(first_pause), longest_pause);
  // Of several that fail at once, one opens it.
  if (cell.open_until.compare_exchange_strong(until, count_of(now + pause), std::memory_order_relaxed))
    cell.openings.store(openings + 1, std::memory_order_relaxed);
}

Circuit Health::circuit(std::uint32_t deployment, Instant now) const noexcept {
  const std::int64_t until = cells_.get()[deployment].open_until.load(std::memory_order_relaxed);
  if (until == 0) return Circuit::closed;
  return count_of(now) < until ? Circuit::open : Circuit::half_open;
}

bool Health::take_probe(std::uint32_t deployment, Instant now) noexcept {
  std::atomic<std::int64_t>& at = cells_.get()[deployment].probe_at;
  std::int64_t last = at.load(std::memory_order_relaxed);
  if (last != 0 && count_of(now) - last < probe_every.count()) return false;
  return at.compare_exchange_strong(last, count_of(now), std::memory_order_relaxed);
}

Nanos Health::latency(std::uint32_t deployment) const noexcept {
  return Nanos(cells_.get()[deployment].latency.load(std::memory_order_relaxed));
}

std::atomic<std::int64_t>& Health::in_flight(std::uint32_t deployment) noexcept { return cells_.get()[deployment].in_flight; }

}  // namespace ajar::route
