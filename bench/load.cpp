// bench/load.cpp - the load generator's command line, and its findings as JSON.
#include "load.hpp"

#include <csignal>

#include "chat.hpp"

namespace bench {
namespace {

constexpr std::string_view help =
    R"(load MODE --port N [OPTIONS]: talks Chat to 127.0.0.1:N, checks every answer, prints one JSON object.

modes
  --requests          a closed loop: each connection asks again when it is answered
  --requests --rate R an open loop: R requests a second are due, whatever the answers do; latency counts from then
  --streams S         S streams of --rate events a second each
  --hold S            opens S streams that fall silent, prints a line, holds them until standard input ends
  --prove-omission    an open loop against an upstream that stalls for --stall ms: does the latency show it?
  --self-test         checks the instrument itself

options
  --size BYTES (2048)  --connections N (16)  --arrivals poisson|fixed  --warmup S (0)  --duration S (1)  --count N
  --key TEXT  --shows MODEL  --watch PID,PID  --loose  --opening N (50)  --patience S (10))";

std::vector<int> numbers_of(const std::string& list) {
  std::vector<int> numbers;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    int number = 0;
    if (std::from_chars(list.data() + at, list.data() + end, number).ec != std::errc())
      die(fmt::format("--watch needs process ids, not \"{}\"", list));
    numbers.push_back(number);
    at = end + 1;
  }
  return numbers;
}

Plan plan_of(const Arguments& a) {
  const auto seconds = [&](const std::string& name, double otherwise) {
    return static_cast<std::int64_t>(a.number(name, otherwise) * static_cast<double>(second));
  };
  Plan plan;
  plan.port = static_cast<std::uint16_t>(a.integer("port", 0));
  plan.key = a.text("key", "none");
  plan.shown_model = a.text("shows", std::string(public_model));
  plan.watched = numbers_of(a.text("watch", ""));
  plan.size = static_cast<std::size_t>(a.integer("size", 2048));
  plan.connections = static_cast<int>(a.integer("connections", 16));
  plan.rate = a.number("rate", 0);
  plan.poisson = a.text("arrivals", "poisson") == "poisson";
  plan.loose = a.has("loose");
  plan.warmup = seconds("warmup", 0);
  plan.duration = seconds("duration", 1);
  plan.patience = seconds("patience", 10);
  plan.count = static_cast<std::uint64_t>(a.integer("count", 0));
  plan.streams = static_cast<int>(a.integer(a.has("hold") ? "hold" : "streams", 0));
  plan.opening = static_cast<int>(a.integer("opening", 50));
  if (plan.port == 0) die("--port is needed");
  if (plan.size < 700 || plan.size > 16u << 20) die("--size must be from 700 bytes to 16 MiB");
  if (plan.connections < 1 || plan.opening < 1 || plan.duration <= 0) die("--connections, --opening and --duration must be above 0");
  return plan;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? ' ' : c;
  }
  return out + "\"";
}

std::string json_of(const Histogram& h) {
  const auto us = [](double ns) { return ns / 1000; };
  const auto at = [&](double share) { return us(static_cast<double>(h.quantile(share))); };
  return fmt::format(R"({{"count":{},"mean":{:.2f},"p50":{:.2f},"p90":{:.2f},"p99":{:.2f},"p999":{:.2f},"max":{:.2f}}})", h.count(),
                     us(h.mean()), at(0.5), at(0.9), at(0.99), at(0.999), us(static_cast<double>(h.max())));
}

void print(const Findings& f) {
  const double seconds = static_cast<double>(f.ended - f.began) / static_cast<double>(second);
  std::string threads;
  for (const ThreadTime& t : used_between(f.before, f.after))
    threads += fmt::format(R"({}{{"process":{},"thread":{},"name":{},"us":{:.1f}}})", threads.empty() ? "" : ",", t.process, t.thread,
                           quoted(t.name), static_cast<double>(t.ns) / 1000);
  fmt::print(
      R"({{"answers":{},"seconds":{:.6f},"bytes":{},"failures":{},"first_failure":{},"own_busy":{:.4f},"latency_us":{},"naive_us":{},"behind_us":{},"threads":[{}]}})"
      "\n",
      f.answers, seconds, f.bytes, f.failures, quoted(f.first_failure), seconds > 0 ? (f.own_after - f.own_before) / seconds : 0,
      json_of(f.due), json_of(f.sent), json_of(f.behind), threads);
}

// Requests are due at a fixed rate while the upstream stands still once for `stall`. What a share of 1 % then waited at least is known:
// those that were due in the first part of the stall, evenly. A generator that waits for answers sees as many as it has connections.
int prove_omission(Plan plan, std::int64_t stall) {
  Findings f;
  if (plan.rate <= 0) die("--prove-omission needs --rate");
  plan.poisson = false;
  run_requests(plan, f);
  const double known = static_cast<double>(stall) - 0.01 * static_cast<double>(plan.duration);
  const double corrected = static_cast<double>(f.due.quantile(0.99)), naive = static_cast<double>(f.sent.quantile(0.99));
  const bool holds = f.failures == 0 && known > 0 && corrected > 0.85 * known && corrected < 1.25 * known && naive < 0.25 * known;
  fmt::print(
      R"({{"holds":{},"stall_us":{},"known_p99_us":{:.0f},"corrected_p99_us":{:.0f},"naive_p99_us":{:.0f},"requests":{},"failures":{},"first_failure":{}}})"
      "\n",
      holds, stall / 1000, known / 1000, corrected / 1000, naive / 1000, f.due.count(), f.failures, quoted(f.first_failure));
  return holds ? 0 : 1;
}

}  // namespace

std::string request_text(const Plan& plan, std::string_view body) {
  return fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nAccept: application/json\r\nContent-Type: "
      "application/json\r\n"
      "User-Agent: OpenAI/JS 6.9.1\r\nX-Stainless-Lang: js\r\nX-Stainless-Package-Version: 6.9.1\r\nX-Stainless-OS: "
      "Linux\r\nX-Stainless-Arch: x64\r\n"
      "X-Stainless-Runtime: node\r\nContent-Length: {}\r\n\r\n{}",
      plan.port, plan.key, body.size(), body);
}

}  // namespace bench

int main(int count, char** words) {
  using namespace bench;
  const Arguments arguments(count, words);
  if (count == 1 || arguments.has("help")) die(help);
  std::signal(SIGPIPE, SIG_IGN);
  be_punctual();
  if (arguments.has("self-test")) return self_test() ? 0 : 1;
  const Plan plan = plan_of(arguments);
  Findings findings;
  if (arguments.has("prove-omission")) return prove_omission(plan, arguments.integer("stall", 500) * millisecond);
  if (arguments.has("requests"))
    run_requests(plan, findings);
  else if (arguments.has("streams"))
    run_streams(plan, findings);
  else if (arguments.has("hold"))
    hold_streams(plan, findings);
  else
    die(help);
  print(findings);
}
