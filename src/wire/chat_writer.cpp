// wire/chat_writer.cpp - the Chat answer, built event by event.
#include "wire/chat_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hash.hpp"

namespace ajar::wire {
namespace {

json::Array list_of(json::Value item) {
  json::Array list;
  list.push_back(std::move(item));
  return list;
}

// The one string of an emulated custom tool.
std::string input_of(std::string_view arguments) {
  auto value = json::read(arguments);
  const std::string* input = value ? (*value)["input"].string() : nullptr;
  return input != nullptr ? *input : std::string(arguments);
}

}  // namespace

json::Value chat_usage(const UsageReport& report) {
  const Usage& u = report.usage;
  json::Value value{
      {"prompt_tokens", u.total_input()}, {"completion_tokens", u.total_output()}, {"total_tokens", u.total_input() + u.total_output()}};
  const std::int64_t written = u.cache_write_5m + u.cache_write_1h;
  if (report.cached_known || written > 0 || u.audio_input > 0) {
    json::Value details{{"cached_tokens", u.cache_read}};
    if (written > 0) details.set("cache_write_tokens", written);
    if (u.audio_input > 0) details.set("audio_tokens", u.audio_input);
    value.set("prompt_tokens_details", std::move(details));
  }
  if (report.reasoning_known) value.set("completion_tokens_details", json::Value{{"reasoning_tokens", u.reasoning}});
  return value;
}

std::string chat_id(std::string_view upstream_id) {
  if (upstream_id.starts_with("chatcmpl-")) return std::string(upstream_id);
  return "chatcmpl-" + (upstream_id.empty() ? random_text(24) : std::string(upstream_id));
}

ChatWriter::Choice& ChatWriter::choice(int index) {
  const auto at = static_cast<std::size_t>(index);
  while (choices_.size() <= at) {
    choices_.emplace_back();
    if (!stream_) choices_.back().whole = std::make_unique<Collected>();
  }
  return choices_[at];
}

ChatWriter::Choice& ChatWriter::begin(int index) {
  if (!choice(index).begun) {
    choice(index).begun = true;
    if (stream_) chunk(index, json::Value{{"role", "assistant"}, {"content", ""}});
  }
  release(index);
  return choice(index);
}

void ChatWriter::write_chunk(json::Array choices, json::Value usage) {
  json::Value value{
      {"id", id_}, {"object", "chat.completion.chunk"}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
  for (const json::Member& detail : details_.members) value.set(detail.key, detail.value);
  if (wants_usage_) value.set("usage", std::move(usage));
  out += "data: ";
  json::write_to(out, value);
  out += "\n\n";
}

void ChatWriter::chunk(int index, json::Value delta, std::string_view finish, json::Value logprobs) {
  json::Value item{{"index", index}, {"delta", std::move(delta)}};
  item.set("logprobs", std::move(logprobs));
  item.set("finish_reason", finish.empty() ? json::Value() : json::Value(finish));
  write_chunk(list_of(std::move(item)), {});
}

void ChatWriter::start(std::string_view upstream_id, std::int64_t created) {
  if (!id_.empty()) return;
  id_ = chat_id(upstream_id);
  quoted_id_ = json::quote(id_);
  quoted_model_ = json::quote(model_);
  report.upstream_id = upstream_id;
  created_ = created != 0 ? created : std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count();
}

void ChatWriter::logprobs(int index, json::Value value) {
  Choice& c = choice(index);
  json::Value* known = c.logprobs.is_object() ? c.logprobs.object()->find("content") : nullptr;
  if (known == nullptr || !known->is_array() || !value["content"].is_array()) {
    c.logprobs = std::move(value);
    return;
  }
  for (const json::Value& token : *value["content"].array()) known->push(token);
}

void ChatWriter::text(int index, std::string_view text) {
  Choice& c = begin(index);
  c.spoke = true;
  if (text.empty()) return;
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"content", text}}, {}, std::exchange(c.logprobs, {}));
  c.whole->content.append(text);
}

void ChatWriter::reasoning(int index, std::string_view text) {
  Choice& c = begin(index);
  if (text.empty()) return;
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"reasoning_content", text}});
  c.whole->reasoning.append(text);
}

