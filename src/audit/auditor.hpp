// audit/auditor.hpp - Auditor: the thread that writes the audit log behind the journal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "audit/log.hpp"
#include "audit/record.hpp"
#include "base/clock.hpp"
#include "ledger/reader.hpp"

namespace ajar::audit {

inline constexpr std::string_view log_name = "ajar-audit";

struct AuditorOptions {
  std::filesystem::path journal, folder;
  HostingOf hosting_of;
  Millis every{1000};  // a checkpoint, when there is something new
  // Called by the auditor's thread when it cannot go on, with why, and when it can again, with ok(); empty: nobody is told.
  std::function<void(const Status&)> tell = {};
};

// Each settled exchange of the journal becomes one record, once, whatever ends the process: a record says where in the journal it was.
class Auditor {
 public:
  static Result<std::unique_ptr<Auditor>> start(AuditorOptions);  // faults: as Log's
  ~Auditor();                                                     // takes what is left

 private:
  explicit Auditor(AuditorOptions options);
  Status find_places();
  Status take();
  void run();

  AuditorOptions options_;
  std::unique_ptr<Log> log_;
  std::map<std::pair<int, std::int64_t>, std::uint64_t> places_;  // by lane and segment, where to go on
  ledger::JournalReader reader_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ajar::audit
