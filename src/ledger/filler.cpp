// ledger/filler.cpp - the thread that fills the database behind the journal.
#include <pthread.h>

#include "ledger/segment.hpp"
#include "ledger/store.hpp"

namespace ajar::ledger {
namespace {

constexpr Millis longest_catch_up{2000};  // at the end; the rest is taken at the next start, or by `ajar ledger`

}  // namespace

Result<std::unique_ptr<Filler>> Filler::start(FillerOptions options) {
  auto store = Store::open(options.database, options.journal);
  if (!store) return forward(std::move(store));
  std::unique_ptr<Filler> filler(new Filler(std::move(options)));
  filler->store_ = std::move(*store);
  filler->thread_ = std::thread([raw = filler.get()] { raw->fill(); });
  return filler;
}

Filler::~Filler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  const SystemClock clock;
  const Instant until = clock.now() + longest_catch_up;
  for (bool more = true; more && clock.now() < until;) more = store_->take().value_or(false);
}

void Filler::fill() {
  ::pthread_setname_np(::pthread_self(), "ajar-filler");
  let_large_writes_fail();
  bool well = true;
  for (;;) {
    const Status filled = catch_up();
    if (filled.has_value() != well) {
      well = filled.has_value();
      if (options_.tell) options_.tell(filled);
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, options_.every, [this] { return stopping_.load(); })) return;
  }
}

Status Filler::catch_up() {
  for (bool more = true; more && !stopping_;) {
    auto taken = store_->take();
    // Somebody else writes, perhaps a rebuild: the journal waits.
    if (!taken && taken.error().code == "busy") return ok();
    if (!taken) return forward(std::move(taken));
    more = *taken;
  }
  return ok();
}

}  // namespace ajar::ledger
