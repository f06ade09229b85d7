// sim/service.hpp - Service: answers requests by the script, on one loop.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/http_server.hpp"
#include "sim/prompt_cache.hpp"
#include "sim/script.hpp"
#include "sim/speech.hpp"

namespace ajar::sim {

class Service {
 public:
  explicit Service(Script);
  Service(const Service&) = delete;

  // Serves one connection until it closes. The service must outlive the task.
  net::Task<void> connection(std::unique_ptr<net::Transport>);
  // By chance of the script: is this new connection to be closed at once?
  bool refuses_connection() noexcept;

  std::uint64_t requests() const noexcept { return requests_.load(std::memory_order_relaxed); }  // for an answer; from any thread
  const Script& script() const noexcept { return script_; }

 private:
  class Visitor;
  struct Turn;  // one request for an answer
  net::Task<void> serve(net::Call&, net::Transport&);
  net::Task<void> answer(net::Call&, net::Transport&, const Speech&);
  net::Task<void> act(Turn&);
  net::Task<void> whole(Turn&);
  net::Task<void> stream(Turn&);
  net::Task<void> count(net::Call&, const Speech&);
  net::Task<Status> write(Turn&, std::string& out);
  net::Task<bool> wait(net::Call&, Instant until);  // false: the caller went away
  net::Task<void> trouble(net::Call&, const Speech&, const Trouble&);
  const Speech* speech_for(const net::RequestHead&) const noexcept;
  bool knows(const net::RequestHead&) const;
  Result<Behaviour> behaviour_of(const Ask&, const net::RequestHead&);
  void remember(const net::RequestHead&, std::string_view body);
  std::string stats() const;

  Script script_;
  std::unique_ptr<Speech> chat_, responses_, anthropic_, gemini_, ollama_;
  PromptCache cache_;
  std::atomic<std::uint64_t> requests_{0};
  std::uint64_t connections_ = 0, open_ = 0, hung_up_ = 0, failures_ = 0;
  std::unordered_map<std::string, std::int64_t> turns_;  // by model (and text), where only the first are to fail
  std::string last_;                                     // the last request for an answer, as GET /sim/last shows it
};

}  // namespace ajar::sim
