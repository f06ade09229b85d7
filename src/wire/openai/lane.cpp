// wire/openai/lane.cpp - Chat to Chat: answers forwarded byte for byte where they may be, cleaned of engines' oddities where they must.
#include <fmt/format.h>

#include "base/json.hpp"
#include "wire/chat_writer.hpp"
#include "wire/lanes.hpp"
#include "wire/openai/look.hpp"
#include "wire/openai/request.hpp"
#include "wire/openai/usage.hpp"
#include "wire/sse.hpp"

namespace ajar::wire {
namespace {

std::unexpected<Error> malformed(std::string_view what) { return fail(Fault::upstream_unavailable, fmt::format("the upstream's answer is malformed: {}", what), "malformed"); }

// Engines' own keys go; what callers know by another name is renamed.
void clean_message(json::Object& message) {
  static constexpr std::string_view known[] = {"role", "content", "refusal", "reasoning_content", "tool_calls", "annotations", "audio", "function_call"};
  if (const json::Value* reasoning = message.find("reasoning"); reasoning != nullptr && message.find("reasoning_content") == nullptr) {
    json::Value text = *reasoning;
    message.set("reasoning_content", std::move(text));
  }
  std::erase_if(message.members, [](const json::Member& m) {
    for (const std::string_view key : known)
      if (m.key == key) return (m.key == "tool_calls" && (m.value.is_null() || m.value.array() == nullptr || m.value.array()->empty())) || (m.key == "reasoning_content" && m.value.text().empty());
    return true;
  });
}

void clean_choice(json::Value& choice) {
  json::Object& object = *choice.object();
  static constexpr std::string_view known[] = {"index", "delta", "message", "logprobs", "finish_reason"};
  std::erase_if(object.members, [](const json::Member& m) {
    for (const std::string_view key : known)
      if (m.key == key) return false;
    return true;
  });
  if (json::Value* reason = object.find("finish_reason"); reason != nullptr && reason->text("-").empty()) *reason = json::Value();
  if (json::Value* message = object.find("message"); message != nullptr && message->is_object()) {
    clean_message(*message->object());
    if (message->object()->find("refusal") == nullptr) message->set("refusal", nullptr);
    if ((*message)["tool_calls"].is_array()) {
      if ((*message)["content"].text("-").empty()) message->set("content", nullptr);
      if (choice["finish_reason"].text() == "stop") choice.set("finish_reason", "tool_calls");
    }
  }
  if (json::Value* delta = object.find("delta"); delta != nullptr && delta->is_object()) {
    clean_message(*delta->object());
    const bool last = !choice["finish_reason"].is_null();
    if (last && (*delta)["content"].text("-").empty()) delta->object()->erase("content");
    for (const std::string_view key : {"content", "refusal"})
      if ((*delta)[key].is_null()) delta->object()->erase(key);
  }
}

class ChatLane final : public Translation {
 public:
  ChatLane(const Envelope& e, const Target& target, const Quirks& quirks, Outbound request)
      : quirks_(quirks), profile_(*target.profile), shown_model_(json::quote(target.public_model)), same_model_(target.model == target.public_model), wants_usage_(e.wants_usage), request_(std::move(request)) {}

  Outbound take_request() override { return std::move(request_); }
  const Report& report() const noexcept override { return report_; }

  Result<Answer> answer(std::string_view body) override {
    const ChatLook look = look_at_chat(body);
    if (!look.valid) return malformed("it is not JSON");
    if (!look.error.empty()) return std::unexpected(upstream_failure(profile_, 200, {}, body));
    note(look, body);
    if (look.no_choices || (look.finish_reason.empty() && !look.content)) return malformed("it holds no choice");
    report_.finished = true;
    Answer answer;
    if (quirks_.raw) {
      if (same_model_ || look.model.empty()) {
        answer.body = body;
      } else {
        const auto at = static_cast<std::size_t>(look.model.data() - body.data());
        answer.body.reserve(body.size() + shown_model_.size());
        answer.body.append(body.substr(0, at)).append(shown_model_).append(body.substr(at + look.model.size()));
      }
    } else {
      auto value = json::read(body, {.depth = 64, .refuse_duplicates = false});
      if (!value) return malformed(value.error().message);
      clean(*value);
      answer.body = json::write(*value);
    }
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
      if (!report_.finished) fed = fail(Fault::upstream_unavailable, "the upstream's stream was cut before its end", "cut");
      else out_ += "data: [DONE]\n\n";
      done_ = true;
    }
    return given(std::move(fed));
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

