// plan/simulate/replica.cpp - between two events every step differs by one token per sequence, so steps are added up in one go.
#include "plan/simulate/replica.hpp"

#include <algorithm>
#include <cmath>

namespace ajar::plan {
namespace {

std::int64_t tokens_of(std::size_t blocks) noexcept { return static_cast<std::int64_t>(blocks) * Trace::block_tokens; }

}  // namespace

double Replica::work_of(std::uint32_t request) const noexcept {
  return weight(trace_.arrivals[request]) - static_cast<double>(tokens_of(cache_.hits(trace_.blocks_of(request)))) * prompt_weight;
}

void Replica::add(std::uint32_t request, std::int64_t now) {
  if (idle()) now_ = std::max(now_, now);
  const Arrival& a = trace_.arrivals[request];
  queue_.push_back({request, a.input, a.output});
  queued_prompt_ += a.input;
  work_ += weight(a);
  admit();
}

void Replica::advance(std::int64_t until) {
  while (now_ < until && !(running_.empty() && prefill_left_ == 0)) {
    if (prefill_left_ > 0)
      prefill_steps(until);
    else
      decode_steps(until);
  }
  if (now_ < until && idle()) now_ = until;
}

std::vector<std::uint32_t> Replica::fail() {
  std::vector<std::uint32_t> lost;
  if (has_hand_) lost.push_back(in_hand_.request);
  for (; !running_.empty(); running_.pop()) lost.push_back(running_.top().request);
  for (const Waiting& w : queue_) lost.push_back(w.request);
  std::ranges::sort(lost);
  queue_.clear();
  cache_.clear();
  has_hand_ = false;
  context_ = kv_ = prefill_left_ = prefill_done_ = 0;
  work_ = queued_prompt_ = 0;
  return lost;
}

double Replica::step_time() const noexcept {
  const std::size_t b = std::min(running_.size(), t_.step.size() - 1);
  return b == 0 ? 0 : t_.step[b] + t_.per_context[b] * static_cast<double>(context_);
}

// ns of the next k steps, decoding alone: each has one token more of context per sequence.
double Replica::time_of(double k) const noexcept {
  const std::size_t b = std::min(running_.size(), t_.step.size() - 1);
  const auto n = static_cast<double>(running_.size());
  return k * step_time() + t_.per_context[b] * n * k * (k - 1) / 2;
}

void Replica::pass(double ns) noexcept {
  now_ += std::max<std::int64_t>(1, static_cast<std::int64_t>(ns));
  busy_ += ns;
}

void Replica::decode_steps(std::int64_t until) {
  const auto to_end = static_cast<double>(running_.top().last - step_);
  double k = to_end;
  if (const auto room = static_cast<double>(until - now_); time_of(k) > room) {
    // As many as begin before `until`: the root of a k + c k (k - 1) / 2 = room.
    const std::size_t b = std::min(running_.size(), t_.step.size() - 1);
    const double c = t_.per_context[b] * static_cast<double>(running_.size()) / 2, a = step_time() - c;
    const double root = c > 0 ? (std::sqrt(a * a + 4 * c * room) - a) / (2 * c) : room / a;
    k = std::clamp(std::ceil(root), 1.0, to_end);
  }
  pass(time_of(k));
  made(static_cast<std::int64_t>(k));
}

// A step with a chunk of a prompt; several when nothing ends in between.
void Replica::prefill_steps(std::int64_t until) {
  const std::int64_t chunks = (prefill_left_ + t_.chunk - 1) / t_.chunk;
  std::int64_t k = running_.empty() ? chunks : std::min(chunks, running_.top().last - step_);
  const double chunk =
      t_.prefill * std::min<double>(t_.chunk, static_cast<double>(prefill_left_)) +
      t_.prefill_square * std::min<double>(t_.chunk, static_cast<double>(prefill_left_)) * static_cast<double>(prefill_done_);
  const double each = step_time() + chunk;
  k = std::clamp<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(until - now_) / each) + 1, 1, k);
  if (t_.prefill_square > 0) k = 1;
  pass(each * static_cast<double>(k));
  const std::int64_t taken = std::min(prefill_left_, k * t_.chunk);
  prefill_left_ -= taken;
  prefill_done_ += taken;
  made(k);
  if (prefill_left_ == 0) prefilled();
}

// k steps have passed: every running sequence has k tokens more.
void Replica::made(std::int64_t k) {
  step_ += k;
  context_ += k * static_cast<std::int64_t>(running_.size());
  work_ -= static_cast<double>(k * static_cast<std::int64_t>(running_.size()));
  bool ended = false;
  while (!running_.empty() && running_.top().last <= step_) {
    const Running& r = running_.top();
    done_[r.request].last = now_;
    context_ -= r.input + r.output;
    let_go(r.request, r.input, r.output);
    running_.pop();
    ended = true;
  }
  if (ended) admit();
}

// The prompt in hand is whole: its first token is there.
void Replica::prefilled() {
  const Waiting w = in_hand_;
  work_ -= w.input * prompt_weight + 1;
  done_[w.request].first = now_;
  if (w.output <= 1) {
    done_[w.request].last = now_;
    let_go(w.request, w.input, w.output);
  } else {
    running_.push({step_ + w.output - 1, w.request, w.input, w.output});
    context_ += w.input + 1;
  }
  has_hand_ = false;
  admit();
}

void Replica::admit() {
  if (has_hand_ || queue_.empty()) return;
  const Waiting& w = queue_.front();
  const auto blocks = trace_.blocks_of(w.request);
  const std::int64_t beside = w.input + w.output - tokens_of(blocks.size());
  // Blocks that others use cost nothing more; idle ones have to stay now.
  const std::int64_t need = beside + tokens_of(blocks.size() - cache_.in_use(blocks));
  const bool fits = kv() + need <= t_.kv_tokens || (running_.empty() && kv() == 0);
  if (!fits || static_cast<std::int32_t>(running_.size()) >= t_.sequences) return;
  in_hand_ = w;
  has_hand_ = true;
  queued_prompt_ -= w.input;
  const std::int64_t cached = tokens_of(cache_.take(blocks));
  kv_ += beside;
  kv_peak_ = std::max(kv_peak_, kv());
  cache_.shrink_to(static_cast<std::size_t>(std::max<std::int64_t>(0, t_.kv_tokens - kv_) / Trace::block_tokens));
  // One token at least is computed anew: the first one of the answer comes from it.
  prefill_done_ = std::min<std::int64_t>(cached, w.input - 1);
  cached_input_ += prefill_done_;
  prefill_left_ = w.input - prefill_done_;
  queue_.pop_front();
}

void Replica::let_go(std::uint32_t request, std::int32_t input, std::int32_t output) {
  const auto blocks = trace_.blocks_of(request);
  kv_ -= input + output - tokens_of(blocks.size());
  cache_.release(blocks);
}

}  // namespace ajar::plan
