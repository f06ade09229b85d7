// bench/self_test.cpp - the instrument against what is known beforehand: quantiles, answers cut at every byte, changed events.
#include "chat.hpp"
#include "http.hpp"
#include "load.hpp"

namespace bench {
namespace {

int failed = 0, passed = 0;

void expect(bool holds, std::string_view what) {
  if (holds) {
    ++passed;
    return;
  }
  ++failed;
  fmt::print(stderr, "self-test: {}\n", what);
}

void test_histogram() {
  Histogram h;
  expect(h.quantile(0.99) == 0, "an empty histogram has no quantile");
  for (std::int64_t i = 1; i <= 100'000; ++i) h.add(i * 1000);
  for (const double share : {0.5, 0.9, 0.99, 0.999}) {
    const double known = share * 1e8, told = static_cast<double>(h.quantile(share));
    expect(told >= known && told <= known * 1.008, fmt::format("quantile {} of 1 to 100000 us is {} ns", share, told));
  }
  expect(h.max() == 100'000'000 && h.quantile(1) == h.max(), "the largest value is exact");
  Histogram small;
  for (std::int64_t i = 0; i < 100; ++i) small.add(i);
  expect(small.quantile(0.5) == 49, "small values are exact");
}

// The body that a reader gives when an answer comes in two pieces, cut after `cut` bytes.
std::string read_cut(std::string_view answer, std::size_t cut, bool& done) {
  AnswerReader reader;
  reader.begin();
  std::string body;
  const auto take = [&](std::string_view bytes) { body += bytes; };
  reader.feed(answer.substr(0, cut), take);
  reader.feed(answer.substr(cut), take);
  done = reader.done() && reader.status() == 200;
  return body;
}

void test_reader() {
  for (const std::string_view answer : {"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 11\r\n\r\nhello world",
                                        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\n\r\n"})
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
      bool done = false;
      expect(read_cut(answer, cut, done) == "hello world" && done, fmt::format("an answer cut after {} bytes is read whole", cut));
    }
  bool done = true;
  read_cut("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfour", 10, done);
  expect(!done, "bytes after an answer are seen");
  read_cut("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 10, done);
  expect(!done, "another status is seen");
}

void test_chat() {
  for (const std::size_t size : {800u, 2048u, 10'300u, 102'400u}) {
    const std::string body = request_body({.stream = true, .rate = 100, .events = 400}, size, public_model);
    expect(body.size() == size, fmt::format("a request of {} bytes has {}", size, body.size()));
    const std::size_t assistant = body.rfind(R"("role":"assistant")");
    expect(assistant == std::string::npos || body.rfind(R"("role":"user")") > assistant, "the last message is the user's");
    const auto script = script_of(body);
    expect(script && script->stream && script->rate == 100 && script->events == 400, "the upstream reads the script");
    std::string renamed = request_body({.stream = true, .rate = 100, .events = 400}, size, engine_model);
    expect(is_request_body(renamed, body), "another model name is no change");
    renamed[size / 2] = '#';
    expect(!is_request_body(renamed, body), "a changed byte is seen");
  }
  expect(answer_body(public_model).size() == 2048 && answer_body(engine_model).size() == 2048, "an answer has 2048 bytes");
  ContentEvent event(public_model);
  const std::int64_t now = 5'000'000'000'123;
  std::string text = event.make(17, now - 250'000);
  const auto seen = event.read(text, now);
  expect(seen && seen->number == 17 && seen->due == now - 250'000, "an event tells its number and when it was due");
  text[text.size() / 3] ^= 1;
  expect(!event.read(text, now), "a changed event is seen");
}

}  // namespace

bool self_test() {
  test_histogram();
  test_reader();
  test_chat();
  fmt::print("{{\"passed\":{},\"failed\":{}}}\n", passed, failed);
  return failed == 0;
}

}  // namespace bench
