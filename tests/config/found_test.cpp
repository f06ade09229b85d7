// tests/config/found_test.cpp - what `ajar up` writes of what it found, and the examples in conf/: all of it loads and means what it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/facts.hpp"
#include "config/found.hpp"
#include "config/support.hpp"

namespace ajar::config {
namespace {

const std::string hash = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

Loaded load_found(const Found& found) {
  return load_text(configuration_of(found, "127.0.0.1:0", hash, "/state"), "found.toml", full_environment());
}

std::vector<std::string> names_of_order(const Snapshot& s, std::string_view model) {
  std::vector<std::string> names;
  if (const route::Route* route = s.route(model))
    for (const std::uint32_t index : route->order) names.push_back(s.deployments[index].name);
  return names;
}

TEST(Found, KeysAreFoundByTheirUsualVariables) {
  EXPECT_EQ(keys_in(environment_with({})), std::vector<std::string>{});
  EXPECT_EQ(
      keys_in(environment_with({{"OPENAI_API_KEY", "x"}, {"GOOGLE_API_KEY", "x"}, {"DASHSCOPE_API_KEY", "x"}, {"MOONSHOT_API_KEY", ""}})),
      (std::vector<std::string>{"openai", "google", "alibaba"}));
  EXPECT_EQ(keys_in(full_environment()),
            (std::vector<std::string>{"openai", "anthropic", "google", "deepseek", "moonshot", "alibaba", "openrouter"}));
}

TEST(Found, EveryKeyOpensItsProvidersCurrentModels) {
  for (const std::string& provider : keys_in(full_environment())) {
    const Loaded loaded = load_found({.provider_keys = {provider}, .engines = {}, .simulator = {}});
    ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
    EXPECT_GE(loaded.snapshot->deployments.size(), 2U) << provider;
    EXPECT_LE(loaded.snapshot->deployments.size(), 6U) << provider;
    EXPECT_FALSE(names_of_order(*loaded.snapshot, "default").empty()) << provider;
    for (const catalog::Deployment& d : loaded.snapshot->deployments) {
      EXPECT_EQ(d.provider, provider);
      EXPECT_NE(loaded.snapshot->catalog.model(d.model), nullptr) << d.model;
      EXPECT_EQ(loaded.snapshot->zones[d.zone].name, "external");
    }
  }
  const Loaded openai = load_found({.provider_keys = {"openai"}, .engines = {}, .simulator = {}});
  EXPECT_EQ(openai.snapshot->deployments[0].model, "gpt-6.2-astra");  // the newest first
}

TEST(Found, EnginesComeFirstAndKeepTheirOwnNames) {
  const Found found{.provider_keys = {"anthropic"},
                    .engines = {{.provider = "vllm",
                                 .endpoint = "http://127.0.0.1:8000",
                                 .models = {"Qwen/Qwen3.6-27B", "house/\"odd\" model"},
                                 .context = 4096},
                                {.provider = "vllm", .endpoint = "http://127.0.0.1:8001", .models = {"Qwen/Qwen3.6-27B"}, .context = 0}},
                    .simulator = {}};
  const Loaded loaded = load_found(found);
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  const Snapshot& s = *loaded.snapshot;
  const catalog::Deployment& first = s.deployments[0];
  EXPECT_EQ(first.model, "qwen3.6-27b");  // known by its repository: it can read images
  EXPECT_TRUE(first.images);
  EXPECT_EQ(first.upstream_model, "Qwen/Qwen3.6-27B");
  EXPECT_EQ(first.context_tokens, 4096);
  EXPECT_EQ(s.zones[first.zone].name, "own");
  EXPECT_EQ(s.deployments[1].upstream_model, "house/\"odd\" model");
  EXPECT_EQ(names_of_order(s, "Qwen/Qwen3.6-27B"), (std::vector<std::string>{"vllm/Qwen/Qwen3.6-27B", "vllm/Qwen/Qwen3.6-27B-2"}));
  EXPECT_EQ(names_of_order(s, "default").front(), "vllm/Qwen/Qwen3.6-27B");
  EXPECT_FALSE(s.simulated());
}

TEST(Found, NamesThatNoFileCanHoldAreLeftOut) {
  const Loaded loaded = load_found({.provider_keys = {},
                                    .engines = {{.provider = "ollama",
                                                 .endpoint = "http://127.0.0.1:11434",
                                                 .models = {"a\nb", "", std::string(500, 'x'), "\xc3\xbc", "good:8b"},
                                                 .context = -5}},
                                    .simulator = {}});
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  ASSERT_EQ(loaded.snapshot->deployments.size(), 1U);
  EXPECT_EQ(loaded.snapshot->deployments[0].public_model, "good:8b");
}

TEST(Found, AModelCalledDefaultIsItself) {
  const Loaded loaded =
      load_found({.provider_keys = {},
                  .engines = {{.provider = "llamacpp", .endpoint = "http://127.0.0.1:8080", .models = {"other", "default"}, .context = 0}},
                  .simulator = {}});
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  EXPECT_EQ(names_of_order(*loaded.snapshot, "default"), std::vector<std::string>{"llamacpp/default"});
}

TEST(Found, TheSimulatorSpeaksEveryDialectAndSaysWhatItIs) {
  const std::string text =
      configuration_of({.provider_keys = {}, .engines = {}, .simulator = "http://127.0.0.1:9"}, "127.0.0.1:0", hash, "/state");
  EXPECT_NE(text.find("SIMULATED"), std::string::npos);
  const Loaded loaded = load_text(text, "found.toml", environment_with({}));
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  EXPECT_EQ(told(loaded.warnings), "");
  EXPECT_TRUE(loaded.snapshot->simulated());
  std::set<wire::Dialect> dialects;
  for (const catalog::Deployment& d : loaded.snapshot->deployments) {
    EXPECT_TRUE(d.public_model.starts_with("sim-")) << d.public_model;
    dialects.insert(d.profile.dialect);
  }
  EXPECT_EQ(dialects, (std::set{wire::Dialect::openai_chat, wire::Dialect::anthropic_messages, wire::Dialect::gemini_generate}));
  EXPECT_EQ(names_of_order(*loaded.snapshot, "default").front(), "sim-chat");
}

TEST(Found, TheListenAddressAndTheKeyAreWhatWasGiven) {
  const Loaded loaded = load_found({.provider_keys = {}, .engines = {}, .simulator = "http://127.0.0.1:9"});
  ASSERT_TRUE(loaded.snapshot);
  EXPECT_EQ(loaded.snapshot->listen.port, 0);
  EXPECT_EQ(loaded.snapshot->state_folder, "/state");
  ASSERT_EQ(loaded.snapshot->keys.keys().size(), 1U);
  EXPECT_EQ(loaded.snapshot->keys.keys()[0].digest[1], 0x11);
}

// Every file of conf/ loads without a word, and names no model that the catalogue does not know, but simulated ones.
TEST(Examples, LoadWithoutAWord) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(AJAR_SOURCE_DIR) + "/conf")) {
    if (entry.path().extension() != ".toml") continue;
    files.insert(entry.path().filename().string());
    const Loaded loaded = load_file(entry.path(), full_environment());
    ASSERT_TRUE(loaded.snapshot) << entry.path() << "\n" << told(loaded.problems);
    EXPECT_EQ(told(loaded.warnings), "") << entry.path();
    for (const catalog::Deployment& d : loaded.snapshot->deployments)
      EXPECT_TRUE(d.simulated || loaded.snapshot->catalog.model(d.model) != nullptr) << entry.path() << ": " << d.model;
  }
  EXPECT_EQ(files, (std::set<std::string>{"clinic.toml", "families.toml", "hybrid.toml", "minimal.toml", "simulated.toml"}));
}

