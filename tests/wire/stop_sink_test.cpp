// tests/wire/stop_sink_test.cpp - stop sequences found across any cut.
#include "wire/stop_sink.hpp"

#include <gtest/gtest.h>

#include "wire/chat_writer.hpp"

namespace ajar::wire {
namespace {

std::string answer(std::string_view text, std::vector<std::string> stops, std::size_t step, std::string_view reason = "length") {
  ChatWriter writer("m", false, false, {});
  StopSink sink(writer, std::move(stops));
  sink.start("x", 1);
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) sink.text(0, text.substr(0, step));
  sink.finish(0, reason);
  sink.end();
  const auto value = json::read(writer.whole());
  const json::Value& choice = (*value)["choices"].at(0);
  return std::string(choice["message"]["content"].text()) + "|" + std::string(choice["finish_reason"].text());
}

void expect_everywhere(std::string_view text, const std::vector<std::string>& stops, std::string_view expected) {
  for (std::size_t step = 1; step <= text.size(); ++step) EXPECT_EQ(answer(text, stops, step), expected) << "in steps of " << step;
}

TEST(StopSink, CutsBeforeTheSequence) {
  expect_everywhere("one END two", {"END"}, "one |stop");
  expect_everywhere("one EN two", {"END"}, "one EN two|length");
  expect_everywhere("EEND", {"END"}, "E|stop");
  expect_everywhere("ababac", {"abac"}, "ab|stop");
  expect_everywhere("tail EN", {"END"}, "tail EN|length");
  expect_everywhere("END", {"END"}, "|stop");
}

TEST(StopSink, TheFirstThatIsCompleteCounts) {
  expect_everywhere("a bc d", {"bc d", "c"}, "a b|stop");
  expect_everywhere("xabc", {"abc", "bc"}, "x|stop");
}

TEST(StopSink, CharactersStayWhole) { expect_everywhere("x\xE5\x8C\x97y\xE5\x8C\x98z", {"\xE5\x8C\x98"}, "x\xE5\x8C\x97y|stop"); }

TEST(StopSink, NothingFollowsASequence) {
  ChatWriter writer("m", true, false, {});
  StopSink sink(writer, {"END"});
  sink.start("x", 1);
  sink.text(0, "aEND");
  EXPECT_EQ(sink.tool(0, "t", "f", "{}", {}), -1);
  sink.tool_arguments(0, -1, "x");
  sink.reasoning(0, "r");
  sink.refusal(0, "no");
  sink.finish(0, "tool_calls");
  sink.end();
  EXPECT_EQ(writer.report.finish_reason, "stop");
  EXPECT_EQ(writer.out.find("tool_calls"), std::string::npos);
  EXPECT_EQ(writer.out.find("reasoning"), std::string::npos);
}

TEST(StopSink, WhatIsHeldBackComesBeforeWhatFollows) {
  ChatWriter writer("m", false, false, {});
  StopSink sink(writer, {"END"});
  sink.start("x", 1);
  sink.text(0, "aEN");
  EXPECT_EQ(sink.tool(0, "t", "f", "{}", {}), 0);
  sink.text(1, "other");
  sink.finish(0, "tool_calls");
  sink.finish(1, "stop");
  const auto value = json::read(writer.whole());
  EXPECT_EQ((*value)["choices"].at(0)["message"]["content"].text(), "aEN");
  EXPECT_EQ((*value)["choices"].at(1)["message"]["content"].text(), "other");
}

}  // namespace
}  // namespace ajar::wire
