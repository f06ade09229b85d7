// cli/plan_interview.cpp - `ajar plan interview`: a workload from a few plain questions.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <iostream>

#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/plan_verbs.hpp"
#include "cli/run.hpp"
#include "config/benchmarks.hpp"
#include "config/workload_file.hpp"

namespace ajar::cli {
namespace {

constexpr double working_days = 21.7;  // of a month

// Asks until the answer can be read; an empty line is the default. False: the input has ended.
bool ask(std::string_view question, std::string_view otherwise, const std::function<Status(std::string_view)>& read) {
  for (;;) {
    fmt::print("{} [{}] ", question, otherwise);
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line)) return false;
    const std::string_view answer = trim(line).empty() ? otherwise : trim(line);
    const Status done = read(answer);
    if (done) return true;
    fmt::print("  {}\n", done.error().message);
  }
}

Status set_count(std::string_view text, double most, double& to) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= most))
    return fail(Fault::config, fmt::format("\"{}\": write a number above 0, up to {:.0f}", text, most));
  to = value;
  return ok();
}

Status set_yes(std::string_view text, bool& to) {
  const char first = text.empty() ? ' ' : lower(text.front());
  if (first != 'y' && first != 'n') return fail(Fault::config, fmt::format("\"{}\": write yes or no", text));
  to = first == 'y';
  return ok();
}

// Equal shares when none is given: "coding,chat".
Status set_tasks(std::string_view text, const std::vector<std::string_view>& tasks, plan::Workload& w) {
  std::string with_shares(text);
  if (text.find('=') == std::string_view::npos) {
    const auto names = split(text, ',');
    with_shares.clear();
    for (const std::string_view name : names)
      with_shares += fmt::format("{}{}={:.6f}", with_shares.empty() ? "" : ",", trim(name), 1.0 / static_cast<double>(names.size()));
  }
  auto mix = plan::mix_of(with_shares, tasks);
  if (!mix) return forward(std::move(mix));
  w.mix = std::move(*mix);
  return ok();
}

struct Length {
  std::string_view word;
  double input, output;
};
constexpr std::array lengths{Length{"line", 300, 200}, Length{"page", 1500, 500}, Length{"document", 8000, 600},
                             Length{"book", 60'000, 1000}};

Status set_length(std::string_view text, double& input, double& output) {
  for (const Length& l : lengths)
    if (l.word == text) {
      input = l.input, output = l.output;
      return ok();
    }
  return fail(Fault::config, fmt::format("\"{}\": write line, page, document or book", text));
}

bool fill(plan::Workload& w, const catalog::Benchmarks& benchmarks) {
  const std::vector<std::string_view> tasks = catalog::tasks_of(benchmarks);
  std::string names;
  for (const std::string_view task : tasks) names += fmt::format("{}{}", names.empty() ? "" : ", ", task);
  double people = 0, requests = 0, input = 0, output = 0;
  bool someone_waits = true;
  const auto level = [&w](std::string_view text) -> Status {
    const auto found = catalog::level_named(text);
    if (!found) return fail(Fault::config, fmt::format("\"{}\": write basic, good or high", text));
    w.quality = *found;
    return ok();
  };
  const auto team = [&w](std::string_view text) -> Status {
    const auto found = plan::team_of(text);
    if (!found) return std::unexpected(found.error());
    w.team = *found;
    return ok();
  };
  const auto sensitive = [&w](std::string_view text) -> Status {
    const auto share = plan::share_of(text, "the share");
    if (!share) return std::unexpected(share.error());
    w.sensitive = *share;
    return ok();
  };
  fmt::print("An empty answer takes what stands in brackets.\n\n");
  if (!ask("What is it for? One or several of " + names, "chat", [&](std::string_view a) { return set_tasks(a, tasks, w); }) ||
      !ask("How many people will use it?", "50", [&](std::string_view a) { return set_count(a, 1e9, people); }) ||
      !ask("How many questions does each ask on a working day?", "20", [&](std::string_view a) { return set_count(a, 1e7, requests); }) ||
      !ask("How long is what goes along with a question: line, page, document, book?", "page",
           [&](std::string_view a) { return set_length(a, input, output); }) ||
      !ask("What share of it may not leave your house (patients, clients, secrets)?", "0%", sensitive))
    return false;
  if (w.sensitive > 0 && !ask("Has a provider signed a contract for such data (a BAA, say)? yes, no", "no",
                              [&w](std::string_view a) { return set_yes(a, w.contract); }))
    return false;
  if (!ask("How good must the answers be: basic, good, high?", "good", level) ||
      !ask("Does somebody wait for the answer? yes, no", "yes", [&](std::string_view a) { return set_yes(a, someone_waits); }) ||
      !ask("Has your team run models on GPUs: none, some, strong?", "none", team))
    return false;
  w.tokens = people * requests * working_days * (input + output);
  w.input_share = input / (input + output);
  w.request_input = input;
  if (!someone_waits) w.ttft = 30, w.tpot = 0.2;
  return true;
}

}  // namespace

int plan_interview(const PlanInterviewOptions& o) {
  std::error_code error;
  if (std::filesystem::exists(o.out, error))
    return complain(fail(Fault::config, fmt::format("{} exists already; name another file with --out, or remove it", o.out)).error());
  const auto benchmarks = config::built_in_benchmarks();
  if (!benchmarks) return complain(benchmarks.error());
  plan::Workload w;
  if (!fill(w, *benchmarks))
    return complain(fail(Fault::config, "the answers ended before the last question; nothing was written").error());
  if (auto good = plan::check(w); !good) return complain(good.error());
  if (auto written = write_private(o.out, config::workload_toml(w)); !written) return complain(written.error());
  fmt::print("\n{} is written: {:.3g} million tokens a month. It can be edited; now:\n\n  ajar plan --workload {}\n\n", o.out,
             w.tokens / 1e6, o.out);
  PlanOptions then;
  then.workload = o.out;
  return plan(then);
}

}  // namespace ajar::cli