void ChatWriter::thinking_block(int index, json::Value block) {
  Choice& c = begin(index);
  report.content = true;
  if (!stream_) {
    c.whole->blocks.push_back(std::move(block));
    return;
  }
  block.set("index", c.blocks_sent++);  // clients that join list deltas need one
  chunk(index, json::Value{{"thinking_blocks", list_of(std::move(block))}});
}

void ChatWriter::extra_content(int index, json::Value extra) {
  Choice& c = begin(index);
  if (stream_) return chunk(index, json::Value{{"extra_content", std::move(extra)}});
  c.whole->extra = std::move(extra);
}

bool ChatWriter::forward(std::string_view data, const ChatLook& look) {
  if (!stream_ || !look.plain_chunk || !custom_names_.empty() || ended_ || look.choice >= choices_.size()) return false;
  Choice& c = choices_[look.choice];
  if (data.find('\n') != std::string_view::npos) return false;  // JSON over several lines would end the caller's event
  if (!c.begun || !c.finish.empty() || look.id.empty() || look.model.empty() || !c.logprobs.is_null()) return false;
  c.spoke = report.content = true;
  const bool reasons = look.text_key != "\"content\"";
  std::array<std::pair<std::string_view, std::string_view>, 3> changes{
      {{look.id, quoted_id_}, {look.model, quoted_model_}, {look.text_key, reasons ? "\"reasoning_content\"" : look.text_key}}};
  std::ranges::sort(changes, {}, [](const auto& change) { return change.first.data(); });
  out += "data: ";
  std::size_t from = 0;
  for (const auto& [before, after] : changes) {
    const auto at = static_cast<std::size_t>(before.data() - data.data());
    out.append(data.substr(from, at - from)).append(after);
    from = at + before.size();
  }
  if (wants_usage_ && !look.usage_key) {
    const std::size_t close = data.rfind('}');
    out.append(data.substr(from, close - from)).append(",\"usage\":null}");
  } else {
    out.append(data.substr(from));
  }
  out += "\n\n";
  return true;
}

json::Value ChatWriter::shown(const Call& call) const {
  if (legacy_) return json::Value{{"name", call.name}, {"arguments", call.arguments}};
  json::Value value{{"id", call.id}, {"type", call.custom ? "custom" : "function"}};
  if (call.custom)
    value.set("custom", json::Value{{"name", call.name}, {"input", call.arguments}});
  else
    value.set("function", json::Value{{"name", call.name}, {"arguments", call.arguments}});
  if (!call.extra.is_null()) value.set("extra_content", call.extra);
  return value;
}

void ChatWriter::call_chunk(int index, std::size_t call, json::Value delta) {
  if (legacy_) {
    if (call == 0) chunk(index, json::Value{{"function_call", std::move(delta)}});
    return;
  }
  json::Value item{{"index", static_cast<std::int64_t>(call)}};
  for (json::Member& member : delta.object()->members) item.set(member.key, std::move(member.value));
  chunk(index, json::Value{{"tool_calls", list_of(std::move(item))}});
}

int ChatWriter::add_call(int index, Call call) {
  Choice& c = begin(index);
  report.content = true;
  c.calls.push_back(std::move(call));
  if (stream_ && !c.calls.back().held) call_chunk(index, c.calls.size() - 1, shown(c.calls.back()));
  return static_cast<int>(c.calls.size() - 1);
}

int ChatWriter::tool(int index, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) {
  const bool emulated = std::ranges::find(custom_names_, name) != custom_names_.end();
  return add_call(index, Call{.id = std::string(id),
                              .name = std::string(name),
                              .arguments = std::string(arguments),
                              .extra = std::move(extra),
                              .custom = emulated,
                              .held = emulated});
}

int ChatWriter::custom_tool(int index, std::string_view id, std::string_view name, std::string_view input) {
  return add_call(index,
                  Call{.id = std::string(id), .name = std::string(name), .arguments = std::string(input), .extra = {}, .custom = true});
}

