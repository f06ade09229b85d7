// tests/gateway/support.hpp - a whole gateway in the test's process: a journal in memory, scripted upstreams and a client, all on loopback.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "gateway/server.hpp"
#include "net/client.hpp"
#include "net/http_server.hpp"
#include "net/listener.hpp"

namespace ajar::gateway {

// Keeps what was written; says "disk full" when told.
class MemoryJournal final : public ledger::Journal {
 public:
  MemoryJournal() : lane_(*this) {}
  ledger::Lane& lane(int) override { return lane_; }
  bool healthy() const noexcept override { return !full; }

  std::vector<ledger::Intent> intents() {
    std::lock_guard lock(mutex_);
    return intents_;
  }
  // Settlements come after the answer: waits for the n-th.
  ledger::Entry entry(std::size_t n) {
    std::unique_lock lock(mutex_);
    if (!settled_.wait_for(lock, std::chrono::seconds(20), [&] { return entries_.size() > n; })) {
      ADD_FAILURE() << "no entry " << n;
      return {};
    }
    return entries_[n];
  }
  std::size_t count() {
    std::lock_guard lock(mutex_);
    return entries_.size();
  }

  std::atomic<bool> full{false};

 private:
  struct MemoryLane final : ledger::Lane {
    explicit MemoryLane(MemoryJournal& owner) : journal(owner) {}
    Status intend(const ledger::Intent& intent) override {
      if (journal.full) return fail(Fault::storage, "the disk is full");
      std::lock_guard lock(journal.mutex_);
      journal.intents_.push_back(intent);
      return ok();
    }
    Status settle(const ledger::Entry& entry) override {
      std::lock_guard lock(journal.mutex_);
      journal.entries_.push_back(entry);
      journal.settled_.notify_all();
      return ok();
    }
    MemoryJournal& journal;
  };
  MemoryLane lane_;
  std::mutex mutex_;
  std::condition_variable settled_;
  std::vector<ledger::Intent> intents_;
  std::vector<ledger::Entry> entries_;
};

// An upstream on a thread of its own. `answer` is called on that thread with the request's body.
class Upstream final : net::Handler {
 public:
  using Answer = std::function<net::Task<void>(net::Call&, std::string body)>;

  explicit Upstream(Answer answer) : loop_(clock_), answer_(std::move(answer)) {
    auto listener = net::Listener::open(loop_, "127.0.0.1", 0);
    if (!listener) std::abort();
    listener_ = std::move(*listener);
    loop_.spawn(listener_->run([this](int fd) {
      ++connections;
      loop_.spawn(net::serve(net::plain(loop_, fd), *this, limits_));
    }));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Upstream() override {
    loop_.stop();
    thread_.join();
  }
  std::string url() const { return "http://" + listener_->address(); }

  std::string last_head(std::string_view name) {
    std::lock_guard lock(mutex_);
    for (const auto& [field, value] : head_)
      if (iequal(field, name)) return value;
    return {};
  }
  std::string last_body() {
    std::lock_guard lock(mutex_);
    return body_;
  }

  std::atomic<int> requests{0}, connections{0};

  // For answers that wait: held() until a test calls let_go(); hung_up() until the caller leaves.
  net::Task<void> held() {
    if (!seen_.exchange(true)) arrived_.set_value();
    (void)co_await go_on_.wait(loop_.now() + longest);
  }
  void wait_for_request() { arrived_.get_future().wait(); }
  void let_go() {
    loop_.post([this] { go_on_.set(); });
  }
  static net::Task<bool> hung_up(net::Call& call) {
    call.peer().readable = false;
    (void)co_await call.peer().wait_readable(call.loop().now() + longest);
    co_return call.peer().hung_up();
  }

 private:
  static constexpr std::chrono::seconds longest{20};
  net::Task<void> serve(net::Call& call) override {
    ++requests;
    auto body = co_await call.body();
    if (!body) co_return;
    std::string text(*body);
    {
      std::lock_guard lock(mutex_);
      head_.clear();
      for (const net::Field& field : call.head().fields) head_.emplace_back(field.name, field.value);
      body_ = text;
    }
    co_await answer_(call, std::move(text));
  }
  net::Task<void> refuse(net::Call& call, const Error&) override {
    [[maybe_unused]] const Status sent = co_await call.respond(400, {}, "bad");
  }

  SystemClock clock_;
  net::Loop loop_;
  net::Event go_on_{loop_};
  std::atomic<bool> seen_{false};
  std::promise<void> arrived_;
  net::ServerLimits limits_;
  Answer answer_;
  std::unique_ptr<net::Listener> listener_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> head_;
  std::string body_;
  std::thread thread_;
};

inline net::Task<void> give(net::Call& call, int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  std::vector<net::Field> fields{{"content-type", "application/json"}};
  for (const auto& [name, value] : headers) fields.push_back({name, value});
  [[maybe_unused]] const Status sent = co_await call.respond(status, fields, body);
}

// An answer that is given once the test lets it go.
inline net::Task<void> give_later(Upstream& upstream, net::Call& call, std::string body) {
  co_await upstream.held();
  co_await give(call, 200, std::move(body));
}

inline const std::string chat_answer =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"up-model","choices":[{"index":0,"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":400}}})";

