// config/options.cpp - the table of options and the reference made from it.
#include "config/options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/units.hpp"

namespace ajar::config {
namespace {

using enum Type;

constexpr std::int64_t kib = 1 << 10, mib = 1 << 20, second = 1000, hour = 3'600'000;

constexpr std::array all_sections{
    Section{"", "Top level.", false},
    Section{"listen", "Where callers connect.", false},
    Section{"limits", "Sizes beyond which a request is refused.", false},
    Section{"deadlines", "How long what may take. Durations: \"500ms\", \"5s\", \"2m\", \"1h\".", false},
    Section{"retries", "What happens when a deployment fails before its first content.", false},
    Section{"labels",
            "Labels of your own beside the built-in ones (internal, confidential, restricted, pii, phi, pci, secret, export, legal, "
            "unscanned).",
            false},
    Section{"detection", "What is done about the content of requests, beside what their origin says.", false},
    Section{"zone", "A named place that data can go to. Without any, there are `own` (accepts all) and `external` (accepts public only).",
            true},
    Section{"deployment", "One model at one endpoint with one credential, price and zone.", true},
    Section{"deployment.price", "A price of your own, in US dollars per million tokens, instead of the catalogue's.", false},
    Section{"tenant", "Who owns keys. Without any there is one, called default.", true},
    Section{"key", "A virtual key. `ajar key new` makes one.", true},
    Section{"rule", "Raises the label of the requests that it matches; nothing ever lowers one.", true},
    Section{"rule.when", "All conditions that are written must hold; none matches every request.", false},
    Section{"dictionary", "Exact values of your own, as a file of hashes: a request that holds one of them has its label raised.", true},
    Section{
        "route",
        "How a model name that callers ask for is served. Without any, each public model is served by its deployments in the file's order.",
        true},
    Section{"alias", "A second name for a model.", true},
};

constexpr std::array all{
    Option{"", "state", string, "", "Folder for journal and database, relative to this file. Default: AJAR_HOME, else ~/.local/share/ajar."}
        .restarts(),
    Option{"", "prices", string, "",
           "File of price rows that you accepted (`ajar catalog accept`), relative to this file; they go before the built-in ones."},
    Option{"", "shards", integer, "0", "Threads that carry requests; 0 = one per core, at most 4."}.restarts().within(0, 64),
    Option{"listen", "address", string, "127.0.0.1:8080", "ADDRESS:PORT; port 0 takes a free one."}.restarts(),
    Option{"listen", "tls_certificate", string, "",
           "PEM file with the whole chain, relative to this file; with tls_key, callers connect by TLS."}
        .restarts(),
    Option{"listen", "tls_key", string, "", "PEM file with the private key, relative to this file."}.restarts(),
    Option{"limits", "head", bytes, "64KiB", "Largest request head."}.within(kib, mib),
    Option{"limits", "body", bytes, "32MiB", "Largest request body."}.within(kib, 1024 * mib),
    Option{"limits", "connections", integer, "20000", "Callers' connections at once."}.restarts().within(1, 1'000'000),
    Option{"deadlines", "head", duration, "10s", "For a caller's head; idle connections are kept four times as long."}.within(1, hour),
    Option{"deadlines", "body", duration, "60s", "For a caller's body."}.within(1, hour),
    Option{"deadlines", "connect", duration, "5s", "For connecting to a deployment, TLS included."}.within(1, hour),
    Option{"deadlines", "first_byte", duration, "120s", "For the first content of an answer."}.within(1, 24 * hour),
    Option{"deadlines", "idle", duration, "60s", "Between two pieces of an answer, and for a caller to take what is written."}.within(
        1, 24 * hour),
    Option{"deadlines", "total", duration, "30m", "For the whole exchange."}.within(1, 24 * hour),
    Option{"retries", "per_deployment", integer, "2", "Tries at one deployment, the first included."}.within(1, 10),
    Option{"retries", "total", integer, "4", "Tries over the whole chain; every deployment of it has at least one."}.within(1, 50),
    Option{"retries", "backoff", duration, "200ms", "First pause; doubles, with jitter."}.within(0, 60 * second),
    Option{"retries", "longest", duration, "5s", "A longer Retry-After goes to the next deployment instead."}.within(0, hour),
    Option{"labels", "defined", strings, "", "Up to 16 words of small letters, digits, - and _."},
    Option{"detection", "on", boolean, "false",
           "Looks for personal, health, payment and secret data and for markings in every request, and raises its label by what it finds; "
           "media that cannot be read raise unscanned."},
    Option{"detection", "refuse", strings, "", "Label words: a request whose content raises one of them is refused, wherever it might go."},
    Option{
        "detection", "pseudonymise", strings, "",
        "Of pii, phi, pci and secret: what raises only these is replaced by tokens before anything is sent, and given back in the answer; "
        "secrets and card security codes are taken out. What cannot be replaced keeps its label."},
    Option{"detection", "trusted_tools", strings, "",
           "Functions in whose arguments values are given back, or [\"*\"]; the arguments of others keep the tokens."},
    Option{"zone", "name", name, "", "What deployments call it."}.must(),
    Option{"zone", "accepts", strings, "", "Label words that may go there beside public, or [\"all\"]."},
    Option{"zone", "region", string, "", "For people; where it is."},
    Option{"zone", "contract", string, "none", "What is agreed with whoever runs it."}.one_of("none, dpa, baa"),
    Option{"deployment", "name", name, "", "What routes, ledger and metrics call it."}.must(),
    Option{"deployment", "provider", string, "", "Who serves it; compatible is any other that speaks Chat, sim the simulator."}
        .must()
        .one_of("openai, anthropic, google, deepseek, moonshot, alibaba, openrouter, vllm, sglang, llamacpp, ollama, tgi, lmstudio, "
                "compatible, sim"),
    Option{"deployment", "sold_by", string, "", "For provider compatible: whose prices of the catalogue hold, e.g. groq or together."},
    Option{"deployment", "model", name, "", "The catalogue's id (data/models.toml) or the provider's own."}.must(),
    Option{"deployment", "upstream_model", name, "",
           "What is sent to the endpoint. Default: the provider's name for the model where the catalogue knows it, else model."},
    Option{"deployment", "public_model", name, "", "What callers ask for. Default: model."},
    Option{"deployment", "endpoint", string, "",
           "http(s)://HOST[:PORT][/PATH] without the API's own path; engines need one, providers have their own. A trailing /v1 is "
           "understood."},
    Option{"deployment", "key", string, "",
           "The provider's key: \"env:NAME\" or \"file:PATH\". Default at the provider's own endpoint: its usual variable, e.g. "
           "OPENAI_API_KEY."},
    Option{"deployment", "zone", string, "", "Default: own for own engines, external for all else."},
    Option{"deployment", "hosting", string, "",
           "own: on your machines; hosted: an open model served by others; closed. Default: by provider."}
        .one_of("own, hosted, closed"),
    Option{"deployment", "dialect", string, "", "What it speaks. Default: by provider."}.one_of(
        "openai_chat, openai_responses, anthropic_messages, gemini_generate, ollama_chat"),
    Option{"deployment", "service", string, "standard", "The price's service, as it is agreed for the key; it changes no request."}.one_of(
        "standard, priority, ultrafast, flex, batch"),
    Option{"deployment", "region", string, "", "The price's region, e.g. us or eu."},
    Option{"deployment", "context", integer, "", "Context window in tokens. Default: the catalogue's."}.within(1, 100'000'000),
    Option{"deployment", "abilities", strings, "",
           "What it can do, instead of what the catalogue says: tools, images, audio, files, structured, logprobs."},
    Option{"deployment", "insecure", boolean, "false", "Allows plain http to a host that is not this machine, with a key."},
    Option{"deployment", "price", table, "", "A price of your own."},
    Option{"deployment.price", "input", number, "", "Fresh input."}.must(),
    Option{"deployment.price", "output", number, "", "Output, reasoning included."}.must(),
    Option{"deployment.price", "cache_read", number, "", "Default: input."},
    Option{"deployment.price", "cache_write", number, "", "Default: input."},
    Option{"tenant", "name", name, "", "What keys, rules and the ledger call it."}.must(),
    Option{"tenant", "labels", strings, "", "Added to each of its requests."},
    Option{"tenant", "models", strings, "", "Model names that it may use; none = all."},
    Option{"key", "name", name, "", "What rules and the ledger call it."}.must(),
    Option{"key", "tenant", string, "", "Default: the only tenant, or one called default."},
    Option{"key", "hash", string, "", "\"sha256:...\" as `ajar key new` prints it."},
    Option{"key", "secret", string, "", "\"env:NAME\" or \"file:PATH\" that holds the key itself."},
    Option{"key", "labels", strings, "", "Added to each of its requests."},
    Option{"key", "models", strings, "", "Model names that it may use; none = all of the tenant's."},
    Option{"key", "max_in_flight", integer, "0", "Requests at once; 0 = no limit."}.within(0, 1'000'000),
    Option{"rule", "name", name, "", "What the ledger calls it."}.must(),
    Option{"rule", "when", table, "", "Conditions."},
    Option{"rule", "labels", strings, "", "What it adds."}.must(),
    Option{"dictionary", "name", name, "", "What the ledger calls it."}.must(),
    Option{"dictionary", "file", string, "", "What `ajar dictionary` wrote, relative to this file."}.must(),
    Option{"dictionary", "tenant", string, "", "Whose requests are looked at. Default: everybody's."},
    Option{"dictionary", "labels", strings, "", "What it adds."}.must(),
    Option{"rule.when", "tenant", string, "", "The caller's tenant."},
    Option{"rule.when", "key", string, "", "The caller's key, by its name."},
    Option{"rule.when", "route", string, "", "The route that serves the request: its name, or a public model's."},
    Option{"rule.when", "model", string, "", "The model as the caller wrote it, an alias for instance."},
    Option{"rule.when", "words", strings, "", "The request holds one of them, in any spelling of JSON; case does not matter."},
    Option{"route", "name", name, "", "The model name that callers ask for."}.must(),
    Option{"route", "order", strings, "", "Deployments, first choice first."}.must(),
    Option{"route", "prefer", string, "order", "As they stand in order, or cheapest first."}.one_of("order, cost"),
    Option{"route", "labels", strings, "", "Added to each request on it."},
    Option{"alias", "name", name, "", "The other name."}.must(),
    Option{"alias", "model", string, "", "A model name that is served, or another alias."}.must(),
};

std::string_view name_of(Type type) {
  switch (type) {
    case name:
      return "name";
    case string:
      return "string";
    case integer:
      return "integer";
    case boolean:
      return "boolean";
    case number:
      return "number";
    case strings:
      return "array of strings";
    case table:
      return "table";
    case duration:
      return "duration";
    case bytes:
      return "size";
  }
  return "";
}

std::string details_of(const Option& option) {
  std::string text(option.doc);
  if (!option.choices.empty()) fmt::format_to(std::back_inserter(text), " One of: {}.", option.choices);
  if (option.most != 0)
    fmt::format_to(std::back_inserter(text), " From {} to {}.", amount_text(option.type, option.least),
                   amount_text(option.type, option.most));
  if (option.restart) text += " (restart)";
  return text;
}

}  // namespace

std::span<const Option> options() noexcept { return all; }
std::span<const Section> sections() noexcept { return all_sections; }

const Option* option_named(std::string_view section, std::string_view key) noexcept {
  const auto found = std::ranges::find_if(all, [&](const Option& o) { return o.section == section && o.key == key; });
  return found != all.end() ? &*found : nullptr;
}

std::string heading_of(std::string_view section) {
  const auto found = std::ranges::find(all_sections, section, &Section::name);
  if (section.empty() || found == all_sections.end()) return "the top level";
  return found->repeated ? fmt::format("[[{}]]", section) : fmt::format("[{}]", section);
}

std::string reference() {
  std::string out =
      "# Configuration reference\n\nMade by `ajar check --reference` from src/config/options.cpp; do not edit. A changed file is loaded at "
      "once (and on "
      "SIGHUP);\noptions marked \"restart\" take effect after a restart. A name is printable ASCII, at most 200 characters. Examples: "
      "[conf/](../conf).\n";
  for (const Section& section : all_sections) {
    fmt::format_to(std::back_inserter(out), "\n## {}\n\n{}\n\n| option | type | default | |\n|---|---|---|---|\n",
                   section.name.empty() ? "Top level" : heading_of(section.name), section.doc);
    for (const Option& option : all) {
      if (option.section != section.name) continue;
      const std::string standard = option.needed ? "needed" : option.standard.empty() ? "" : fmt::format("`{}`", option.standard);
      fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {} |\n", option.key, name_of(option.type), standard, details_of(option));
    }
  }
  return out;
}

}  // namespace ajar::config
