// observe/metrics.cpp - series and their text.
#include "observe/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace ajar::observe {
namespace {

void escape_to(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

std::string labels_text(const MetricLabels& labels, std::string_view le = {}) {
  if (labels.empty() && le.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out.append(name).append("=\"");
    escape_to(out, value, true);
    out += '"';
  }
  if (!le.empty()) fmt::format_to(std::back_inserter(out), "{}le=\"{}\"", out.size() > 1 ? "," : "", le);
  return out + "}";
}

}  // namespace

void Histogram::observe(double seconds) noexcept {
  const auto at = static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds) - bounds.begin());
  cells_[at].add();
  nanos_.add(seconds > 0 ? static_cast<std::uint64_t>(seconds * 1e9) : 0);
}

std::size_t Registry::place(Kind kind, std::string_view name, std::string_view help, const MetricLabels& labels, int shard) {
  auto family = families_.find(name);
  if (family == families_.end()) family = families_.emplace(std::string(name), Family{kind, std::string(help), {}}).first;
  if (family->second.kind != kind) std::abort();  // one name, two kinds: our bug
  auto& series = family->second.series;
  auto found = series.find(labels);
  if (found == series.end()) {
    MetricLabels kept = labels;
    if (series.size() >= most_series)
      for (auto& label : kept) label.second = "other";
    found = series.try_emplace(std::move(kept)).first;
  }
  const std::size_t next = kind == Kind::counter ? counters_.size() : kind == Kind::gauge ? gauges_.size() : histograms_.size();
  const auto [cell, fresh] = found->second.try_emplace(shard, next);
  if (fresh) {
    if (kind == Kind::counter)
      counters_.emplace_back();
    else if (kind == Kind::gauge)
      gauges_.emplace_back();
    else
      histograms_.emplace_back();
  }
  return cell->second;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const MetricLabels& labels, int shard) {
  std::lock_guard lock(mutex_);
  return counters_[place(Kind::counter, name, help, labels, shard)];
}
Gauge& Registry::gauge(std::string_view name, std::string_view help, const MetricLabels& labels, int shard) {
  std::lock_guard lock(mutex_);
  return gauges_[place(Kind::gauge, name, help, labels, shard)];
}
Histogram& Registry::histogram(std::string_view name, std::string_view help, const MetricLabels& labels, int shard) {
  std::lock_guard lock(mutex_);
  return histograms_[place(Kind::histogram, name, help, labels, shard)];
}

std::string Registry::exposition() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    static constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
    fmt::format_to(std::back_inserter(out), "# HELP {} ", name);
    escape_to(out, family.help, false);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, kinds[static_cast<std::size_t>(family.kind)]);
    for (const auto& [labels, shards] : family.series) {
      if (family.kind != Kind::histogram) {
        std::int64_t sum = 0;
        for (const auto& [shard, at] : shards)
          sum += family.kind == Kind::counter ? static_cast<std::int64_t>(counters_[at].value()) : gauges_[at].value();
        fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, labels_text(labels), sum);
        continue;
      }
      std::uint64_t below = 0;
      double sum = 0;
      for (const auto& [shard, at] : shards) sum += histograms_[at].sum();
      for (std::size_t i = 0; i <= Histogram::bounds.size(); ++i) {
        for (const auto& [shard, at] : shards) below += histograms_[at].bucket(i);
        const std::string le = i < Histogram::bounds.size() ? fmt::format("{}", Histogram::bounds[i]) : "+Inf";
        fmt::format_to(std::back_inserter(out), "{}_bucket{} {}\n", name, labels_text(labels, le), below);
      }
      fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n{}_count{} {}\n", name, labels_text(labels), sum, name, labels_text(labels),
                     below);
    }
  }
  return out;
}

}  // namespace ajar::observe
