// cli/main.cpp - parses the command line and calls a verb.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>

#include "cli/plan_verbs.hpp"
#include "cli/verbs.hpp"
#include "config/workload_file.hpp"

namespace {

using namespace ajar::cli;

// Each of these describes one verb and what it is told; the verb's exit code goes into `code`.

void describe_up(CLI::App& app, UpOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("up", "start a gateway from what is found on this machine: no file needed");
  verb->add_option("--listen", o.listen, "ADDRESS:PORT; port 0 takes a free one")->capture_default_str();
  verb->add_option("--home", o.home, "state folder (default: AJAR_HOME, else ~/.local/share/ajar)");
  verb->add_flag("--simulate", o.simulate, "only simulated models, whatever keys and engines there are");
  verb->footer(
      "Looks for provider keys in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, DEEPSEEK_API_KEY, MOONSHOT_API_KEY,\n"
      "DASHSCOPE_API_KEY, OPENROUTER_API_KEY) and for engines on the usual ports of this machine, and at AJAR_ENGINES=HOST:PORT,...");
  verb->callback([&] { code = up(o); });
}

void describe_serve(CLI::App& app, ServeOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("serve", "start a gateway from a configuration file");
  verb->add_option("--config,-c", o.config, "the file, e.g. conf/minimal.toml")->required();
  verb->add_option("--listen", o.listen, "ADDRESS:PORT instead of the file's");
  verb->add_option("--home", o.home, "state folder instead of the file's");
  verb->footer("A changed file is loaded at once, and on SIGHUP; a bad one changes nothing. SIGTERM and SIGINT drain.");
  verb->callback([&] { code = serve(o); });
}

void describe_check(CLI::App& app, CheckOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("check", "tell all problems of a configuration file at once");
  CLI::Option* file = verb->add_option("file", o.file, "the file");
  CLI::Option* reference = verb->add_flag("--reference", o.reference, "print every option there is, as docs/CONFIG.md");
  verb->add_flag("--json", o.json, "for programs");
  file->excludes(reference);
  verb->callback([&o, &code, file, reference] {
    if (file->empty() && reference->empty()) throw CLI::RequiredError("file");
    code = check(o);
  });
}

void describe_explain(CLI::App& app, ExplainOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("explain", "tell where a request would go, and why, without sending it");
  verb->add_option("request", o.request, "file with the request's JSON; - reads standard input")->capture_default_str();
  verb->add_option("--config,-c", o.config, "configuration file (default: what `up` found)");
  verb->add_option("--key", o.key, "as the key of this name");
  verb->add_option("--tenant", o.tenant, "as this tenant");
  verb->add_option("--label", o.label, "as if the request had this Ajar-Label header");
  verb->add_option("--home", o.home, "state folder");
  verb->add_flag("--json", o.json, "for programs");
  verb->footer("Exit code 0: it would be tried; 1: it would be refused; 2: wrong usage, request or configuration.");
  verb->callback([&] { code = explain(o); });
}

void add_ledger_filters(CLI::App* verb, LedgerOptions& o) {
  verb->add_option("--since", o.since, "from this time on, e.g. 2026-11-24 or 2026-11-24T15:00:00Z");
  verb->add_option("--until", o.until, "before this time");
  verb->add_option("--model", o.model, "only this model name");
  verb->add_option("--deployment", o.deployment, "only this deployment");
  verb->add_option("--tenant", o.tenant, "only this tenant");
  verb->add_option("--key", o.key, "only the key of this name");
}

void describe_ledger(CLI::App& app, LedgerOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("ledger", "who used what, when, and what it cost");
  verb->require_subcommand(1);
  const auto action = [&](const char* name, const char* what) {
    CLI::App* sub = verb->add_subcommand(name, what);
    sub->add_option("--home", o.home, "state folder (default: AJAR_HOME, else ~/.local/share/ajar)");
    sub->callback([&o, &code, name] {
      o.action = name;
      code = ledger(o);
    });
    return sub;
  };
  for (CLI::App* sub : {action("show", "the newest entries"), action("tail", "new entries as they are settled"),
                        action("sum", "requests, tokens and cost in groups")}) {
    add_ledger_filters(sub, o);
    CLI::Option* json = sub->add_flag("--json", o.json, "for programs");
    sub->add_flag("--csv", o.csv, "for spreadsheets")->excludes(json);
    if (sub->get_name() != "sum")
      sub->add_option("--limit", o.limit, "how many of the entries there are")->capture_default_str()->check(CLI::Range(0, 1'000'000));
    if (sub->get_name() == "show") sub->add_option("--id", o.id, "one request's entries, with attempts and reason");
    if (sub->get_name() == "sum")
      sub->add_option("--by", o.by, "model, deployment, tenant, key, zone, provider, outcome or day")->capture_default_str();
  }
  action("rebuild", "make the database anew from the journal");
}

void describe_sim(CLI::App& app, SimOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("sim", "a provider that answers by script, in every dialect");
  verb->add_option("--listen", o.listen, "ADDRESS:PORT; port 0 takes a free one")->capture_default_str();
  verb->add_option("--script", o.script, "JSON file with these options and behaviours by model; goes before the options")
      ->check(CLI::ExistingFile);
  verb->add_option("--engine", o.engine, "whom it looks like: none, openai, vllm, sglang, llamacpp, ollama, lmstudio, tgi")
      ->capture_default_str();
  verb->add_option("--model", o.models, "a model that it lists; may stand several times")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--key", o.key, "the credential that callers must give; none: any");
  verb->add_option("--latency-ms", o.latency_ms, "before the first token")->capture_default_str();
  verb->add_option("--jitter-ms", o.jitter_ms, "added to it by chance, up to this")->capture_default_str();
  verb->add_option("--tokens", o.tokens, "length of an answer")->capture_default_str();
  verb->add_option("--tokens-per-second", o.tokens_per_second, "of a stream; 0 = at once")->capture_default_str();
  verb->add_option("--slow-ms", o.slow_ms, "pause between the pieces of a stream")->capture_default_str();
  verb->add_option("--drip", o.drip, "send streams in pieces of so many bytes; 0 = event by event")->capture_default_str();
  verb->add_option("--fail", o.fail, "share of requests that fail, 0 to 1")->capture_default_str();
  verb->add_option("--fail-status", o.fail_status, "with this status")->capture_default_str();
  verb->add_option("--retry-after", o.retry_after, "seconds that failures ask callers to wait");
  verb->add_option("--refuse-connections", o.refuse_connections, "share of connections closed at once, 0 to 1")->capture_default_str();
  verb->add_option("--cut-after", o.cut_after, "cut streams after so many pieces of content");
  verb->add_option("--stall-after", o.stall_after, "fall silent after so many");
  verb->add_option("--malformed-after", o.malformed_after, "send a broken frame after so many");
  verb->add_option("--error-after", o.error_after, "send an error event after so many");
  verb->add_option("--seed", o.seed, "of the chances")->capture_default_str();
  verb->callback([&] { code = sim(o); });
}

void describe_policy(CLI::App& app, PolicyOptions& o, ExplainOptions& explained, int& code) {
  CLI::App* verb =
      app.add_subcommand("policy", "what may go where: every flow that a configuration permits, and what a change newly allows");
  verb->require_subcommand(1);
  CLI::App* check = verb->add_subcommand("check", "every flow (caller, label, zone), and rules that do nothing");
  check->add_option("file", o.files, "a configuration file")->required()->expected(1);
  CLI::App* diff =
      verb->add_subcommand("diff", "flows that one configuration permits and another does not; exit code 1 when there are new ones");
  diff->add_option("files", o.files, "OLD NEW")->required()->expected(2)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  for (CLI::App* sub : {check, diff}) {
    sub->add_flag("--json", o.json, "for programs");
    sub->callback([&o, &code, sub] {
      o.action = sub->get_name();
      code = policy(o);
    });
  }
  describe_explain(*verb, explained, code);
}

void describe_audit(CLI::App& app, AuditOptions& o, int& code) {
  CLI::App* verb =
      app.add_subcommand("audit", "the audit log: what was labelled, where it went, and the proof that nothing of it was changed");
  verb->require_subcommand(1);
  const auto action = [&](const char* name, const char* what) {
    CLI::App* sub = verb->add_subcommand(name, what);
    sub->add_option("--home", o.home, "state folder (default: AJAR_HOME)");
    sub->add_option("--verifier", o.verifier, "the log's verifier, as you got it by another way (default: the folder's own)");
    sub->callback([&o, &code, name] {
      o.action = name;
      code = audit(o);
    });
    return sub;
  };
  CLI::App* verify = action("verify", "that every record is what was signed; exit code 1 when something was changed, cut, added or moved");
  verify->add_option("--since", o.since_checkpoint, "an older checkpoint, kept elsewhere: the log has to begin with what it signed");
  CLI::App* show = action("show", "the last records");
  show->add_option("--last", o.last, "how many")->capture_default_str();
  CLI::App* prove = action("prove", "a bundle of records with their proof, for somebody who has nothing else");
  prove->add_option("--from", o.from, "exchanges that began on this day or later");
  prove->add_option("--until", o.until, "and before this day");
  prove->add_option("--out", o.out, "the file to write (default: standard output)");
  CLI::App* reconcile = action("reconcile", "that log and ledger hold the same exchanges");
  for (CLI::App* sub : {verify, show, reconcile}) sub->add_flag("--json", o.json, "for programs");
}

void describe_scan(CLI::App& app, ScanOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("scan", "what of a text looks sensitive, and the label that it would get");
  verb->add_option("files", o.files, "files; none or - reads standard input");
  verb->add_flag("--jsonl", o.jsonl,
                 "each line in is {\"id\", \"text\"}, each line out {\"id\", \"findings\", \"label\"}; places are UTF-8 bytes");
  verb->add_flag("--json", o.json, "for programs: one object per file");
  verb->add_flag("--show", o.show, "show what was found too; without it only its place and kind are told");
  verb->footer("Exit code 0: nothing raises the label (with --jsonl: every line was read); 1: something does; 2: wrong usage or input.");
  verb->callback([&] { code = scan(o); });
}

void describe_dictionary(CLI::App& app, DictionaryOptions& o, int& code) {
  CLI::App* verb =
      app.add_subcommand("dictionary", "exact values of your own (customer numbers, code names) to a file of hashes, for [[dictionary]]");
  verb->add_option("values", o.values, "a value a line; - reads standard input")->capture_default_str();
  verb->add_option("--out", o.out, "the file to write")->required();
  verb->footer(
      "Case, blanks and signs make no difference: AB-1234 stands in \"ab 1234\" too. Values of 5 letters or digits at least; ten million\n"
      "make a file of 80 MB. The file holds keyed hashes and their key: keep it as you keep the values, short ones can be guessed.");
  verb->callback([&] { code = dictionary(o); });
}

void describe_catalog(CLI::App& app, CatalogOptions& o, int& code) {
  CLI::App* verb = app.add_subcommand("catalog", "models, prices, scores and GPUs, each with source and date");
  verb->require_subcommand(1);
  const auto action = [&](const char* name, const char* what) {
    CLI::App* sub = verb->add_subcommand(name, what);
    sub->add_flag("--json", o.json, "for programs");
    sub->callback([&o, &code, name] {
      o.action = name;
      code = catalog(o);
    });
    return sub;
  };
  CLI::App* list = action("list", "one table");
  list->add_option("table", o.what, "models, prices, benchmarks, gpus or shapes")
      ->capture_default_str()
      ->check(CLI::IsMember({"models", "prices", "benchmarks", "gpus", "shapes"}));
  list->add_option("--provider", o.provider, "only this provider's prices");
  list->add_option("--model", o.model, "only this model");
  list->add_flag("--open", o.open, "only open models");
  list->add_flag("--closed", o.closed, "only closed models");
  list->add_option("--at", o.at, "only prices in force on this day");
  CLI::App* show = action("show", "everything about one model: prices now and later, levels and the rows that decided");
  show->add_option("model", o.id, "its id")->required();
  CLI::App* check = action("check", "price rows that are odd or old; exit code 1 when there are some, 2 when rows overlap or leave a hole");
  check->add_option("file", o.files, "a prices file instead of the built-in one");
  check->add_option("--stale", o.stale_days, "days after which a source is old")->capture_default_str()->check(CLI::Range(1, 10'000));
  check->add_option("--at", o.at, "as of this day");
  CLI::App* diff = action("diff", "what appears, ends and changes between two prices files");
  diff->add_option("files", o.files, "OLD NEW")->required()->expected(2)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::App* import = action("import", "a public price list beside the rows in force; nothing is changed");
  import->add_option("list", o.what, "models.dev (its api.json) or litellm (its model_prices_and_context_window.json)")->required();
  import->add_option("file", o.files, "a file, an address, or - for standard input (default: where the list is published)")->expected(0, 1);
  import->add_option("--out", o.out, "write the proposed rows to this file");
  import->add_option("--at", o.at, "against the prices of this day");
  CLI::App* accept = action("accept", "take rows over that an import proposed and you looked at, or wrote yourself");
  accept->add_option("file", o.files, "the rows; - reads standard input")->required()->expected(1);
  for (CLI::App* sub : verb->get_subcommands([](CLI::App*) { return true; }))
    if (sub != diff) sub->add_option("--home", o.home, "state folder of the accepted rows (default: AJAR_HOME)");
}

struct PlanVerbs {
  PlanOptions plan;
  PlanCalibrateOptions calibrate;
  PlanInterviewOptions interview;
  PlanClaimsOptions claims;
  PlanPredictOptions predict;
  PlanLintOptions lint;
  PlanFitOptions fit;
  PlanReplayOptions replay;
};

void describe_replay(CLI::App* verb, PlanReplayOptions& o, int& code) {
  CLI::App* replay = verb->add_subcommand("replay", "own engines under a trace of requests: latencies, use, replicas needed");
  replay->add_option("--model,-m", o.model, "an open model")->required();
  replay->add_option("--gpu,-g", o.gpu, "e.g. h100")->required();
  replay->add_option("--trace", o.trace, "CSV with t_s, input_tokens, output_tokens (or Azure's columns); - reads standard input");
  replay->add_option("--faster", o.faster, "times of the trace divided by this")->capture_default_str();
  replay->add_option("--requests", o.requests, "without a trace: how many")->capture_default_str();
  replay->add_option("--per-second", o.per_second, "without a trace: mean rate")->capture_default_str();
  replay->add_option("--input", o.input, "without a trace: mean input tokens")->capture_default_str();
  replay->add_option("--output", o.output, "without a trace: mean output tokens")->capture_default_str();
  replay->add_option("--seed", o.seed, "of failures, of chances taken, and of a trace that is made")->capture_default_str();
  replay->add_option("--count,-n", o.count, "GPUs of a replica (default: the smallest number that fits)");
  replay->add_option("--replicas,-r", o.replicas, "how many (default: the smallest number that meets the targets)");
  replay->add_option("--ttft", o.ttft, "target: 99 % get the first token within so many seconds")->capture_default_str();
  replay->add_option("--tpot", o.tpot_ms, "target: 95 % see at most so many milliseconds between tokens")->capture_default_str();
  replay
      ->add_option("--balance", o.balance,
                   "who gets a request: least (work in hand), prefix (least, counting what of the prompt is in memory), turns, two (the "
                   "better of two by chance)")
      ->capture_default_str();
  replay->add_option("--scale", o.scale, "replicas come and go, e.g. 1..8; from 0 on the last one goes too");
  replay->add_option("--in-flight", o.in_flight, "with --scale: requests that a replica is to have (default: as many as meet the targets)");
  replay->add_option("--cooldown", o.cooldown, "with --scale: seconds for which fewer have to be enough before one goes")
      ->capture_default_str();
  replay->add_option("--reload", o.reload, "seconds from a start to the first request (default: the weights at 2 GB/s)");
  replay->add_option("--fails-every", o.fails_every, "hours of service after which a replica is lost, on average; 0 = never");
  replay->add_flag("--spot", o.spot, "GPUs at the spot price; say with --fails-every how often they are taken away");
  replay->add_option("--overflow-after", o.overflow_after, "requests that would wait longer than so many seconds go to an API; 0 = none");
  replay->add_option("--api", o.api,
                     "PROVIDER/MODEL that takes the overflow: without --replicas as many are owned as make both together cheapest");
  replay->add_flag("--json", o.json, "for programs");
  replay->callback([&o, &code] { code = plan_replay(o); });
}

void describe_measured(CLI::App* verb, std::string& file) {
  verb->add_option("--measured", file,
                   "points of your own engines, as `ajar plan calibrate` or your benchmark writes them: they sharpen the predictions");
}

// Each key of a workload file is an option too.
void describe_workload(CLI::App* verb, PlanOptions& o) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> more{
      {{"tokens", ",-t"}, {"sensitive", ",--phi"}, {"contract", ",--baa"}, {"tpot_ms", ",--tpot"}}};
  for (const ajar::config::WorkloadKey& key : ajar::config::workload_keys()) {
    std::string option = "--" + std::string(key.name);
    std::ranges::replace(option, '_', '-');
    if (key.name == "spare") {
      verb->add_flag_callback(
          "--no-spare", [&o] { o.said.push_back({"--no-spare", "spare", "false"}); }, "no further replica in case one fails");
      continue;
    }
    const auto also = std::ranges::find(more, key.name, &std::pair<std::string_view, std::string_view>::first);
    const std::string names = option + (also == more.end() ? "" : std::string(also->second));
    const std::string name(key.name),
        doc = std::string(key.doc) + (key.flag || key.usual.empty() || key.name == "tokens" ? "" : " [" + key.usual + "]");
    if (key.flag)
      verb->add_flag_callback(names, [&o, option, name] { o.said.push_back({option, name, "true"}); }, doc);
    else
      verb->add_option_function<std::string>(
          names, [&o, option, name](const std::string& text) { o.said.push_back({option, name, text}); }, doc);
  }
}

void describe_plan_itself(CLI::App* verb, PlanOptions& o) {
  verb->add_option("--workload,-w", o.workload,
                   "a file that says all this, as `ajar plan interview` writes it; what an option says counts more");
  verb->add_option("--trace", o.trace,
                   "CSV with t_s, input_tokens, output_tokens (or Azure's columns): volume, lengths and, from a day on, the peak; - reads "
                   "standard input");
  verb->add_flag("--from-ledger", o.from_ledger, "volume, lengths, peak, cached, reasoning and labelled shares as the gateway saw them");
  verb->add_option("--home", o.home, "state folder of that ledger (default: AJAR_HOME)");
  verb->add_option("--since", o.since, "the ledger from this day on");
  describe_workload(verb, o);
  verb->add_option("--at", o.at, "prices of this day (default: today)");
  verb->add_option("--draws", o.draws, "of what is not known, for the bands")->capture_default_str();
  verb->add_option("--seed", o.seed, "of the draws")->capture_default_str();
  verb->add_option("--html", o.html, "write a page with interactive plots there, one file that needs no other")->type_name("FILE");
  verb->add_option("--compare", o.compare, "further workload files, whose plans are put beside this one")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1, 8);
  verb->add_flag("--all", o.all, "show also options that do not meet a constraint");
  verb->add_flag("--json", o.json, "for programs");
  verb->footer("Exit code 0: there is a recommendation; 2: nothing meets all constraints, or an input makes no sense.");
}

void describe_plan(CLI::App& app, PlanVerbs& o, int& code) {
  CLI::App* verb = app.add_subcommand("plan", "where it pays to run what: closed APIs, hosted open models, own GPUs");
  describe_plan_itself(verb, o.plan);
  verb->callback([&o, &code, verb] {
    if (!verb->get_subcommands().empty()) return;
    if (std::ranges::find(o.plan.said, "tokens", &PlanOptions::Said::key) == o.plan.said.end() && o.plan.workload.empty() &&
        o.plan.trace.empty() && !o.plan.from_ledger)
      throw CLI::RequiredError(
          "--tokens, --workload, --trace or --from-ledger, or one of the verbs interview, claims, fit, replay, predict, calibrate, lint");
    code = plan(o.plan);
  });
  CLI::App* interview = verb->add_subcommand("interview", "a few plain questions for somebody without numbers; ends in a workload file");
  interview->add_option("--out", o.interview.out, "the file to write; one that exists is not touched")->capture_default_str();
  interview->callback([&] { code = plan_interview(o.interview); });
  CLI::App* claims = verb->add_subcommand("claims", "the founding claims about closed and open models, recomputed from today's facts");
  claims->add_option("--at", o.claims.at, "prices of this day (default: today)");
  claims->add_flag("--json", o.claims.json, "for programs");
  claims->callback([&] { code = plan_claims(o.claims); });
  CLI::App* fit = verb->add_subcommand("fit", "does a model fit on a GPU, how to start it, how fast it is and what a token costs");
  fit->add_option("--model,-m", o.fit.model, "an open model, e.g. llama-3.3-70b")->required();
  fit->add_option("--gpu,-g", o.fit.gpu, "e.g. h100, h200, b200, mi300x, l40s")->required();
  fit->add_option("--count,-n", o.fit.count, "GPUs of one replica (default: the smallest number that fits)");
  fit->add_option("--precision", o.fit.precision, "of the weights: bf16, fp8, fp4, int4 (default: as is usual for model and GPU)");
  fit->add_option("--engine", o.fit.engine, "vllm, sglang, trtllm")->capture_default_str();
  fit->add_option("--input", o.fit.input, "mean input tokens of a request")->capture_default_str();
  fit->add_option("--output", o.fit.output, "mean output tokens")->capture_default_str();
  fit->add_option("--context", o.fit.context, "tokens of the longest sequence (default: input and output)");
  fit->add_flag("--json", o.fit.json, "for programs");
  fit->footer("Exit code 2: it does not fit, or a name is not known; the message says what would.");
  fit->callback([&] { code = plan_fit(o.fit); });
  describe_replay(verb, o.replay, code);
  describe_measured(verb->get_subcommand("replay"), o.replay.measured);
  CLI::App* predict = verb->add_subcommand("predict", "predict latency and throughput of set-ups in a CSV table");
  predict->add_option("--points", o.predict.points, "the table; - reads standard input")->capture_default_str();
  predict->footer(
      "Columns by name: id, model, gpu, n_gpu, parallelism (TP4 EP4), precision, engine, engine_version, mode, isl, osl, concurrency;\n"
      "of unknown models params_total_b and params_active_b. Writes id, ttft_ms, tpot_ms, out_tps_per_gpu, their 80 % bands, refused, "
      "reason.");
  predict->callback([&] { code = plan_predict(o.predict); });
  CLI::App* calibrate =
      verb->add_subcommand("calibrate", "what your own engine was measured to do, as a table that sharpens the predictions");
  calibrate->add_flag("--from-ledger", o.calibrate.from_ledger, "measured on the exchanges that the gateway saw")->required();
  calibrate->add_option("--deployment,-d", o.calibrate.deployment, "of one engine that nobody else uses, as the configuration names it")
      ->required();
  calibrate->add_option("--model,-m", o.calibrate.model, "that runs there, e.g. llama-3.3-70b")->required();
  calibrate->add_option("--gpu,-g", o.calibrate.gpu, "that it runs on, e.g. h100")->required();
  calibrate->add_option("--count,-n", o.calibrate.count, "GPUs (default: the smallest number that fits)");
  calibrate->add_option("--precision", o.calibrate.precision, "of the weights (default: as is usual for model and GPU)");
  calibrate->add_option("--engine", o.calibrate.engine, "vllm, sglang, trtllm")->capture_default_str();
  calibrate->add_option("--home", o.calibrate.home, "state folder of the ledger (default: AJAR_HOME)");
  calibrate->add_option("--since", o.calibrate.since, "the ledger from this day on");
  calibrate->add_option("--least", o.calibrate.least, "answers that a point stands for")->capture_default_str();
  calibrate->add_option("--out", o.calibrate.out, "the table to write, for --measured of plan, fit, replay and predict")
      ->capture_default_str();
  calibrate->add_flag("--json", o.calibrate.json, "for programs");
  calibrate->callback([&] { code = plan_calibrate(o.calibrate); });
  for (const auto& [described, file] :
       {std::pair(verb, &o.plan.measured), std::pair(fit, &o.fit.measured), std::pair(predict, &o.predict.measured)})
    describe_measured(described, *file);
  CLI::App* lint = verb->add_subcommand("lint", "find measurements that cannot be, or that are labelled wrongly");
  lint->add_option("file", o.lint.file, "a CSV table with outcomes; - reads standard input")->capture_default_str();
  lint->add_flag("--json", o.lint.json, "for programs");
  lint->footer("Exit code 0: nothing found; 1: something was; 2: the table cannot be read.");
  lint->callback([&] { code = plan_lint(o.lint); });
}

void describe_small(CLI::App& app, VectorsOptions& vectors_options, KeyOptions& key_options, int& code) {
  CLI::App* verb = app.add_subcommand("vectors", "run a folder of wire vectors; closes with `N passed, N failed`");
  verb->add_option("folder", vectors_options.folder, "folder with one JSON file per case")->required();
  verb->add_flag("--json", vectors_options.json, "for programs");
  verb->callback([&] { code = vectors(vectors_options); });
  CLI::App* keys = app.add_subcommand("key", "virtual keys");
  keys->require_subcommand(1);
  CLI::App* fresh = keys->add_subcommand("new", "print a fresh key, once, and the hash for a configuration file");
  fresh->add_flag("--json", key_options.json, "for programs");
  fresh->callback([&] { code = key(key_options); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Ajar: a gateway for closed and open language models that keeps what must stay home at home, and writes down what it did.",
               "ajar");
  app.require_subcommand(1);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);  // as most programs do: the last one counts
  app.set_version_flag("--version", "ajar " AJAR_VERSION);
  app.set_help_all_flag("--help-all", "the help of every verb");
  int code = 0;
  UpOptions up_options;
  ServeOptions serve_options;
  CheckOptions check_options;
  ExplainOptions explain_options;
  LedgerOptions ledger_options;
  SimOptions sim_options;
  CatalogOptions catalog_options;
  ScanOptions scan_options;
  DictionaryOptions dictionary_options;
  AuditOptions audit_options;
  PolicyOptions policy_options;
  PlanVerbs plan_options;
  VectorsOptions vectors_options;
  KeyOptions key_options;
  describe_up(app, up_options, code);
  describe_serve(app, serve_options, code);
  describe_check(app, check_options, code);
  describe_explain(app, explain_options, code);
  describe_ledger(app, ledger_options, code);
  describe_sim(app, sim_options, code);
  describe_policy(app, policy_options, explain_options, code);
  describe_audit(app, audit_options, code);
  CLI::App* demo = app.add_subcommand("demo", "demonstrations that need nothing and leave nothing behind");
  demo->require_subcommand(1);
  demo->add_subcommand("privacy", "a made-up patient record through a gateway with detection, where it went, and the audit log")
      ->callback([&] { code = demo_privacy(); });
  describe_scan(app, scan_options, code);
  describe_dictionary(app, dictionary_options, code);
  describe_catalog(app, catalog_options, code);
  describe_plan(app, plan_options, code);
  describe_small(app, vectors_options, key_options, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ajar: %s\n", error.what());
    return 1;
  }
  return code;
}
