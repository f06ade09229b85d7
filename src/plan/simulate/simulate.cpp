// plan/simulate/simulate.cpp - arrivals in order of time, and between them what happens to replicas.
#include "plan/simulate/simulate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <queue>
#include <tuple>

#include "plan/random.hpp"
#include "plan/simulate/replica.hpp"

namespace ajar::plan {
namespace {

constexpr std::int64_t look_every = 15'000'000'000;  // ns
constexpr std::uint8_t most_tries = 3;
constexpr std::array<std::string_view, 4> balances{"least", "prefix", "turns", "two"};

std::int64_t ns(double seconds) noexcept { return static_cast<std::int64_t>(seconds * 1e9); }

Quantiles quantiles_of(std::vector<float>& sample) {
  if (sample.empty()) return {};
  const auto at = [&sample](double q) {
    const auto place = static_cast<std::ptrdiff_t>(q * static_cast<double>(sample.size() - 1));
    std::nth_element(sample.begin(), sample.begin() + place, sample.end());
    return static_cast<double>(sample[static_cast<std::size_t>(place)]);
  };
  return {at(0.5), at(0.9), at(0.95), at(0.99)};
}

// A place for a replica: off, loading until `ready`, or serving; a leaving one gets no more requests.
struct Slot {
  enum class State : std::uint8_t { off, loading, serving, leaving };
  Replica replica;
  Random chance;
  State state = State::off;
  std::int64_t since = 0;  // it is on
  std::int64_t ready = 0;
  std::uint32_t life = 0;  // events of an earlier life do not count

  bool on() const noexcept { return state != State::off; }
};

class Run {
 public:
  Run(const Trace& trace, const Fleet& fleet)
      : trace_(trace), fleet_(fleet), served_(trace.arrivals.size()), tries_(may_fail() ? trace.arrivals.size() : 0), chance_(fleet.seed) {
    const int most = fleet.scaling ? std::max(fleet.scaling->most, 1) : std::max(fleet.replicas, 0);
    const int first = fleet.scaling ? std::min(fleet.scaling->least, most) : most;
    slots_.reserve(static_cast<std::size_t>(most));
    for (int i = 0; i < most; ++i)
      slots_.push_back(
          {.replica = Replica(fleet_.times, trace_, served_), .chance = Random(fleet.seed * 1'000'003 + static_cast<std::uint64_t>(i))});
    for (int i = 0; i < first; ++i) serve(static_cast<std::size_t>(i), 0);
    if (fleet.scaling) events_.push({look_every, What::look, 0, 0});
  }

  Simulated run() {
    for (std::uint32_t i = 0; i < trace_.arrivals.size(); ++i) {
      const std::int64_t now = trace_.arrivals[i].at;
      happen(now);
      ++s_.requests;
      if (overflows(i, now)) continue;
      s_.input += trace_.arrivals[i].input;
      s_.output += trace_.arrivals[i].output;
      place(i, now);
    }
    while (!events_.empty() && !done()) happen(events_.top().at + 1);
    for (Slot& slot : slots_) slot.replica.advance(INT64_MAX);
    return sum();
  }

 private:
  enum class What : std::uint8_t { ready, fail, look };
  struct Event {
    std::int64_t at;
    What what;
    std::uint32_t slot, life;
    bool operator>(const Event& o) const noexcept { return std::tie(at, what, slot) > std::tie(o.at, o.what, o.slot); }
  };

  bool may_fail() const noexcept { return fleet_.fails_every > 0; }

  bool done() const {
    return waiting_.empty() && std::ranges::all_of(slots_, [](const Slot& slot) { return slot.replica.idle(); });
  }

  // All that happens to replicas before an instant, and every step that begins before it.
  void happen(std::int64_t until) {
    while (!events_.empty() && events_.top().at < until) {
      const Event e = events_.top();
      events_.pop();
      for (Slot& slot : slots_) slot.replica.advance(e.at);
      if (e.what == What::look) {
        look(e.at);
      } else if (slots_[e.slot].life == e.life) {
        e.what == What::ready ? serve(e.slot, e.at) : fail(e.slot, e.at);
      }
    }
    for (Slot& slot : slots_) slot.replica.advance(until);
  }

  void start(std::size_t i, std::int64_t now) {
    Slot& slot = slots_[i];
    if (!slot.on()) slot.since = now;
    slot.state = Slot::State::loading;
    slot.ready = now + ns(fleet_.reload);
    ++slot.life;
    ++s_.starts;
    events_.push({slot.ready, What::ready, static_cast<std::uint32_t>(i), slot.life});
    count_on();
  }

