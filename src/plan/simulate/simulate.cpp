// plan/simulate/simulate.cpp - replicas advance many steps at once: between two events every step differs by one token per sequence.
#include "plan/simulate/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <span>

#include "plan/capacity/memory.hpp"

namespace ajar::plan {
namespace {

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

struct Times {
  std::int64_t first = 0, last = 0;  // ns
};

class Replica {
 public:
  Replica(const StepTimes& t, std::span<const Arrival> arrivals, std::vector<Times>& done) : t_(t), arrivals_(arrivals), done_(done) {}

  double work() const noexcept { return work_; }  // tokens to do, prompts weighed by what they take
  std::int64_t waiting() const noexcept { return static_cast<std::int64_t>(queue_.size()); }
  std::int64_t kv_peak() const noexcept { return kv_peak_; }
  double busy() const noexcept { return busy_; }
  bool idle() const noexcept { return running_.empty() && queue_.empty() && prefill_left_ == 0; }
  // ns until a request that came now would begin, at the least.
  double wait() const noexcept { return queued_prompt_ * t_.prefill; }

  void add(std::uint32_t request, std::int64_t now) {
    if (idle()) now_ = std::max(now_, now);
    const Arrival& a = arrivals_[request];
    queue_.push_back({request, a.input, a.output});
    queued_prompt_ += a.input;
    work_ += weight(a);
    admit();
  }

  // Every step that begins before `until`.
  void advance(std::int64_t until) {
    while (now_ < until && !(running_.empty() && prefill_left_ == 0)) {
      if (prefill_left_ > 0)
        prefill_steps(until);
      else
        decode_steps(until);
    }
    if (now_ < until && idle()) now_ = until;
  }

 private:
  double weight(const Arrival& a) const noexcept { return a.output + a.input * prompt_weight; }

  double step_time() const noexcept {
    const std::size_t b = std::min(running_.size(), t_.step.size() - 1);
    return b == 0 ? 0 : t_.step[b] + t_.per_context[b] * static_cast<double>(context_);
  }

  // ns of the next k steps, decoding alone: each has one token more of context per sequence.
  double time_of(double k) const noexcept {
    const std::size_t b = std::min(running_.size(), t_.step.size() - 1);
    const auto n = static_cast<double>(running_.size());
    return k * step_time() + t_.per_context[b] * n * k * (k - 1) / 2;
  }

  void pass(double ns) noexcept {
    now_ += std::max<std::int64_t>(1, static_cast<std::int64_t>(ns));
    busy_ += ns;
  }

