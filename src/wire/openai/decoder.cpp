// wire/openai/decoder.cpp - what engines make of Chat's answers, put in order: names, indexes, usage in odd places.
#include "wire/openai/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "wire/openai/messages.hpp"
#include "wire/openai/usage.hpp"

namespace ajar::wire {
namespace {

constexpr std::int64_t most_choices = 128;

// In Chat's own words; "" = not finished. Engines add words of their own.
Result<std::string_view> finish_of(std::string_view reason) {
  static constexpr std::string_view own[] = {"", "stop", "length", "tool_calls", "content_filter"};
  if (std::ranges::find(own, reason) != std::end(own)) return reason;
  if (reason == "function_call") return "tool_calls";
  if (reason == "max_tokens") return "length";
  if (reason == "error" || reason == "abort")
    return fail(Fault::upstream_unavailable, fmt::format("the upstream broke its answer off ({})", reason), "upstream_error");
  return "stop";  // eos_token, stop_sequence, and what is not known yet
}

std::string arguments_of(const json::Value& arguments) {
  if (arguments.is_string()) return *arguments.string();
  return arguments.is_object() ? json::write(arguments) : std::string();
}

class ChatDecoder final : public Decoder {
 public:
  bool chat() const noexcept override { return true; }

  Status whole(const json::Value& answer, AnswerSink& sink) override {
    if (!answer["choices"].is_array() || answer["choices"].array()->empty()) return malformed_answer("it holds no choice");
    whole_ = true;
    return take(answer, sink);
  }
  Status event(const json::Value& chunk, AnswerSink& sink) override { return take(chunk, sink); }
  Status marked_end(AnswerSink& sink) override {
    if (auto done = closed(sink); !done) return done;
    return is_finished() ? ok() : fail(Fault::upstream_unavailable, "the upstream ended its stream without an answer", "cut");
  }
  Status closed(AnswerSink& sink) override {
    if (is_finished()) sink.end();
    return ok();
  }

 private:
  struct Call {
    std::string id, name, arguments;  // arguments: those that came before the name
    int index = -1;                   // as the sink counts; -1 = not begun
    bool custom = false;
  };
  struct Choice {
    std::vector<Call> calls;
    std::map<std::int64_t, std::size_t> at;  // by the upstream's index
    bool finished = false;
  };

  bool is_finished() const {
    return !choices_.empty() && std::ranges::all_of(choices_, [](const auto& c) { return c.second.finished; });
  }

  Status take(const json::Value& answer, AnswerSink& sink) {
    if (answer["id"].is_string()) id_ = answer["id"].text();
    sink.start(id_, answer["created"].integer().value_or(0));
    for (const std::string_view key : {"system_fingerprint", "service_tier"})
      if (answer[key].is_string()) sink.detail(key, answer[key]);
    if (const json::Array* choices = answer["choices"].array())
      for (const json::Value& choice : *choices)
        if (auto done = one(choice, sink); !done) return done;
    usage(answer, sink);
    return ok();
  }

  // At the top, or in a choice (Moonshot).
  static void usage(const json::Value& answer, AnswerSink& sink) {
    const json::Value& inner = answer["choices"].at(0)["usage"];
    const json::Value& told = answer["usage"].is_object() ? answer["usage"] : inner;
    if (told.is_object()) sink.usage(usage_of_chat(json::write(told), json::write(answer["timings"])));
  }

  Status one(const json::Value& item, AnswerSink& sink) {
    const std::int64_t index = item["index"].integer().value_or(0);
    if (index < 0 || index >= most_choices) return malformed_answer("a choice's index is out of range");
    const int at = static_cast<int>(index);
    Choice& choice = choices_[at];
    const json::Value& message = item["message"].is_object() ? item["message"] : item["delta"];
    if (item["logprobs"].is_object()) sink.logprobs(at, item["logprobs"]);
    for (const std::string_view key : {"reasoning_content", "reasoning"})
      if (const auto text = message[key].text(); !text.empty()) {
        sink.reasoning(at, text);
        break;
      }
    const json::Value& content = message["content"];
    if (content.is_string() || content.is_array()) sink.text(at, text_of_content(content));
    if (const auto refusal = message["refusal"].text(); !refusal.empty()) sink.refusal(at, refusal);
    if (const json::Array* cited = message["annotations"].array(); cited != nullptr && (whole_ || !cited->empty()))
      sink.annotations(at, message["annotations"]);
    if (const json::Array* calls = message["tool_calls"].array())
      for (const json::Value& call : *calls) this->call(at, choice, call, sink);
    if (const json::Value& call = message["function_call"]; call.is_object())
      this->call(at, choice, json::Value{{"index", 0}, {"function", call}}, sink);
    auto reason = finish_of(item["finish_reason"].text());
    if (!reason) return forward(std::move(reason));
    if (reason->empty() && whole_) reason = "stop";
    if (reason->empty()) return ok();
    choice.finished = true;
    sink.finish(at, *reason);
    return ok();
  }

  // The call that a piece belongs to. Some engines give no index, or the same to all; then a new id begins a new call.
  static Call& call_of(Choice& choice, const json::Value& piece) {
    const auto index = piece["index"].integer();
    const std::string_view id = piece["id"].text();
    const auto known = index ? choice.at.find(*index) : choice.at.end();
    const std::size_t last = choice.calls.size() - 1;
    const std::size_t at = known != choice.at.end() ? known->second : index ? choice.calls.size() : last;
    const bool fresh =
        choice.calls.empty() || at >= choice.calls.size() || (!id.empty() && !choice.calls[at].id.empty() && choice.calls[at].id != id);
    if (!fresh) return choice.calls[at];
    if (index) choice.at[*index] = choice.calls.size();
    return choice.calls.emplace_back();
  }

  void call(int at, Choice& choice, const json::Value& piece, AnswerSink& sink) {
    Call& call = whole_ ? choice.calls.emplace_back() : call_of(choice, piece);
    if (piece["type"].text() == "custom" || piece["custom"].is_object()) call.custom = true;
    const json::Value& inner = call.custom ? piece["custom"] : piece["function"];
    const std::string more = call.custom ? std::string(inner["input"].text()) : arguments_of(inner["arguments"]);
    if (call.index >= 0) return sink.tool_arguments(at, call.index, more);
    if (call.id.empty()) call.id = piece["id"].text();
    call.name.append(inner["name"].text());
    call.arguments.append(more);
    if (call.name.empty()) return;
    if (call.id.empty()) call.id = fmt::format("call_{}_{}", id_, made_++);
    call.index = call.custom ? sink.custom_tool(at, call.id, call.name, call.arguments)
                             : sink.tool(at, call.id, call.name, call.arguments, piece["extra_content"]);
  }

  std::string id_;
  std::map<int, Choice> choices_;
  int made_ = 0;  // ids that the upstream left out
  bool whole_ = false;
};

}  // namespace

std::unique_ptr<Decoder> chat_decoder() { return std::make_unique<ChatDecoder>(); }

}  // namespace ajar::wire