  void serve(std::size_t i, std::int64_t now) {
    Slot& slot = slots_[i];
    if (!slot.on()) slot.since = now;
    slot.state = Slot::State::serving;
    if (may_fail())
      events_.push({now + std::max<std::int64_t>(1, ns(-std::log(1 - slot.chance.uniform()) * fleet_.fails_every)), What::fail,
                    static_cast<std::uint32_t>(i), slot.life});
    count_on();
    std::deque<std::uint32_t> waited;
    waited.swap(waiting_);
    for (const std::uint32_t request : waited) place(request, now);
  }

  void stop(Slot& slot, std::int64_t now) {
    on_ns_ += static_cast<double>(now - slot.since);
    slot.state = Slot::State::off;
    ++slot.life;
  }

  void fail(std::size_t i, std::int64_t now) {
    Slot& slot = slots_[i];
    ++s_.failures;
    const bool leaves = slot.state == Slot::State::leaving;
    const std::vector<std::uint32_t> lost = slot.replica.fail();
    if (leaves)
      stop(slot, now);
    else
      start(i, now);
    for (const std::uint32_t request : lost) {
      // What the caller has begun to read cannot begin again.
      if (served_[request].first != 0 || ++tries_[request] >= most_tries) {
        served_[request] = {};
        ++s_.cut;
        continue;
      }
      ++s_.again;
      place(request, now);
    }
  }

  // As many replicas as the requests in flight need; down only after a while, one at a time.
  void look(std::int64_t now) {
    const Scaling& scaling = *fleet_.scaling;
    for (Slot& slot : slots_)
      if (slot.state == Slot::State::leaving && slot.replica.idle()) stop(slot, now);
    auto in_flight = static_cast<std::int64_t>(waiting_.size());
    int here = 0;
    for (const Slot& slot : slots_) {
      in_flight += slot.replica.in_flight();
      here += slot.state == Slot::State::loading || slot.state == Slot::State::serving ? 1 : 0;
    }
    const int wanted =
        std::clamp(static_cast<int>(std::ceil(static_cast<double>(in_flight) / scaling.in_flight)), scaling.least, scaling.most);
    if (wanted >= here) enough_since_ = now;
    for (; wanted > here && more(now); ++here) {
    }
    if (wanted < here && now - enough_since_ >= ns(scaling.cooldown)) {
      fewer(now);
      enough_since_ = now;
    }
    events_.push({now + look_every, What::look, 0, 0});
  }

  bool more(std::int64_t now) {
    for (Slot& slot : slots_)
      if (slot.state == Slot::State::leaving) return slot.state = Slot::State::serving, true;
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (!slots_[i].on()) return start(i, now), true;
    return false;
  }

  void fewer(std::int64_t now) {
    Slot* last = nullptr;
    for (Slot& slot : slots_)
      if (slot.state == Slot::State::serving && (last == nullptr || slot.replica.work() <= last->replica.work())) last = &slot;
    if (last == nullptr) return;
    last->state = Slot::State::leaving;
    if (last->replica.idle()) stop(*last, now);
  }

  void count_on() {
    s_.most_replicas =
        std::max(s_.most_replicas, static_cast<int>(std::ranges::count_if(slots_, [](const Slot& slot) { return slot.on(); })));
  }

  std::size_t choose(std::uint32_t request) {
    const auto serves = [this](std::size_t i) { return slots_[i].state == Slot::State::serving; };
    const std::size_t none = slots_.size();
    if (fleet_.balance == Balance::turns) {
      for (std::size_t step = 1; step <= slots_.size(); ++step)
        if (const std::size_t i = (turn_ + step) % slots_.size(); serves(i)) return turn_ = i;
      return none;
    }
    if (fleet_.balance == Balance::two) {
      std::vector<std::size_t> serving;
      for (std::size_t i = 0; i < slots_.size(); ++i)
        if (serves(i)) serving.push_back(i);
      if (serving.empty()) return none;
      const std::size_t a = serving[chance_.bits() % serving.size()], b = serving[chance_.bits() % serving.size()];
      return slots_[b].replica.work() < slots_[a].replica.work() ? b : a;
    }
    std::size_t least = none;
    double work = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!serves(i)) continue;
      const Replica& r = slots_[i].replica;
      const double then = r.work() + (fleet_.balance == Balance::prefix ? r.work_of(request) : 0);
      if (least == none || then < work) least = i, work = then;
    }
    return least;
  }

