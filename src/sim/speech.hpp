// sim/speech.hpp - Speech: one dialect, from a request's bytes to an Ask and from a Reply to the bytes of an answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "net/http_head.hpp"
#include "sim/ask.hpp"
#include "sim/reply.hpp"
#include "sim/script.hpp"

namespace ajar::sim {

// A failure in neutral words.
struct Trouble {
  int status = 500;
  std::string message{};
  std::string code{}, param{};    // "" = none
  std::int64_t retry_after = -1;  // seconds
  bool quota = false;             // a 429 that will not clear
};

// Writes a streamed answer; each call appends whole events.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void open(std::string& out) = 0;  // what comes before all content
  virtual void piece(const Piece&, std::string& out) = 0;
  virtual void close(std::string& out) = 0;  // the proper end, with usage
};

class Speech {
 public:
  virtual ~Speech() = default;
  // Faults: bad_request for what the real provider would refuse too.
  virtual Result<Ask> read(const json::Value& body, const net::RequestHead&) const = 0;
  virtual std::string whole(const Ask&, const Reply&) const = 0;
  virtual std::unique_ptr<Encoder> encoder(const Ask&, const Reply&) const = 0;  // both must outlive it
  virtual std::string error(const Trouble&) const = 0;                           // the body of an answer that is not 200
  virtual std::string error_event(const Trouble&) const = 0;                     // in a stream that has begun
  virtual std::string broken_event() const = 0;
  virtual std::string_view stream_type(const Ask&) const { return "text/event-stream"; }
  virtual std::string_view id_header() const { return "x-request-id"; }
};

std::unique_ptr<Speech> chat_speech(Engine);
std::unique_ptr<Speech> responses_speech();
std::unique_ptr<Speech> anthropic_speech();
std::unique_ptr<Speech> gemini_speech();
std::unique_ptr<Speech> ollama_speech();

}  // namespace ajar::sim