  void decode_steps(std::int64_t until) {
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
  void prefill_steps(std::int64_t until) {
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
  void made(std::int64_t k) {
    step_ += k;
    context_ += k * static_cast<std::int64_t>(running_.size());
    work_ -= static_cast<double>(k * static_cast<std::int64_t>(running_.size()));
    bool ended = false;
    while (!running_.empty() && running_.top().last <= step_) {
      const Running& r = running_.top();
      done_[r.request].last = now_;
      context_ -= r.input + r.output;
      kv_ -= r.input + r.output;
      running_.pop();
      ended = true;
    }
    if (ended) admit();
  }

  // The prompt in hand is whole: its first token is there.
  void prefilled() {
    const Waiting w = in_hand_;
    work_ -= w.input * prompt_weight + 1;
    done_[w.request].first = now_;
    if (w.output <= 1) {
      done_[w.request].last = now_;
      kv_ -= w.input + w.output;
    } else {
      running_.push({step_ + w.output - 1, w.request, w.input, w.output});
      context_ += w.input + 1;
    }
    has_hand_ = false;
    admit();
  }

  void admit() {
    if (has_hand_ || queue_.empty()) return;
    const Waiting& w = queue_.front();
    const std::int64_t need = w.input + w.output;
    // One that is larger than the whole memory runs alone.
    const bool fits = kv_ + need <= t_.kv_tokens || (running_.empty() && kv_ == 0);
    if (!fits || static_cast<std::int32_t>(running_.size()) >= t_.sequences) return;
    in_hand_ = w;
    has_hand_ = true;
    queued_prompt_ -= w.input;
    kv_ += need;
    kv_peak_ = std::max(kv_peak_, kv_);
    prefill_left_ = w.input;
    prefill_done_ = 0;
    queue_.pop_front();
  }

  static constexpr double prompt_weight = 0.05;  // a prompt's token against an answer's, in time

  const StepTimes& t_;
  std::span<const Arrival> arrivals_;
  std::vector<Times>& done_;
  std::deque<Waiting> queue_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
  Waiting in_hand_{};
  bool has_hand_ = false;
  std::int64_t now_ = 0, step_ = 0, context_ = 0, kv_ = 0, kv_peak_ = 0, prefill_left_ = 0, prefill_done_ = 0;
  double work_ = 0, queued_prompt_ = 0, busy_ = 0;
};

Quantiles quantiles_of(std::vector<float>& sample) {
  if (sample.empty()) return {};
  const auto at = [&sample](double q) {
    const auto place = static_cast<std::ptrdiff_t>(q * static_cast<double>(sample.size() - 1));
    std::nth_element(sample.begin(), sample.begin() + place, sample.end());
    return static_cast<double>(sample[static_cast<std::size_t>(place)]);
  };
  return {at(0.5), at(0.9), at(0.95), at(0.99)};
}

}  // namespace

Simulated simulate(const Trace& trace, const Fleet& fleet) {
  Simulated s;
  std::vector<Times> done(trace.arrivals.size());
  std::vector<Replica> replicas(static_cast<std::size_t>(std::max(fleet.replicas, 1)), Replica(fleet.times, trace.arrivals, done));
  for (std::uint32_t i = 0; i < trace.arrivals.size(); ++i) {
    const Arrival& a = trace.arrivals[i];
    Replica* least = &replicas.front();
    for (Replica& r : replicas) {
      r.advance(a.at);
      if (r.work() < least->work()) least = &r;
    }
    ++s.requests;
    if (fleet.overflow_after > 0 && least->wait() > fleet.overflow_after * 1e9) {
      ++s.overflowed;
      s.overflow_input += a.input;
      s.overflow_output += a.output;
      continue;
    }
    s.input += a.input;
    s.output += a.output;
    least->add(i, a.at);
    s.most_waiting = std::max(s.most_waiting, least->waiting());
  }
  std::int64_t end = trace.arrivals.empty() ? 0 : trace.arrivals.back().at;
  std::int64_t peak = 0;
  double busy = 0;
  for (Replica& r : replicas) {
    r.advance(INT64_MAX);
    peak = std::max(peak, r.kv_peak());
    busy += r.busy();
  }
  std::vector<float> ttft, tpot, whole;
  ttft.reserve(done.size()), tpot.reserve(done.size()), whole.reserve(done.size());
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i].last == 0) continue;  // overflowed
    const Arrival& a = trace.arrivals[i];
    end = std::max(end, done[i].last);
    ttft.push_back(static_cast<float>((static_cast<double>(done[i].first - a.at) + fleet.times.latency) * 1e-9));
    whole.push_back(static_cast<float>((static_cast<double>(done[i].last - a.at) + fleet.times.latency) * 1e-9));
    if (a.output > 1) tpot.push_back(static_cast<float>(static_cast<double>(done[i].last - done[i].first) * 1e-9 / (a.output - 1)));
    s.digest =
        (s.digest ^ static_cast<std::uint64_t>(done[i].first) ^ (static_cast<std::uint64_t>(done[i].last) << 1)) * 0x9E3779B97F4A7C15ULL;
  }
  s.ttft = quantiles_of(ttft);
  s.tpot = quantiles_of(tpot);
  s.whole = quantiles_of(whole);
  s.seconds = static_cast<double>(end) * 1e-9;
  const double all = s.seconds * static_cast<double>(replicas.size());
  s.busy = all > 0 ? std::min(1.0, busy * 1e-9 / all) : 0;
  s.kv_peak = fleet.times.kv_tokens > 0 ? static_cast<double>(peak) / static_cast<double>(fleet.times.kv_tokens) : 0;
  return s;
}

