// tests/policy/taint_test.cpp - a label stays with its conversation, and with no other.
#include "policy/taint.hpp"

#include <gtest/gtest.h>

namespace ajar::policy {
namespace {

const Label phi = *label_named("phi", {}), pii = *label_named("pii", {});
constexpr std::string_view first = R"({"model":"m","messages":[{"role":"user","content":"Hello."}]})";
constexpr std::string_view second =
    R"({"messages":[{"role":"user","content":"Hello."},{"role":"assistant","content":"Hi!"},{"role":"user","content":"And?"}],"stream":true})";

TEST(Taint, TheNextTurnHasItToo) {
  Taint taint{Digest{}};
  EXPECT_EQ(taint.of("a", first), public_label);
  taint.keep("a", first, phi);
  EXPECT_EQ(taint.of("a", second), phi);
  EXPECT_EQ(taint.of("a", first), public_label);  // another conversation that begins alike
  // However the client writes what the model said.
  EXPECT_EQ(
      taint.of(
          "a",
          R"({"messages":[{"role":"user","content":"Hello."},{"role":"assistant","content":[{"type":"text","text":"Hi!"}]},{"role":"user","content":"x"}]})"),
      phi);
  EXPECT_EQ(taint.of("b", second), public_label);
  EXPECT_EQ(taint.of("a", R"({"messages":[{"role":"user","content":"Hello!"}]})"), public_label);
  EXPECT_EQ(taint.of("a", "{"), public_label);
}

TEST(Taint, ALongerMessageCarriesItIntoAnotherConversation) {
  Taint taint{Digest{}};
  const std::string letter = "A letter that is long enough to be known again wherever it is sent along, word by word.";
  taint.keep("a", R"({"messages":[{"role":"user","content":")" + letter + R"("}]})", pii);
  EXPECT_EQ(taint.of("a", R"({"messages":[{"role":"user","content":"Other."},{"role":"user","content":")" + letter + R"("}]})"), pii);
  EXPECT_EQ(taint.of("a", R"({"messages":[{"role":"user","content":"Other."}]})"), public_label);
}

TEST(Taint, OtherDialectsHaveTheirMessagesElsewhere) {
  Taint taint{Digest{}};
  taint.keep("a", R"({"contents":[{"role":"user","parts":[{"text":"Hello."}]}]})", phi);
  EXPECT_EQ(
      taint.of(
          "a",
          R"({"contents":[{"role":"user","parts":[{"text":"Hello."}]},{"role":"model","parts":[{"text":"Hi"}]},{"role":"user","parts":[{"text":"x"}]}]})"),
      phi);
  taint.keep("a", R"({"input":"A question."})", pii);
  EXPECT_EQ(taint.of("a", R"({"input":["A question.",{"role":"user","content":"Another."}]})"), pii);
}

TEST(Taint, TellsWhatIsNewOnceAndLoadsItAgain) {
  std::vector<std::pair<Fingerprint, Label>> told;
  Taint taint(Digest{7}, [&told](const Fingerprint& f, Label l) { told.emplace_back(f, l); });
  taint.keep("a", first, phi);
  taint.keep("a", first, phi);
  taint.keep("a", first, public_label);
  EXPECT_EQ(told.size(), 1U);
  taint.keep("a", first, pii);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told.back().second, phi | pii);
  Taint again(Digest{7}), other(Digest{8});
  for (const auto& [f, l] : told) again.load(f, l), other.load(f, l);
  EXPECT_EQ(again.of("a", second), phi | pii);
  EXPECT_EQ(other.of("a", second), public_label);  // another key: nothing of the texts can be told from the file
}

}  // namespace
}  // namespace ajar::policy
