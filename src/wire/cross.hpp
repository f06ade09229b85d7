// wire/cross.hpp - what the lanes from Chat to another dialect share: reading the caller's request, and events back into Chat.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "wire/chat_writer.hpp"
#include "wire/notes.hpp"
#include "wire/sse.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

std::unexpected<Error> unsupported(std::string_view param, std::string_view why);
std::unexpected<Error> malformed_answer(std::string_view what);

// What a lane does with a top-level field of a Chat request that it has no own use for.
enum class Fate : std::uint8_t { carried, quiet, dropped, refused };
using FateOf = Fate (*)(std::string_view field);
// Notes or refuses every field that is given and not carried. Values that say what holds anyway (null, false, n: 1) pass.
Status settle_fields(const json::Value& request, FateOf, Notes&);

// Short-hands over the request.
std::int64_t output_limit(const json::Value& request);            // max_completion_tokens ?? max_tokens; 0 = none
json::Array stop_sequences(const json::Value& request);           // as a list
std::string_view effort_of(const json::Value& request);           // reasoning_effort; "" = none given

// Takes an upstream's answer apart into neutral events.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Status whole(const json::Value& answer, AnswerSink&) = 0;
  virtual Status event(std::string_view name, std::string_view data, AnswerSink&) = 0;   // one SSE event or one line
  virtual Status closed(AnswerSink&) { return ok(); }                                     // the stream ended; may finish what has no end mark
  virtual bool lines() const noexcept { return false; }                                   // NDJSON instead of SSE
};

class CrossLane final : public Translation {
 public:
  CrossLane(const Envelope&, const Target&, Outbound, std::unique_ptr<Decoder>);
  Outbound take_request() override { return std::move(request_); }
  Result<Answer> answer(std::string_view body) override;
  Result<std::string_view> feed(std::string_view bytes) override;
  Result<std::string_view> finish() override;
  std::string_view break_off(const Error&) override;
  const Report& report() const noexcept override { return writer_.report; }

 private:
  Status event(std::string_view name, std::string_view data);
  Result<std::string_view> given(Status);

  Outbound request_;
  std::unique_ptr<Decoder> decoder_;
  Profile profile_;
  ChatWriter writer_;
  SseDecoder sse_;
  LineDecoder lines_;
  std::string out_;
};

}  // namespace ajar::wire
