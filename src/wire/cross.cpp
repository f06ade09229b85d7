// wire/cross.cpp - the shared half of the translating lanes.
#include "wire/cross.hpp"

#include <fmt/format.h>

namespace ajar::wire {
namespace {

bool says_nothing(std::string_view key, const json::Value& value) {
  if (value.is_null()) return true;
  if (const auto b = value.boolean()) return !*b && key != "parallel_tool_calls";
  if (key == "n") return value.integer() == 1;
  if (key == "parallel_tool_calls") return value.boolean() != false;
  if (key == "modalities") return json::write(value).find("audio") == std::string::npos;
  if (key == "metadata" || key == "logit_bias") return value.object() != nullptr && value.object()->empty();
  if (key == "top_logprobs") return value.integer() == 0;
  if (key == "presence_penalty" || key == "frequency_penalty") return value.number() == 0.0;
  return false;
}

}  // namespace

std::unexpected<Error> unsupported(std::string_view param, std::string_view why) {
  return fail(Fault::bad_request, fmt::format("{} is not supported by this route: {}", param, why), "unsupported_by_route", std::string(param));
}

std::unexpected<Error> malformed_answer(std::string_view what) { return fail(Fault::upstream_unavailable, fmt::format("the upstream's answer is malformed: {}", what), "malformed"); }

Status settle_fields(const json::Value& request, FateOf fate_of, Notes& notes) {
  for (const json::Member& member : request.object()->members) {
    const Fate fate = fate_of(member.key);
    if (fate == Fate::carried || fate == Fate::quiet || says_nothing(member.key, member.value)) continue;
    if (fate == Fate::refused) return unsupported(member.key, "the model behind it cannot do this");
    notes.dropped(member.key);
  }
  return ok();
}

std::int64_t output_limit(const json::Value& request) {
  if (const auto limit = request["max_completion_tokens"].integer()) return *limit;
  return request["max_tokens"].integer().value_or(0);
}

json::Array stop_sequences(const json::Value& request) {
  const json::Value& stop = request["stop"];
  if (stop.is_array()) return *stop.array();
  json::Array list;
  if (stop.is_string()) list.push_back(stop);
  return list;
}

std::string_view effort_of(const json::Value& request) { return request["reasoning_effort"].text(); }

CrossLane::CrossLane(const Envelope& e, const Target& target, Outbound request, std::unique_ptr<Decoder> decoder)
    : request_(std::move(request)), decoder_(std::move(decoder)), profile_(*target.profile), writer_(std::string(target.public_model), e.stream, e.wants_usage, target.now) {}

Result<Answer> CrossLane::answer(std::string_view body) {
  auto value = json::read(body, {.depth = 64, .refuse_duplicates = false});
  if (!value || !value->is_object()) return malformed_answer(value ? "it is not an object" : value.error().message);
  if ((*value)["error"].is_object() || (*value)["error"].is_string()) return std::unexpected(upstream_failure(profile_, 200, {}, body));
  if (auto read = decoder_->whole(*value, writer_); !read) return forward(std::move(read));
  if (writer_.report.finish_reason.empty()) return malformed_answer("it does not say why it ended");
  writer_.end();
  return Answer{writer_.whole(), writer_.report};
}

Status CrossLane::event(std::string_view name, std::string_view data) {
  if (writer_.ended() || writer_.report.failure) return ok();
  return decoder_->event(name, data, writer_);
}

Result<std::string_view> CrossLane::given(Status fed) {
  out_.swap(writer_.out);
  writer_.out.clear();
  if (fed) return std::string_view(out_);
  if (!writer_.report.content) return std::unexpected(std::move(fed).error());
  writer_.report.failure = fed.error();
  out_ += "data: " + failure(Dialect::openai_chat, fed.error()).body + "\n\n";
  return std::string_view(out_);
}

Result<std::string_view> CrossLane::feed(std::string_view bytes) {
  if (writer_.report.failure) return std::string_view{};
  if (decoder_->lines()) return given(lines_.feed(bytes, [this](std::string_view line) { return line.empty() ? ok() : event("", line); }));
  return given(sse_.feed(bytes, [this](std::string_view name, std::string_view data) { return event(name, data); }));
}

Result<std::string_view> CrossLane::finish() {
  if (writer_.report.failure) return std::string_view{};
  Status fed = ok();
  if (decoder_->lines()) {
    if (const std::string rest = lines_.take_rest(); !rest.empty()) fed = event("", rest);
  } else {
    fed = sse_.finish([this](std::string_view name, std::string_view data) { return event(name, data); });
  }
  if (fed && !writer_.ended()) fed = decoder_->closed(writer_);
  if (fed && !writer_.ended()) {
    if (!writer_.report.finished) fed = fail(Fault::upstream_unavailable, "the upstream's stream was cut before its end", "cut");
    else writer_.end();
  }
  return given(std::move(fed));
}

std::string_view CrossLane::break_off(const Error& error) {
  writer_.report.failure = error;
  out_ = "data: " + failure(Dialect::openai_chat, error).body + "\n\n";
  return out_;
}

}  // namespace ajar::wire
