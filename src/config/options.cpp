// config/options.cpp - the table of options and the reference made from it.
#include "config/options.hpp"

#include <fmt/format.h>

namespace ajar::config {
namespace {

using enum Type;

constexpr std::array all_sections{
    Section{"", "Top level.", false},
    Section{"listen", "Where callers connect.", false},
    Section{"limits", "Sizes beyond which a request is refused.", false},
    Section{"deadlines", "How long what may take. Durations: \"500ms\", \"5s\", \"2m\".", false},
    Section{"retries", "What happens when a deployment fails before its first content.", false},
    Section{"labels", "Labels of your own beside the built-in ones (internal, confidential, restricted, pii, phi, pci, secret, export, legal, unscanned).", false},
    Section{"zone", "A named place that data can go to. Without any, there are `own` (accepts all) and `external` (accepts public only).", true},
    Section{"deployment", "One model at one endpoint with one credential, price and zone.", true},
    Section{"deployment.price", "A price of your own, in US dollars per million tokens, instead of the catalogue's.", false},
    Section{"tenant", "Who owns keys.", true},
    Section{"key", "A virtual key. `ajar key new` makes one.", true},
    Section{"rule", "Raises the label of the requests that it matches; nothing ever lowers one.", true},
    Section{"rule.when", "All conditions that are written must hold; none matches every request.", false},
    Section{"route", "How a model name that callers ask for is served.", true},
    Section{"alias", "A second name for a model.", true},
};

constexpr std::array all{
    Option{"", "state", string, "", "Folder for journal and database. Default: AJAR_HOME, else ~/.local/share/ajar.", false, true},
    Option{"", "shards", integer, "0", "Threads that carry requests; 0 = one per core, at most 4.", false, true},
    Option{"listen", "address", string, "127.0.0.1:8080", "ADDRESS:PORT; port 0 takes a free one.", false, true},
    Option{"listen", "tls_certificate", string, "", "PEM file with the whole chain; with tls_key, callers connect by TLS.", false, true},
    Option{"listen", "tls_key", string, "", "PEM file with the private key.", false, true},
    Option{"limits", "head", bytes, "64KiB", "Largest request head."},
    Option{"limits", "body", bytes, "32MiB", "Largest request body."},
    Option{"limits", "connections", integer, "20000", "Callers' connections at once.", false, true},
    Option{"deadlines", "head", duration, "10s", "For a caller's head; idle connections are kept four times as long."},
    Option{"deadlines", "body", duration, "60s", "For a caller's body."},
    Option{"deadlines", "connect", duration, "5s", "For connecting to a deployment, TLS included."},
    Option{"deadlines", "first_byte", duration, "120s", "For the first content of an answer."},
    Option{"deadlines", "idle", duration, "60s", "Between two pieces of an answer, and for a caller to take what is written."},
    Option{"deadlines", "total", duration, "30m", "For the whole exchange."},
    Option{"retries", "per_deployment", integer, "2", "Tries at one deployment, the first included."},
    Option{"retries", "total", integer, "4", "Tries over the whole chain."},
    Option{"retries", "backoff", duration, "200ms", "First pause; doubles, with jitter."},
    Option{"retries", "longest", duration, "5s", "A longer Retry-After goes to the next deployment instead."},
    Option{"labels", "defined", strings, "", "Up to 16 words."},
    Option{"zone", "name", string, "", "What deployments call it.", true},
    Option{"zone", "accepts", strings, "", "Label words that may go there beside public, or [\"all\"]."},
    Option{"zone", "region", string, "", "For people; where it is."},
    Option{"zone", "contract", string, "none", "none, dpa or baa."},
    Option{"deployment", "name", string, "", "What routes, ledger and metrics call it.", true},
    Option{"deployment", "provider", string, "", "openai, anthropic, google, deepseek, moonshot, alibaba, openrouter, vllm, sglang, llamacpp, ollama, tgi, lmstudio, compatible (any other that speaks Chat) or sim.", true},
    Option{"deployment", "model", string, "", "The catalogue's id (data/models.toml) or the provider's own.", true},
    Option{"deployment", "upstream_model", string, "", "What is sent to the endpoint. Default: model."},
    Option{"deployment", "public_model", string, "", "What callers ask for. Default: model."},
    Option{"deployment", "endpoint", string, "", "http(s)://HOST[:PORT][/PATH]; engines need one, providers have their own. A trailing /v1 is understood."},
    Option{"deployment", "key", string, "", "The provider's key: \"env:NAME\" or \"file:PATH\"."},
    Option{"deployment", "zone", string, "", "Default: own for own engines, external for all else."},
    Option{"deployment", "hosting", string, "", "own, hosted or closed. Default: by provider."},
    Option{"deployment", "dialect", string, "", "openai_chat, openai_responses, anthropic_messages, gemini_generate or ollama_chat. Default: by provider."},
    Option{"deployment", "service", string, "standard", "The price's service: standard, priority, flex."},
    Option{"deployment", "region", string, "", "The price's region."},
    Option{"deployment", "context", integer, "", "Context window in tokens. Default: the catalogue's."},
    Option{"deployment", "abilities", strings, "", "What an endpoint can do where the catalogue does not know the model: tools, images, audio, files, structured, logprobs."},
    Option{"deployment", "insecure", boolean, "false", "Allows plain http to a host that is not this machine, with a key."},
    Option{"deployment", "price", table, "", "A price of your own."},
    Option{"deployment.price", "input", number, "", "", true},
    Option{"deployment.price", "output", number, "", "", true},
    Option{"deployment.price", "cache_read", number, "", "Default: input."},
    Option{"deployment.price", "cache_write", number, "", "Default: input."},
    Option{"tenant", "name", string, "", "", true},
    Option{"tenant", "labels", strings, "", "Added to each of its requests."},
    Option{"tenant", "models", strings, "", "Model names that it may use; none = all."},
    Option{"key", "name", string, "", "What the ledger calls it.", true},
    Option{"key", "tenant", string, "", "Default: the only tenant, or one called default."},
    Option{"key", "hash", string, "", "\"sha256:...\" as `ajar key new` prints it."},
    Option{"key", "secret", string, "", "\"env:NAME\" or \"file:PATH\" that holds the key itself."},
    Option{"key", "labels", strings, "", "Added to each of its requests."},
    Option{"key", "models", strings, "", "Model names that it may use; none = all of the tenant's."},
    Option{"key", "max_in_flight", integer, "0", "Requests at once; 0 = no limit."},
    Option{"rule", "name", string, "", "", true},
    Option{"rule", "when", table, "", "Conditions."},
    Option{"rule", "labels", strings, "", "What it adds.", true},
    Option{"rule.when", "tenant", string, "", ""},
    Option{"rule.when", "key", string, "", ""},
    Option{"rule.when", "route", string, "", ""},
    Option{"rule.when", "model", string, "", "As the caller wrote it."},
    Option{"rule.when", "words", strings, "", "The request holds one of them, in any spelling of JSON; case does not matter."},
    Option{"route", "name", string, "", "The model name that callers ask for.", true},
    Option{"route", "order", strings, "", "Deployments, first choice first.", true},
    Option{"route", "prefer", string, "order", "order, or cost: cheapest first."},
    Option{"route", "labels", strings, "", "Added to each request on it."},
    Option{"alias", "name", string, "", "The other name.", true},
    Option{"alias", "model", string, "", "A model name that is served.", true},
};

std::string_view name_of(Type type) {
  switch (type) {
    case string: return "string";
    case integer: return "integer";
    case boolean: return "boolean";
    case number: return "number";
    case strings: return "array of strings";
    case table: return "table";
    case duration: return "duration";
    case bytes: return "size";
  }
  return "";
}

}  // namespace

std::span<const Option> options() noexcept { return all; }
std::span<const Section> sections() noexcept { return all_sections; }

std::string reference() {
  std::string out =
      "# Configuration reference\n\nMade by `ajar check --reference` from src/config/options.cpp; do not edit. A changed file is loaded at once (and on SIGHUP); options marked \"restart\" take effect after a restart.\n";
  for (const Section& section : all_sections) {
    const std::string heading = section.name.empty() ? "Top level" : section.repeated ? fmt::format("[[{}]]", section.name) : fmt::format("[{}]", section.name);
    fmt::format_to(std::back_inserter(out), "\n## {}\n\n{}\n\n| option | type | default | |\n|---|---|---|---|\n", heading, section.doc);
    for (const Option& option : all) {
      if (option.section != section.name) continue;
      const std::string standard = option.needed ? "needed" : option.standard.empty() ? "" : fmt::format("`{}`", option.standard);
      fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {}{} |\n", option.key, name_of(option.type), standard, option.doc, option.restart ? " (restart)" : "");
    }
  }
  return out;
}

}  // namespace ajar::config
