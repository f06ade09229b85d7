// fuzz/plan_tables.cpp - tables of set-ups and of requests: no text may crash the readers, and what is read can be predicted or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plan/capacity/physics.hpp"
#include "plan/capacity/points.hpp"
#include "plan/simulate/simulate.hpp"

namespace {

using namespace ajar;

const std::vector<catalog::Gpu>& gpus() {
  static const std::vector<catalog::Gpu> all = [] {
    catalog::Gpu g;
    g.id = g.name = "h100";
    g.memory = 80e9, g.bandwidth = 3.35e12, g.bf16 = 989e12, g.fp8 = g.fp4 = 1979e12, g.link = 450e9, g.domain = 8;
    return std::vector{g};
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::vector<catalog::Shape> none;
  if (const auto points = plan::points_of(text, gpus(), none))
    for (const plan::Point& p : points->rows) {
      if (!p.reason.empty()) continue;
      const plan::Estimate e = plan::estimate(plan::basis_of(p.setup, p.load), plan::Constants{});
      if (e.step < 0) std::abort();
    }
  if (const auto trace = plan::trace_of(text); trace && trace->arrivals.size() < 64) {
    plan::StepTimes times;
    times.step = {0, 1e7, 2e7};
    times.per_context = {0, 10, 10};
    times.prefill = 1e4;
    times.kv_tokens = 10'000;
    times.sequences = 2;
    const plan::Simulated s = plan::simulate(*trace, {.times = times, .replicas = 2});
    if (s.requests != static_cast<std::int64_t>(trace->arrivals.size())) std::abort();
  }
  return 0;
}
