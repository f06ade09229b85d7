// tests/policy/flows_test.cpp - the flows that are told are those that clear() allows, for every sum of labels.
#include "policy/flows.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ajar::policy {
namespace {

Label label(std::string_view word) { return *label_named(word, {}); }

const std::vector<Zone> zones{{"own", top_label, "", Contract::none},
                              {"baa", label("phi") | label("internal"), "us", Contract::baa},
                              {"out", public_label, "", Contract::none}};

TEST(Flows, EachClassHasItsOwn) {
  const std::vector<CallerClass> classes{{"tenant a", public_label}, {"tenant ward", label("phi")}};
  const auto flows = flows_of(classes, zones, {});
  const auto to = [&](std::string_view from, std::string_view word) {
    std::string names;
    for (const Flow& f : flows)
      if (f.from == from && f.label == word) names += f.zone + " ";
    return names;
  };
  EXPECT_EQ(to("tenant a", "public"), "baa out own ");
  EXPECT_EQ(to("tenant a", "phi"), "baa own ");
  EXPECT_EQ(to("tenant a", "pii"), "own ");
  EXPECT_EQ(to("tenant ward", "public"), "baa own ");
  EXPECT_EQ(to("tenant ward", "secret"), "own ");
}

// Words are enough: what a sum of labels may do follows from them.
TEST(Flows, SumsFollowFromWords) {
  const std::vector<std::string> words = label_words({});
  const std::vector<CallerClass> classes{{"c", label("internal")}};
  std::set<std::pair<std::string, std::string>> allowed;
  for (const Flow& f : flows_of(classes, zones, {})) allowed.emplace(f.label, f.zone);
  for (std::uint32_t set = 0; set < (1U << words.size()); ++set) {
    Label sum = label("internal");
    for (std::size_t i = 0; i < words.size(); ++i)
      if ((set & (1U << i)) != 0) sum = sum | label(words[i]);
    for (const Zone& zone : zones) {
      bool each = allows(zone, label("internal"));
      for (std::size_t i = 0; i < words.size(); ++i)
        if ((set & (1U << i)) != 0) each = each && allowed.contains({words[i], zone.name});
      ASSERT_EQ(allows(zone, sum), each);
    }
  }
}

TEST(Flows, ADifferenceHasWhatIsNew) {
  const std::vector<CallerClass> classes{{"c", public_label}};
  std::vector<Zone> wider = zones;
  wider[2].accepts = label("pii");
  const auto before = flows_of(classes, zones, {}), after = flows_of(classes, wider, {});
  const auto fresh = missing(after, before);
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_EQ(fresh[0], (Flow{"c", "pii", "out"}));
  EXPECT_TRUE(missing(before, after).empty());
}

}  // namespace
}  // namespace ajar::policy
