// wire/vectors.cpp - the vectors' format and comparison rules (tests/wire/golden/README.md).
#include "wire/vectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/quirks.hpp"
#include "wire/sse.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

using json::Value;

std::optional<Dialect> inbound_dialect(std::string_view name) {
  if (name == "openai-chat") return Dialect::openai_chat;
  return std::nullopt;   // the others are not spoken yet
}

std::optional<Dialect> outbound_dialect(std::string_view name) {
  if (name == "anthropic-messages") return Dialect::anthropic_messages;
  if (name == "gemini-generate") return Dialect::gemini_generate;
  if (name == "openai-responses") return Dialect::openai_responses;
  if (name == "ollama-native-chat") return Dialect::ollama_chat;
  if (name.ends_with("-chat")) return Dialect::openai_chat;
  return std::nullopt;
}

Profile profile_of(const Value& from, Dialect dialect) {
  Profile p;
  p.dialect = dialect;
  p.engine = from["engine"].text("openai");
  p.max_output_tokens = from["max_output_tokens"].integer().value_or(0);
  p.accepts_sampling = from["accepts_sampling"].boolean().value_or(false);
  const std::string_view thinking = from["thinking"].text();
  p.thinking = thinking == "budget" ? Thinking::budget : thinking == "adaptive" ? Thinking::adaptive : thinking == "level" ? Thinking::level : Thinking::none;
  if (const json::Array* efforts = from["efforts"].array())
    for (const Value& effort : *efforts) p.efforts.emplace_back(effort.text());
  p.system_mid = from["system_mid"].boolean().value_or(false);
  p.image_url = from["image_url"].boolean().value_or(dialect == Dialect::openai_chat && p.engine != "ollama");
  p.signatures_required = from["signatures"].text() == "required";
  p.max_tokens_field = from["max_tokens_field"].text("max_tokens");
  p.reasoning_effort = from["reasoning_effort"].boolean().value_or(false);
  p.developer_role = from["developer_role"].boolean().value_or(p.engine == "openai");
  p.reasoning_field = from["reasoning_field"].text();
  p.top_k = from["top_k"].boolean().value_or(false);
  p.prompt_cache_breakpoints = from["prompt_cache_breakpoints"].boolean().value_or(false);
  return p;
}

