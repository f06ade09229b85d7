// plan/simulate/replica.hpp - Replica: one engine with its queue and its batch, advanced many steps at once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "plan/simulate/prefix_cache.hpp"
#include "plan/simulate/step_times.hpp"
#include "plan/simulate/trace.hpp"

namespace ajar::plan {

// Of one request, ns; 0 = not yet.
struct Served {
  std::int64_t first = 0, last = 0;
};

class Replica {
 public:
  // All outlive it; `done` has a place for each arrival.
  Replica(const StepTimes& t, const Trace& trace, std::vector<Served>& done) : t_(t), trace_(trace), done_(done) {}

  double work() const noexcept { return work_; }  // tokens to do, prompts weighed by what they take
  // Work that a request would add: less where the beginning of its prompt is in the KV memory.
  double work_of(std::uint32_t request) const noexcept;
  std::int64_t waiting() const noexcept { return static_cast<std::int64_t>(queue_.size()); }
  std::int64_t in_flight() const noexcept { return waiting() + static_cast<std::int64_t>(running_.size()) + (has_hand_ ? 1 : 0); }
  std::int64_t kv_peak() const noexcept { return kv_peak_; }
  std::int64_t cached_input() const noexcept { return cached_input_; }
  double busy() const noexcept { return busy_; }
  bool idle() const noexcept { return running_.empty() && queue_.empty() && prefill_left_ == 0; }
  // ns until a request that came now would begin, at the least.
  double wait() const noexcept { return queued_prompt_ * t_.prefill; }

  void add(std::uint32_t request, std::int64_t now);
  // Every step that begins before `until`.
  void advance(std::int64_t until);
  // All that it has in hand is lost, its KV memory too; gives the requests in the order in which they came to it.
  std::vector<std::uint32_t> fail();

 private:
  struct Waiting {
    std::uint32_t request;
    std::int32_t input, output;
  };
  struct Running {
    std::int64_t last;  // the step in which its last token is made
    std::uint32_t request;
    std::int32_t input, output;
    bool operator>(const Running& other) const noexcept { return last != other.last ? last > other.last : request > other.request; }
  };

  static double weight(const Arrival& a) noexcept { return a.output + a.input * prompt_weight; }
  double step_time() const noexcept;
  double time_of(double k) const noexcept;
  void pass(double ns) noexcept;
  void decode_steps(std::int64_t until);
  void prefill_steps(std::int64_t until);
  void made(std::int64_t k);
  void prefilled();
  void admit();
  void let_go(std::uint32_t request, std::int32_t input, std::int32_t output);
  std::int64_t kv() const noexcept { return kv_ + static_cast<std::int64_t>(cache_.used()) * Trace::block_tokens; }

  static constexpr double prompt_weight = 0.05;  // a prompt's token against an answer's, in time

  const StepTimes& t_;
  const Trace& trace_;
  std::vector<Served>& done_;
  std::deque<Waiting> queue_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
  PrefixCache cache_;
  Waiting in_hand_{};
  bool has_hand_ = false;
  std::int64_t now_ = 0, step_ = 0, context_ = 0, kv_peak_ = 0, prefill_left_ = 0, prefill_done_ = 0, cached_input_ = 0;
  std::int64_t kv_ = 0;  // tokens reserved beside the shared blocks
  double work_ = 0, queued_prompt_ = 0, busy_ = 0;
};

}  // namespace ajar::plan