inline std::string chunk(std::string_view text, bool last = false) {
  return fmt::format(
      "data: "
      "{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up-model\",\"choices\":[{{\"index\":0,"
      "\"delta\":{},\"finish_reason\":{}}}]}}\n\n",
      last ? "{}" : fmt::format("{{\"content\":\"{}\"}}", text), last ? "\"stop\"" : "null");
}
inline const std::string usage_chunk =
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up-model\",\"choices\":[],"
    "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":200,\"total_tokens\":1200,\"prompt_tokens_details\":{\"cached_tokens\":400}}}"
    "\n\n";
inline const std::string done = "data: [DONE]\n\n";

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string header(std::string_view name) const {
    for (const auto& [field, value] : headers)
      if (iequal(field, name)) return value;
    return {};
  }
  json::Value json() const { return json::read(body).value_or(json::Value()); }
};

// One request by Ajar's own client, on a loop of its own.
inline Reply ask(const std::string& address, std::string_view method, std::string_view path, std::string_view headers,
                 std::string_view body) {
  SystemClock clock;
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, nullptr);
  Reply reply;
  const auto split = net::split_address(address);
  const net::Site site{false, split->first, split->second};
  const std::string head =
      fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{}\r\n", method, path, address, body.size(), headers);
  const auto run = [&]() -> net::Task<void> {
    const Instant by = clock.now() + std::chrono::seconds(20);
    auto taken = co_await pool.take(site, true, by, nullptr);
    if (taken) {
      net::ClientCall call(pool, site, std::move(*taken));
      const iovec piece{const_cast<char*>(body.data()), body.size()};
      if (auto sent = co_await call.send(head, {&piece, 1}, by, by, nullptr)) {
        reply.status = call.head().status;
        for (const net::Field& field : call.head().fields) reply.headers.emplace_back(field.name, field.value);
        if (auto whole = co_await call.read_all(1u << 26, by, nullptr)) reply.body = *whole;
      }
    }
    loop.stop();
  };
  const auto task = [](auto& body_of_task) -> net::Task<void> { co_await body_of_task(); };
  loop.spawn(task(run));
  loop.run();
  return reply;
}

// A running gateway. `text` is its configuration below [listen]; the key is "test-key".
class Gateway {
 public:
  explicit Gateway(const std::string& text) : resolver_(clock_) {
    auto started = Server::start(
        {.clock = clock_, .journal = journal, .registry = registry, .resolver = resolver_, .tls = nullptr, .ready = {}}, load(text));
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    server = std::move(*started);
  }

  static std::shared_ptr<const config::Snapshot> load(const std::string& text) {
    const std::string whole =
        "shards = 1\n[listen]\naddress = \"127.0.0.1:0\"\n" + text +
        "\n[[tenant]]\nname = \"acme\"\n[[key]]\nname = \"laptop\"\ntenant = \"acme\"\nhash = \"sha256:" + to_hex(sha256("test-key")) +
        "\"\n";
    config::Loaded loaded = config::load_text(whole, "test.toml", [](const std::string& name) -> std::optional<std::string> {
      if (name == "UP_KEY") return "upstream-credential";
      return std::nullopt;
    });
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << config::text_of(problem);
    return loaded.snapshot;
  }

  Reply chat(std::string_view body, std::string_view headers = {}, std::string_view key = "test-key") const {
    return ask(server->address(), "POST", "/v1/chat/completions",
               fmt::format("authorization: Bearer {}\r\ncontent-type: application/json\r\n{}", key, headers), body);
  }
  Reply get(std::string_view path, std::string_view key = "test-key") const {
    return ask(server->address(), "GET", path, fmt::format("authorization: Bearer {}\r\n", key), "");
  }

  MemoryJournal journal;
  observe::Registry registry;

 private:
  SystemClock clock_;
  net::Resolver resolver_;

 public:
  std::unique_ptr<Server> server;
};

inline std::string deployment(std::string_view name, const std::string& url, std::string_view more = "") {
  return fmt::format(
      "\n[[deployment]]\nname = \"{}\"\nprovider = \"compatible\"\nmodel = \"{}\"\nupstream_model = \"up-model\"\npublic_model = "
      "\"m\"\nendpoint = \"{}\"\n{}\n",
      name, name, url, more);
}
inline const std::string hello = R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})";
inline const std::string hello_stream = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})";

}  // namespace ajar::gateway
