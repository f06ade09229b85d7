// tests/config/snapshot_test.cpp - what a good file becomes: names and routes, zones, models and their facts, secrets, the id.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "config/providers.hpp"
#include "config/support.hpp"

namespace ajar::config {
namespace {

std::shared_ptr<const Snapshot> snapshot(const std::string& text) {
  Loaded loaded = load(text + good);
  EXPECT_TRUE(loaded.snapshot) << told(loaded.problems);
  return loaded.snapshot;
}

std::string closed(std::string_view name, std::string_view provider, std::string_view model, std::string_view more = "") {
  return "[[deployment]]\nname = \"" + std::string(name) + "\"\nprovider = \"" + std::string(provider) + "\"\nmodel = \"" +
         std::string(model) + "\"\n" + std::string(more) + "\n";
}

TEST(Snapshot, DeploymentsOfOnePublicModelServeItInTheFilesOrder) {
  const auto s = snapshot(closed("b", "openai", "gpt-5.5", "public_model = \"x\"") +
                          closed("a", "anthropic", "claude-opus-5-5", "public_model = \"x\"") +
                          "[[alias]]\nname = \"second\"\nmodel = \"first\"\n[[alias]]\nname = \"first\"\nmodel = \"x\"\n");
  ASSERT_NE(s->route("x"), nullptr);
  EXPECT_EQ(s->route("x")->order, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(s->route("second"), s->route("x"));  // an alias of an alias, in whatever order they stand
  EXPECT_EQ(s->route("gpt-5.5"), nullptr);
  EXPECT_EQ(s->route("b"), nullptr);
}

TEST(Snapshot, ARouteHidesAPublicModelOfItsName) {
  const auto s = snapshot(closed("a", "openai", "gpt-5.5") + "[[route]]\nname = \"gpt-5.5\"\norder = [\"d\", \"a\"]\n");
  EXPECT_EQ(s->route("gpt-5.5")->order, (std::vector<std::uint32_t>{1, 0}));
}

TEST(Snapshot, WithoutAWordOwnEnginesStandInOwnAndAllElseInExternal) {
  const auto s = snapshot(closed("a", "openai", "gpt-5.5") +
                          closed("h", "compatible", "x", "endpoint = \"https://h\"\nprice = { input = 1, output = 1 }"));
  const auto zone = [&](std::size_t i) { return s->zones[s->deployments[i].zone]; };
  EXPECT_EQ(zone(0).name, "external");
  EXPECT_EQ(zone(1).name, "external");
  EXPECT_EQ(zone(2).name, "own");
  EXPECT_TRUE(policy::allows(zone(2), policy::top_label));
  EXPECT_TRUE(policy::allows(zone(0), policy::public_label));
  EXPECT_FALSE(policy::allows(zone(0), *policy::label_named("internal", {})));
}

TEST(Snapshot, TheCatalogueSaysWhatAModelIsCalledWhere) {
  const auto s = snapshot(closed("a", "deepseek", "deepseek-v4.1-flash") + closed("b", "deepseek", "deepseek-flash") +
                          closed("c", "openrouter", "kimi-k2.6", "price = { input = 1, output = 1 }") +
                          closed("e", "deepseek", "deepseek-v4.1-flash", "upstream_model = \"mine\""));
  EXPECT_EQ(s->deployments[0].upstream_model, "deepseek-flash");
  EXPECT_EQ(s->deployments[0].public_model, "deepseek-v4.1-flash");
  EXPECT_EQ(s->deployments[1].model, "deepseek-v4.1-flash");  // by the provider's own name
  EXPECT_EQ(s->deployments[1].upstream_model, "deepseek-flash");
  EXPECT_EQ(s->deployments[1].public_model, "deepseek-flash");
  EXPECT_EQ(s->deployments[2].upstream_model, "moonshotai/kimi-k2.6");
  EXPECT_EQ(s->deployments[3].upstream_model, "mine");
}

TEST(Snapshot, FactsComeFromTheFileThenTheCatalogueThenWhatAnyModelCan) {
  const auto s = snapshot(closed("a", "anthropic", "claude-opus-5-5") +
                          closed("b", "anthropic", "claude-opus-5-5", "abilities = [\"tools\"]\ncontext = 9") +
                          closed("c", "openai", "house-model", "price = { input = 1, output = 1 }"));
  const auto& a = s->deployments[0];
  EXPECT_EQ(a.context_tokens, 1'000'000);
  EXPECT_TRUE(a.images && a.files && a.tools && !a.audio);
  EXPECT_EQ(a.profile.dialect, wire::Dialect::anthropic_messages);
  EXPECT_EQ(a.profile.thinking, wire::Thinking::adaptive);
  EXPECT_EQ(a.auth, catalog::Auth::x_api_key);
  const auto& b = s->deployments[1];
  EXPECT_EQ(b.context_tokens, 9);
  EXPECT_TRUE(b.tools && !b.images && !b.files && !b.structured);
  const auto& c = s->deployments[2];  // unknown to us, not to the provider
  EXPECT_TRUE(c.images && c.files && c.audio && c.tools);
  EXPECT_EQ(c.context_tokens, 0);
  const auto& own = s->deployments[3];
  EXPECT_TRUE(own.tools && !own.images && !own.audio);
}

TEST(Snapshot, WhatRefusesToolsOnChatIsAskedByResponses) {
  const auto s = snapshot(closed("a", "openai", "gpt-6-astra") + closed("b", "openai", "gpt-6.2-astra") +
                          closed("c", "openai", "gpt-6-astra", "dialect = \"openai_chat\"") +
                          closed("e", "openrouter", "gpt-6-astra", "price = { input = 1, output = 1 }"));
  EXPECT_EQ(s->deployments[0].profile.dialect, wire::Dialect::openai_responses);
  EXPECT_EQ(s->deployments[1].profile.dialect, wire::Dialect::openai_chat);
  EXPECT_EQ(s->deployments[2].profile.dialect, wire::Dialect::openai_chat);
  EXPECT_EQ(s->deployments[3].profile.dialect, wire::Dialect::openai_chat);
}

TEST(Snapshot, AKeyIsTakenFromTheUsualVariableAtTheProvidersOwnEndpointOnly) {
  const std::string text = closed("a", "google", "gemini-3.8-flash");
  const auto credential = [&](std::map<std::string, std::string> values) {
    values.emplace("A_KEY", "a-long-enough-secret");
    const Loaded loaded = load_text(text + good, "f", environment_with(values));
    return loaded.snapshot ? loaded.snapshot->deployments[0].credential : told(loaded.problems);
  };
  EXPECT_EQ(credential({{"GEMINI_API_KEY", "one"}, {"GOOGLE_API_KEY", "two"}}), "one");
  EXPECT_EQ(credential({{"GOOGLE_API_KEY", " two\n"}}), "two");
  EXPECT_EQ(credential({}),
            "1:1: the deployment \"a\" has no key: the variable GEMINI_API_KEY is not set | set it before the start: export "
            "GEMINI_API_KEY=..., or write key = \"env:NAME\"\n");
  const auto s = snapshot(closed("a", "google", "gemini-3.8-flash", "endpoint = \"http://127.0.0.1:9\""));
  EXPECT_EQ(s->deployments[0].credential, "");
  EXPECT_EQ(s->deployments[0].auth, catalog::Auth::none);
}

TEST(Snapshot, ASecretInAFileIsReadBesideTheConfiguration) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "ajar-config-secret";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.key") << "from-the-file\n";
  std::ofstream(folder / "ajar.toml") << closed("a", "openai", "gpt-5.5", "key = \"file:a.key\"") << good;
  const Loaded loaded = load_file(folder / "ajar.toml", full_environment());
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  EXPECT_EQ(loaded.snapshot->deployments[0].credential, "from-the-file");
  std::ofstream(folder / "a.key") << "\n";
  EXPECT_FALSE(load_file(folder / "ajar.toml", full_environment()).snapshot);
  std::filesystem::remove_all(folder);
}

TEST(Snapshot, TheIdIsOfWhatIsSaidNotOfHowItIsWritten) {
  const auto id = [](const std::string& text, const std::string& key = "a-long-enough-secret") {
    return load_text(text, "f", environment_with({{"A_KEY", key}})).snapshot->id;
  };
  const std::string once = id(good);
  EXPECT_EQ(once.size(), 16U);
  EXPECT_EQ(once, id("# a comment\n\n" + good));
  EXPECT_EQ(id("[limits]\nhead = \"1KiB\"\nbody = \"1KiB\"\n" + good),
            id("[limits]\nbody = \"1KiB\"  # as it was\nhead = \"1KiB\"\n" + good));
  EXPECT_NE(once, id("shards = 1\n" + good));
  EXPECT_NE(once, id(good, "another-long-secret"));
  EXPECT_NE(id("[[tenant]]\nname = \"a\"\n[[tenant]]\nname = \"default\"\n" + good),
            id("[[tenant]]\nname = \"default\"\n[[tenant]]\nname = \"a\"\n" + good));  // order can matter
}

TEST(Snapshot, IsSimulatedOnlyWhenAllOfItIs) {
  EXPECT_FALSE(snapshot(closed("a", "sim", "x", "endpoint = \"http://localhost:1\""))->simulated());
  const Loaded loaded = load(closed("a", "sim", "x", "endpoint = \"http://localhost:1\""));
  ASSERT_TRUE(loaded.snapshot);
  EXPECT_TRUE(loaded.snapshot->simulated());
}

TEST(Endpoints, AreTakenApart) {
  const auto parts = [](std::string_view url) {
    const auto e = parse_endpoint(url);
    return e ? std::string(e->tls ? "tls " : "") + e->authority() + " " + e->base_path : e.error().message.str();
  };
  EXPECT_EQ(parts("https://api.example.com"), "tls api.example.com ");
  EXPECT_EQ(parts("https://api.example.com/v1/"), "tls api.example.com ");
  EXPECT_EQ(parts("https://api.example.com/openai/v1"), "tls api.example.com /openai");
  EXPECT_EQ(parts("http://[::1]:8000/v1beta"), "[::1]:8000 ");
  EXPECT_EQ(parts("http://10.0.0.5:80"), "10.0.0.5 ");
  EXPECT_EQ(parts("http://[::1"), "\"http://[::1\" is not an address: the bracket is not closed");
  EXPECT_EQ(parts("http://[::1]8000"), "\"http://[::1]8000\" is not an address: a port, or nothing, follows the bracket");
  EXPECT_EQ(parts("http://"), "\"http://\" is not an address: the host is missing");
  EXPECT_EQ(parts("http://h/?key=1"), "\"http://h/?key=1\" is not an address: it must hold no query");
  EXPECT_EQ(parts("http://a b"), "\"http://a b\" is not an address: it holds a blank or a letter that must be escaped");
  EXPECT_TRUE(is_this_machine("127.0.0.1") && is_this_machine("LOCALHOST") && is_this_machine("::1"));
  EXPECT_FALSE(is_this_machine("127.evil.example") || is_this_machine("10.0.0.1") || is_this_machine(""));
}

}  // namespace
}  // namespace ajar::config