TEST(Examples, FamiliesHasEachFamilyClosedOwnAndHosted) {
  const Loaded loaded = load_file(std::string(AJAR_SOURCE_DIR) + "/conf/families.toml", full_environment());
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  std::map<std::string, std::set<catalog::Hosting>> families;
  std::set<std::string> engines;
  for (const catalog::Deployment& d : loaded.snapshot->deployments) {
    families[loaded.snapshot->catalog.model(d.model)->family].insert(d.hosting);
    if (d.hosting == catalog::Hosting::own) engines.insert(d.provider);
  }
  using enum catalog::Hosting;
  EXPECT_EQ(families["gpt"], std::set{closed});
  EXPECT_EQ(families["claude"], std::set{closed});
  EXPECT_EQ(families["gemini"], std::set{closed});
  for (const std::string family : {"deepseek", "qwen", "kimi", "llama"}) EXPECT_EQ(families[family], (std::set{own, hosted})) << family;
  EXPECT_EQ(engines, (std::set<std::string>{"vllm", "sglang", "llamacpp", "ollama", "tgi", "lmstudio"}));
}

TEST(Examples, TheClinicsDataStaysInTheClinic) {
  const Loaded loaded = load_file(std::string(AJAR_SOURCE_DIR) + "/conf/clinic.toml", full_environment());
  ASSERT_TRUE(loaded.snapshot) << told(loaded.problems);
  const Snapshot& s = *loaded.snapshot;
  const policy::Label phi = *policy::label_named("phi", {});
  for (const policy::Zone& zone : s.zones) EXPECT_EQ(policy::allows(zone, phi), zone.name == "clinic" || zone.name == "own") << zone.name;
  for (const admit::Key& key : s.keys.keys())
    EXPECT_EQ(policy::Label{s.keys.tenants()[key.tenant].label | key.label}.covers(phi), key.name != "office") << key.name;
}

}  // namespace
}  // namespace ajar::config
