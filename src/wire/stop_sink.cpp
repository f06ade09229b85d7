// wire/stop_sink.cpp - the scan.
#include "wire/stop_sink.hpp"

#include <algorithm>
#include <utility>

namespace ajar::wire {

StopSink::Choice& StopSink::choice(int index) {
  const auto at = static_cast<std::size_t>(index);
  if (choices_.size() <= at) choices_.resize(at + 1);
  return choices_[at];
}

bool StopSink::passes(int index) {
  Choice& c = choice(index);
  if (c.stopped) return false;
  if (!c.held.empty()) next_.text(index, std::exchange(c.held, {}));
  return true;
}

void StopSink::text(int index, std::string_view text) {
  Choice& c = choice(index);
  if (c.stopped) return;
  c.held.append(text);
  // The sequence that is complete first counts, so that the cuts of the deltas do not matter.
  std::size_t cut = std::string::npos, end = std::string::npos;
  for (const std::string& stop : stops_)
    if (const std::size_t at = c.held.find(stop); at != std::string::npos && at + stop.size() <= end) {
      cut = at + stop.size() < end ? at : std::min(cut, at);
      end = at + stop.size();
    }
  if (cut != std::string::npos) {
    c.stopped = true;
    next_.text(index, std::string_view(c.held).substr(0, cut));
    return;
  }
  std::size_t keep = 0;  // the longest end of the text that begins a stop sequence
  for (const std::string& stop : stops_)
    for (std::size_t n = std::min(stop.size() - 1, c.held.size()); n > keep; --n)
      if (c.held.ends_with(std::string_view(stop).substr(0, n))) keep = n;
  next_.text(index, std::string_view(c.held).substr(0, c.held.size() - keep));
  c.held.erase(0, c.held.size() - keep);
}

void StopSink::logprobs(int index, json::Value value) {
  if (!choice(index).stopped) next_.logprobs(index, std::move(value));
}

void StopSink::reasoning(int index, std::string_view text) {
  if (passes(index)) next_.reasoning(index, text);
}

void StopSink::thinking_block(int index, json::Value block) {
  if (passes(index)) next_.thinking_block(index, std::move(block));
}

void StopSink::extra_content(int index, json::Value extra) {
  if (passes(index)) next_.extra_content(index, std::move(extra));
}

int StopSink::tool(int index, std::string_view id, std::string_view name, std::string_view arguments, json::Value extra) {
  return passes(index) ? next_.tool(index, id, name, arguments, std::move(extra)) : -1;
}

int StopSink::custom_tool(int index, std::string_view id, std::string_view name, std::string_view input) {
  return passes(index) ? next_.custom_tool(index, id, name, input) : -1;
}

void StopSink::tool_arguments(int index, int tool, std::string_view text) {
  if (tool >= 0 && passes(index)) next_.tool_arguments(index, tool, text);
}

void StopSink::refusal(int index, std::string_view text) {
  if (passes(index)) next_.refusal(index, text);
}

void StopSink::annotations(int index, json::Value value) {
  if (passes(index)) next_.annotations(index, std::move(value));
}

void StopSink::finish(int index, std::string_view reason) { next_.finish(index, passes(index) ? reason : "stop"); }

}  // namespace ajar::wire
