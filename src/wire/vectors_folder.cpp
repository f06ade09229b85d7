// wire/vectors_folder.cpp - a folder of vectors, and what is told about it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/vectors.hpp"

namespace ajar::wire {
namespace {

// What the tags of vectors stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> rules{
    {{"tools", "tool definitions, calls and their ids keep their meaning; arguments are text in Chat and objects elsewhere"},
     {"parallel-tools", "calls are counted from 0 per choice; all results of one turn stand together, in the order of the calls"},
     {"tool_choice", "none, auto, required and a named tool have a counterpart, or the request is refused"},
     {"merge", "consecutive messages of one role become one turn"},
     {"empty-content", "empty text is not sent beside calls; empty arguments are {}"},
     {"roles", "leading system and developer messages become the system text, later ones keep their place or become reminders"},
     {"system", "leading system messages become the system text"},
     {"stream", "events in the order role, deltas, finish, usage, [DONE]; nothing after an error"},
     {"ping", "pings and comments are passed over"},
     {"unicode", "characters may be cut anywhere between reads"},
     {"reasoning", "an effort is asked for in the target's own way; reasoning comes back as reasoning_content"},
     {"signature", "signed thinking is given to the caller whole and sent back unchanged"},
     {"usage-cached", "cached and written tokens are part of the input; shown only when known"},
     {"usage-reasoning", "reasoning tokens are part of the output; shown only when known"},
     {"prompt-cache", "breakpoints become the target's own, at most four"},
     {"images", "addresses where the target fetches, bytes elsewhere; media types are normalised"},
     {"fetch", "bytes of addresses come from what was fetched, with the type that the server told"},
     {"audio", "audio is carried where the target takes it, else refused"},
     {"structured-output", "schemas are carried in the target's own form"},
     {"logprobs", "carried where the target has them, else refused"},
     {"n", "more than one choice where the target has them, else refused"},
     {"stop", "stop sequences that the target does not take are looked for by the gateway"},
     {"warnings", "what is dropped, approximated or emulated is named in a header"},
     {"unsupported", "what was asked for and cannot be had is refused with code unsupported_by_route and the field"},
     {"errors", "an upstream's error has the caller's shape, the right class, code and retry-after; never its 401"},
     {"rate-limit", "retry-after in whole seconds, from wherever the upstream tells it"},
     {"safety", "filtered answers end with content_filter"},
     {"refusal", "a refusal stands in refusal, not in content"},
     {"engine", "fields that an engine does not know are left out, its own fields do not reach the caller"},
     {"passthrough", "unknown fields survive byte for byte where the dialect is the same"},
     {"models", "the list of models has the shape of the caller's dialect"}}};

std::string rule_of(std::string_view tag) {
  for (const auto& [name, rule] : rules)
    if (name == tag) return std::string(rule);
  return {};
}

std::string_view outcome_of(const VectorResult& r) { return !r.skipped.empty() ? "skipped" : r.problems.empty() ? "passed" : "failed"; }

VectorResult run_file(const std::filesystem::path& path, bool every_split) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  auto result = run_vector(text.str(), every_split);
  if (result) return std::move(*result);
  VectorResult broken;
  broken.name = path.filename().string();
  broken.problems = {result.error().message};
  return broken;
}

}  // namespace

Result<VectorRun> run_vectors(const std::filesystem::path& folder, bool every_split) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".json") files.push_back(at->path());
  if (error) return fail(Fault::bad_request, fmt::format("the folder {} cannot be read: {}", folder.string(), error.message()));
  if (files.empty()) return fail(Fault::bad_request, fmt::format("the folder {} holds no vector (*.json)", folder.string()));
  std::ranges::sort(files);
  VectorRun run;
  for (const auto& file : files) {
    VectorResult result = run_file(file, every_split);
    const std::string_view outcome = outcome_of(result);
    ++(outcome == "skipped" ? run.skipped : outcome == "passed" ? run.passed : run.failed);
    run.results.push_back(std::move(result));
  }
  return run;
}

std::string vectors_text(const VectorRun& run) {
  std::string text;
  for (const VectorResult& r : run.results) {
    if (!r.skipped.empty()) text += fmt::format("skipped {}: {}\n", r.name, r.skipped);
    if (r.problems.empty()) continue;
    text += fmt::format("FAILED  {}\n", r.name);
    if (!r.note.empty()) text += fmt::format("  note: {}\n", r.note);
    for (const std::string& tag : r.tags) text += fmt::format("  [{}] {}\n", tag, rule_of(tag));
    for (const std::string& problem : r.problems) text += fmt::format("  - {}\n", problem);
  }
  if (run.passed + run.failed == 0) text += "nothing here could be run, which proves nothing\n";
  if (run.skipped > 0) text += fmt::format("{} skipped (neither passed nor failed)\n", run.skipped);
  return text + fmt::format("{} passed, {} failed\n", run.passed, run.failed);
}

std::string vectors_json(const VectorRun& run) {
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const auto texts = [](const std::vector<std::string>& list) {
    json::Array array;
    for (const std::string& text : list) array.emplace_back(text);
    return array;
  };
  json::Array cases;
  for (const VectorResult& r : run.results) {
    json::Value one{{"name", r.name}, {"outcome", outcome_of(r)}, {"tags", texts(r.tags)}, {"problems", texts(r.problems)}};
    if (!r.skipped.empty()) one.set("why", r.skipped);
    cases.push_back(std::move(one));
  }
  return json::write(json::Value{
      {"passed", count(run.passed)}, {"failed", count(run.failed)}, {"skipped", count(run.skipped)}, {"cases", std::move(cases)}});
}

}  // namespace ajar::wire
