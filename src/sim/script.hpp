// sim/script.hpp - Script: how the simulated provider behaves, in general and for each request; Behaviour: what one request gets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "net/http_head.hpp"

namespace ajar::sim {

// Whom the simulated server looks like, where engines differ: recognition endpoints, models list, reasoning field, shape of errors.
enum class Engine : std::uint8_t { none, openai, vllm, sglang, llamacpp, ollama, lmstudio, tgi };
std::string_view name_of(Engine) noexcept;
std::optional<Engine> engine_named(std::string_view) noexcept;

// Counts of "after" are of pieces of content (a token of text or reasoning, a call's name, a piece of its arguments), not of the events
// that open and close an answer; -1 = never. A shorter answer has the fault at its end.
struct Behaviour {
  // Time
  std::int64_t latency_ms = 30, jitter_ms = 10;  // before the first byte; jitter is drawn evenly from 0 to so much
  double tokens_per_second = 120;                // 0 = at once
  std::int64_t slow_ms = 0;                      // more before each piece
  std::int64_t drip = 0;                         // a stream is written in pieces of so many bytes; 0 = an event at a time
  // Content
  std::int64_t tokens = 64;             // of a text answer; a smaller limit of the request gives "length"
  std::int64_t huge = 0;                // MiB of text instead
  bool refuse = false, filter = false;  // the model refuses; a filter ends the answer
  bool think = false;                   // reasons although nobody asked for it
  std::optional<std::string> text;      // the answer
  json::Value call;                     // {"name", "arguments"}: the tool to call, with these arguments
  // Faults
  double fail = 0;  // share of the requests that is answered with fail_status
  std::int64_t fail_status = 503;
  std::int64_t retry_after = -1;        // seconds, told with a failure
  bool quota = false, context = false;  // which 429 (never clears) and which 400 (prompt too long)
  std::int64_t cut_after = -1, stall_after = -1, malformed_after = -1, error_after = -1;
  bool silent = false;      // never answers
  bool close = false;       // closes instead of answering
  bool garbage = false;     // answers what is not HTTP
  std::int64_t first = -1;  // the faults hold for the first so many requests with the model's name; -1 = for all

  void clear_faults();
};

// One setting that a script, a model's name, a header or a command in the text can change.
struct Setting {
  std::string_view key;   // in a script file
  std::string_view word;  // in names, headers and commands
  double low, high;
  std::optional<double> bare;  // what the word means without a number; nothing = it needs one
  void (*set)(Behaviour&, double);
  std::string_view what;
};
std::span<const Setting> settings() noexcept;

// Words and numbers, "cut-3-first-1" or "cut 3 first 1". Faults: bad_request, naming the word.
Status apply_words(Behaviour&, std::string_view words);
// What a model's name says after "sim-"; words in front that are no settings are the name itself. Faults: bad_request.
Status apply_model(Behaviour&, std::string_view model);
// The headers x-sim-WORD: NUMBER. Faults: bad_request.
Status apply_headers(Behaviour&, std::span<const net::Field>);
// The first "[sim WORDS]" in the text. Faults: bad_request.
Status apply_command(Behaviour&, std::string_view text);
// {"latency_ms": 5, ...}. Faults: config.
Status apply_object(Behaviour&, const json::Value& settings, std::string_view where);

// Holds for requests whose model matches (with * and ?) and whose last user text contains the words.
struct Rule {
  std::string model = "*", contains;
  json::Value settings;
};

struct Script {
  Engine engine = Engine::none;
  std::vector<std::string> models{"sim-chat", "sim-small"};  // those in the lists; any other is answered as well
  std::string key;                                           // the credential that is asked for; "" = none
  double refuse_connections = 0;                             // share of connections that is closed at once
  std::uint64_t seed = 1;
  Behaviour behaviour;
  std::vector<Rule> rules;  // all that match, in order

  // Faults: bad_request, for words in the request that are none.
  Result<Behaviour> behaviour_for(std::string_view model, std::span<const net::Field> headers, std::string_view last_user_text) const;
};

// A script file (JSON) on top of `base`. Faults: config, saying where and what to write instead.
Result<Script> read_script(std::string_view json, const Script& base);

}  // namespace ajar::sim