// Equal as JSON, but: "$any" matches any text, arguments are compared as JSON, extra nulls are allowed, messages of errors are not compared.
void compare(const Value& want, const Value& got, const std::string& at, std::vector<std::string>& problems) {
  const auto differs = [&] { problems.push_back(fmt::format("{}: expected {}, got {}", at.empty() ? "/" : at, json::write(want).substr(0, 300), json::write(got).substr(0, 300))); };
  if (want.text() == "$any") {
    if (got.text().empty()) differs();
    return;
  }
  if (const json::Object* object = want.object()) {
    if (!got.is_object()) return differs();
    for (const json::Member& member : object->members) {
      if (member.key == "message" && at.ends_with("/error")) continue;
      const Value* other = got.object()->find(member.key);
      if (other == nullptr && member.value.is_null()) continue;
      if (other == nullptr) problems.push_back(fmt::format("{}/{}: missing, expected {}", at, member.key, json::write(member.value).substr(0, 200)));
      else compare(member.value, *other, fmt::format("{}/{}", at, member.key), problems);
    }
    for (const json::Member& member : got.object()->members)
      if (object->find(member.key) == nullptr && !member.value.is_null()) problems.push_back(fmt::format("{}/{}: not expected: {}", at, member.key, json::write(member.value).substr(0, 200)));
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

// One delta's text, taken out of its chunk: runs of them may be cut anywhere.
struct Run { std::string* text = nullptr; std::string kind; };

Run run_of(Value& chunk) {
  json::Array* choices = chunk.is_object() && chunk["choices"].is_array() ? chunk.object()->find("choices")->array() : nullptr;
  if (choices == nullptr || choices->size() != 1 || !(*choices)[0]["finish_reason"].is_null() || !(*choices)[0]["delta"].is_object()) return {};
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

std::vector<Value> events_of(std::string_view stream, std::vector<std::string>& problems) {
  std::vector<Value> events;
  SseDecoder decoder;
  const auto take = [&](std::string_view, std::string_view data) {
    auto value = data == "[DONE]" ? Result<Value>(Value("[DONE]")) : json::read(data);
    if (value) events.push_back(std::move(*value));
    else problems.push_back("an event for the caller is not JSON");
    return ok();
  };
  if (!decoder.feed(stream, take) || !decoder.finish(take)) problems.push_back("the stream for the caller cannot be read");
  return events;
}

// What the caller would get.
struct Given {
  int status = 200;
  std::string body;
  Headers headers;
};

class Case {
 public:
  explicit Case(const Value& vector) : v_(vector) {}
  std::vector<std::string> problems;

  void run(bool every_split) {
    const auto inbound = inbound_dialect(v_["inbound_protocol"].text());
    const auto outbound = outbound_dialect(v_["outbound_protocol"].text());
    if (!inbound || !outbound) {
      problems.push_back(fmt::format("not supported yet: {} to {}", v_["inbound_protocol"].text(), v_["outbound_protocol"].text("local")));
      return;
    }
    inbound_ = *inbound;
    body_ = json::write(v_["inbound_request"]);
    profile_ = profile_of(v_["profile"], *outbound);
    public_model_ = v_["inbound_request"]["model"].text();
    model_ = v_["context"]["outbound_model"].text(public_model_);
    if (const json::Object* fetches = v_["context"]["fetches"].object())
      for (const json::Member& fetch : fetches->members) fetched_.push_back({fetch.key, std::string(fetch.value["content_type"].text()), std::string(fetch.value["body_base64"].text())});
    const std::string stream(v_["upstream_sse"].text());
    std::vector<std::size_t> cuts;
    if (const json::Array* given = v_["upstream_split_at"].array())
      for (const Value& cut : *given) cuts.push_back(static_cast<std::size_t>(cut.integer().value_or(0)));
    once(stream, cuts);
    if (every_split)
      for (std::size_t cut = 1; cut < stream.size() && problems.empty(); ++cut) once(stream, {cut});
  }

 private:
  void once(std::string_view stream, const std::vector<std::size_t>& cuts) {
    Given given;
    std::vector<std::string> warnings;
    auto answered = exchange(stream, cuts, given, warnings);
    if (!answered) {
      const Failure failed = failure(inbound_, answered.error());
      given.status = failed.status;
      given.body = failed.body;
      for (const auto& header : failed.headers) given.headers.push_back(header);
    }
    check(given, warnings);
  }

  Status exchange(std::string_view stream, const std::vector<std::size_t>& cuts, Given& given, std::vector<std::string>& warnings) {
    auto envelope = inspect(inbound_, body_);
    if (!envelope) return forward(std::move(envelope));
    const Target target{.profile = &profile_, .model = model_, .public_model = public_model_, .now = WallTime(std::chrono::seconds(v_["context"]["clock"].integer().value_or(0))), .fetched = fetched_};
    auto made = Translation::make(inbound_, *envelope, target);
    if (!made) return forward(std::move(made));
    Translation& translation = **made;
    const Outbound outbound = translation.take_request();
    warnings = outbound.warnings;
    check_request(outbound);
    given.headers.emplace_back("x-ajar-model", model_);
    if (!warnings.empty()) given.headers.emplace_back("x-ajar-warnings", join(warnings, ", "));
    Headers upstream_headers;
    if (const json::Object* headers = v_["upstream_headers"].object())
      for (const json::Member& header : headers->members) upstream_headers.emplace_back(header.key, header.value.text());
    for (const std::string_view name : {"x-request-id", "request-id"})
      if (const auto id = header(upstream_headers, name); !id.empty()) given.headers.emplace_back("x-ajar-upstream-request-id", id);
    const auto status = static_cast<int>(v_["upstream_status"].integer().value_or(200));
    const std::string whole = v_["upstream_response"].is_null() ? std::string(stream) : json::write(v_["upstream_response"]);
    if (status < 200 || status > 299) return std::unexpected(upstream_failure(profile_, status, upstream_headers, whole));
    if (!envelope->stream) {
      auto answer = translation.answer(whole);
      if (!answer) return forward(std::move(answer));
      given.body = answer->body;
      return ok();
    }
    std::size_t from = 0;
    std::vector<std::size_t> ends = cuts;
    ends.push_back(stream.size());
    for (const std::size_t end : ends) {
      auto out = translation.feed(stream.substr(from, end - from));
      if (!out) return forward(std::move(out));
      given.body.append(*out);
      from = end;
    }
    auto last = translation.finish();
    if (!last) return forward(std::move(last));
    given.body.append(*last);
    return ok();
  }

  void check_request(const Outbound& outbound) {
    const Value& want = v_["expected_outbound_request"];
    if (want.is_null()) {
      problems.push_back("the request should have been refused");
      return;
    }
    const std::string text = outbound.body.text();
    auto got = json::read(text);
    if (!got) problems.push_back("the outbound request is not JSON: " + text.substr(0, 200));
    else compare(want, *got, "request", problems);
    if (const auto path = v_["outbound_path"].text(); path != outbound.path) problems.push_back(fmt::format("path: expected {}, got {}", path, outbound.path));
    if (const json::Object* headers = v_["expected_outbound_headers"].object())
      for (const json::Member& h : headers->members)
        if (header(outbound.headers, h.key) != h.value.text()) problems.push_back(fmt::format("outbound header {}: expected {}, got {}", h.key, h.value.text(), header(outbound.headers, h.key)));
  }

  void check(const Given& given, const std::vector<std::string>& warnings) {
    const auto status = v_["expected_inbound_status"].integer().value_or(200);
    if (status != given.status) problems.push_back(fmt::format("status: expected {}, got {} ({})", status, given.status, given.body.substr(0, 300)));
    if (const json::Object* headers = v_["expected_inbound_headers"].object())
      for (const json::Member& h : headers->members)
        if (header(given.headers, h.key) != h.value.text()) problems.push_back(fmt::format("header {}: expected {}, got {}", h.key, h.value.text(), header(given.headers, h.key)));
    std::set<std::string> want;
    if (const json::Array* list = v_["expected_warnings"].array())
      for (const Value& item : *list) want.emplace(item.text());
    if (status == 200 && want != std::set<std::string>(warnings.begin(), warnings.end())) problems.push_back(fmt::format("warnings: got {}", join(warnings, ", ")));
    if (const json::Array* events = v_["expected_inbound_sse"].array(); events != nullptr && status == given.status) return check_events(*events, given.body);
    if (v_["expected_inbound_response"].is_null()) return;
    auto got = json::read(given.body);
    if (!got) problems.push_back("the answer is not JSON");
    else compare(v_["expected_inbound_response"], *got, "", problems);
  }

  void check_events(const json::Array& expected, std::string_view stream) {
    std::vector<Value> want;
    for (const Value& event : expected) want.push_back(event["data"]);
    want = merged(std::move(want));
    const std::vector<Value> got = merged(events_of(stream, problems));
    for (std::size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
      if (i >= want.size()) problems.push_back(fmt::format("event {}: not expected: {}", i, json::write(got[i]).substr(0, 300)));
      else if (i >= got.size()) problems.push_back(fmt::format("event {}: missing: {}", i, json::write(want[i]).substr(0, 300)));
      else compare(want[i], got[i], fmt::format("event {}", i), problems);
    }
  }

  const Value& v_;
  Dialect inbound_{};
  std::string body_, public_model_, model_;
  Profile profile_;
  std::vector<Fetched> fetched_;
};

}  // namespace

Result<VectorResult> run_vector(std::string_view text, bool every_split) {
  auto vector = json::read(text, {.depth = 128, .refuse_duplicates = true});
  if (!vector) return forward(std::move(vector));
  if (!(*vector)["name"].is_string() || !(*vector)["inbound_protocol"].is_string()) return fail(Fault::bad_request, "this is no vector: it has no name or no inbound_protocol");
  Case one(*vector);
  one.run(every_split);
  return VectorResult{std::string((*vector)["name"].text()), std::move(one.problems)};
}

}  // namespace ajar::wire
