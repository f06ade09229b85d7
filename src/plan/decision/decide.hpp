// plan/decision/decide.hpp - the options side by side, with bands, and which of them is the one to take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/band.hpp"
#include "plan/decision/curves.hpp"
#include "plan/decision/offers.hpp"
#include "plan/decision/operation.hpp"

namespace ajar::plan {

enum class Kind : std::uint8_t { closed, hosted, own, hybrid };
std::string_view name_of(Kind) noexcept;

// People, tools and set-up, in dollars and hours; ranges that the draws are taken from. Sources: docs/guide/planning.md.
struct Costs {
  double year_of_an_engineer = 220'000;
  double people_strong = 0.1, people_some = 0.5, people_none = 1.5;               // engineers kept busy by own engines
  double tools = 1'000;                                                           // monitoring and the like, a month
  double overhead = 1.2;                                                          // storage, network, cold starts: factor on the GPU bill
  double setup_api = 0.25, setup_strong = 16, setup_some = 60, setup_none = 160;  // hours, spread over a year
};

struct Judged {
  std::string task;
  catalog::Quality quality;
};

struct Option {
  Kind kind = Kind::closed;
  std::string name;                  // "gpt-6.2-sol at openai", "llama-3.3-70b on 2 x H100 SXM"
  std::optional<Api> api;            // what goes out
  std::optional<Own> own;            // what stays at home
  double home = 0;                   // share of the tokens that has to stay home
  bool overflow = false;             // peaks and failures of the rest go to the API
  std::vector<Judged> quality{};     // of the weaker of the two, per task
  std::vector<std::string> lacks{};  // constraints that it does not meet; empty = it can be taken
  bool needs_contract = false;       // one of these: what is sensitive may not go there
  // Were it not for what is sensitive, it could be taken.
  bool only_lacks_contract() const noexcept { return needs_contract && lacks.size() == 1; }
  Band month{};  // dollars
  double setup_hours = 0;
  int replicas = 0;        // of own engines
  double utilisation = 0;  // mean over the week
  double out_share = 0;    // of the tokens that leave
  // Dollars per request that is solved as often as the benchmarks of its tasks are; none where one of them is no share (Elo), another
  // task's or unknown.
  std::optional<double> per_solved{};
  // Of own engines, in the busiest hour of the week.
  std::optional<Latency> busiest{};
};

// One of all options that were looked at, before the best few of each kind were taken.
struct Candidate {
  Kind kind = Kind::closed;
  std::string name;
  double month = 0;  // dollars, by the central numbers
  std::vector<Judged> quality;
  bool possible = false;
};

// "From so many tokens a month on the own engines are cheaper than this API", with the workload's other numbers kept.
struct BreakEven {
  const Option* own = nullptr;
  const Option* api = nullptr;
  std::optional<double> tokens;  // by the central numbers; none = never up to 10^13
  Band band;                     // over the draws in which there is one
  double never = 0;              // share of the draws without
};

// An input and the value from which on another kind of option is the cheapest.
struct Flip {
  std::string input;
  double now = 0, then = 0;
  Kind to = Kind::closed;
};

struct Plan {
  Workload workload;
  std::vector<Option> options{};  // by kind; the best few of each, cheapest first
  std::optional<std::size_t> best{};
  std::vector<std::string> reasons{};  // why, in plain words; or which constraint to relax
  std::optional<BreakEven> against_closed{}, against_hosted{};
  std::vector<Flip> flips{};  // nearest first
  Curves curves{};
  std::vector<Operation> operations{};  // of the cheapest possible own and hybrid option
  std::vector<Candidate> field{};
};

struct Market {
  const catalog::Catalog& catalog;
  const catalog::Benchmarks& benchmarks;
  const std::vector<catalog::Gpu>& gpus;
  const std::vector<catalog::Shape>& shapes;
  const Predictor& predictor;
  Costs costs{};
};

// The same answer for the same input and seed on every run.
Plan decide(const Workload&, const Market&, int draws = 10'000, std::uint64_t seed = 1);

}  // namespace ajar::plan
