// cli/plan_verbs.hpp - the verbs below `ajar plan`: what each is told and the function that does it; gives the exit code.
#pragma once

#include <string>

namespace ajar::cli {

struct PlanPredictOptions {
  std::string points = "-";
};
int plan_predict(const PlanPredictOptions&);

struct PlanLintOptions {
  std::string file = "-";
  bool json = false;
};
int plan_lint(const PlanLintOptions&);

struct PlanFitOptions {
  std::string model, gpu, precision, engine = "vllm";
  int count = 0;  // 0 = the smallest that fits
  double input = 1024, output = 512;
  double context = 0;  // longest sequence, tokens; 0 = input and output
  bool json = false;
};
int plan_fit(const PlanFitOptions&);

}  // namespace ajar::cli
