// tests/config/problems_test.cpp - every kind of problem, with its place and what to write instead.
#include <gtest/gtest.h>

#include "config/support.hpp"

namespace ajar::config {
namespace {

struct Case {
  std::string_view text, told;
};

// Each stands alone in front of something good.
class Wrong : public ::testing::TestWithParam<Case> {};

TEST_P(Wrong, IsToldWithPlaceAndRemedy) {
  const Loaded loaded = load(std::string(GetParam().text) + "\n" + good);
  EXPECT_EQ(told(loaded.problems), std::string(GetParam().told) + "\n");
  EXPECT_FALSE(loaded.snapshot);
}

// What the parser and the reader find, for any option.
INSTANTIATE_TEST_SUITE_P(
    Written, Wrong,
    ::testing::Values(
        Case{"stat = \"x\"", "1:1: the key \"stat\" is not known in the top level | did you mean \"state\"?"},
        Case{
            "nothing_like_it = 1",
            "1:1: the key \"nothing_like_it\" is not known in the top level | there are: state, prices, shards, listen, limits, deadlines, "
            "retries, labels, detection, zone, deployment, tenant, key, rule, dictionary, route, alias"},
        Case{"[listen]\nadress = \"x\"", "2:1: the key \"adress\" is not known in [listen] | did you mean \"address\"?"},
        Case{"[[zone]]\nname = \"z\"\n  acepts = "
             "[]\n[[deployment]]\nname=\"e\"\nprovider=\"sim\"\nmodel=\"x\"\nendpoint=\"http://localhost\"\nzone=\"z\"",
             "3:3: the key \"acepts\" is not known in [[zone]] | did you mean \"accepts\"?"},
        Case{"shards = \"four\"", "1:10: \"shards\" is a string, which does not fit here | write a whole number without quotes: 5"},
        Case{"shards = 65", "1:10: \"shards\" is out of range | write something from 0 to 64"},
        Case{"state = 5", "1:9: \"state\" is an integer, which does not fit here | write it in quotes: \"...\""},
        Case{"limits = 5", "1:10: \"limits\" is an integer | write [limits] with one bracket and its options below it"},
        Case{"zone = 5", "1:8: \"zone\" is an integer | write [[zone]] with two brackets, and its options below it: there can be several"},
        Case{"zone = [5]",
             "1:9: \"zone\" holds an integer | write [[zone]] with two brackets, and its options below it: there can be several"},
        Case{"[limits]\nhead = \"64KB\"", "2:8: \"head\" is \"64KB\", which does not fit here | write a size: \"64KiB\" or \"32MiB\""},
        Case{"[limits]\nhead = 5", "2:8: \"head\" is out of range | write something from 1KiB to 1MiB"},
        Case{"[limits]\nbody = -1", "2:8: \"body\" is out of range | write something from 1KiB to 1GiB"},
        Case{"[limits]\nconnections = 0", "2:15: \"connections\" is out of range | write something from 1 to 1000000"},
        Case{"[deadlines]\nidle = 60",
             "2:8: \"idle\" is an integer, which does not fit here | write a duration: \"500ms\", \"5s\", \"2m\" or \"1h\""},
        Case{"[deadlines]\nidle = \"60\"",
             "2:8: \"idle\" is \"60\", which does not fit here | write a duration: \"500ms\", \"5s\", \"2m\" or \"1h\""},
        Case{"[deadlines]\ntotal = \"0s\"", "2:9: \"total\" is out of range | write something from 1ms to 24h"},
        Case{"[retries]\ntotal = true",
             "2:9: \"total\" is true or false, which does not fit here | write a whole number without quotes: 5"},
        Case{"[labels]\ndefined = \"x\"",
             "2:11: \"defined\" is a string, which does not fit here | write a list of words: [\"one\", \"two\"]"},
        Case{"[labels]\ndefined = [\"x\", 5]", "2:17: \"defined\" holds an integer | write a list of words: [\"one\", \"two\"]"},
        Case{"state = ",
             "1:9: this is not TOML: Error while parsing key-value pair: expected value, saw '\\n' | look at this line and the one before "
             "it; strings need quotes"}));

INSTANTIATE_TEST_SUITE_P(
    Listen, Wrong,
    ::testing::Values(Case{"[listen]\naddress = \"nowhere\"",
                           "2:11: \"nowhere\" is not ADDRESS:PORT | write for instance \"127.0.0.1:8080\", \"[::1]:8080\" or, for every "
                           "network, \"0.0.0.0:8080\"; ports go from 0 to 65535"},
                      Case{"[listen]\naddress = \":8080\"",
                           "2:11: \":8080\" is not ADDRESS:PORT | write for instance \"127.0.0.1:8080\", \"[::1]:8080\" or, for every "
                           "network, \"0.0.0.0:8080\"; ports go from 0 to 65535"},
                      Case{"[listen]\naddress = \"::1:8080\"",
                           "2:11: \"::1:8080\" is not ADDRESS:PORT | write for instance \"127.0.0.1:8080\", \"[::1]:8080\" or, for every "
                           "network, \"0.0.0.0:8080\"; ports go from 0 to 65535"},
                      Case{"[listen]\naddress = \"127.0.0.1:65536\"",
                           "2:11: \"127.0.0.1:65536\" is not ADDRESS:PORT | write for instance \"127.0.0.1:8080\", \"[::1]:8080\" or, for "
                           "every network, \"0.0.0.0:8080\"; ports go from 0 to 65535"},
                      Case{"[listen]\ntls_key = \"/nowhere/at/all\"",
                           "2:11: TLS needs both a certificate and a key | write tls_certificate and tls_key\n2:11: the file "
                           "/nowhere/at/all cannot be read | give the path of a PEM file that this user may read"}));

INSTANTIATE_TEST_SUITE_P(
    Labels, Wrong,
    ::testing::Values(
        Case{"[labels]\ndefined = [\"phi\"]", "2:12: the label \"phi\" is built in | leave it out: it exists already"},
        Case{"[labels]\ndefined = [\"a\", \"a\"]", "2:17: the label \"a\" stands twice | leave it out here"},
        Case{"[labels]\ndefined = [\"A b\"]", "2:12: \"A b\" cannot be a label | write small letters, digits, - and _"},
        Case{"[labels]\ndefined = [\"all\"]", "2:12: the label \"all\" is built in | leave it out: it exists already"},
        Case{
            "[labels]\ndefined = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\n\"q\"]",
            "3:1: there are more than 16 labels of your own | keep those that matter"},
        Case{"[[tenant]]\nname = \"t\"\nlabels = [\"pii\", \"phy\"]",
             "3:18: the label \"phy\" is not known | did you mean \"phi\"? (your own words stand in [labels] defined)"}));

INSTANTIATE_TEST_SUITE_P(
    Zones, Wrong,
    ::testing::Values(
        Case{"[[zone]]", "1:1: \"name\" is missing in [[zone]] | write name = ...; write it in quotes: \"...\""},
        Case{"[[zone]]\nname = \"\"", "2:8: \"name\" is empty | write a name"},
        Case{"[[zone]]\nname = \"a\\nb\"",
             "2:8: \"name\" holds something that no header can carry | write letters, digits, signs and single blanks of ASCII"},
        Case{"[[zone]]\nname = \"z\"\n[[zone]]\nname = \"z\"",
             "4:8: the zone \"z\" stands twice, first in line 1 | give each its own name"},
        Case{"[[zone]]\nname = \"z\"\ncontract = \"bba\"", "3:12: contract \"bba\" is not known | did you mean \"baa\"?"}));

INSTANTIATE_TEST_SUITE_P(
    Deployments, Wrong,
    ::testing::Values(
        Case{"[[deployment]]\nname = \"e\"",
             "1:1: \"model\" is missing in [[deployment]] | write model = ...; write it in quotes: \"...\"\n1:1: \"provider\" is missing "
             "in [[deployment]] | write provider = ...; write it in quotes: \"...\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"anthropc\"\nmodel = \"x\"",
             "3:12: provider \"anthropc\" is not known | did you mean \"anthropic\"?"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"",
             "1:1: the deployment \"e\" needs an endpoint | write endpoint = \"http://HOST:PORT\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"engine:8000\"",
             "5:12: \"engine:8000\" is not an address: it must begin with http:// or https:// | write for instance "
             "\"http://127.0.0.1:8000\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://me:secret@engine\"",
             "5:12: \"...\" is not an address: it must hold no user name or key; use key = \"env:NAME\" | write for instance "
             "\"http://127.0.0.1:8000\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://e/v1/chat/completions\"",
             "5:12: \"http://e/v1/chat/completions\" is not an address: \"/chat/completions\" belongs to the API and is added by itself; "
             "leave it out | write for instance \"http://127.0.0.1:8000\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://e:0\"",
             "5:12: \"http://e:0\" is not an address: the port must be a number from 1 to 65535 | write for instance "
             "\"http://127.0.0.1:8000\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nkey = \"abc\"",
             "5:7: a secret may not stand in the file itself | write \"env:NAME\" or \"file:PATH\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nkey = \"env:not-a-name\"",
             "5:7: what follows env: is no name of a variable | write the variable's name, never the secret itself: \"env:NAME\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nkey = \"env:UNSET_KEY\"",
             "5:7: the variable UNSET_KEY is not set | set it before the start: export UNSET_KEY=..."},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nkey = \"file:/nowhere/at/all\"",
             "5:7: the file /nowhere/at/all cannot be read, is empty or is too long | write the secret into it, readable for this user "
             "only"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nkey = \"file:/dev/zero\"",
             "5:7: the file /dev/zero cannot be read, is empty or is too long | write the secret into it, readable for this user only"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"gpt-5.5\"\nendpoint = \"https://proxy.example\"",
             "1:1: the deployment \"e\" has no key | write key = \"env:OPENAI_API_KEY\""},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://127.evil.example\"\nkey = \"env:A\"",
             "5:12: the key would travel over plain http to another machine | write https://, or insecure = true when the way there is "
             "private"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nzone = \"onw\"",
             "6:8: there is no zone \"onw\" | did you mean \"own\"?"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nhosting = \"mine\"",
             "6:11: hosting \"mine\" is not known | there are: own, hosted, closed"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\ndialect = \"openai\"",
             "6:11: dialect \"openai\" is not known | there are: openai_chat, openai_responses, anthropic_messages, gemini_generate, "
             "ollama_chat"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nservice = \"flax\"",
             "6:11: service \"flax\" is not known | did you mean \"flex\"?"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nabilities = [\"tools\", "
             "\"image\"]",
             "6:23: the ability \"image\" is not known | did you mean \"images\"?"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nsold_by = \"groq\"",
             "6:11: \"sold_by\" goes with the provider compatible only | leave it out: the provider sells it"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"compatible\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nsold_by = \"grok\"",
             "6:11: the catalogue has no prices of \"grok\" | did you mean \"groq\"?"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nprice = { input = -1, "
             "output = nan }",
             "6:19: \"input\" is out of range | write US dollars per million tokens, from 0 to 100000\n6:32: \"output\" is out of range | "
             "write US dollars per million tokens, from 0 to 100000"},
        Case{"[[deployment]]\nname = \"e\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"\nprice = { input = 1 }",
             "6:9: \"output\" is missing in [deployment.price] | write output = ...; write a number without quotes: 1.5"},
        Case{"[[deployment]]\nname = \"d\"\nprovider = \"vllm\"\nmodel = \"x\"\nendpoint = \"http://localhost\"",
             "7:8: the deployment \"d\" stands twice, first in line 1 | give each its own name"}));

INSTANTIATE_TEST_SUITE_P(
    People, Wrong,
    ::testing::Values(
        Case{"[[tenant]]\nname = \"t\"\n[[tenant]]\nname = \"t\"",
             "4:8: the tenant \"t\" stands twice, first in line 1 | give each its own name"},
        Case{"[[tenant]]\nname = \"t\"\nmodels = [\"n\"]", "3:11: there is no model \"n\" | there are: m"},
        Case{"[[key]]\nname = \"j\"",
             "1:1: the key \"j\" needs either hash or secret | run `ajar key new` and write the hash that it prints"},
        Case{"[[key]]\nname = \"j\"\nsecret = \"env:J\"\nhash = \"sha256:\"",
             "3:10: the key \"j\" needs either hash or secret, not both | run `ajar key new` and write the hash that it prints"},
        Case{"[[key]]\nname = \"j\"\nhash = \"sha256:00\"",
             "3:8: this is no hash of a key | write \"sha256:\" and 64 hexadecimal digits, as `ajar key new` prints them"},
        Case{"[[key]]\nname = \"j\"\nsecret = \"env:A_KEY\"",
             "11:10: the keys \"j\" and \"k\" have the same secret | make a new one with `ajar key new`"},
        Case{"[[key]]\nname = \"k\"\nsecret = \"env:B_KEY\"", "10:8: the key \"k\" stands twice, first in line 1 | give each its own name"},
        Case{"[[key]]\nname = \"j\"\nsecret = \"env:J\"\ntenant = \"acme\"", "4:10: there is no tenant \"acme\" | there are: default"},
        Case{"[[key]]\nname = \"j\"\nsecret = \"env:J\"\nmodels = [\"m\", \"nothing\"]",
             "4:16: there is no model \"nothing\" | there are: m"},
        Case{"[[key]]\nname = \"j\"\nsecret = \"env:J\"\nmax_in_flight = -1",
             "4:17: \"max_in_flight\" is out of range | write something from 0 to 1000000"},
        Case{"[[rule]]\nname = \"r\"",
             "1:1: \"labels\" is missing in [[rule]] | write labels = ...; write a list of words: [\"one\", \"two\"]"},
        Case{"[[rule]]\nname = \"r\"\nlabels = [\"pii\"]\nwhen = { tenent = \"x\" }",
             "4:10: the key \"tenent\" is not known in [rule.when] | did you mean \"tenant\"?"},
        Case{"[[rule]]\nname = \"r\"\nlabels = [\"pii\"]\nwhen = { key = \"x\", route = \"x\", model = \"x\", tenant = \"x\" }",
             "4:16: there is no key \"x\" | there are: k\n4:29: there is no route \"x\" | there are: m\n4:42: there is no model \"x\" | "
             "there are: m\n4:56: there is no tenant \"x\" | there are: default"},
        Case{"[[rule]]\nname = \"r\"\nlabels = [\"pii\"]\nwhen = { words = [\"a\", \"\"] }",
             "4:24: an empty word is in every request | leave it out"},
        Case{"[[rule]]\nname = \"r\"\nlabels = [\"pii\"]\nwhen = { words = [] }",
             "4:18: there is no word | write the words, or leave the condition out"}));

INSTANTIATE_TEST_SUITE_P(
    Routes, Wrong,
    ::testing::Values(Case{"[[route]]\nname = \"r\"\norder = [\"d\", \"dd\"]", "3:15: there is no deployment \"dd\" | there are: d"},
                      Case{"[[route]]\nname = \"r\"\norder = []", "3:9: the route has no deployment | name at least one"},
                      Case{"[[route]]\nname = \"r\"\norder = [\"d\", \"d\"]",
                           "3:15: the deployment \"d\" stands twice in this order | leave it out here"},
                      Case{"[[route]]\nname = \"r\"\norder = [\"d\"]\nprefer = \"price\"",
                           "4:10: prefer \"price\" is not known | there are: order, cost"},
                      Case{"[[alias]]\nname = \"a\"\nmodel = \"mm\"", "3:9: there is no model \"mm\" | there are: a, m"},
                      Case{"[[alias]]\nname = \"m\"\nmodel = \"m\"",
                           "2:8: the name \"m\" is taken by a deployment's public model | give the alias another"},
                      Case{"[[alias]]\nname = \"a\"\nmodel = \"m\"\n[[alias]]\nname = \"a\"\nmodel = \"m\"",
                           "5:8: the alias \"a\" stands twice, first in line 1 | give each its own name"},
                      Case{"[[alias]]\nname = \"a\"\nmodel = \"b\"\n[[alias]]\nname = \"b\"\nmodel = \"a\"",
                           "3:9: the aliases a -> b -> a lead round in a circle | let one of them name a model that is served\n6:9: the "
                           "aliases b -> a -> b lead round in a circle | let one of them name a model that is served"},
                      Case{"[[alias]]\nname = \"a\"\nmodel = \"a\"",
                           "3:9: the aliases a -> a lead round in a circle | let one of them name a model that is served"}));

TEST(Problems, AreAllToldAtOnceFromTopToBottom) {
  const Loaded loaded = load(
      "shards = -1\n[limits]\nhed = \"1KiB\"\n[[deployment]]\nname = \"d\"\nprovider = \"vlm\"\nmodel = \"m\"\n[[key]]\nname = "
      "\"k\"\nsecret = \"plain\"\nmodels = [\"m\", \"q\"]\n");
  EXPECT_EQ(lines_of(loaded.problems), (std::vector<std::string>{
                                           "1:10: \"shards\" is out of range | write something from 0 to 64",
                                           "3:1: the key \"hed\" is not known in [limits] | did you mean \"head\"?",
                                           "6:12: provider \"vlm\" is not known | did you mean \"vllm\"?",
                                           "10:10: a secret may not stand in the file itself | write \"env:NAME\" or \"file:PATH\"",
                                           "11:16: there is no model \"q\" | there are: m",
                                       }));
}

TEST(Problems, AnEmptyFileSaysWhatIsMissing) {
  EXPECT_EQ(told(load("").problems), "1:1: there is no deployment | write at least one [[deployment]] with name, provider and model\n");
}

TEST(Problems, AreWrittenWithFileLineAndColumn) {
  const Loaded loaded = load_text("stat = 1\n" + good, "some/ajar.toml", full_environment());
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(text_of(loaded.problems[0]), "some/ajar.toml:1:1: the key \"stat\" is not known in the top level\n    did you mean \"state\"?");
}

TEST(Problems, AFileThatIsNotThereIsNamed) {
  const Loaded loaded = load_file("/nowhere/ajar.toml", full_environment());
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(text_of(loaded.problems[0]),
            "/nowhere/ajar.toml: the file cannot be read\n    give the path of a configuration file, e.g. conf/minimal.toml");
  EXPECT_FALSE(load_file("/", full_environment()).snapshot);
}

TEST(Problems, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ(told(load("[[zone]]\nregion = \"\xc3\xbc\xc3\xbc\"\n[[key]]\n\"\xc3\xbc\" = 1\nname = \"j\"\nsecret = "
                      "\"env:J\"\n[[alias]]\nname = \"\xc3\xbc\"\nmodel = \"m\"\n" +
                      good)
                     .problems),
            "1:1: \"name\" is missing in [[zone]] | write name = ...; write it in quotes: \"...\"\n"
            "4:1: the key \"\xc3\xbc\" is not known in [[key]] | there are: name, tenant, hash, secret, labels, models, max_in_flight\n"
            "8:8: \"name\" holds something that no header can carry | write letters, digits, signs and single blanks of ASCII\n");
}

TEST(Problems, HoldNoSecret) {
  const Environment environment = environment_with({{"A_KEY", "a secret with blanks"}, {"K", "canary-canary-canary"}});
  const Loaded loaded = load_text(
      "[[deployment]]\nname = \"d\"\nprovider = \"openai\"\nmodel = \"m\"\nkey = \"env:A_KEY\"\n[[key]]\nname = \"x\"\nsecret = "
      "\"env:K\"\n[[key]]\nname = \"y\"\nsecret = \"env:K\"\n"
      "[[key]]\nname = \"z\"\nsecret = \"canary\"\n[[key]]\nname = \"w\"\nsecret = \"env:canary-2\"\n",
      "f", environment);
  EXPECT_EQ(loaded.problems.size(), 4U) << told(loaded.problems);
  EXPECT_EQ(told(loaded.problems).find("canary"), std::string::npos) << told(loaded.problems);
  EXPECT_EQ(told(loaded.problems).find("blanks"), std::string::npos);
}

// What the parser takes for impossible.
TEST(Problems, AHeadingWithoutANameIsRefused) {
  for (const std::string_view text : {"[[# x", "[#", "[", "[[", "[[[[deployment]]", "[.a]", "a.# = 1", "= 1"}) {
    const Loaded loaded = load(text);
    ASSERT_EQ(loaded.problems.size(), 1U) << text;
    EXPECT_TRUE(loaded.problems[0].message.starts_with("this is not TOML: ")) << text << ": " << loaded.problems[0].message;
    EXPECT_EQ(loaded.problems[0].line, 1) << text;
  }
}

TEST(Problems, LettersBeyondAsciiStandInQuotesOrComments) {
  const auto refused = [](std::string_view text) {
    const std::string all = told(load(text).problems);
    const std::size_t at = all.find(": a letter beyond ASCII stands outside of quotes");
    return at == std::string::npos ? "" : all.substr(0, at);
  };
  EXPECT_EQ(refused("\xc3\xbc = 1"), "1:1");
  EXPECT_EQ(refused("x = 1 # \xc3\xbc\n  y\xc7\xa8 = 1"), "2:4");
  EXPECT_EQ(refused("x = \"\xc3\xbc\" \xc3\xbc"), "1:9");  // counted in characters
  EXPECT_EQ(refused("x = '\\' \xc3\xbc"), "1:9");
  EXPECT_EQ(refused("x = \"\\\"\xc3\xbc\""), "");
  EXPECT_EQ(refused("x = \"\" \xc3\xbc"), "1:8");
  EXPECT_EQ(refused("x = \"\"\"q\n\"\" \xc3\xbc\"\"\"\"\" \xc3\xbc"), "2:11");
  EXPECT_EQ(refused("x = '''\n\xc3\xbc ' '''\n# \xc3\xbc"), "");
  EXPECT_EQ(refused("x = \"not closed \xc3\xbc\n\xc3\xbc"), "2:1");
  EXPECT_EQ(refused("\xef\xbb\xbf# a file that begins with a mark\n"), "");
}

TEST(Problems, WhatNestsTooDeepIsRefused) {
  std::string deep = "a";
  for (int i = 0; i < 5000; ++i) deep += ".a";
  EXPECT_EQ(told(load(deep + " = 1\n" + good).problems), "1:1: more than 100 dots are in this line | write one option a line\n");
  std::string lists = "state = ";
  for (int i = 0; i < 5000; ++i) lists += '[';
  EXPECT_FALSE(load(lists).snapshot);
  EXPECT_EQ(told(load(std::string(5u << 20, '#')).problems), "1:1: the file is longer than 4MiB | give the path of a configuration file\n");
}

}  // namespace
}  // namespace ajar::config
