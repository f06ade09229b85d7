// bench/policy.cpp - how long detection takes: bytes a second by kind of text, a prompt, a long conversation and its next turn; and how
// long a decision and all flows of a thousand rules take.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "audit/log.hpp"
#include "base/json.hpp"
#include "detect/scan.hpp"
#include "policy/flows.hpp"

namespace {

using namespace ajar;

constexpr int rounds = 5;
constexpr std::size_t most_text = 2 << 20;

double seconds(auto&& f) {
  const auto began = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double middle(auto&& f) {
  std::vector<double> taken;
  for (int i = 0; i < rounds; ++i) taken.push_back(seconds(f));
  std::ranges::sort(taken);
  return taken[rounds / 2];
}

// The repository's own files of one kind, and the texts of the tests.
std::string files(std::string_view folder, std::string_view ending) {
  std::string all;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(AJAR_SOURCE_DIR) + "/" + std::string(folder)))
    if (entry.path().string().ends_with(ending)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    all += text.str();
    if (all.size() > most_text) break;
  }
  return all;
}

std::string sensitive_texts() {
  std::string all, line;
  std::ifstream in(AJAR_SOURCE_DIR "/tests/detect/rows.jsonl");
  while (std::getline(in, line))
    if (const auto row = json::read(line)) all.append((*row)["text"].text()).append("\n");
  return all;
}

std::string request(const std::string& text) { return json::write(json::Value{{"messages", json::Array{json::Value{{"content", text}}}}}); }

struct Figure {
  std::string what;
  double value;
  std::string unit;
};

}  // namespace

int main(int argc, char** argv) {
  const bool as_json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  std::vector<Figure> results;
  const auto speed = [&](const std::string& what, const std::string& text) {
    std::size_t found = 0;
    const double took = middle([&] { found += detect::scan(text).size(); });
    results.push_back({fmt::format("{} ({} KB)", what, text.size() / 1000), static_cast<double>(text.size()) / 1e6 / took, "MB/s"});
  };
  detect::scan("warm");  // the lexicon is made once
  const std::string code = files("src", ".cpp"), prose = files("docs", ".md");
  speed("source code", code);
  speed("documentation", prose);
  speed("nothing but sensitive texts", sensitive_texts());
  // Each prompt another part of the documentation, so that nothing is remembered.
  std::vector<double> prompts;
  for (std::size_t at = 0; at + 4096 < prose.size(); at += 1024) {
    const std::string body = request(prose.substr(at, 4096));
    prompts.push_back(seconds([&] { policy::look_at(body); }));
  }
  std::ranges::sort(prompts);
  results.push_back({"a prompt of 4 KB, middle", prompts[prompts.size() / 2] * 1e6, "us"});
  results.push_back({"a prompt of 4 KB, 99 of 100", prompts[prompts.size() * 99 / 100] * 1e6, "us"});
  // 128 thousand tokens: 512 KB in messages of 4 KB.
  json::Array messages;
  for (std::size_t i = 0; i < 128; ++i)
    messages.push_back(
        json::Value{{"role", i % 2 == 0 ? "user" : "assistant"}, {"content", code.substr(i * 4096 % (code.size() - 4096), 4096)}});
  const std::string conversation = json::write(json::Value{{"messages", messages}});
  results.push_back({"a conversation of 128,000 tokens, cold", middle([&] {
                                                                 policy::Memory memory;
                                                                 policy::look_at(conversation, &memory);
                                                               }) * 1e3,
                     "ms"});
  policy::Memory memory;
  policy::look_at(conversation, &memory);
  messages.push_back(json::Value{{"role", "user"}, {"content", "And now?"}});
  const std::string next = json::write(json::Value{{"messages", messages}});
  results.push_back({"its next turn", middle([&] { policy::look_at(next, &memory); }) * 1e3, "ms"});
  results.push_back({"  of which reading the JSON", middle([&] { (void)json::read(next); }) * 1e3, "ms"});
  // A decision by origin alone, and all flows.
  policy::Ruleset rules;
  for (int i = 0; i < 1000; ++i)
    rules.rules.push_back(
        {.name = std::to_string(i), .tenant = fmt::format("t{}", i), .key = {}, .route = {}, .model = {}, .words = {}, .label = {1}});
  const std::vector<policy::Zone> zones{{"own", policy::top_label, "", policy::Contract::none}, {"out", {}, "", policy::Contract::none}};
  const std::string small = request("hello");
  const wire::Envelope envelope =
      *wire::inspect(wire::Dialect::openai_chat, R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  const policy::Origin origin{
      .tenant = "other", .key = {}, .route = {}, .tenant_label = {}, .key_label = {}, .route_label = {}, .header = {}};
  constexpr int decisions = 10'000;
  results.push_back({"a decision by origin, a thousand rules",
                     middle([&] {
                       for (int i = 0; i < decisions; ++i) (void)policy::clear(envelope, origin, rules, zones);
                     }) / decisions *
                         1e6,
                     "us"});
  std::string values;
  for (int i = 0; i < 1'000'000; ++i) values += fmt::format("KX-{}\n", 100'000'000 + i * 7);
  const auto dictionary = policy::Dictionary::read(*policy::Dictionary::build(values, {}));
  const std::string looked_through = prose.substr(0, std::min<std::size_t>(prose.size(), 400'000));
  results.push_back({"a dictionary of a million values, documentation",
                     static_cast<double>(looked_through.size()) / 1e6 / middle([&] { (void)dictionary->holds(looked_through); }), "MB/s"});
  std::vector<policy::CallerClass> classes;
  for (int i = 0; i < 1000; ++i) classes.push_back({std::to_string(i), {static_cast<std::uint64_t>(i % 7)}});
  results.push_back({"all flows of a thousand classes", middle([&] { (void)policy::flows_of(classes, zones, rules); }) * 1e3, "ms"});
  // The audit log: records as large as real ones, in a folder of its own.
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("ajar-bench-" + random_text(8));
  constexpr std::uint64_t records = 100'000;
  const std::string record(700, 'r');
  results.push_back({fmt::format("writing {} audit records", records), seconds([&] {
                       const auto log = *audit::Log::open(folder, "bench");
                       for (std::uint64_t i = 0; i < records; ++i)
                         if (!log->append(record + std::to_string(i))) return;
                       (void)log->checkpoint();
                     }),
                     "s"});
  if (const auto log = audit::LogReader::open(folder)) {
    results.push_back({"verifying them", seconds([&] { (void)log->verify(); }), "s"});
    results.push_back({"proof of one of them",
                       middle([&] {
                         (void)audit::range_proof(54'321, 54'322, log->size(),
                                                  [&](std::uint64_t a, std::uint64_t b) { return log->subtree(a, b).value_or(Digest{}); });
                       }) * 1e3,
                       "ms"});
  }
  std::filesystem::remove_all(folder);
  if (as_json) {
    json::Array rows;
    for (const Figure& r : results) rows.push_back(json::Value{{"what", r.what}, {"value", r.value}, {"unit", r.unit}});
    fmt::print("{}\n", json::write(json::Value{{"bench", "policy"}, {"results", std::move(rows)}}));
  } else {
    for (const Figure& r : results) fmt::print("{:<44} {:>10.3g} {}\n", r.what, r.value, r.unit);
  }
  return 0;
}
