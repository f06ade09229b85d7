// wire/vectors.cpp - the vectors' format and comparison rules (tests/wire/golden/README.md).
#include "wire/vectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/quirks.hpp"
#include "wire/translation.hpp"
#include "wire/vectors_compare.hpp"

namespace ajar::wire {
namespace {

using json::Value;

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
  p.thinking = thinking == "budget"     ? Thinking::budget
               : thinking == "adaptive" ? Thinking::adaptive
               : thinking == "level"    ? Thinking::level
                                        : Thinking::none;
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
    if (v_["inbound_protocol"].text() == "openai-models") return models();
    const auto outbound = outbound_dialect(v_["outbound_protocol"].text());
    if (!outbound) {
      problems.push_back(fmt::format("the outbound protocol {} is not known", v_["outbound_protocol"].text("(none)")));
      return;
    }
    body_ = json::write(v_["inbound_request"]);
    profile_ = profile_of(v_["profile"], *outbound);
    public_model_ = v_["inbound_request"]["model"].text();
    model_ = v_["context"]["outbound_model"].text(public_model_);
    if (const json::Object* fetches = v_["context"]["fetches"].object())
      for (const json::Member& fetch : fetches->members)
        fetched_.push_back({fetch.key, std::string(fetch.value["content_type"].text()), std::string(fetch.value["body_base64"].text())});
    const std::string stream(v_["upstream_sse"].text());
    std::vector<std::size_t> cuts;
    if (const json::Array* given = v_["upstream_split_at"].array())
      for (const Value& cut : *given)
        cuts.push_back(std::min(static_cast<std::size_t>(std::max<std::int64_t>(cut.integer().value_or(0), 0)), stream.size()));
    std::ranges::sort(cuts);
    once(stream, cuts);
    if (every_split)
      for (std::size_t cut = 1; cut < stream.size() && problems.empty(); ++cut) once(stream, {cut});
  }

 private:
  void models() {
    std::vector<ListedModel> models;
    if (const json::Array* list = v_["context"]["models"].array())
      for (const Value& model : *list)
        models.push_back({.id = std::string(model["id"].text()), .owned_by = "ajar", .created = model["created"].integer().value_or(0)});
    check({.status = 200, .body = models_list(inbound_, models), .headers = {}}, {});
  }

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

  WallTime now() const { return WallTime(std::chrono::seconds(v_["context"]["clock"].integer().value_or(0))); }

  Status exchange(std::string_view stream, const std::vector<std::size_t>& cuts, Given& given, std::vector<std::string>& warnings) {
    auto envelope = inspect(inbound_, body_);
    if (!envelope) return forward(std::move(envelope));
    const Target target{.profile = &profile_, .model = model_, .public_model = public_model_, .now = now(), .fetched = fetched_};
    auto made = Translation::make(inbound_, *envelope, target);
    if (!made) return forward(std::move(made));
    Translation& translation = **made;
    const Outbound outbound = translation.take_request();
    warnings = outbound.warnings;
    if (v_["inbound_headers"]["x-ajar-strict"].text() == "1")
      if (auto kept = keeps_all(warnings); !kept) return kept;
    check_request(outbound);
    given.headers.emplace_back("x-ajar-model", model_);
    if (!warnings.empty()) given.headers.emplace_back("x-ajar-warnings", join(warnings, ", "));
    Headers upstream_headers;
    if (const json::Object* headers = v_["upstream_headers"].object())
      for (const json::Member& header : headers->members) upstream_headers.emplace_back(header.key, header.value.text());
    for (const std::string_view name : {"x-request-id", "request-id"})
      if (const auto id = header(upstream_headers, name); !id.empty()) given.headers.emplace_back("x-ajar-upstream-request-id", id);
    const auto status = static_cast<int>(v_["upstream_status"].integer().value_or(200));
    const Value& told = v_["upstream_response"];  // a string is a body that is no JSON
    const std::string whole = told.is_null() ? std::string(stream) : told.is_string() ? *told.string() : json::write(told);
    if (status < 200 || status > 299) return std::unexpected(upstream_failure(profile_, status, upstream_headers, whole, now()));
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
      translation.fall_silent();
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
    if (!got)
      problems.push_back("the outbound request is not JSON: " + text.substr(0, 200));
    else
      compare(want, *got, "request", problems);
    if (const auto path = v_["outbound_path"].text(); path != outbound.path)
      problems.push_back(fmt::format("path: expected {}, got {}", path, outbound.path));
    if (const json::Object* headers = v_["expected_outbound_headers"].object())
      for (const json::Member& h : headers->members)
        if (header(outbound.headers, h.key) != h.value.text())
          problems.push_back(
              fmt::format("outbound header {}: expected {}, got {}", h.key, h.value.text(), header(outbound.headers, h.key)));
  }

  void check(const Given& given, const std::vector<std::string>& warnings) {
    const auto status = v_["expected_inbound_status"].integer().value_or(200);
    if (status != given.status)
      problems.push_back(fmt::format("status: expected {}, got {} ({})", status, given.status, given.body.substr(0, 300)));
    if (const json::Object* headers = v_["expected_inbound_headers"].object())
      for (const json::Member& h : headers->members)
        if (header(given.headers, h.key) != h.value.text())
          problems.push_back(fmt::format("header {}: expected {}, got {}", h.key, h.value.text(), header(given.headers, h.key)));
    std::set<std::string> want;
    if (const json::Array* list = v_["expected_warnings"].array())
      for (const Value& item : *list) want.emplace(item.text());
    if (status == 200 && want != std::set<std::string>(warnings.begin(), warnings.end()))
      problems.push_back(fmt::format("warnings: got {}", join(warnings, ", ")));
    if (const json::Array* events = v_["expected_inbound_sse"].array(); events != nullptr && status == given.status)
      return compare_events(*events, given.body, problems);
    if (v_["expected_inbound_response"].is_null()) return;
    auto got = json::read(given.body);
    if (!got)
      problems.push_back("the answer is not JSON");
    else
      compare(v_["expected_inbound_response"], *got, "", problems);
  }

  const Value& v_;
  Dialect inbound_ = Dialect::openai_chat;
  std::string body_, public_model_, model_;
  Profile profile_;
  std::vector<Fetched> fetched_;
};

// Dialects that callers may speak are built one after the other; what is not spoken yet is no failure.
std::string why_not(const Value& vector) {
  const std::string_view inbound = vector["inbound_protocol"].text();
  if (inbound == "openai-chat" || inbound == "openai-models") return {};
  return fmt::format("{} is not accepted from callers yet", inbound);
}

}  // namespace

Result<VectorResult> run_vector(std::string_view text, bool every_split) {
  auto vector = json::read(text, {.depth = 128, .refuse_duplicates = true});
  if (!vector) return forward(std::move(vector));
  if (!(*vector)["name"].is_string() || !(*vector)["inbound_protocol"].is_string())
    return fail(Fault::bad_request, "this is no vector: it has no name or no inbound_protocol");
  VectorResult result;
  result.name = (*vector)["name"].text();
  result.note = (*vector)["note"].text();
  if (const json::Array* tags = (*vector)["tags"].array())
    for (const Value& tag : *tags) result.tags.emplace_back(tag.text());
  result.skipped = why_not(*vector);
  if (!result.skipped.empty()) return result;
  Case one(*vector);
  one.run(every_split);
  result.problems = std::move(one.problems);
  return result;
}

}  // namespace ajar::wire