  void note(const ChatLook& look, std::string_view json) {
    if (look.content) report_.content = true;
    if (!look.finish_reason.empty()) {
      report_.finish_reason = look.finish_reason;
      report_.finished = true;
    }
    if (report_.upstream_id.empty() && look.id.size() > 2) report_.upstream_id = look.id.substr(1, look.id.size() - 2);
    // Only an answer with usage costs a tree.
    if (look.usage.empty()) return;
    const bool small = quirks_.raw;
    const auto value = json::read(small ? std::string_view(fmt::format("{{\"usage\":{}}}", look.usage)) : json, {.depth = 64, .refuse_duplicates = false});
    if (!value) return;
    if (const UsageReport told = usage_of_chat(*value); told.usage.reported) report_.usage = told.usage, usage_ = told;
  }

  Status event(std::string_view data) {
    if (done_ || report_.failure) return ok();
    if (data == "[DONE]") {
      if (!report_.finished) return fail(Fault::upstream_unavailable, "the upstream ended its stream without an answer", "cut");
      done_ = true;
      out_ += "data: [DONE]\n\n";
      return ok();
    }
    const ChatLook look = look_at_chat(data);
    if (!look.valid) return fail(Fault::upstream_unavailable, "an event of the upstream's stream is not JSON", "malformed");
    if (!look.error.empty()) return std::unexpected(upstream_failure(profile_, 200, {}, data));
    note(look, data);
    const bool hide = !look.usage.empty() && !wants_usage_;
    if (hide && look.no_choices) return ok();
    const bool plain = !hide && (quirks_.raw || (look.known_keys && !look.empty_text_at_end && look.usage.empty() && is_chat_id(look.id)));
    if (plain) {
      write_plain(data, look);
      return ok();
    }
    auto value = json::read(data, {.depth = 64, .refuse_duplicates = false});
    if (!value) return fail(Fault::upstream_unavailable, "an event of the upstream's stream is malformed", "malformed");
    if (hide) value->object()->erase("usage");
    if (quirks_.raw) {
      if (!same_model_ && value->object()->find("model") != nullptr) value->set("model", *json::read(shown_model_));
    } else {
      clean(*value);
    }
    out_ += "data: ";
    json::write_to(out_, *value);
    out_ += "\n\n";
    return ok();
  }

  static bool is_chat_id(std::string_view id) { return id.starts_with("\"chatcmpl-"); }

  void write_plain(std::string_view data, const ChatLook& look) {
    out_ += "data: ";
    if (same_model_ || look.model.empty()) {
      out_.append(data);
    } else {
      const auto at = static_cast<std::size_t>(look.model.data() - data.data());
      out_.append(data.substr(0, at)).append(shown_model_).append(data.substr(at + look.model.size()));
    }
    out_ += "\n\n";
  }

  void clean(json::Value& answer) {
    json::Object& object = *answer.object();
    static constexpr std::string_view known[] = {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier"};
    std::erase_if(object.members, [](const json::Member& m) {
      for (const std::string_view key : known)
        if (m.key == key) return false;
      return true;
    });
    object.set("id", chat_id(answer["id"].text()));
    object.set("model", *json::read(shown_model_));
    if (json::Value* usage = object.find("usage"); usage != nullptr && usage->is_object()) *usage = chat_usage(usage_);
    if (json::Value* choices = object.find("choices"); choices != nullptr && choices->is_array())
      for (json::Value& choice : *choices->array())
        if (choice.is_object()) clean_choice(choice);
  }

  const Quirks& quirks_;
  Profile profile_;
  std::string shown_model_;   // quoted
  bool same_model_, wants_usage_;
  Outbound request_;
  Report report_;
  UsageReport usage_;
  SseDecoder sse_;
  std::string out_;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<Translation>> make_chat(const Envelope& envelope, const Target& target) {
  const Quirks* quirks = quirks_of(target.profile->engine);
  if (quirks == nullptr || quirks->dialect != Dialect::openai_chat) quirks = quirks_of("compatible");
  auto request = chat_request(envelope, target, *quirks);
  if (!request) return forward(std::move(request));
  return std::make_unique<ChatLane>(envelope, target, *quirks, std::move(*request));
}

}  // namespace ajar::wire
