// wire/vectors_compare.cpp - trees, and streams as lists of trees.
#include "wire/vectors_compare.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "wire/sse.hpp"

namespace ajar::wire {
namespace {

using json::Value;

// One delta's text, taken out of its chunk: runs of them may be cut anywhere.
struct Run {
  std::string* text = nullptr;
  std::string kind;
};

Run run_of(Value& chunk) {
  json::Array* choices = chunk.is_object() && chunk["choices"].is_array() ? chunk.object()->find("choices")->array() : nullptr;
  if (choices == nullptr || choices->size() != 1 || !(*choices)[0]["finish_reason"].is_null() || !(*choices)[0]["delta"].is_object())
    return {};
  json::Object& delta = *(*choices)[0].object()->find("delta")->object();
  const std::string index = json::write((*choices)[0]["index"]);
  if (delta.size() != 1) return {};
  json::Member& only = delta.members.front();
  if (only.value.is_string()) return {const_cast<std::string*>(only.value.string()), only.key + index};
  json::Array* calls = only.key == "tool_calls" ? only.value.array() : nullptr;
  if (calls == nullptr || calls->size() != 1 || (*calls)[0]["id"].is_string() || !(*calls)[0]["function"].is_object()) return {};
  json::Value* arguments = (*calls)[0].object()->find("function")->object()->find("arguments");
  if (arguments == nullptr || !arguments->is_string()) return {};
  return {const_cast<std::string*>(arguments->string()), "arguments" + index + "/" + json::write((*calls)[0]["index"])};
}

std::vector<Value> merged(std::vector<Value> events) {
  std::vector<Value> out;
  std::string open;
  for (Value& event : events) {
    const Run run = run_of(event);
    if (run.text != nullptr && run.text->empty()) continue;
    if (run.text != nullptr && run.kind == open) {
      run_of(out.back()).text->append(*run.text);
      continue;
    }
    open = run.kind;
    out.push_back(std::move(event));
  }
  return out;
}

std::vector<Value> events_of(std::string_view stream, Problems& problems) {
  std::vector<Value> events;
  SseDecoder decoder;
  const auto take = [&](std::string_view, std::string_view data) {
    auto value = data == "[DONE]" ? Result<Value>(Value("[DONE]")) : json::read(data);
    if (value)
      events.push_back(std::move(*value));
    else
      problems.push_back("an event for the caller is not JSON");
    return ok();
  };
  if (!decoder.feed(stream, take) || !decoder.finish(take)) problems.push_back("the stream for the caller cannot be read");
  return events;
}

}  // namespace

// Equal as JSON, but: "$any" matches any text, arguments are compared as JSON, extra nulls are allowed, messages of errors are not
// compared.
void compare(const Value& want, const Value& got, const std::string& at, Problems& problems) {
  const auto differs = [&] {
    problems.push_back(
        fmt::format("{}: expected {}, got {}", at.empty() ? "/" : at, json::write(want).substr(0, 300), json::write(got).substr(0, 300)));
  };
  if (want.text() == "$any") {
    if (got.text().empty()) differs();
    return;
  }
  if (const json::Object* object = want.object()) {
    if (!got.is_object()) return differs();
    for (const json::Member& member : object->members) {
      if (member.key == "message" && at.ends_with("/error")) continue;
      const Value* other = got.object()->find(member.key);
      if (other == nullptr)
        problems.push_back(fmt::format("{}/{}: missing, expected {}", at, member.key, json::write(member.value).substr(0, 200)));
      else
        compare(member.value, *other, fmt::format("{}/{}", at, member.key), problems);
    }
    for (const json::Member& member : got.object()->members)
      if (object->find(member.key) == nullptr && !member.value.is_null())
        problems.push_back(fmt::format("{}/{}: not expected: {}", at, member.key, json::write(member.value).substr(0, 200)));
    return;
  }
  if (const json::Array* array = want.array()) {
    if (!got.is_array() || got.array()->size() != array->size()) return differs();
    for (std::size_t i = 0; i < array->size(); ++i) compare((*array)[i], (*got.array())[i], fmt::format("{}/{}", at, i), problems);
    return;
  }
  if (at.ends_with("/arguments") && want.is_string() && got.is_string()) {
    const auto a = json::read(want.text()), b = json::read(got.text());
    if (a && b ? !(*a == *b) : want.text() != got.text()) differs();
    return;
  }
  if (!(want == got)) differs();
}

void compare_events(const json::Array& expected, std::string_view stream, Problems& problems) {
  std::vector<Value> want;
  for (const Value& event : expected) want.push_back(event["data"]);
  want = merged(std::move(want));
  const std::vector<Value> got = merged(events_of(stream, problems));
  for (std::size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
    if (i >= want.size())
      problems.push_back(fmt::format("event {}: not expected: {}", i, json::write(got[i]).substr(0, 300)));
    else if (i >= got.size())
      problems.push_back(fmt::format("event {}: missing: {}", i, json::write(want[i]).substr(0, 300)));
    else
      compare(want[i], got[i], fmt::format("event {}", i), problems);
  }
}

}  // namespace ajar::wire
