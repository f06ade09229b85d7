// tests/config/dead_ends_test.cpp - what is well written and leads nowhere is said.
#include <gtest/gtest.h>

#include "config/support.hpp"

namespace ajar::config {
namespace {

std::string deployment(std::string_view name, std::string_view more = "", std::string_view provider = "vllm") {
  return "[[deployment]]\nname = \"" + std::string(name) + "\"\nprovider = \"" + std::string(provider) + "\"\nmodel = \"" +
         std::string(name) + "\"\nendpoint = \"http://127.0.0.1:8000\"\n" + std::string(more) + "\n";
}

// The warnings of a file in front of something good; nothing may be wrong with it.
std::string warned(const std::string& text, const std::string& rest = good) {
  const Loaded loaded = load(text + rest);
  EXPECT_TRUE(loaded.snapshot) << told(loaded.problems);
  return told(loaded.warnings);
}

TEST(DeadEnds, SomethingGoodHasNone) { EXPECT_EQ(warned(""), ""); }

TEST(DeadEnds, WhatNoTokenCanStandForIsTold) {
  const Loaded loaded = load(std::string("[detection]\npseudonymise = [\"legal\"]\n") + good);
  EXPECT_EQ(told(loaded.problems), "2:17: \"legal\" cannot be replaced by tokens | there are: pii, phi, pci, secret\n");
}

TEST(DeadEnds, ARouteThatMayUseNoneOfItsDeploymentsIsRefused) {
  const Loaded loaded =
      load(deployment("e", "zone = \"external\"") + "[[route]]\nname = \"r\"\norder = [\"e\"]\nlabels = [\"phi\"]\n" + good);
  EXPECT_EQ(told(loaded.problems),
            "7:1: no deployment of the route \"r\" stands in a zone that accepts its label (phi): every request would be refused | name a "
            "deployment in another zone, or let a zone accept it\n");
  EXPECT_FALSE(loaded.snapshot);
}

TEST(DeadEnds, ADeploymentThatItsRouteNeverUses) {
  EXPECT_EQ(warned(deployment("e", "zone = \"external\"") + "[[route]]\nname = \"r\"\norder = [\"e\", \"d\"]\nlabels = [\"phi\"]\n"),
            "7:1: the route \"r\" never uses e: the zone does not accept the route's label (phi) | leave it out of the order, or let its "
            "zone accept the label\n");
}

TEST(DeadEnds, ADeploymentThatNobodyCanAskFor) {
  EXPECT_EQ(warned(deployment("e") + "[[route]]\nname = \"e\"\norder = [\"d\"]\n"),
            "1:1: nobody can ask for the deployment \"e\": a route is called \"e\" and does not name it | add it to a route, or give it "
            "another public_model\n");
}

TEST(DeadEnds, AFallbackToInventedAnswers) {
  EXPECT_EQ(warned(deployment("e", "", "sim") + "[[route]]\nname = \"r\"\norder = [\"d\", \"e\"]\n"),
            "7:1: the route \"r\" falls back to a simulated deployment: e | leave it out, or callers get invented answers\n");
}

TEST(DeadEnds, NoKeyAtAll) {
  EXPECT_EQ(warned("", deployment("e")),
            "1:1: there is no [[key]]: every request will be refused | run `ajar key new` and write the lines that it prints\n");
}

TEST(DeadEnds, AKeyThatMayUseNothing) {
  EXPECT_EQ(warned(deployment("e") + "[[tenant]]\nname = \"t\"\nmodels = [\"d\"]\n[[key]]\nname = \"j\"\ntenant = \"t\"\nsecret = "
                                     "\"env:J_IS_A_LONG_NAME\"\nmodels = [\"e\"]\n",
                   deployment("d")),
            "10:1: the key \"j\" may use no model: its own list and its tenant's have none in common | add to one of the lists\n");
}

TEST(DeadEnds, AKeyWhoseLabelNoZoneAccepts) {
  EXPECT_EQ(warned(deployment("e", "zone = \"external\"") +
                   "[[key]]\nname = \"j\"\nsecret = \"env:J_IS_A_LONG_NAME\"\nmodels = [\"e\"]\nlabels = [\"phi\"]\n"),
            "7:1: no deployment that the key \"j\" may use stands in a zone that accepts its label (phi): every request will be refused | "
            "give it a model in such a zone\n");
}

TEST(DeadEnds, AKeyThatCanBeGuessed) {
  const Loaded loaded = load_text(good, "f", environment_with({{"A_KEY", "abc"}}));
  EXPECT_EQ(told(loaded.warnings), "8:10: this key is so short that it can be guessed | run `ajar key new` for a fresh one\n");
}

TEST(DeadEnds, AZoneThatNobodyStandsIn) {
  EXPECT_EQ(warned("[[zone]]\nname = \"z\"\n"), "1:1: no deployment stands in the zone \"z\" | give it one, or leave the zone out\n");
}

TEST(DeadEnds, HealthDataWithOthersAndWithoutABaa) {
  const std::string zone = "[[zone]]\nname = \"z\"\naccepts = [\"phi\"]\n",
                    at = deployment("e", "zone = \"z\"\nprice = { input = 1, output = 1 }", "compatible");
  EXPECT_EQ(
      warned(zone + at),
      "1:1: the zone \"z\" accepts phi, others run it, and it has no BAA | write contract = \"baa\" once it is signed, or take phi out\n");
  EXPECT_EQ(warned(zone + "contract = \"baa\"\n" + at), "");
  EXPECT_EQ(warned(zone + deployment("e", "zone = \"z\"")), "");
}

TEST(DeadEnds, OthersInAZoneThatAcceptsEverything) {
  EXPECT_EQ(warned(deployment("e", "zone = \"own\"\nprice = { input = 1, output = 1 }", "compatible")),
            "1:1: the deployment \"e\" is run by others and stands in the zone \"own\", which accepts every label | give it a zone that "
            "accepts what may leave, or say hosting = \"own\"\n");
}

TEST(DeadEnds, AModelWithoutAPrice) {
  const auto openai = [](std::string_view model, std::string_view more = "") {
    return "[[deployment]]\nname = \"e\"\nprovider = \"openai\"\nmodel = \"" + std::string(model) + "\"\n" + std::string(more);
  };
  EXPECT_EQ(warned(openai("gpt-5.5")), "");
  EXPECT_EQ(warned(openai("gpt-5.5x")),
            "1:1: the catalogue has no price for \"gpt-5.5x\": what the deployment \"e\" costs will not be known | did you mean "
            "\"gpt-5.5\"? Or write [deployment.price]\n");
  EXPECT_EQ(warned(openai("gpt-5.4-nano")),
            "1:1: the catalogue has no price for \"gpt-5.4-nano\": what the deployment \"e\" costs will not be known | write "
            "[deployment.price] below it\n");
  EXPECT_EQ(warned(openai("gpt-6-luna", "service = \"ultrafast\"\n")),
            "1:1: the catalogue has no price for \"gpt-6-luna\": what the deployment \"e\" costs will not be known | write "
            "[deployment.price] below it\n");
  EXPECT_EQ(warned(openai("gpt-5.5x", "price = { input = 0, output = 0 }\n")), "");
}

TEST(DeadEnds, BoundsThatNeverBind) {
  EXPECT_EQ(warned("[deadlines]\ntotal = \"10s\"\nconnect = \"20s\"\nidle = \"10s\"\n"),
            "1:1: the deadline \"connect\" is longer than \"total\" and is never reached | make total longer, or this one shorter\n"
            "1:1: the deadline \"first_byte\" is longer than \"total\" and is never reached | make total longer, or this one shorter\n");
  EXPECT_EQ(warned("[retries]\nper_deployment = 5\nbackoff = \"6s\"\n"),
            "1:1: \"backoff\" is longer than \"longest\" | make longest longer, or backoff shorter\n1:1: \"per_deployment\" is larger than "
            "\"total\" and is never reached | make total larger, or this one smaller\n");
}

TEST(DeadEnds, KeysInTheClearOverTheNetwork) {
  EXPECT_EQ(warned("[listen]\naddress = \"0.0.0.0:8080\"\n"),
            "2:11: callers on other machines send their keys and requests without encryption | write tls_certificate and tls_key, or "
            "listen on 127.0.0.1 behind something that has TLS\n");
  EXPECT_EQ(warned("[listen]\naddress = \"[::1]:8080\"\n"), "");
}

TEST(DeadEnds, ARuleThatRaisesNothing) {
  EXPECT_EQ(warned("[[rule]]\nname = \"r\"\nlabels = [\"public\"]\n"), "3:10: the rule \"r\" raises nothing | name a label above public\n");
}

}  // namespace
}  // namespace ajar::config
