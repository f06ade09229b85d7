// wire/cross.cpp - the shared half of the translating lanes.
#include "wire/cross.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/openai/look.hpp"
#include "wire/openai/usage.hpp"

namespace ajar::wire {
namespace {

constexpr json::ReadOptions lenient{.depth = 128, .refuse_duplicates = false};

std::string error_event(const Error& error) { return "data: " + failure(Dialect::openai_chat, error).body + "\n\n"; }

}  // namespace

std::unexpected<Error> unsupported(std::string_view param, std::string_view why) {
  return fail(Fault::bad_request, fmt::format("{} is not supported by this route: {}", param, why), "unsupported_by_route",
              std::string(param));
}

std::unexpected<Error> malformed_answer(std::string_view what) {
  return fail(Fault::upstream_unavailable, fmt::format("the upstream's answer is malformed: {}", what), "malformed");
}

Outbound outbound_of(std::string path, const json::Value& body, bool stream, Notes& notes) {
  Outbound out;
  out.path = std::move(path);
  out.headers = {{"content-type", "application/json"}, {"accept", stream ? "text/event-stream" : "application/json"}};
  out.body.owned = json::write(body);
  out.body.spans = {{false, 0, out.body.owned.size()}};
  out.warnings = std::move(notes.list);
  return out;
}

CrossLane::CrossLane(const Envelope& e, const Target& target, Carried carried, std::unique_ptr<Decoder> decoder)
    : request_(std::make_unique<Outbound>(std::move(carried.outbound))),
      decoder_(std::move(decoder)),
      profile_(*target.profile),
      writer_(std::string(target.public_model), e.stream, e.wants_usage, target.now) {
  writer_.emulate_custom(std::move(carried.custom_tools));
  const auto has = [&](std::string_view key) { return std::ranges::find(e.fields, key, &Envelope::Field::key) != e.fields.end(); };
  writer_.show_functions(has("functions") && !has("tools"));
  if (target.restore != nullptr) restore_ = std::make_unique<RestoreSink>(writer_, *target.restore);
  if (!carried.stops.empty()) stops_ = std::make_unique<StopSink>(restored(), std::move(carried.stops));
}

// An error that came with a status of success; its own words say what it is.
Status CrossLane::own_error(const json::Value& value, std::string_view text) const {
  const json::Value& error = value["error"];
  if (!error.is_object() && !error.is_string() && value["object"].text() != "error") return ok();
  return std::unexpected(upstream_failure(profile_, 200, {}, text));
}

Status CrossLane::whole(std::string_view body) {
  auto value = json::read(body, lenient);
  if (value && value->is_array() && value->at(0).is_object()) value = json::Value(value->at(0));  // Gemini's errors
  if (!value || !value->is_object()) return malformed_answer(value ? "it is not an object" : value.error().message);
  if (auto failed = own_error(*value, body); !failed) return failed;
  if (auto read = decoder_->whole(*value, sink()); !read) return read;
  if (writer_.report.finish_reason.empty()) return malformed_answer("it does not say why it ended");
  sink().end();
  return ok();
}

// A Chat answer that says nothing in an engine's own way goes on with its model's name changed.
bool CrossLane::forward_whole(std::string_view body, Answer& answer) {
  const ChatLook look = look_at_chat(body);
  const bool named = look.id.starts_with("\"chatcmpl-") && !look.model.empty();
  if (stops_ || restore_ || !look.plain_whole || !named || (!look.usage.empty() && !is_usual_usage(look.usage))) return false;
  const auto at = static_cast<std::size_t>(look.model.data() - body.data());
  const std::string model = json::quote(writer_.model());
  answer.body.reserve(body.size() + model.size());
  answer.body.append(body.substr(0, at)).append(model).append(body.substr(at + look.model.size()));
  writer_.report = {.usage = usage_of_chat(look.usage).usage,
                    .content = look.content,
                    .finished = true,
                    .failure = {},
                    .finish_reason = std::string(look.finish_reason),
                    .upstream_id = std::string(look.id.substr(1, look.id.size() - 2))};
  answer.report = writer_.report;
  return true;
}

Result<Answer> CrossLane::answer(std::string_view body) {
  if (Answer plain; decoder_->chat() && forward_whole(body, plain)) return plain;
  // Some upstreams stream whether asked to or not.
  if (body.starts_with("data:") || body.starts_with("event:") || body.starts_with(':')) {
    Status fed = sse_.feed(body, [this](std::string_view, std::string_view data) { return event(data); });
    if (fed) fed = rest();
    if (!fed) return forward(std::move(fed));
  } else if (auto read = whole(body); !read) {
    return forward(std::move(read));
  }
  return Answer{writer_.whole(), writer_.report};
}

Status CrossLane::event(std::string_view data) {
  if (writer_.ended()) return ok();
  if (data == "[DONE]") return decoder_->marked_end(sink());
  if (decoder_->chat() && !stops_ && !restore_ && writer_.forward(data, look_at_chat(data))) return ok();
  auto value = json::read(data, lenient);
  if (!value || !value->is_object()) return malformed_answer("an event of the stream is not a JSON object");
  if (auto failed = own_error(*value, data); !failed) return failed;
  return decoder_->event(*value, sink());
}

// Nothing is given out before the first content, so that the call can still go elsewhere until then.
Result<std::string_view> CrossLane::given(Status fed) {
  if (fed && !writer_.report.content && !writer_.ended()) return std::string_view{};
  out_.clear();
  out_.swap(writer_.out);
  if (fed) return std::string_view(out_);
  if (!writer_.report.content) return std::unexpected(std::move(fed).error());
  writer_.report.failure = fed.error();
  out_ += error_event(fed.error());
  return std::string_view(out_);
}

Result<std::string_view> CrossLane::feed(std::string_view bytes) {
  if (writer_.report.failure) return std::string_view{};
  writer_.out.reserve(bytes.size() + 64);  // mostly what comes in goes out
  if (decoder_->lines())
    return given(lines_.feed(bytes, [this](std::string_view line) { return trim(line).empty() ? ok() : event(line); }));
  return given(sse_.feed(bytes, [this](std::string_view, std::string_view data) { return event(data); }));
}

// What is left when the upstream has closed: an event without its empty line, an end that needs no mark, an answer outside of events.
Status CrossLane::rest() {
  if (decoder_->lines()) {
    if (const std::string line = lines_.take_rest(); !trim(line).empty())
      if (auto done = event(line); !done) return done;
  } else if (auto done = sse_.finish([this](std::string_view, std::string_view data) { return event(data); }); !done) {
    return done;
  }
  if (!writer_.ended())
    if (auto done = decoder_->closed(sink()); !done) return done;
  if (!writer_.ended() && !sse_.stray().empty()) return whole(sse_.stray());
  if (!writer_.ended()) return fail(Fault::upstream_unavailable, "the upstream's stream was cut before its end", "cut");
  return ok();
}

Result<std::string_view> CrossLane::finish() {
  if (writer_.report.failure || writer_.ended()) return std::string_view{};
  return given(rest());
}

void CrossLane::fall_silent() noexcept {
  std::string().swap(out_);
  if (writer_.out.empty()) std::string().swap(writer_.out);
  sse_.fall_silent();
  lines_.fall_silent();
}

std::string_view CrossLane::break_off(const Error& error) {
  writer_.report.failure = error;
  out_ = error_event(error);
  return out_;
}

}  // namespace ajar::wire
