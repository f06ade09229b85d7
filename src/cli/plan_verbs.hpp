// cli/plan_verbs.hpp - the verbs below `ajar plan`: what each is told and the function that does it; gives the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ajar::cli {

// Texts are read by the verb, so that every one of them can be refused with what to write instead. What is not said is taken from the
// workload file or the trace, else from plan::Workload.
struct PlanOptions {
  std::string workload, trace;  // files; a trace of - is standard input
  std::string home, since;      // of the ledger
  // What is said of the workload: the option as it is written, the key of config::workload_keys(), and the text.
  struct Said {
    std::string option, key, text;
  };
  std::vector<Said> said;
  std::string at;
  std::vector<std::string> compare;  // further workload files
  std::string html;                  // file to write; "" = none
  std::string measured;              // points of one's own engines, as `ajar plan calibrate` writes them
  bool from_ledger = false, json = false, all = false;
  int draws = 10'000;
  std::uint64_t seed = 1;
};
int plan(const PlanOptions&);

struct PlanInterviewOptions {
  std::string out = "workload.toml";
};
int plan_interview(const PlanInterviewOptions&);

struct PlanClaimsOptions {
  std::string at;
  bool json = false;
};
int plan_claims(const PlanClaimsOptions&);

struct PlanReplayOptions {
  std::string trace, model, gpu, measured;  // no trace: a synthetic one
  std::string balance = "least", scale;     // scale: "1..8", or none
  std::string api;                          // provider/model that takes the overflow
  std::optional<double> in_flight, reload;  // of a replica that scales, s from a start to the first request; none = found
  double cooldown = 300, fails_every = 0;   // s, h
  int count = 0, replicas = 0;              // 0 = the smallest that do
  double faster = 1, overflow_after = 0, ttft = 2, tpot_ms = 100;
  double requests = 10'000, per_second = 2, input = 1000, output = 200;
  std::uint64_t seed = 1;
  bool spot = false, json = false;
};
int plan_replay(const PlanReplayOptions&);

struct PlanPredictOptions {
  std::string points = "-";
  std::string measured;  // as of `ajar plan`
};
int plan_predict(const PlanPredictOptions&);

struct PlanCalibrateOptions {
  std::string home, since, deployment, model, gpu, precision, engine = "vllm", out = "measured.csv";
  int count = 0, least = 5;
  bool from_ledger = false, json = false;
};
int plan_calibrate(const PlanCalibrateOptions&);

struct PlanLintOptions {
  std::string file = "-";
  bool json = false;
};
int plan_lint(const PlanLintOptions&);

struct PlanFitOptions {
  std::string model, gpu, precision, engine = "vllm", measured;
  int count = 0;  // 0 = the smallest that fits
  double input = 1024, output = 512;
  double context = 0;  // longest sequence, tokens; 0 = input and output
  bool json = false;
};
int plan_fit(const PlanFitOptions&);

}  // namespace ajar::cli