  // ns that a request would wait at the least, whoever got it.
  double wait(std::uint32_t request, std::int64_t now) {
    const std::size_t turn = turn_;
    if (const std::size_t i = choose(request); i < slots_.size()) {
      turn_ = turn;
      return slots_[i].replica.wait();
    }
    double least = fleet_.reload * 1e9;
    for (const Slot& slot : slots_)
      if (slot.state == Slot::State::loading) least = std::min(least, static_cast<double>(slot.ready - now));
    return least;
  }

  bool overflows(std::uint32_t request, std::int64_t now) {
    if (fleet_.overflow_after <= 0) return false;
    if (!slots_.empty() && wait(request, now) <= fleet_.overflow_after * 1e9) return false;
    ++s_.overflowed;
    s_.overflow_input += trace_.arrivals[request].input;
    s_.overflow_output += trace_.arrivals[request].output;
    // It tells that a replica is wanted, though it does not wait for it.
    if (fleet_.scaling && std::ranges::none_of(slots_, &Slot::on)) start(0, now);
    return true;
  }

  void place(std::uint32_t request, std::int64_t now) {
    const std::size_t i = choose(request);
    if (i == slots_.size()) {
      waiting_.push_back(request);
      s_.most_waiting = std::max(s_.most_waiting, static_cast<std::int64_t>(waiting_.size()));
      if (std::ranges::none_of(slots_, &Slot::on) && !slots_.empty()) start(0, now);
      return;
    }
    Replica& r = slots_[i].replica;
    r.add(request, now);
    s_.most_waiting = std::max(s_.most_waiting, r.waiting());
  }

  Simulated sum() {
    std::int64_t end = trace_.arrivals.empty() ? 0 : trace_.arrivals.back().at;
    std::int64_t peak = 0;
    double busy = 0;
    for (const Slot& slot : slots_) {
      peak = std::max(peak, slot.replica.kv_peak());
      busy += slot.replica.busy();
      s_.cached_input += slot.replica.cached_input();
    }
    std::vector<float> ttft, tpot, whole;
    ttft.reserve(served_.size()), tpot.reserve(served_.size()), whole.reserve(served_.size());
    for (std::size_t i = 0; i < served_.size(); ++i) {
      const Served& done = served_[i];
      if (done.last == 0) continue;  // overflowed or cut
      const Arrival& a = trace_.arrivals[i];
      end = std::max(end, done.last);
      ttft.push_back(static_cast<float>((static_cast<double>(done.first - a.at) + fleet_.times.latency) * 1e-9));
      whole.push_back(static_cast<float>((static_cast<double>(done.last - a.at) + fleet_.times.latency) * 1e-9));
      if (a.output > 1) tpot.push_back(static_cast<float>(static_cast<double>(done.last - done.first) * 1e-9 / (a.output - 1)));
      s_.digest =
          (s_.digest ^ static_cast<std::uint64_t>(done.first) ^ (static_cast<std::uint64_t>(done.last) << 1)) * 0x9E3779B97F4A7C15ULL;
    }
    s_.ttft = quantiles_of(ttft);
    s_.tpot = quantiles_of(tpot);
    s_.whole = quantiles_of(whole);
    s_.seconds = static_cast<double>(end) * 1e-9;
    for (Slot& slot : slots_)
      if (slot.on()) stop(slot, std::max(end, slot.since));
    s_.replica_seconds = on_ns_ * 1e-9;
    s_.busy = on_ns_ > 0 ? std::min(1.0, busy / on_ns_) : 0;
    s_.kv_peak = fleet_.times.kv_tokens > 0 ? static_cast<double>(peak) / static_cast<double>(fleet_.times.kv_tokens) : 0;
    return s_;
  }

  const Trace& trace_;
  const Fleet& fleet_;
  std::vector<Served> served_;
  std::vector<std::uint8_t> tries_;
  Random chance_;
  std::vector<Slot> slots_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::deque<std::uint32_t> waiting_;  // no replica serves
  std::size_t turn_ = 0;
  std::int64_t enough_since_ = 0;
  double on_ns_ = 0;
  Simulated s_;
};

}  // namespace

std::string_view name_of(Balance balance) noexcept { return balances[static_cast<std::size_t>(balance)]; }

std::optional<Balance> balance_named(std::string_view name) noexcept {
  const auto at = std::ranges::find(balances, name);
  if (at == balances.end()) return std::nullopt;
  return static_cast<Balance>(at - balances.begin());
}

Simulated simulate(const Trace& trace, const Fleet& fleet) { return Run(trace, fleet).run(); }

int smallest_fleet(const Trace& trace, Fleet fleet, double ttft_p99, double tpot_p95, int most) {
  const auto meets = [&](int replicas) {
    fleet.replicas = replicas;
    const Simulated s = simulate(trace, fleet);
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

}  // namespace ajar::plan
