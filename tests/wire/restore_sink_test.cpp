// tests/wire/restore_sink_test.cpp - values come back at any cut, and only where they may.
#include "wire/restore_sink.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "wire/chat_writer.hpp"

namespace ajar::wire {
namespace {

const Restore restore{.values = {{"PERSON_BCDFGHJ", "Ann \"Ace\" O'Neil"}, {"EMAIL_KLMNPQR", "ann@example.com"}}, .tools = {"find"}};

json::Value answer(const std::function<void(RestoreSink&)>& say) {
  ChatWriter writer("m", false, false, {});
  RestoreSink sink(writer, restore);
  sink.start("x", 1);
  say(sink);
  sink.finish(0, "stop");
  sink.end();
  return (*json::read(writer.whole()))["choices"].at(0)["message"];
}

template <class Say>
void in_steps(std::string_view text, Say say) {
  for (std::size_t step = 1; step <= text.size(); ++step)
    say(step, [step, text](const auto& piece) {
      for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(step, left.size()))) piece(left.substr(0, step));
    });
}

void expect_text(std::string_view text, std::string_view expected) {
  in_steps(text, [&](std::size_t step, const auto& each) {
    const json::Value message = answer([&](RestoreSink& sink) { each([&](std::string_view piece) { sink.text(0, piece); }); });
    EXPECT_EQ(message["content"].text(), expected) << "in steps of " << step;
  });
}

TEST(RestoreSink, TextAtEveryCut) {
  expect_text("Dear PERSON_BCDFGHJ, we wrote to EMAIL_KLMNPQR.", "Dear Ann \"Ace\" O'Neil, we wrote to ann@example.com.");
  expect_text("PERSON_BCDFGHJEMAIL_KLMNPQR", "Ann \"Ace\" O'Neilann@example.com");
  expect_text("PERPERSON_BCDFGHJ", "PERAnn \"Ace\" O'Neil");
}

TEST(RestoreSink, WhatIsNoTokenOfTheRequestStaysText) {
  expect_text("PERSON_BCDFGHK and PHONE_BCDFGHJ", "PERSON_BCDFGHK and PHONE_BCDFGHJ");
  expect_text("cut off: EMAIL_KLMN", "cut off: EMAIL_KLMN");
}

TEST(RestoreSink, ArgumentsOfATrustedFunctionStayJson) {
  in_steps(R"({"name":"PERSON_BCDFGHJ"})", [](std::size_t step, const auto& each) {
    const json::Value message = answer([&](RestoreSink& sink) {
      const int call = sink.tool(0, "t", "find", "", {});
      each([&](std::string_view piece) { sink.tool_arguments(0, call, piece); });
    });
    const auto arguments = json::read(message["tool_calls"].at(0)["function"]["arguments"].text());
    ASSERT_TRUE(arguments) << "in steps of " << step;
    EXPECT_EQ((*arguments)["name"].text(), "Ann \"Ace\" O'Neil");
  });
}

TEST(RestoreSink, ArgumentsOfAnyOtherFunctionKeepTheToken) {
  const json::Value message = answer([](RestoreSink& sink) {
    const int call = sink.tool(0, "t", "search_web", R"({"q":"PERSON_)", {});
    sink.tool_arguments(0, call, R"(BCDFGHJ"})");
  });
  EXPECT_EQ(message["tool_calls"].at(0)["function"]["arguments"].text(), R"({"q":"PERSON_BCDFGHJ"})");
}

TEST(RestoreSink, ReasoningAndRefusalsToo) {
  const json::Value message = answer([](RestoreSink& sink) {
    sink.reasoning(0, "about PERSON_");
    sink.reasoning(0, "BCDFGHJ");
    sink.text(0, "x");
  });
  EXPECT_EQ(message["reasoning_content"].text(), "about Ann \"Ace\" O'Neil");
  EXPECT_EQ(answer([](RestoreSink& sink) { sink.refusal(0, "not EMAIL_KLMNPQR"); })["refusal"].text(), "not ann@example.com");
}

TEST(RestoreSink, WhatIsHeldBackComesBeforeWhatFollows) {
  const json::Value message = answer([](RestoreSink& sink) {
    sink.text(0, "see PERS");
    EXPECT_EQ(sink.tool(0, "t", "find", "{}", {}), 0);
  });
  EXPECT_EQ(message["content"].text(), "see PERS");
}

}  // namespace
}  // namespace ajar::wire