int smallest_fleet(const Trace& trace, const StepTimes& times, double ttft_p99, double tpot_p95, int most) {
  const auto meets = [&](int replicas) {
    const Simulated s = simulate(trace, {.times = times, .replicas = replicas});
    return s.ttft.p99 <= ttft_p99 && s.tpot.p95 <= tpot_p95;
  };
  int bad = 0, good = 1;
  while (good <= most && !meets(good)) bad = good, good *= 2;
  if (good > most && (bad == most || !meets(most))) return 0;
  good = std::min(good, most);
  while (good - bad > 1) {
    const int middle = (good + bad) / 2;
    (meets(middle) ? good : bad) = middle;
  }
  return good;
}

StepTimes step_times_of(const Setup& setup, const Predictor& predictor, double mean_context) {
  StepTimes t;
  const double fit = most_sequences(setup, mean_context);
  t.sequences = static_cast<std::int32_t>(std::clamp(std::floor(fit), 1.0, 512.0));
  t.kv_tokens = static_cast<std::int64_t>(memory_of(setup).tokens());
  t.step.assign(static_cast<std::size_t>(t.sequences) + 1, 0);
  t.per_context.assign(t.step.size(), 0);
  const Constants& c = predictor.fitted().constants;
  // What the points say beyond the formula is taken at each batch size from the time between tokens; long answers keep prefills out of it.
  std::vector<std::pair<std::int32_t, std::pair<double, double>>> known;
  const auto measure = [&](std::int32_t b) {
    const auto at = [&](double context) {
      const Load load{.input = context, .output = 2, .in_flight = static_cast<double>(b)};
      const Load answers{.input = mean_context / 2, .output = mean_context, .in_flight = static_cast<double>(b)};
      const double factor = predictor.central(setup, answers).tpot / estimate(basis_of(setup, answers), c).tpot;
      return estimate(basis_of(setup, load), c).step * factor * 1e9;
    };
    const double low = at(1), high = at(mean_context);
    const double per = std::max(0.0, (high - low) / (mean_context - 1)) / b;
    return std::pair(std::max(low - per * b, 1.0), per);
  };
  for (std::int32_t b = 1;; b = std::min(b * 2, t.sequences)) {
    known.push_back({b, measure(b)});
    if (b == t.sequences) break;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto& [b, two] = known[i];
    t.step[static_cast<std::size_t>(b)] = two.first;
    t.per_context[static_cast<std::size_t>(b)] = two.second;
    if (i == 0) continue;
    const auto& [before, was] = known[i - 1];
    for (std::int32_t n = before + 1; n < b; ++n) {
      const double share = static_cast<double>(n - before) / (b - before);
      t.step[static_cast<std::size_t>(n)] = was.first + share * (two.first - was.first);
      t.per_context[static_cast<std::size_t>(n)] = was.second + share * (two.second - was.second);
    }
  }
  // A prompt holds the running sequences up for `interference` of its time; what its own first token takes beyond that holds up nobody.
  const auto of = [&c](Term term) { return c[static_cast<std::size_t>(term)]; };
  const auto prefill = [&](double tokens) {
    return estimate(basis_of(setup, {.input = tokens, .output = 1, .in_flight = 1}), c).prefill * 1e9;
  };
  const double small = of(Term::interference) * prefill(512) / 512, large = of(Term::interference) * prefill(8192) / 8192;
  t.prefill_square = std::max(0.0, (large - small) / (8192 - 512) * 2);
  t.prefill = std::max(small - t.prefill_square * 512 / 2, 1.0);
  const Term start = setup.engine == Engine::trtllm   ? Term::start_trtllm
                     : setup.engine == Engine::sglang ? Term::start_sglang
                                                      : Term::start_vllm;
  t.latency = of(start) * 1e9 + of(Term::first_steps) * t.step[1] +
              std::max(0.0, of(Term::first_prefill) - of(Term::interference)) * prefill(mean_context);
  return t;
}

}  // namespace ajar::plan
