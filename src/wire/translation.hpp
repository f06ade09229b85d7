// wire/translation.hpp - one attempt's translation: the caller's request to the target's dialect, the target's answer back. Sans-io.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/usage.hpp"
#include "wire/dialect.hpp"

namespace ajar::wire {

// The features of a request that choosing a deployment looks at.
struct Needs {
  bool tools = false;
  bool images = false;
  bool audio = false;
  bool files = false;
  bool structured = false;  // JSON output, with or without schema
  bool logprobs = false;
  bool reasoning = false;  // an effort other than none is asked for
};

// What one strict pass over a caller's body found. Views point into the body, which must outlive it and stay unchanged.
struct Envelope {
  std::string_view body;
  std::string_view model;                      // as the caller wrote it
  std::size_t model_at = 0, model_length = 0;  // the literal's span with its quotes, for splicing
  bool stream = false;
  bool wants_usage = false;            // stream_options.include_usage
  std::int64_t max_output_tokens = 0;  // 0 = not given
  std::int64_t choices = 1;            // n
  std::int64_t input_estimate = 0;     // tokens, from bytes of text (about 4 a token); no tokenizer
  Needs needs;
  struct Field {
    std::string_view key;
    std::size_t key_at, value_at, end;
  };  // of the key's quote, of the value, after the value
  std::vector<Field> fields;  // top level, in order; keys as written
  // What the messages hold that some engines cannot take.
  bool developer = false;       // a message with the role developer
  bool several_system = false;  // more than one system or developer message, or one that is not the first
  bool rare_fields = false;  // refusal, thinking_blocks, extra_content, audio; calls of functions or custom tools; prompt_cache_breakpoint
};

// Checks a caller's body strictly: UTF-8 JSON, one object, no duplicate keys, depth at most 64, types of the fields that Ajar reads.
// Faults: bad_request with param. Cost: one pass; no tree is built.
Result<Envelope> inspect(Dialect inbound, std::string_view body);

// A body in pieces, so that a spliced 100 KB body is not copied. Spans are in order; `from_inbound` ones point into the caller's body.
struct Body {
  struct Span {
    bool from_inbound;
    std::size_t at, length;
  };
  std::string_view inbound;  // the caller's body; outlives this
  std::string owned;
  std::vector<Span> spans;
  std::string_view piece(const Span& s) const noexcept {
    return (s.from_inbound ? inbound : std::string_view(owned)).substr(s.at, s.length);
  }
  std::size_t size() const noexcept;
  std::string text() const;  // joined; for tests and small bodies
};

// What is to be sent: everything except the address and the credential.
struct Outbound {
  std::string path;  // relative to the endpoint's base, e.g. "/v1/chat/completions", "/v1beta/models/x:streamGenerateContent?alt=sse"
  Headers headers;   // content-type, anthropic-version, ...; no host, length or credential
  Body body;
  std::vector<std::string> warnings;  // "dropped:seed", "approximated:...", "emulated:..."
};

struct Restore;

struct Fetched {
  std::string url, media_type, base64;
};  // what a URL in the request holds, where the target wants bytes

struct Target {
  const Profile* profile = nullptr;
  std::string_view model;         // the target's own id
  std::string_view public_model;  // what the caller is shown in answers
  WallTime now{};                 // "created" where the upstream gives none
  std::span<const Fetched> fetched{};
  const Restore* restore = nullptr;  // what stands for what in the answer; outlives the translation
};

// How far an answer has come.
struct Report {
  Usage usage;
  bool content = false;          // a content event (text, reasoning, tool call, refusal) has been decoded
  bool finished = false;         // the upstream's own end was seen
  std::optional<Error> failure;  // an error that the upstream sent inside the stream
  std::string finish_reason;     // in OpenAI's words: stop, length, tool_calls, content_filter; "" = not known
  std::string upstream_id;       // the upstream's id for the answer
};

struct Answer {
  std::string body;
  Report report;
};

// One attempt at one target. Same dialect in and out forwards the original bytes with only the changed fields spliced.
class Translation {
 public:
  // Faults: bad_request for what cannot be carried to this target (translation rules), with param.
  static Result<std::unique_ptr<Translation>> make(Dialect inbound, const Envelope&, const Target&);
  virtual ~Translation() = default;

  virtual Outbound take_request() = 0;  // once

  // A whole 2xx answer. Faults: upstream_unavailable when malformed, or the upstream's own error in a 200.
  virtual Result<Answer> answer(std::string_view body) = 0;

  // Streamed answer: gives the caller's bytes for this read (a view valid until the next call; may be empty, may be the input itself).
  // Same events at every split. Before the first content event an error comes back as failed Result; after it, report().failure is set
  // and the view ends with an honest error event in the caller's dialect.
  virtual Result<std::string_view> feed(std::string_view bytes) = 0;
  // Nothing may come for long: gives back the memory that only a busy stream needs, and with it what feed() gave.
  virtual void fall_silent() noexcept {}
  // The upstream closed. Completes the caller's stream, or ends it with an error event when it was cut (fault upstream_unavailable).
  virtual Result<std::string_view> finish() = 0;
  // Ends the caller's stream with an error event: deadline, cut, ...
  virtual std::string_view break_off(const Error&) = 0;

  virtual const Report& report() const noexcept = 0;
};

// For callers that would rather have nothing than less: bad_request (code "unsupported_by_route") naming the first field that was dropped.
Status keeps_all(std::span<const std::string> warnings);

// An upstream's non-2xx answer as an Error: fault, code, param, retry_after (header or body). The message is safe for the caller.
// A status below 400 stands for an error in an answer of success: the body says what it is. Times are counted from the answer's
// own Date, or from `now` where it has none.
Error upstream_failure(const Profile&, int status, const Headers&, std::string_view body, WallTime now = {});

// An Error in a dialect's own shape. Exhaustive over Fault.
struct Failure {
  int status;
  std::string body;
  Headers headers;
};
Failure failure(Dialect inbound, const Error&);

// The models list in the caller's dialect.
struct ListedModel {
  std::string id;
  std::string owned_by;
  std::int64_t created = 0;
  bool simulated = false;
};
std::string models_list(Dialect, std::span<const ListedModel>);
std::string model_entry(Dialect, const ListedModel&);  // one of them, as GET /v1/models/ID gives it

}  // namespace ajar::wire
