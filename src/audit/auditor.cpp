// audit/auditor.cpp - journal to log.
#include "audit/auditor.hpp"

#include <pthread.h>

#include "base/text.hpp"
#include "ledger/record.hpp"

namespace ajar::audit {

Auditor::Auditor(AuditorOptions options)
    : options_(std::move(options)),
      reader_(options_.journal, [this](const ledger::SegmentFile& file) -> Result<std::optional<std::uint64_t>> {
        const auto known = places_.find({file.lane, file.number});
        return known == places_.end() ? std::uint64_t{ledger::segment_head} : known->second;
      }) {}

Result<std::unique_ptr<Auditor>> Auditor::start(AuditorOptions options) {
  std::unique_ptr<Auditor> auditor(new Auditor(std::move(options)));
  auto log = Log::open(auditor->options_.folder, std::string(log_name));
  if (!log) return std::unexpected(log.error());
  auditor->log_ = std::move(*log);
  if (auto found = auditor->find_places(); !found) return std::unexpected(found.error());
  auditor->thread_ = std::thread([raw = auditor.get()] { raw->run(); });
  return auditor;
}

Auditor::~Auditor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  [[maybe_unused]] const Status last = take();
}

// The log itself is the only memory of what was taken.
Status Auditor::find_places() {
  const auto log = LogReader::open(options_.folder);
  if (!log) return std::unexpected(log.error());
  return log->each(0, log->size(), [this](std::uint64_t, std::string_view record) {
    const auto value = json::read(record);
    if (!value) return;
    const auto lane = (*value)["lane"].integer(), after = (*value)["after"].integer(), segment = to_int((*value)["segment"].text());
    if (!lane || !after || !segment) return;
    std::uint64_t& place = places_[{static_cast<int>(*lane), *segment}];
    place = std::max(place, static_cast<std::uint64_t>(*after));
  });
}

Status Auditor::take() {
  auto cursors = reader_.look();
  if (!cursors) return std::unexpected(cursors.error());
  const std::uint64_t before = log_->size();
  ledger::Record record;
  for (ledger::JournalReader::Cursor* cursor : *cursors) {
    ledger::Reader& reader = cursor->reader;
    const ledger::SegmentFile& file = reader.file();
    while (reader.next() == ledger::Reader::Step::record) {
      if (!ledger::decode(reader.bytes(), record) || !record.settled) continue;
      const Place place{file.lane, file.number, reader.after()};
      if (auto appended = log_->append(record_of(record.entry, place, options_.hosting_of)); !appended) {
        reader.seek(reader.offset());
        return appended;
      }
      places_[{file.lane, file.number}] = reader.after();
    }
    if (cursor->sealed) reader_.finish(*cursor);
  }
  return log_->size() == before ? ok() : log_->checkpoint();
}

void Auditor::run() {
  ::pthread_setname_np(::pthread_self(), "ajar-auditor");
  bool well = true;
  for (;;) {
    const Status taken = take();
    if (taken.has_value() != well) {
      well = taken.has_value();
      if (options_.tell) options_.tell(taken);
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, options_.every, [this] { return stopping_.load(); })) return;
  }
}

}  // namespace ajar::audit
