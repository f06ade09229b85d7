// tests/wire/sse_test.cpp - events and lines out of bytes, at every cut.
#include "wire/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ajar::wire {
namespace {

using Events = std::vector<std::string>;

Events decode(std::string_view bytes, std::size_t step, std::string* stray = nullptr) {
  SseDecoder decoder;
  Events events;
  const auto take = [&](std::string_view name, std::string_view data) {
    events.push_back(std::string(name) + "|" + std::string(data));
    return ok();
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    if (!decoder.feed(bytes.substr(0, step), take)) return {"refused"};
  if (!decoder.finish(take)) return {"refused"};
  if (stray != nullptr) *stray = decoder.stray();
  return events;
}

Events everywhere(std::string_view bytes) {
  const Events whole = decode(bytes, bytes.size() + 1);
  for (std::size_t step = 1; step < bytes.size(); ++step) EXPECT_EQ(decode(bytes, step), whole) << "in steps of " << step;
  return whole;
}

TEST(Sse, LineEndsOfAllKinds) {
  EXPECT_EQ(everywhere("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\r\n"), (Events{"|a", "|b", "|c", "|d"}));
}

TEST(Sse, NamesCommentsAndSeveralLines) {
  EXPECT_EQ(everywhere(": hello\n\nevent: x\ndata: a\ndata:b\ndata\n\nevent: lost\n\ndata: c\nid: 4\nretry: 9\nwhat: ever\n\n"),
            (Events{"x|a\nb\n", "|c"}));
}

TEST(Sse, AMissingEmptyLineAtTheEndIsForgiven) {
  EXPECT_EQ(everywhere("data: a"), (Events{"|a"}));
  EXPECT_EQ(everywhere("data: a\n"), (Events{"|a"}));
  EXPECT_EQ(everywhere(""), Events{});
}

TEST(Sse, AByteOrderMarkAtTheBeginning) {
  EXPECT_EQ(everywhere("\xEF\xBB\xBF"
                       "data: a\n\n\xEF\xBB\xBF"
                       "data: b\n\n"),
            (Events{"|a"}));
  EXPECT_EQ(everywhere("\xEF\xBB\xBF"
                       "data: a"),
            (Events{"|a"}));
}

TEST(Sse, CharactersMayBeCutAnywhere) {
  EXPECT_EQ(everywhere("data: \xE5\x8C\x97\xF0\x9F\x9A\x80\n\n"), (Events{"|\xE5\x8C\x97\xF0\x9F\x9A\x80"}));
}

TEST(Sse, AJsonTextOutsideOfEventsIsKept) {
  std::string stray;
  EXPECT_EQ(decode("data: a\n\n{\n \"error\": {}\n}", 3, &stray), (Events{"|a"}));
  EXPECT_EQ(stray, "{\n \"error\": {}\n}\n");
  decode("data: a\n\nnothing\n", 3, &stray);
  EXPECT_EQ(stray, "");
}

TEST(Sse, SizesAreBounded) {
  SseDecoder decoder;
  const auto take = [](std::string_view, std::string_view) { return ok(); };
  const std::string megabyte(1u << 20, 'x');
  Status fed = decoder.feed("data: ", take);
  for (int i = 0; i < 40 && fed; ++i) fed = decoder.feed(megabyte, take);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().fault, Fault::upstream_unavailable);
  SseDecoder many;
  fed = ok();
  for (int i = 0; i < 40 && fed; ++i) fed = many.feed("data: " + megabyte + "\n", take);
  EXPECT_FALSE(fed);
}

TEST(Sse, AFailureOfTheTakerStops) {
  SseDecoder decoder;
  int seen = 0;
  const auto take = [&](std::string_view, std::string_view) -> Status {
    return ++seen == 2 ? Status(fail(Fault::internal, "enough")) : ok();
  };
  EXPECT_FALSE(decoder.feed("data: a\n\ndata: b\n\ndata: c\n\n", take));
  EXPECT_EQ(seen, 2);
}

TEST(Lines, EmptyOnesCount) {
  LineDecoder decoder;
  std::vector<std::string> lines;
  ASSERT_TRUE(decoder.feed("a\r", [&](std::string_view l) { return lines.emplace_back(l), ok(); }));
  ASSERT_TRUE(decoder.feed("\n\nb\n\rc", [&](std::string_view l) { return lines.emplace_back(l), ok(); }));
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(decoder.take_rest(), "c");
}

}  // namespace
}  // namespace ajar::wire
