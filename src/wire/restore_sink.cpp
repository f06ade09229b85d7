// wire/restore_sink.cpp - tokens into values.
#include "wire/restore_sink.hpp"

#include <algorithm>

namespace ajar::wire {

std::string Restorer::feed(std::string_view more) {
  held_.append(more);
  std::string out;
  std::size_t at = 0;
  while (at < held_.size()) {
    const std::string_view left = std::string_view(held_).substr(at);
    const std::pair<std::string, std::string>* found = nullptr;
    bool may_become = false;
    for (const auto& pair : restore_->values) {
      if (left.starts_with(pair.first)) {
        found = &pair;
        break;
      }
      may_become = may_become || (left.size() < pair.first.size() && pair.first.starts_with(left));
    }
    if (found != nullptr) {
      const std::string quoted = in_json_ ? json::quote(found->second) : std::string();
      out.append(in_json_ ? std::string_view(quoted).substr(1, quoted.size() - 2) : std::string_view(found->second));
      at += found->first.size();
    } else if (may_become) {
      break;
    } else {
      out.push_back(held_[at++]);
    }
  }
  held_.erase(0, at);
  return out;
}

RestoreSink::Choice& RestoreSink::choice(int index) {
  const auto at = static_cast<std::size_t>(index);
  while (choices_.size() <= at)
    choices_.push_back({Restorer(restore_, false), Restorer(restore_, false), Restorer(restore_, false), std::vector<Call>()});
  return choices_[at];
}

bool RestoreSink::trusts(std::string_view name) const {
  return std::ranges::any_of(restore_.tools, [&](const std::string& tool) { return tool == "*" || tool == name; });
}

void RestoreSink::flush_words(int index) {
  Choice& c = choice(index);
  if (const std::string rest = c.reasoning.rest(); !rest.empty()) next_.reasoning(index, rest);
  if (const std::string rest = c.text.rest(); !rest.empty()) next_.text(index, rest);
  if (const std::string rest = c.refusal.rest(); !rest.empty()) next_.refusal(index, rest);
}

void RestoreSink::flush(int index) {
  flush_words(index);
  for (Call& call : choice(index).calls)
    if (const std::string rest = call.arguments.rest(); !rest.empty()) next_.tool_arguments(index, call.tool, rest);
}

void RestoreSink::text(int index, std::string_view text) {
  if (const std::string rest = choice(index).reasoning.rest(); !rest.empty()) next_.reasoning(index, rest);
  if (const std::string given = choice(index).text.feed(text); !given.empty() || text.empty()) next_.text(index, given);
}

void RestoreSink::reasoning(int index, std::string_view text) {
  if (const std::string rest = choice(index).text.rest(); !rest.empty()) next_.text(index, rest);
  if (const std::string given = choice(index).reasoning.feed(text); !given.empty()) next_.reasoning(index, given);
}

void RestoreSink::thinking_block(int index, json::Value block) {
  flush_words(index);
  next_.thinking_block(index, std::move(block));
}

void RestoreSink::extra_content(int index, json::Value extra) {
  flush_words(index);
  next_.extra_content(index, std::move(extra));
}

int RestoreSink::begin_call(int index, int tool, std::string_view first, bool in_json) {
  if (tool < 0) return tool;
  Choice& c = choice(index);
  c.calls.push_back({tool, Restorer(restore_, in_json)});
  tool_arguments(index, tool, first);
  return tool;
}

int RestoreSink::tool(int index, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) {
  flush(index);
  if (!trusts(name)) return next_.tool(index, id, name, arguments, std::move(extra));
  return begin_call(index, next_.tool(index, id, name, {}, std::move(extra)), arguments, true);
}

int RestoreSink::custom_tool(int index, std::string_view id, std::string_view name, std::string_view input) {
  flush(index);
  if (!trusts(name)) return next_.custom_tool(index, id, name, input);
  return begin_call(index, next_.custom_tool(index, id, name, {}), input, false);
}

void RestoreSink::tool_arguments(int index, int tool, std::string_view text) {
  for (Call& call : choice(index).calls) {
    if (call.tool != tool) continue;
    if (const std::string given = call.arguments.feed(text); !given.empty()) next_.tool_arguments(index, tool, given);
    return;
  }
  next_.tool_arguments(index, tool, text);
}

void RestoreSink::refusal(int index, std::string_view text) {
  if (const std::string given = choice(index).refusal.feed(text); !given.empty()) next_.refusal(index, given);
}

void RestoreSink::annotations(int index, json::Value value) {
  flush_words(index);
  next_.annotations(index, std::move(value));
}

void RestoreSink::finish(int index, std::string_view reason) {
  flush(index);
  next_.finish(index, reason);
}

void RestoreSink::end() {
  for (std::size_t i = 0; i < choices_.size(); ++i) flush(static_cast<int>(i));
  next_.end();
}

}  // namespace ajar::wire
