// cli/demo.cpp - `ajar demo privacy`: a made-up patient record through a gateway with detection, and where it went.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>

#include "audit/bundle.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "cli/wiring.hpp"
#include "config/load.hpp"
#include "net/client.hpp"
#include "net/listener.hpp"
#include "sim/server.hpp"

namespace ajar::cli {
namespace {

constexpr std::string_view demo_key = "ajar-demo-key-that-opens-nothing-else";
constexpr std::size_t most_answer = 1u << 20;

struct Scene {
  std::string_view title, text;
};
// All made up: reserved numbers, nobody's names.
constexpr std::array scenes{Scene{"something harmless", "Write a haiku about autumn rain."},
                            Scene{"a patient's record",
                                  "Discharge summary. Patient: Maria Example, MRN: 19653731, DOB: 1962-03-04, phone 212-555-0143. Dx: type "
                                  "2 diabetes. Write a letter to her GP."},
                            Scene{"a password", "The server's password is Autumn2031#rain, why can I not log in?"}};

struct Answer {
  int status = 0;
  std::string deployment, reason, message;
};

net::Task<void> post(net::Pool& pool, net::Site site, std::string body, Instant by, Answer& answer) {
  if (auto taken = co_await pool.take(site, false, by, nullptr)) {
    net::ClientCall call(pool, site, std::move(*taken));
    const std::string head = fmt::format(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {}:{}\r\nauthorization: Bearer {}\r\ncontent-type: "
        "application/json\r\ncontent-length: {}\r\n\r\n",
        site.host, site.port, demo_key, body.size());
    if (auto sent = co_await call.send(head + body, {}, by, by, nullptr)) {
      answer.status = call.head().status;
      answer.deployment = call.head().find("x-ajar-deployment");
      answer.reason = call.head().find("x-ajar-reason");
      if (const auto read = co_await call.read_all(most_answer, by, nullptr))
        if (const auto value = json::read(*read)) answer.message = (*value)["error"]["message"].text();
    }
  }
  pool.loop().stop();
}

Answer ask(const Clock& clock, const std::string& address, std::string_view text) {
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, nullptr);
  Answer answer;
  const auto parted = net::split_address(address);
  if (!parted) return answer;
  const std::string body = json::write(
      json::Value{{"model", "mixed"}, {"messages", json::Array{json::Value{{"role", "user"}, {"content", std::string(text)}}}}});
  loop.spawn(post(pool, net::Site{false, parted->first, parted->second}, body, clock.now() + Millis(10'000), answer));
  loop.run();
  pool.drop_idle();
  return answer;
}

std::string configuration(const sim::Server& closed, const sim::Server& own) {
  return fmt::format(R"([listen]
address = "127.0.0.1:0"

[detection]
on = true
refuse = ["secret"]

# Stands for a closed provider: its zone accepts only what is public.
[[deployment]]
name = "closed"
provider = "anthropic"
model = "claude-opus-5"
endpoint = "http://{}"
key = "env:DEMO"

# Stands for an own engine: its zone accepts everything.
[[deployment]]
name = "own"
provider = "vllm"
model = "demo"
endpoint = "http://{}"

[[route]]
name = "mixed"
order = ["closed", "own"]

[[key]]
name = "you"
secret = "env:KEY"
)",
                     closed.address(), own.address());
}

// Gone when the demonstration is over.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ajar-demo-" + random_text(10));
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }
};

void tell_log(const std::filesystem::path& home) {
  const auto log = audit::LogReader::open(home / "audit");
  if (!log) return;
  fmt::print("The audit log, which holds nothing of the texts:\n\n");
  audit::Summary summary;
  [[maybe_unused]] const Status read = log->each(0, log->size(), [&summary](std::uint64_t n, std::string_view record) {
    const auto value = json::read(record);
    if (!value) return;
    summary.add(*value);
    const json::Value& v = *value;
    const bool sent = v["attempts"].array() != nullptr && !v["attempts"].array()->empty();
    fmt::print("  {} label {:<10} {:<10} {}\n", n, v["label"].text().empty() ? "public" : v["label"].text(),
               sent ? v["deployment"].text() : "refused", v["reason"].text());
  });
  fmt::print("\n{}\n", summary.sentence());
  fmt::print("Its records {} what its checkpoint signs: root {}.\n", log->verify() ? "are" : "are NOT",
             to_hex(log->checkpoint().root).substr(0, 16));
}

}  // namespace

int demo_privacy() {
  const SystemClock clock;
  auto closed = sim::Server::start({}), own = sim::Server::start({});
  if (!closed || !own) return complain((closed ? own : closed).error());
  const Folder home;
  std::filesystem::create_directories(home.path);
  const config::Loaded loaded = config::load_text(
      configuration(**closed, **own), "demo.toml", [](const std::string&) { return std::optional(std::string(demo_key)); }, home.path);
  if (!loaded.snapshot) return complain(fail(Fault::config, all_of(loaded.problems)).error());
  auto running = Running::start(loaded.snapshot, home.path);
  if (!running) return complain(running.error());
  fmt::print(
      "A gateway with detection on, a closed provider and an own engine behind it, both simulated; the closed one is the first "
      "choice.\n\n");
  for (const Scene& scene : scenes) {
    const std::uint64_t before = (*closed)->requests();
    const Answer a = ask(clock, (*running)->address(), scene.text);
    fmt::print("{}\n  \"{}\"\n", scene.title, scene.text);
    if (a.status == 200)
      fmt::print("  answered by {}; requests that reached the closed provider: {}\n", a.deployment, (*closed)->requests() - before);
    else
      fmt::print("  {}: {}; requests that reached the closed provider: {}\n", a.status, a.message, (*closed)->requests() - before);
    fmt::print("  {}\n\n", a.reason.empty() ? "no destination was chosen" : a.reason);
  }
  (*running)->drain(Millis(1'000));
  running->reset();  // writes out the log
  tell_log(home.path);
  return 0;
}

}  // namespace ajar::cli
