// wire/cross.hpp - what the lanes from Chat to another dialect share: the outbound request's frame, and events back into Chat.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "wire/chat_writer.hpp"
#include "wire/notes.hpp"
#include "wire/restore_sink.hpp"
#include "wire/sse.hpp"
#include "wire/stop_sink.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

std::unexpected<Error> unsupported(std::string_view param, std::string_view why);
std::unexpected<Error> malformed_answer(std::string_view what);

// A request ready to be sent, and what must be done to its answer because the target cannot.
struct Carried {
  Outbound outbound;
  std::vector<std::string> custom_tools;  // functions that stand for custom tools
  std::vector<std::string> stops;         // stop sequences that the gateway looks for
};

// The frame of an outbound request with a JSON body.
Outbound outbound_of(std::string path, const json::Value& body, bool stream, Notes&);

// Takes an upstream's answer apart into neutral events. Errors that stand in an answer's "error" have been seen before.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Status whole(const json::Value& answer, AnswerSink&) = 0;
  virtual Status event(const json::Value&, AnswerSink&) = 0;  // one SSE event's data or one line
  virtual Status marked_end(AnswerSink&) { return ok(); }     // data: [DONE]
  virtual Status closed(AnswerSink&) { return ok(); }         // the stream ended; calls end() where the dialect needs no end mark
  virtual bool lines() const noexcept { return false; }       // NDJSON instead of SSE
  virtual bool chat() const noexcept { return false; }        // Chat's own chunks: plain ones are forwarded
};

class CrossLane final : public Translation {
 public:
  CrossLane(const Envelope&, const Target&, Carried, std::unique_ptr<Decoder>);
  Outbound take_request() override { return std::move(*std::exchange(request_, nullptr)); }
  Result<Answer> answer(std::string_view body) override;
  Result<std::string_view> feed(std::string_view bytes) override;
  Result<std::string_view> finish() override;
  void fall_silent() noexcept override;
  std::string_view break_off(const Error&) override;
  const Report& report() const noexcept override { return writer_.report; }

 private:
  // Stop sequences are what the upstream was asked for: they are looked for before values are given back.
  AnswerSink& restored() noexcept { return restore_ ? static_cast<AnswerSink&>(*restore_) : writer_; }
  AnswerSink& sink() noexcept { return stops_ ? static_cast<AnswerSink&>(*stops_) : restored(); }
  Status event(std::string_view data);
  Status whole(std::string_view body);
  bool forward_whole(std::string_view body, Answer&);
  Status own_error(const json::Value&, std::string_view text) const;
  Status rest();
  Result<std::string_view> given(Status);

  std::unique_ptr<Outbound> request_;  // until it is taken: a stream lives on without it
  std::unique_ptr<Decoder> decoder_;
  const Profile& profile_;  // the target's, which outlives the attempt
  ChatWriter writer_;
  std::unique_ptr<RestoreSink> restore_;
  std::unique_ptr<StopSink> stops_;
  SseDecoder sse_;
  LineDecoder lines_;
  std::string out_;
};

}  // namespace ajar::wire
