// observe/metrics.hpp - Registry: counters, gauges and histograms with one cell per shard, summed when they are read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ajar::observe {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Written by one shard, read by any.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Buckets of seconds in steps of about two, from 1 ms to 300 s; fit for latencies of models.
class Histogram {
 public:
  static constexpr std::array<double, 18> bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                 1,     2.5,    5,     10,   20,    40,   80,  160,  300};
  void observe(double seconds) noexcept;
  std::uint64_t bucket(std::size_t i) const noexcept { return cells_[i].value(); }
  double sum() const noexcept { return static_cast<double>(nanos_.value()) * 1e-9; }

 private:
  std::array<Counter, bounds.size() + 1> cells_;
  Counter nanos_;
};

// Series are made once and kept; references stay valid as long as the registry. A name with too many series gets one that stands for the
// rest (label values "other"), so that callers cannot make it grow without bound. Thread-safe.
class Registry {
 public:
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels&, int shard);
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels&, int shard);
  Histogram& histogram(std::string_view name, std::string_view help, const MetricLabels&, int shard);
  std::string exposition() const;  // Prometheus text, version 0.0.4

  static constexpr std::size_t most_series = 1000;  // per name

 private:
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  struct Family {
    Kind kind;
    std::string help;
    std::map<MetricLabels, std::map<int, std::size_t>> series;  // labels, shard -> place
  };
  std::size_t place(Kind, std::string_view name, std::string_view help, const MetricLabels&, int shard);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
  std::deque<Counter> counters_;
  std::deque<Gauge> gauges_;
  std::deque<Histogram> histograms_;
};

}  // namespace ajar::observe
