// wire/openai/lane.cpp - Chat to Chat: OpenAI's answers are forwarded byte for byte, those of engines as far as they are plain.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/json.hpp"
#include "wire/cross.hpp"
#include "wire/lanes.hpp"
#include "wire/openai/decoder.hpp"
#include "wire/openai/look.hpp"
#include "wire/openai/request.hpp"
#include "wire/openai/usage.hpp"
#include "wire/sse.hpp"

namespace ajar::wire {
namespace {

// `text` with the piece `what`, which is a view into it, replaced.
void append_replaced(std::string& out, std::string_view text, std::string_view what, std::string_view with) {
  const auto at = static_cast<std::size_t>(what.data() - text.data());
  out.append(text.substr(0, at)).append(with).append(text.substr(at + what.size()));
}

// OpenAI's own bytes, with the model that the caller asked for.
class ChatLane final : public Translation {
 public:
  ChatLane(const Envelope& e, const Target& target, Outbound request)
      : profile_(*target.profile),
        shown_model_(json::quote(target.public_model)),
        same_model_(target.model == target.public_model),
        wants_usage_(e.wants_usage),
        request_(std::make_unique<Outbound>(std::move(request))) {}

  Outbound take_request() override { return std::move(*std::exchange(request_, nullptr)); }
  const Report& report() const noexcept override { return report_; }

  Result<Answer> answer(std::string_view body) override {
    const ChatLook look = look_at_chat(body);
    if (!look.valid) return malformed_answer("it is not JSON");
    if (!look.error.empty()) return std::unexpected(upstream_failure(profile_, 200, {}, body));
    note(look);
    if (look.no_choices || (look.finish_reason.empty() && !look.content)) return malformed_answer("it holds no choice");
    report_.finished = true;
    Answer answer;
    append_shown(answer.body, body, look);
    answer.report = report_;
    return answer;
  }

  Result<std::string_view> feed(std::string_view bytes) override {
    out_.clear();
    if (report_.failure) return std::string_view{};
    Status fed = sse_.feed(bytes, [this](std::string_view, std::string_view data) { return event(data); });
    return given(std::move(fed));
  }

  Result<std::string_view> finish() override {
    out_.clear();
    if (report_.failure) return std::string_view{};
    Status fed = sse_.finish([this](std::string_view, std::string_view data) { return event(data); });
    if (fed && !done_) {
      if (!report_.finished)
        fed = cut();
      else
        out_ += "data: [DONE]\n\n";
      done_ = true;
    }
    return given(std::move(fed));
  }

  void fall_silent() noexcept override {
    std::string().swap(out_);
    sse_.fall_silent();
  }

  std::string_view break_off(const Error& error) override {
    out_.clear();
    return fail_with(error);
  }

 private:
  std::string_view fail_with(const Error& error) {
    report_.failure = error;
    out_ += "data: " + failure(Dialect::openai_chat, error).body + "\n\n";
    return out_;
  }

  // After the first content an error is an event of the stream; before it, it can still go elsewhere.
  Result<std::string_view> given(Status fed) {
    if (fed) return std::string_view(out_);
    if (!report_.content) return std::unexpected(std::move(fed).error());
    return fail_with(fed.error());
  }

  // The stream ended early; an error that stands outside of all events says why.
  Status cut() const {
    if (const ChatLook look = look_at_chat(sse_.stray()); look.valid && !look.error.empty())
      return std::unexpected(upstream_failure(profile_, 200, {}, sse_.stray()));
    return fail(Fault::upstream_unavailable, "the upstream's stream was cut before its end", "cut");
  }

  void note(const ChatLook& look) {
    if (look.content) report_.content = true;
    if (!look.finish_reason.empty()) {
      report_.finish_reason = look.finish_reason;
      report_.finished = true;
    }
    if (report_.upstream_id.empty() && look.id.size() > 2) report_.upstream_id = look.id.substr(1, look.id.size() - 2);
    if (!look.usage.empty()) report_.usage = usage_of_chat(look.usage).usage;
  }

  Status event(std::string_view data) {
    if (done_ || report_.failure) return ok();
    if (data.find('\n') == std::string_view::npos) return one_line(data);
    std::string line(data);  // JSON over several lines; they may not end the caller's event
    std::ranges::replace(line, '\n', ' ');
    return one_line(line);
  }

  Status one_line(std::string_view data) {
    if (data == "[DONE]") {
      if (!report_.finished) return fail(Fault::upstream_unavailable, "the upstream ended its stream without an answer", "cut");
      done_ = true;
      out_ += "data: [DONE]\n\n";
      return ok();
    }
    const ChatLook look = look_at_chat(data);
    if (!look.valid) return fail(Fault::upstream_unavailable, "an event of the upstream's stream is not JSON", "malformed");
    if (!look.error.empty()) return std::unexpected(upstream_failure(profile_, 200, {}, data));
    note(look);
    const bool hide = !look.usage.empty() && !wants_usage_;  // asked for by the gateway only
    if (hide && look.no_choices) return ok();
    out_ += "data: ";
    if (!hide) {
      append_shown(out_, data, look);
    } else {
      std::string shown;
      append_replaced(shown, data, look.usage, "null");
      append_shown(out_, shown, look_at_chat(shown));
    }
    out_ += "\n\n";
    return ok();
  }

  void append_shown(std::string& out, std::string_view text, const ChatLook& look) const {
    if (same_model_ || look.model.empty())
      out.append(text);
    else
      append_replaced(out, text, look.model, shown_model_);
  }

  const Profile& profile_;   // the target's, which outlives the attempt
  std::string shown_model_;  // quoted
  bool same_model_, wants_usage_;
  std::unique_ptr<Outbound> request_;  // until it is taken: a stream lives on without it
  Report report_;
  SseDecoder sse_;
  std::string out_;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_chat(const Envelope& envelope, const Target& target) {
  const Quirks* quirks = quirks_of(target.profile->engine);
  if (quirks == nullptr || quirks->dialect != Dialect::openai_chat) quirks = quirks_of("compatible");
  auto carried = chat_request(envelope, target, *quirks);
  if (!carried) return forward(std::move(carried));
  if (quirks->raw && target.restore == nullptr) return std::make_unique<ChatLane>(envelope, target, std::move(carried->outbound));
  return std::make_unique<CrossLane>(envelope, target, std::move(*carried), chat_decoder());
}

}  // namespace ajar::wire
