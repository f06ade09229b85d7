// wire/chat_writer.cpp - the Chat answer, built event by event.
#include "wire/chat_writer.hpp"

#include <utility>

#include "base/hash.hpp"

namespace ajar::wire {

json::Value chat_usage(const UsageReport& report) {
  const Usage& u = report.usage;
  json::Value value{{"prompt_tokens", u.total_input()}, {"completion_tokens", u.total_output()}, {"total_tokens", u.total_input() + u.total_output()}};
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
  if (choices_.size() <= at) choices_.resize(at + 1);
  return choices_[at];
}

ChatWriter::Choice& ChatWriter::begin(int index) {
  Choice& c = choice(index);
  if (!c.begun && stream_) {
    c.begun = true;
    chunk(index, json::Value{{"role", "assistant"}, {"content", ""}});
  }
  return c;
}

void ChatWriter::write_chunk(json::Array choices, json::Value usage) {
  json::Value value{{"id", id_}, {"object", "chat.completion.chunk"}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
  if (wants_usage_) value.set("usage", std::move(usage));
  out += "data: ";
  json::write_to(out, value);
  out += "\n\n";
}

void ChatWriter::chunk(int index, json::Value delta, std::string_view finish, json::Value logprobs) {
  json::Value item{{"index", index}, {"delta", std::move(delta)}};
  if (!logprobs.is_null()) item.set("logprobs", std::move(logprobs));
  item.set("finish_reason", finish.empty() ? json::Value() : json::Value(finish));
  json::Array choices;
  choices.push_back(std::move(item));
  write_chunk(std::move(choices), {});
}

void ChatWriter::start(std::string_view upstream_id, std::int64_t created) {
  if (!id_.empty()) return;
  id_ = chat_id(upstream_id);
  report.upstream_id = upstream_id;
  created_ = created != 0 ? created : std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count();
}

void ChatWriter::text(int index, std::string_view text) {
  Choice& c = begin(index);
  if (text.empty()) return;
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"content", text}});
  c.content.append(text);
}

void ChatWriter::reasoning(int index, std::string_view text) {
  Choice& c = begin(index);
  if (text.empty()) return;
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"reasoning_content", text}});
  c.reasoning.append(text);
}

void ChatWriter::thinking_block(int index, json::Value block) {
  Choice& c = begin(index);
  report.content = true;
  if (stream_) {
    block.set("index", static_cast<std::int64_t>(c.blocks.size()));   // clients that join list deltas need one
    c.blocks.emplace_back();
    json::Array blocks;
    blocks.push_back(std::move(block));
    return chunk(index, json::Value{{"thinking_blocks", std::move(blocks)}});
  }
  c.blocks.push_back(std::move(block));
}

void ChatWriter::extra_content(int index, json::Value extra) {
  Choice& c = begin(index);
  if (stream_) return chunk(index, json::Value{{"extra_content", std::move(extra)}});
  c.extra = std::move(extra);
}

int ChatWriter::tool(int index, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) {
  Choice& c = begin(index);
  report.content = true;
  const auto at = static_cast<int>(c.tools.size());
  json::Value call{{"id", id}, {"type", "function"}, {"function", json::Value{{"name", name}, {"arguments", arguments}}}};
  if (!extra.is_null()) call.set("extra_content", std::move(extra));
  if (stream_) {
    json::Value delta{{"index", at}};
    for (auto& member : call.object()->members) delta.set(member.key, std::move(member.value));
    c.tools.emplace_back();
    json::Array calls;
    calls.push_back(std::move(delta));
    chunk(index, json::Value{{"tool_calls", std::move(calls)}});
  } else {
    c.tools.push_back(std::move(call));
  }
  return at;
}

void ChatWriter::tool_arguments(int index, int tool, std::string_view text) {
  if (text.empty()) return;
  Choice& c = choice(index);
  if (stream_) {
    json::Array calls;
    calls.push_back(json::Value{{"index", tool}, {"function", json::Value{{"arguments", text}}}});
    return chunk(index, json::Value{{"tool_calls", std::move(calls)}});
  }
  json::Value& function = *c.tools[static_cast<std::size_t>(tool)].object()->find("function");
  function.set("arguments", std::string(function["arguments"].text()) + std::string(text));
}

void ChatWriter::refusal(int index, std::string_view text) {
  Choice& c = begin(index);
  report.content = true;
  if (stream_) return chunk(index, json::Value{{"refusal", text}});
  c.has_refusal = true;
  c.refusal.append(text);
}

void ChatWriter::logprobs(int index, json::Value value) {
  Choice& c = begin(index);
  if (stream_) return chunk(index, json::Value(json::Object{}), {}, std::move(value));
  c.logprobs = std::move(value);
}

void ChatWriter::usage(const UsageReport& told) {
  usage_ = told;
  usage_.usage.reported = true;
  report.usage = usage_.usage;
}

void ChatWriter::finish(int index, std::string_view reason) {
  Choice& c = begin(index);
  if (!c.finish.empty()) return;
  // Clients that wait for tool calls go by the reason, and some upstreams say "stop" all the same.
  if (!c.tools.empty() && reason == "stop") reason = "tool_calls";
  c.finish = reason;
  report.finish_reason = reason;
  report.finished = true;
  if (stream_) chunk(index, json::Value(json::Object{}), reason);
}

void ChatWriter::end() {
  if (std::exchange(ended_, true) || !stream_) return;
  if (wants_usage_) write_chunk({}, chat_usage(usage_));
  out += "data: [DONE]\n\n";
}

std::string ChatWriter::whole() const {
  json::Array choices;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const Choice& c = choices_[i];
    const bool null_content = c.content.empty() && (!c.tools.empty() || c.has_refusal);
    json::Value message{{"role", "assistant"}, {"content", null_content ? json::Value() : json::Value(c.content)}, {"refusal", c.has_refusal ? json::Value(c.refusal) : json::Value()}};
    if (!c.reasoning.empty()) message.set("reasoning_content", c.reasoning);
    if (!c.blocks.empty()) message.set("thinking_blocks", c.blocks);
    if (!c.tools.empty()) message.set("tool_calls", c.tools);
    if (!c.extra.is_null()) message.set("extra_content", c.extra);
    choices.push_back(json::Value{{"index", static_cast<std::int64_t>(i)}, {"message", std::move(message)}, {"logprobs", c.logprobs}, {"finish_reason", c.finish.empty() ? "stop" : std::string_view(c.finish)}});
  }
  json::Value answer{{"id", id_}, {"object", "chat.completion"}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
  if (usage_.usage.reported) answer.set("usage", chat_usage(usage_));
  return json::write(answer);
}

}  // namespace ajar::wire
