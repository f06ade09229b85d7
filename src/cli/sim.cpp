// cli/sim.cpp - `ajar sim`: a provider that answers by script, until it is told to stop.
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "net/listener.hpp"
#include "sim/server.hpp"

namespace ajar::cli {
namespace {

// The options as a script, and the file's on top.
Result<sim::Script> script_of(const SimOptions& options) {
  sim::Script script;
  const auto engine = sim::engine_named(options.engine);
  if (!engine)
    return fail(Fault::config,
                fmt::format("--engine \"{}\" is none of: none, openai, vllm, sglang, llamacpp, ollama, lmstudio, tgi", options.engine));
  for (const auto& [name, share] : {std::pair{"--fail", options.fail}, std::pair{"--refuse-connections", options.refuse_connections}})
    if (!(share >= 0 && share <= 1)) return fail(Fault::config, fmt::format("{} is a share from 0 to 1, not {}", name, share));
  if (options.fail_status < 400 || options.fail_status > 599)
    return fail(Fault::config, fmt::format("--fail-status goes from 400 to 599, not {}", options.fail_status));
  for (const auto& [name, value, least] :
       {std::tuple{"--latency-ms", options.latency_ms, 0}, std::tuple{"--jitter-ms", options.jitter_ms, 0},
        std::tuple{"--slow-ms", options.slow_ms, 0}, std::tuple{"--drip", options.drip, 0}, std::tuple{"--tokens", options.tokens, 1}})
    if (value < least) return fail(Fault::config, fmt::format("{} begins at {}, not {}", name, least, value));
  if (!(options.tokens_per_second >= 0)) return fail(Fault::config, "--tokens-per-second begins at 0 (at once)");
  script.engine = *engine;
  script.key = options.key;
  if (!options.models.empty()) script.models = options.models;
  script.refuse_connections = options.refuse_connections;
  script.seed = options.seed;
  sim::Behaviour& b = script.behaviour;
  b.latency_ms = options.latency_ms;
  b.jitter_ms = options.jitter_ms;
  b.tokens = options.tokens;
  b.tokens_per_second = options.tokens_per_second;
  b.slow_ms = options.slow_ms;
  b.drip = options.drip;
  b.fail = options.fail;
  b.fail_status = options.fail_status;
  b.retry_after = options.retry_after;
  b.cut_after = options.cut_after;
  b.stall_after = options.stall_after;
  b.malformed_after = options.malformed_after;
  b.error_after = options.error_after;
  if (options.script.empty()) return script;
  const auto text = read_file(options.script);
  if (!text) return std::unexpected(text.error());
  return sim::read_script(*text, script);
}

void tell(const sim::Server& server, const sim::Script& script) {
  const std::string base = fmt::format("http://{}", server.address());
  fmt::print("ajar sim answers at {}; every answer is made up and carries x-ajar-simulated: true\n\n", base);
  fmt::print("  OpenAI Chat         {}/v1/chat/completions\n", base);
  fmt::print("  OpenAI Responses    {}/v1/responses\n", base);
  fmt::print("  Anthropic Messages  {}/v1/messages\n", base);
  fmt::print("  Gemini              {}/v1beta/models/MODEL:generateContent\n", base);
  fmt::print("  Ollama              {}/api/chat\n", base);
  fmt::print("  models              {} (any other name is answered too)\n", join(script.models, ", "));
  if (script.engine != sim::Engine::none) fmt::print("  looks like          {}\n", sim::name_of(script.engine));
  fmt::print("\ncurl {}/v1/chat/completions \\\n", base);
  if (!script.key.empty()) fmt::print("  -H 'Authorization: Bearer {}' \\\n", script.key);
  fmt::print(
      "  -H 'Content-Type: application/json' \\\n  -d '{{\"model\": \"{}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Say "
      "hello.\"}}]}}'\n",
      script.models.front());
  std::fflush(stdout);
}

}  // namespace

int sim(const SimOptions& options) {
  Signals signals;
  auto script = script_of(options);
  if (!script) return complain(script.error());
  auto address = net::split_address(options.listen);
  if (!address) return complain(address.error());
  const auto server = sim::Server::start({.address = address->first, .port = address->second, .script = *script});
  if (!server) return complain(server.error());
  tell(**server, *script);
  while (signals.next() != Signals::Ask::stop) {  // nothing to reload
  }
  signals.release();
  (*server)->stop();
  return 0;
}

}  // namespace ajar::cli
