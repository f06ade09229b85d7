// cli/plan_ledger.cpp - exchanges become arrivals.
#include "cli/plan_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "cli/ledger_place.hpp"
#include "ledger/query.hpp"

namespace ajar::cli {

void Observed::see(const ledger::Entry& e) {
  if (e.simulated) {
    ++simulated_;
    return;
  }
  const std::int64_t input = e.usage.total_input(), output = e.usage.total_output();
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  if (!e.usage.reported || input < 1 || output < 1 || input > most || output > most) {
    ++unusable_;
    return;
  }
  if (trace_.arrivals.empty()) first_ = e.began;
  const std::int64_t at = std::chrono::duration_cast<std::chrono::nanoseconds>(e.began - first_).count();
  // Clocks are set back now and then.
  const std::int64_t before = trace_.arrivals.empty() ? 0 : trace_.arrivals.back().at;
  trace_.arrivals.push_back({std::max(at, before), static_cast<std::int32_t>(input), static_cast<std::int32_t>(output)});
  input_ += static_cast<double>(input);
  output_ += static_cast<double>(output);
  cached_ += static_cast<double>(e.usage.cache_read);
  reasoning_ += static_cast<double>(e.usage.reasoning);
  if (e.label != 0) labelled_ += static_cast<double>(input + output);
}

Result<std::vector<std::string>> Observed::measure(plan::Workload& w) const {
  if (trace_.arrivals.empty())
    return fail(Fault::not_found, fmt::format("the ledger holds no exchange to plan with: {} are simulated, {} have no usage of both kinds",
                                              simulated_, unusable_));
  auto notes = plan::measure(trace_, w);
  if (!notes) return notes;
  // A trace's lengths include hidden reasoning; a workload's tokens leave it out.
  w.hidden = std::min(reasoning_ / output_, 0.98);
  const double visible = output_ - w.hidden * output_;
  w.tokens *= (input_ + visible) / (input_ + output_);
  w.input_share = std::min(input_ / (input_ + visible), 0.9999);
  w.cached = cached_ / input_;
  w.sensitive = labelled_ / (input_ + output_);
  notes->push_back(
      fmt::format("{} exchanges; {:.1f} % of the input was cached, {:.1f} % of the output was reasoning, {:.1f} % of the tokens "
                  "carried a label and count as sensitive",
                  trace_.arrivals.size(), 100 * w.cached, 100 * w.hidden, 100 * w.sensitive));
  if (simulated_ + unusable_ > 0)
    notes->push_back(fmt::format("left out: {} simulated exchanges, {} without usage of both kinds", simulated_, unusable_));
  return notes;
}

Result<std::vector<std::string>> measure_ledger(std::string_view home, std::string_view since, plan::Workload& w) {
  ledger::Filter filter;
  if (!since.empty()) {
    filter.since = parse_rfc3339(since);
    if (!filter.since) return fail(Fault::config, fmt::format("--since {}: not a time; write a day as 2026-11-24", since));
  }
  const auto place = ledger_place(home);
  if (!place) return std::unexpected(place.error());
  const auto database = open_ledger(*place);
  if (!database) return std::unexpected(database.error());
  Observed observed;
  const auto done = ledger::newest(**database, filter, std::numeric_limits<std::int64_t>::max(), true,
                                   [&observed](const ledger::Entry& e) { observed.see(e); });
  if (!done) return std::unexpected(done.error());
  return observed.measure(w);
}

}  // namespace ajar::cli
