// tests/config/options_test.cpp - the table of options is what is loaded, documented, and held by a snapshot of an empty file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "config/options.hpp"
#include "config/providers.hpp"
#include "config/support.hpp"
#include "config/units.hpp"

namespace ajar::config {
namespace {

// Every option there is, once, with a value that is not its default.
constexpr std::string_view everything = R"(
state = "data"
prices = "PRICES"
shards = 3
[listen]
address = "[::1]:9000"
tls_certificate = "CERT"
tls_key = "CERT"
[limits]
head = "16KiB"
body = 1000000
connections = 7
[deadlines]
head = "1s"
body = "2s"
connect = "300ms"
first_byte = "4s"
idle = "5s"
total = "6m"
[retries]
per_deployment = 1
total = 3
backoff = "10ms"
longest = "1s"
[labels]
defined = ["project-x"]
[detection]
on = true
refuse = ["secret"]
pseudonymise = ["pii", "pci"]
trusted_tools = ["find_patient"]
[[zone]]
name = "vault"
accepts = ["phi", "project-x"]
region = "us"
contract = "baa"
[[deployment]]
name = "d"
provider = "compatible"
sold_by = "groq"
model = "llama-3.3-70b-instruct"
upstream_model = "up"
public_model = "pub"
endpoint = "http://engine:8000/base/v1"
key = "env:A"
zone = "vault"
hosting = "own"
dialect = "anthropic_messages"
service = "flex"
region = "eu"
context = 1234
abilities = ["tools", "images", "audio", "files", "structured", "logprobs"]
insecure = true
[deployment.price]
input = 1
output = 2.5
cache_read = 0.1
cache_write = 1.25
[[tenant]]
name = "t"
labels = ["phi"]
models = ["r", "a"]
[[key]]
name = "k1"
tenant = "t"
hash = "sha256:00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100"
labels = ["project-x"]
models = ["a"]
max_in_flight = 5
[[key]]
name = "k2"
secret = "env:B_LONGER"
[[rule]]
name = "rule one"
labels = ["project-x"]
when = { tenant = "t", key = "k1", route = "r", model = "a", words = ["w"] }
[[route]]
name = "r"
order = ["d"]
prefer = "cost"
labels = ["phi"]
[[dictionary]]
name = "codes"
file = "CODES"
tenant = "t"
labels = ["phi"]
[[alias]]
name = "a"
model = "r"
)";

Loaded load_everything() {
  std::string text(everything);
  for (std::size_t at; (at = text.find("CERT")) != std::string::npos;) text.replace(at, 4, std::string(AJAR_SOURCE_DIR) + "/LICENSE");
  text.replace(text.find("PRICES"), 6, std::string(AJAR_SOURCE_DIR) + "/tests/config/accepted_prices.toml");
  const std::filesystem::path codes = std::filesystem::temp_directory_path() / ("ajar-codes-" + random_text(8));
  std::ofstream(codes, std::ios::binary) << *policy::Dictionary::build("project falcon\n", {});
  text.replace(text.find("CODES"), 5, codes.string());
  Loaded loaded = load_text(text, "f", full_environment(), "/folder");
  std::filesystem::remove(codes);
  return loaded;
}

TEST(Options, ADictionaryThatCannotBeUsedIsToldWithItsPlace) {
  const auto told_of = [](const std::string& file) {
    return told(load_text("[[dictionary]]\nname = \"d\"\nlabels = [\"phi\"]\nfile = \"" + file + "\"\n", "f", full_environment(), "/folder")
                    .problems);
  };
  EXPECT_NE(told_of("none").find("4:8: the file /folder/none cannot be read, or is larger than 512 MiB | make it with"), std::string::npos)
      << told_of("none");
  const std::string license = std::string(AJAR_SOURCE_DIR) + "/LICENSE";
  EXPECT_NE(told_of(license).find("it is no dictionary that can be used"), std::string::npos) << told_of(license);
}

TEST(Options, APricesFileThatIsNotThereIsToldWithItsPlace) {
  const Loaded loaded = load_text("prices = \"none.toml\"\n", "f", full_environment(), "/folder");
  ASSERT_FALSE(loaded.snapshot);
  EXPECT_NE(told(loaded.problems).find("1:10: /folder/none.toml cannot be read, or is larger than 16 MiB | name the file"),
            std::string::npos)
      << told(loaded.problems);
}

TEST(Options, EveryOneIsTaken) {
  const Loaded loaded = load_everything();
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  EXPECT_EQ(told(loaded.warnings), "");
  for (const Option& option : options()) {
    const bool written = everything.find(std::string(option.key) + " = ") != std::string_view::npos ||
                         everything.find("[" + std::string(option.section) + "." + std::string(option.key) + "]") != std::string_view::npos;
    EXPECT_TRUE(written) << option.section << "." << option.key;
  }
  const Snapshot& s = *loaded.snapshot;
  EXPECT_EQ(s.state_folder, "/folder/data");
  EXPECT_TRUE(s.ruleset.detection.on);
  EXPECT_EQ(s.ruleset.detection.refuse, *policy::label_named("secret", {}));
  ASSERT_EQ(s.ruleset.listings.size(), 1U);
  EXPECT_TRUE(s.ruleset.listings.front().dictionary.holds("on Project Falcon"));
  EXPECT_EQ(s.ruleset.detection.pseudonymise, *policy::label_named("pii", {}) | *policy::label_named("pci", {}));
  EXPECT_EQ(s.ruleset.detection.trusted_tools, std::vector<std::string>{"find_patient"});
  EXPECT_EQ(s.shards, 3);
  EXPECT_EQ(s.catalog.price("openai", "gpt-5.5", *parse_rfc3339("2027-07-01"), 1000, "standard", "")->id, "ours/later");
  EXPECT_EQ(s.listen.address, "::1");
  EXPECT_EQ(s.listen.port, 9000);
  EXPECT_EQ(s.limits.head_bytes, 16384U);
  EXPECT_EQ(s.limits.body_bytes, 1'000'000U);
  EXPECT_EQ(s.limits.connections, 7U);
  EXPECT_EQ(s.deadlines.connect, Millis(300));
  EXPECT_EQ(s.deadlines.total, Millis(360'000));
  EXPECT_EQ(s.retries.total, 3);
  EXPECT_EQ(s.retries.longest, Millis(1000));
  ASSERT_EQ(s.deployments.size(), 1U);
  const catalog::Deployment& d = s.deployments[0];
  EXPECT_EQ(d.provider, "groq");
  EXPECT_EQ(d.profile.engine, "compatible");
  EXPECT_EQ(d.profile.dialect, wire::Dialect::anthropic_messages);
  EXPECT_EQ(d.auth, catalog::Auth::x_api_key);
  EXPECT_EQ(d.upstream_model, "up");
  EXPECT_EQ(d.public_model, "pub");
  EXPECT_EQ(d.endpoint.base_path, "/base");
  EXPECT_EQ(d.credential, "the-value-of-A");
  EXPECT_EQ(s.zones[d.zone].name, "vault");
  EXPECT_EQ(s.zones[d.zone].contract, policy::Contract::baa);
  EXPECT_EQ(d.hosting, catalog::Hosting::own);
  EXPECT_EQ(d.context_tokens, 1234);
  EXPECT_TRUE(d.tools && d.images && d.audio && d.files && d.structured && d.logprobs);
  ASSERT_TRUE(d.own_price);
  EXPECT_EQ(d.own_price->output.nanos, 2'500'000'000);
  EXPECT_EQ(d.own_price->cache_write_5m->nanos, 1'250'000'000);
  ASSERT_EQ(s.keys.keys().size(), 2U);
  EXPECT_EQ(s.keys.keys()[0].digest[0], 0x00);
  EXPECT_EQ(s.keys.keys()[0].digest[16], 0xff);
  EXPECT_EQ(s.keys.keys()[0].max_in_flight, 5);
  EXPECT_EQ(s.keys.tenants()[s.keys.keys()[1].tenant].name, "t");  // the only one there is
  ASSERT_TRUE(s.keys.find(sha256("the-value-of-B_LONGER")));
  EXPECT_EQ(s.ruleset.rules[0].words, std::vector<std::string>{"w"});
  ASSERT_NE(s.route("a"), nullptr);
  EXPECT_EQ(s.route("a")->name, "r");
  EXPECT_TRUE(s.route("a")->cheapest_first);
  EXPECT_NE(s.route("pub"), nullptr);
}

TEST(Options, WithoutAWordTheSnapshotHasWhatTheReferenceSays) {
  const Loaded bare = load(good), written = load("[limits]\n[deadlines]\n[retries]\n[listen]\n" + good);
  ASSERT_TRUE(bare.snapshot && written.snapshot) << told(bare.problems) << told(written.problems);
  const Snapshot &a = *bare.snapshot, &b = *written.snapshot;
  EXPECT_EQ(a.limits.head_bytes, b.limits.head_bytes);
  EXPECT_EQ(a.limits.body_bytes, b.limits.body_bytes);
  EXPECT_EQ(a.limits.connections, b.limits.connections);
  for (const auto member :
       {&Deadlines::head, &Deadlines::body, &Deadlines::connect, &Deadlines::first_byte, &Deadlines::idle, &Deadlines::total})
    EXPECT_EQ(a.deadlines.*member, b.deadlines.*member);
  EXPECT_EQ(a.retries.per_deployment, b.retries.per_deployment);
  EXPECT_EQ(a.retries.total, b.retries.total);
  EXPECT_EQ(a.retries.backoff, b.retries.backoff);
  EXPECT_EQ(a.retries.longest, b.retries.longest);
  EXPECT_EQ(a.listen.address, b.listen.address);
  EXPECT_EQ(a.listen.port, b.listen.port);
}

TEST(Options, TheProvidersAreTheirWords) {
  std::string names;
  for (const Provider& provider : providers()) names += (names.empty() ? "" : ", ") + std::string(provider.name);
  EXPECT_EQ(option_named("deployment", "provider")->choices, names);
}

TEST(Options, EachStandsOnceInASectionThatExists) {
  for (const Option& option : options()) {
    EXPECT_EQ(option_named(option.section, option.key), &option) << option.section << "." << option.key << " stands twice";
    EXPECT_TRUE(std::ranges::any_of(sections(), [&](const Section& s) { return s.name == option.section; })) << option.section;
    EXPECT_FALSE(option.doc.empty()) << option.section << "." << option.key;
  }
}

TEST(Options, TheReferenceInTheRepositoryIsFresh) {
  std::ifstream in(std::string(AJAR_SOURCE_DIR) + "/docs/CONFIG.md");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(text.str() == reference()) << "docs/CONFIG.md is not what config::reference() gives: run ./dev config-reference";
}

TEST(Options, AReloadNamesWhatNeedsARestart) {
  const auto snapshot = [](const std::string& top) { return load(top + good).snapshot; };
  const auto before = snapshot("");
  EXPECT_EQ(needs_restart(*before, *snapshot("[deadlines]\nidle = \"5s\"\n[limits]\nbody = \"1MiB\"\n")), std::vector<std::string>{});
  EXPECT_EQ(
      needs_restart(*before, *snapshot("state = \"x\"\nshards = 2\n[listen]\naddress = \"127.0.0.1:1\"\n[limits]\nconnections = 5\n")),
      (std::vector<std::string>{"listen", "shards", "state", "limits.connections"}));
}

TEST(Units, DurationsAndSizesAreReadAndWritten) {
  EXPECT_EQ(parse_duration("500ms"), Millis(500));
  EXPECT_EQ(parse_duration("2 m"), Millis(120'000));
  for (const std::string_view bad : {"", "5", "s", "-5s", "5 weeks", "1.5s", "99999999999999999h"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
  EXPECT_EQ(parse_bytes("64KiB"), 65536U);
  EXPECT_EQ(parse_bytes("5"), 5U);
  for (const std::string_view bad : {"", "KiB", "5KB", "-1", "9999999999999GiB"}) EXPECT_FALSE(parse_bytes(bad)) << bad;
  EXPECT_EQ(amount_text(Type::duration, 90'000), "90s");
  EXPECT_EQ(amount_text(Type::duration, 86'400'000), "24h");
  EXPECT_EQ(amount_text(Type::duration, 0), "0ms");
  EXPECT_EQ(amount_text(Type::bytes, 1 << 30), "1GiB");
  EXPECT_EQ(amount_text(Type::integer, 20), "20");
}

}  // namespace
}  // namespace ajar::config
