// cli/verbs.hpp - the program's verbs: what each is told and the function that does it; gives the exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ajar::cli {

// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
struct UpOptions {
  std::string listen = "127.0.0.1:8080", home;
  bool simulate = false;
};
int up(const UpOptions&);

struct ServeOptions {
  std::string config, listen, home;
};
int serve(const ServeOptions&);

struct CheckOptions {
  std::string file;
  bool json = false, reference = false;
};  // reference: prints docs/CONFIG.md instead
int check(const CheckOptions&);

struct ExplainOptions {
  std::string config, request = "-", key, label, tenant, home;
  bool json = false;
};
int explain(const ExplainOptions&);

struct LedgerOptions {
  std::string action;  // show, tail, sum, rebuild
  std::string home, since, until, model, deployment, tenant, key, by = "model", id;
  std::int64_t limit = 20;
  bool json = false, csv = false, follow = false;
};
int ledger(const LedgerOptions&);

struct CatalogOptions {
  std::string action;                                         // list, show, check, diff, import, accept
  std::string home;                                           // of the rows that were accepted
  std::string what = "models", id, provider, model, at, out;  // what: a table, or the kind of a price list
  std::vector<std::string> files;
  bool open = false, closed = false, json = false;
  int stale_days = 90;
};
int catalog(const CatalogOptions&);

struct PolicyOptions {
  std::string action;  // check, diff
  std::vector<std::string> files;
  bool json = false;
};
int policy(const PolicyOptions&);

struct AuditOptions {
  std::string action;  // verify, show, prove, reconcile
  std::string home, verifier, since_checkpoint, from, until, out;
  std::uint64_t last = 20;
  bool json = false;
};
int audit(const AuditOptions&);

int demo_privacy();

struct DictionaryOptions {
  std::string values = "-", out;
};
int dictionary(const DictionaryOptions&);

struct ScanOptions {
  std::vector<std::string> files;  // none, or "-": standard input
  bool jsonl = false, json = false, show = false;
};
int scan(const ScanOptions&);

struct SimOptions {
  std::string listen = "127.0.0.1:8090", script;  // script: a JSON file; what it says goes before the options
  std::string engine = "none", key;               // engine: whom it looks like; key: the credential that callers must give
  std::vector<std::string> models;                // listed; empty = sim-chat, sim-small
  std::int64_t latency_ms = 30, jitter_ms = 10, tokens = 64;
  double tokens_per_second = 120, fail = 0;  // fail: share of requests answered with fail_status
  int fail_status = 503;
  std::int64_t retry_after = -1, slow_ms = 0, drip = 0;
  std::int64_t cut_after = -1, stall_after = -1, malformed_after = -1, error_after = -1;  // pieces of content; -1 = never
  double refuse_connections = 0;                                                          // share of connections closed at once
  std::uint64_t seed = 1;
};
int sim(const SimOptions&);

struct VectorsOptions {
  std::string folder;
  bool json = false;
};
int vectors(const VectorsOptions&);

struct KeyOptions {
  std::string action;
  bool json = false;
};  // new: prints a fresh virtual key and its hash for a configuration file
int key(const KeyOptions&);

}  // namespace ajar::cli