void ChatWriter::release(int index) {
  Choice& c = choice(index);
  for (std::size_t i = 0; i < c.calls.size(); ++i) {
    if (!c.calls[i].held) continue;
    c.calls[i].held = false;
    c.calls[i].arguments = input_of(c.calls[i].arguments);
    if (stream_) call_chunk(index, i, shown(c.calls[i]));
  }
}

void ChatWriter::tool_arguments(int index, int tool, std::string_view text) {
  Choice& c = choice(index);
  const auto at = static_cast<std::size_t>(tool);
  if (text.empty() || at >= c.calls.size()) return;
  if (!stream_ || c.calls[at].held) {
    c.calls[at].arguments.append(text);
    return;
  }
  if (c.calls[at].custom) return call_chunk(index, at, json::Value{{"custom", json::Value{{"input", text}}}});
  json::Value more{{"arguments", text}};
  call_chunk(index, at, legacy_ ? std::move(more) : json::Value{{"function", std::move(more)}});
}

void ChatWriter::refusal(int index, std::string_view text) {
  Choice& c = begin(index);
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"refusal", text}});
  c.refused = true;
  c.whole->refusal.append(text);
}

void ChatWriter::annotations(int index, json::Value list) {
  Choice& c = begin(index);
  if (stream_) return chunk(index, json::Value{{"annotations", std::move(list)}});
  c.whole->annotations = std::move(list);
}

void ChatWriter::detail(std::string_view key, json::Value value) { details_.set(key, std::move(value)); }

void ChatWriter::usage(const UsageReport& told) {
  usage_ = told;
  usage_.usage.reported = true;
  report.usage = usage_.usage;
}

void ChatWriter::finish(int index, std::string_view reason) {
  Choice& c = begin(index);
  if (!c.finish.empty()) return;
  // Clients that wait for tool calls go by the reason, and some upstreams say "stop" all the same.
  if (!c.calls.empty() && reason == "stop") reason = "tool_calls";
  if (legacy_ && reason == "tool_calls") reason = "function_call";
  c.finish = reason;
  report.finish_reason = reason == "function_call" ? std::string_view("tool_calls") : reason;
  if (stream_) chunk(index, json::Value(json::Object{}), reason, std::exchange(c.logprobs, {}));
}

void ChatWriter::end() {
  if (std::exchange(ended_, true)) return;
  report.finished = true;
  if (!stream_) return;
  // Zeros would be a lie where the upstream told nothing.
  if (wants_usage_ && usage_.usage.reported) write_chunk({}, chat_usage(usage_));
  out += "data: [DONE]\n\n";
}

json::Value ChatWriter::message(const Choice& c) const {
  const Collected& told = *c.whole;
  const bool silent = told.content.empty() && (!c.spoke || !c.calls.empty() || c.refused);
  json::Value message{{"role", "assistant"},
                      {"content", silent ? json::Value() : json::Value(told.content)},
                      {"refusal", c.refused ? json::Value(told.refusal) : json::Value()}};
  if (!told.annotations.is_null()) message.set("annotations", told.annotations);
  if (!told.reasoning.empty()) message.set("reasoning_content", told.reasoning);
  if (!told.blocks.empty()) message.set("thinking_blocks", told.blocks);
  json::Array calls;
  for (const Call& call : c.calls) calls.push_back(shown(call));
  if (legacy_ && !calls.empty())
    message.set("function_call", std::move(calls.front()));
  else if (!calls.empty())
    message.set("tool_calls", std::move(calls));
  if (!told.extra.is_null()) message.set("extra_content", told.extra);
  return message;
}

std::string ChatWriter::whole() const {
  json::Array choices;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const Choice& c = choices_[i];
    choices.push_back(json::Value{{"index", static_cast<std::int64_t>(i)},
                                  {"message", message(c)},
                                  {"logprobs", c.logprobs},
                                  {"finish_reason", c.finish.empty() ? "stop" : std::string_view(c.finish)}});
  }
  json::Value answer{{"id", id_}, {"object", "chat.completion"}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
  for (const json::Member& detail : details_.members) answer.set(detail.key, detail.value);
  if (usage_.usage.reported) answer.set("usage", chat_usage(usage_));
  return json::write(answer);
}

}  // namespace ajar::wire
