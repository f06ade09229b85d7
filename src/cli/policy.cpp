// cli/policy.cpp - `ajar policy check|diff`: every flow that a configuration permits, rules that do nothing, and what a change newly
// allows.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"
#include "policy/flows.hpp"

namespace ajar::cli {
namespace {

using Snapshot = std::shared_ptr<const config::Snapshot>;

Result<Snapshot> snapshot_of(const std::string& file) {
  // The secrets do not matter here, so that a change can be looked at where they are not.
  const config::Environment any = [](const std::string& name) { return std::optional("stands-for-the-secret-in-" + name); };
  config::Loaded loaded = config::load_file(file, any);
  if (loaded.snapshot) return std::move(loaded.snapshot);
  return fail(Fault::config, std::string(trim(all_of(loaded.problems))));
}

// A key that adds labels is a class of its own.
std::vector<policy::CallerClass> classes_of(const config::Snapshot& s) {
  std::vector<policy::CallerClass> classes;
  const auto& tenants = s.keys.tenants();
  for (const admit::Tenant& tenant : tenants) classes.push_back({"tenant " + tenant.name, {tenant.label}});
  for (const admit::Key& key : s.keys.keys()) {
    const admit::Tenant& tenant = tenants[key.tenant];
    if ((key.label & ~tenant.label) != 0)
      classes.push_back({fmt::format("tenant {}, key {}", tenant.name, key.name), {tenant.label | key.label}});
  }
  return classes;
}

struct Remark {
  std::string about, why;
};

// Rules that can never add anything, and classes that can go nowhere.
std::vector<Remark> remarks_on(const config::Snapshot& s, const std::vector<policy::CallerClass>& classes) {
  std::vector<Remark> remarks;
  const policy::Ruleset& rules = s.ruleset;
  const auto words = [&rules](policy::Label label) { return join(policy::names_of(label, rules.defined), "+"); };
  const auto nowhere = [&s](policy::Label label) {
    return std::ranges::none_of(s.reachable, [label](const policy::Zone& z) { return policy::allows(z, label); });
  };
  for (const policy::CallerClass& c : classes)
    if (nowhere(c.origin))
      remarks.push_back({c.name, fmt::format("no zone accepts its label {}: every request is refused", words(c.origin))});
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const policy::Rule& rule = rules.rules[i];
    const std::string about = "rule " + rule.name;
    if (rule.label == policy::public_label) remarks.push_back({about, "adds nothing"});
    if (!rule.tenant.empty() && std::ranges::find(s.keys.tenants(), rule.tenant, &admit::Tenant::name) == s.keys.tenants().end())
      remarks.push_back({about, fmt::format("there is no tenant \"{}\": it never matches", rule.tenant)});
    if (!rule.key.empty()) {
      const auto key = std::ranges::find(s.keys.keys(), rule.key, &admit::Key::name);
      if (key == s.keys.keys().end())
        remarks.push_back({about, fmt::format("there is no key \"{}\": it never matches", rule.key)});
      else if (!rule.tenant.empty() && s.keys.tenants()[key->tenant].name != rule.tenant)
        remarks.push_back({about, fmt::format("the key \"{}\" belongs to the tenant \"{}\": it never matches", rule.key,
                                              s.keys.tenants()[key->tenant].name)});
    }
    if (!rule.model.empty() && s.route(rule.model) == nullptr)
      remarks.push_back({about, fmt::format("there is no model \"{}\": it never matches", rule.model)});
    if (!rule.route.empty() && std::ranges::find(s.routes, rule.route, &route::Route::name) == s.routes.end())
      remarks.push_back({about, fmt::format("there is no route \"{}\": it never matches", rule.route)});
    if (const auto tenant = std::ranges::find(s.keys.tenants(), rule.tenant, &admit::Tenant::name);
        tenant != s.keys.tenants().end() && policy::Label{tenant->label}.covers(rule.label))
      remarks.push_back({about, fmt::format("the tenant \"{}\" has that label anyway", rule.tenant)});
    // A wider rule that adds as much.
    for (std::size_t k = 0; k < rules.rules.size(); ++k) {
      const policy::Rule& other = rules.rules[k];
      const auto wider = [](const std::string& a, const std::string& b) { return a.empty() || a == b; };
      const bool words_wider = other.words.empty() || (!rule.words.empty() && std::ranges::all_of(rule.words, [&](const std::string& w) {
                                 return std::ranges::find(other.words, w) != other.words.end();
                               }));
      const bool covers = wider(other.tenant, rule.tenant) && wider(other.key, rule.key) && wider(other.route, rule.route) &&
                          wider(other.model, rule.model) && words_wider && other.label.covers(rule.label);
      const bool same = covers && wider(rule.tenant, other.tenant) && wider(rule.key, other.key) && wider(rule.route, other.route) &&
                        wider(rule.model, other.model) && rule.label == other.label;
      if (k != i && covers && (!same || k < i)) {
        remarks.push_back({about, fmt::format("the rule \"{}\" matches all that it matches and adds as much", other.name)});
        break;
      }
    }
  }
  if (!rules.detection.on)
    for (const policy::Zone& z : s.reachable)
      if (!z.accepts.covers(policy::top_label)) {
        remarks.push_back({"detection", fmt::format("is off: what nobody labelled may go to \"{}\", whatever it holds", z.name)});
        break;
      }
  return remarks;
}

json::Array value_of(const std::vector<policy::Flow>& flows) {
  json::Array all;
  for (const policy::Flow& f : flows) all.push_back(json::Value{{"from", f.from}, {"label", f.label}, {"zone", f.zone}});
  return all;
}

// Per class a line for each set of zones, with the labels that may go there.
void print_flows(const std::vector<policy::CallerClass>& classes, const std::vector<policy::Flow>& flows, const config::Snapshot& s) {
  for (const policy::CallerClass& c : classes) {
    fmt::print("{} (label {})\n", c.name, join(policy::names_of(c.origin, s.ruleset.defined), "+"));
    std::map<std::string, std::vector<std::string>> by_zones;
    for (const std::string& word : policy::label_words(s.ruleset.defined)) {
      std::vector<std::string> zones;
      for (const policy::Flow& f : flows)
        if (f.from == c.name && f.label == word) zones.push_back(f.zone);
      by_zones[zones.empty() ? "nowhere: refused" : join(zones, ", ")].push_back(word);
    }
    for (const auto& [zones, words] : by_zones) fmt::print("  {:<28} -> {}\n", join(words, ", "), zones);
  }
}

int check_flows(const PolicyOptions& o) {
  const auto snapshot = snapshot_of(o.files.front());
  if (!snapshot) return complain(snapshot.error());
  const config::Snapshot& s = **snapshot;
  const std::vector<policy::CallerClass> classes = classes_of(s);
  const std::vector<policy::Flow> flows = policy::flows_of(classes, s.reachable, s.ruleset);
  const std::vector<Remark> remarks = remarks_on(s, classes);
  if (o.json) {
    json::Array list;
    for (const Remark& r : remarks) list.push_back(json::Value{{"about", r.about}, {"why", r.why}});
    fmt::print("{}\n", json::write_pretty(json::Value{{"snapshot", s.id}, {"flows", value_of(flows)}, {"remarks", std::move(list)}}));
    return 0;
  }
  print_flows(classes, flows, s);
  fmt::print(
      "\n{} flows: {} classes of callers, {} labels, {} zones with deployments. A request that has several of these labels may go where "
      "each may go.\n",
      flows.size(), classes.size(), policy::label_words(s.ruleset.defined).size(), s.reachable.size());
  for (const Remark& r : remarks) fmt::print("note: {}: {}\n", r.about, r.why);
  return 0;
}

int diff_flows(const PolicyOptions& o) {
  const auto old = snapshot_of(o.files.front()), fresh = snapshot_of(o.files.back());
  if (!old || !fresh) return complain(old ? fresh.error() : old.error());
  const auto flows = [](const config::Snapshot& s) { return policy::flows_of(classes_of(s), s.reachable, s.ruleset); };
  const std::vector<policy::Flow> before = flows(**old), after = flows(**fresh);
  const std::vector<policy::Flow> allowed = policy::missing(after, before), gone = policy::missing(before, after);
  const bool less_detection = (*old)->ruleset.detection.on && !(*fresh)->ruleset.detection.on;
  const bool less_refused = !(*fresh)->ruleset.detection.refuse.covers((*old)->ruleset.detection.refuse);
  // Whether its values are still those of before cannot be seen from hashes with another key.
  const bool less_listed = std::ranges::any_of((*old)->ruleset.listings, [&](const policy::Listing& was) {
    return std::ranges::none_of((*fresh)->ruleset.listings, [&](const policy::Listing& is) {
      return is.name == was.name && (is.tenant.empty() || is.tenant == was.tenant) && is.label.covers(was.label);
    });
  });
  const bool more_replaced = !(*old)->ruleset.detection.pseudonymise.covers((*fresh)->ruleset.detection.pseudonymise);
  if (o.json) {
    fmt::print("{}\n", json::write_pretty(json::Value{{"allows", value_of(allowed)},
                                                      {"forbids", value_of(gone)},
                                                      {"detection_off", less_detection},
                                                      {"refuses_less", less_refused},
                                                      {"pseudonymises_more", more_replaced},
                                                      {"dictionary_gone", less_listed}}));
  } else {
    for (const policy::Flow& f : allowed) fmt::print("newly allowed: {}, label {} -> {}\n", f.from, f.label, f.zone);
    for (const policy::Flow& f : gone) fmt::print("no longer:     {}, label {} -> {}\n", f.from, f.label, f.zone);
    if (less_detection) fmt::print("newly allowed: detection is off: what nobody labels goes anywhere, whatever it holds\n");
    if (less_refused) fmt::print("newly allowed: content that was refused goes where its label may go\n");
    if (less_listed) fmt::print("newly allowed: values of a dictionary that is gone or raises less go where their label may go\n");
    if (more_replaced) fmt::print("newly allowed: content that kept its label leaves with tokens in the place of what was found\n");
    fmt::print("{} flows are newly allowed, {} no longer\n", allowed.size(), gone.size());
  }
  return allowed.empty() && !less_detection && !less_refused && !more_replaced && !less_listed ? 0 : 1;
}

}  // namespace

int policy(const PolicyOptions& o) { return o.action == "diff" ? diff_flows(o) : check_flows(o); }

}  // namespace ajar::cli
